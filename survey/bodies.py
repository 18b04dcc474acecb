"""What a request may hold: a form and no file, but where a page asks for one, and no zero byte.

Libraries read more than our pages send: JSON in the place of a form, a file in the place of a
word. What is refused here reaches none of them.
"""

from flask import Flask, Request, abort, request

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
#: views of pages with a field for a file
TAKE_FILES = frozenset({"lead.upload_roster"})


class FormRequest(Request):
    """A request of which nobody reads JSON: not even on the way to the page that refuses it."""

    is_json = False


def init_bodies(app: Flask) -> None:
    """Refuse what no page of ours sends, before anything else looks at a request."""
    app.request_class = FormRequest
    app.before_request(_refuse_odd_requests)


def _refuse_odd_requests() -> None:
    # PostgreSQL takes no zero byte in a text; codes and tokens are tidied before they are looked up
    is_tidied = request.blueprint == "enter"
    if "\0" in request.path and not is_tidied:
        abort(404)
    if request.mimetype and request.mimetype not in FORMS:
        abort(415)
    if request.endpoint in TAKE_FILES:
        return
    holds_zero = any("\0" in text for _, text in request.form.items(multi=True))
    if request.files or (holds_zero and not is_tidied):
        abort(400)
