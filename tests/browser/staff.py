"""Staff who answer over HTTP, as a browser without JavaScript sends it: hundreds in a minute."""

import re
from html import unescape
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from survey.services.coding import Answer

_TAG = re.compile(r"<(?:input|form|option)\b[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')


class Phone:
    """One device with its cookies, and the page that it shows."""

    def __init__(self) -> None:
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.url = self.html = ""

    def open(self, url: str, fields: dict[str, str] | None = None) -> None:
        """Get a page, or send a form there, and show where it leads."""
        data = None if fields is None else urlencode(fields).encode()
        with self._opener.open(url, data, timeout=60) as answer:
            self.url, self.html = answer.url, answer.read().decode()

    def tags(self) -> list[dict[str, str]]:
        """Attributes of the inputs and forms of the page's main part, in order."""
        main = self.html[self.html.index("<main") :]
        return [
            {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
            for tag in _TAG.findall(main)
        ]

    def hidden(self) -> dict[str, str]:
        return {tag["name"]: tag["value"] for tag in self.tags() if tag.get("type") == "hidden"}

    def questions(self) -> set[str]:
        return {tag["name"] for tag in self.tags() if tag.get("type") == "radio"}

    def follow(self, name: str) -> None:
        """Press the button of the form that leads to ``name``."""
        actions = [tag["action"] for tag in self.tags() if "action" in tag]
        (action,) = [each for each in actions if each.endswith(f"/{name}")]
        self.open(self.url.split("/r/")[0] + action, self.hidden())


def answer(link: str, role: str, school: str, sheet: dict[str, Answer]) -> dict[str, Answer]:
    """Answer the whole survey behind a personal link; returns what was shown and answered.

    ``sheet`` holds an answer for every question that this person means to answer; ``school`` is
    the name as the page of places lists it, empty for the centre.
    """
    phone = Phone()
    phone.open(link)
    phone.follow("start")
    phone.open(f"{phone.url.removesuffix('/words')}/go")
    phone.open(phone.url, {**phone.hidden(), "role": role, "school": _value_of(phone, school)})
    given: dict[str, Answer] = {}
    while "/s/" in phone.url:
        asked = {name.removeprefix("item-") for name in phone.questions()}
        page = {code: sheet[code] for code in asked if code in sheet}
        fields = {f"item-{code}": str(value) for code, value in page.items()}
        phone.open(phone.url, {**phone.hidden(), **fields, "go": "on"})
        given |= page
    phone.follow("send")
    assert phone.url.endswith("/thanks")
    return given


def _value_of(phone: Phone, school: str) -> str:
    """The value behind a school's name in the list of schools."""
    found = dict(re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', phone.html))
    return next((value for value, name in found.items() if school and unescape(name) == school), "")
