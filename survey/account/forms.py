"""The sign-in form."""

from flask_security.forms import LoginForm


class SignInForm(LoginForm):
    """Flask-Security's form without "remember me": computers in staff rooms are shared."""

    remember = None
