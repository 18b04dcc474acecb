"""A person's phone, without a screen: keeps cookies, sends forms, follows nothing it need not."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


class Phone:
    """One device. ``seen``: told of every answer of the site."""

    def __init__(self, app: Flask, link: str, *, token: str = "", seen: Any = None) -> None:
        self.client = app.test_client()
        self.base = f"/r/{link}"
        self.token = token
        self.seen = seen
        self.csrf = ""

    def get(self, path: str = "") -> TestResponse:
        return self.open(self.base + path)

    def open(self, address: str) -> TestResponse:
        return self._take(self.client.get(address))

    def post(self, path: str, **fields: str) -> TestResponse:
        data = {"csrf_token": self.csrf, **fields}
        return self._take(self.client.post(self.base + path, data=data))

    def go(self, address: str, **fields: str) -> TestResponse:
        """Send a form that is taken and leads on."""
        response = self.post(address.removeprefix(self.base), **fields)
        assert response.status_code == 303, response.text
        return response

    def begin(self) -> str:
        """Come by the personal link where there is one, read the promise, start; the words."""
        if self.token:
            assert self.open(f"/i/{self.token}").status_code == 303
        self.get()
        self.go(f"{self.base}/start")
        self.get("/words")
        return str(self.cookie("resume_words"))

    def cookie(self, name: str) -> str | None:
        found = self.client.get_cookie(name, path=self.base)
        return found.value if found else None

    def _take(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html":
            found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', response.text)
            self.csrf = found[1] if found else self.csrf
        if self.seen is not None:
            self.seen(response)
        return response
