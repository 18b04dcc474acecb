"""A person's browser on a real server, without a screen: everything that it is told is kept.

Cookies and the Referrer-Policy are honoured as browsers do; the person has an address of their own.
"""

import re
import urllib.parse
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage
from http.cookies import Morsel, SimpleCookie

from tests.linkage.phone import CSRF

#: addresses for documentation, which nothing else here has
ADDRESS = "203.0.113."
AGENT = "Telephone-of-a-teacher/77"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: HTTPMessage
    text: str


@dataclass
class Caller:
    """One device; ``number``: the last part of its address."""

    site: str
    number: int
    cookies: dict[str, Morsel] = field(default_factory=dict)
    urls: list[str] = field(default_factory=list)
    #: what the browser would tell the next server: empty, or the address of the page before
    referrers: list[str] = field(default_factory=list)
    #: address -> what stood there
    pages: list[tuple[str, str]] = field(default_factory=list)
    referrer: str = ""
    csrf: str = ""

    def open(self, url: str, fields: dict[str, str] | None = None, **headers: str) -> Reply:
        """Ask for a page, or send a form, and follow where it leads."""
        url = urllib.parse.urljoin(self.site, url)
        reply = self._ask(url, fields, headers)
        if reply.status in (302, 303):
            return self.open(urllib.parse.urljoin(url, reply.headers["Location"]))
        return reply

    def send(self, url: str, **fields: str) -> Reply:
        """Send a form with the token of the page that is open."""
        return self.open(url, {"csrf_token": self.csrf, **fields})

    def hidden(self, name: str) -> str:
        """A hidden field of the page that is open."""
        found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', self.pages[-1][1])
        return found[1] if found else ""

    def _ask(self, url: str, fields: dict[str, str] | None, headers: dict[str, str]) -> Reply:
        parts = urllib.parse.urlsplit(url)
        sent = {
            "User-Agent": AGENT,
            "X-Forwarded-For": f"{ADDRESS}{self.number}",
            "Cookie": "; ".join(
                f"{name}={cookie.coded_value}"
                for name, cookie in self.cookies.items()
                if parts.path.startswith(cookie["path"])
            ),
            "Referer": self.referrer,
            **headers,
        }
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        told = {name: value for name, value in sent.items() if value}
        connection.request("GET" if body is None else "POST", target or "/", body, told)
        answer = connection.getresponse()
        reply = Reply(answer.status, answer.headers, answer.read().decode())
        connection.close()
        self._keep(url, reply)
        return reply

    def _keep(self, url: str, reply: Reply) -> None:
        self.urls.append(url)
        self.referrers.append(self.referrer)
        self.pages.append((url, reply.text))
        for line in reply.headers.get_all("Set-Cookie") or []:
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = cookie
                if cookie["max-age"] == "0":
                    del self.cookies[name]
        quiet = "no-referrer" in (reply.headers["Referrer-Policy"] or "")
        self.referrer = "" if quiet else url
        found = CSRF.search(reply.text)
        self.csrf = found[1] if found else self.csrf
