"""The sign-in form."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security.forms import LoginForm

#: one sentence for every way in which signing in can fail
REFUSED = _l("This address and password do not belong together. Check both and try again.")


class SignInForm(LoginForm):
    """Flask-Security's form without "remember me": room computers are shared."""

    remember = None

    def validate(self, **kwargs: Any) -> bool:
        return bool(super().validate(**kwargs))
