"""What the tests of answering share: a round, and a visitor with a browser's manners."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape

import html5lib
from flask import Flask
from sqlalchemy.orm import Session

from instruments import registry
from instruments.definition import Instrument
from instruments.roster import Roster, RosterRow
from survey.models import Draft, Invitation, Organisation, Round
from survey.services import answers, drafts, rounds
from survey.services.coding import Answer, options_of
from survey.services.sealing import invitation_token

KEY = "respondent key of the tests"
SCHOOLS = ("Ashdown Primary", "Bellfield High")
ROLES = "mto-learning-profile"
NO_ROLES = "bfi25"


def make_round(session: Session, *, instrument: str = ROLES, now: datetime, **changes) -> Round:
    """An open round of two schools, committed."""
    loaded = registry.load(instrument)
    schools = SCHOOLS if loaded.roles else ()
    rows = [
        RosterRow("" if role in loaded.central_roles else school, role, 12)
        for role in loaded.roles
        for school in (schools if role not in loaded.central_roles else ("",))
    ]
    values = {
        "name": "May",
        "instrument": loaded,
        "locale": loaded.locale,
        "placeholders": {"before": "the review"} if loaded.roles else {},
        "opens_at": now - timedelta(days=3),
        "closes_at": now + timedelta(days=3),
        "roster": Roster(tuple(rows)),
    }
    organisation = Organisation(name="Harbour Reach Schools Trust", short_name="Harbour Reach")
    session.add(organisation)
    round_ = rounds.create(session, organisation, **{**values, **changes})
    session.commit()
    return round_


def begin(
    session: Session,
    round_: Round,
    *,
    now: datetime,
    role: str = "",
    invitation_id: str | None = None,
) -> drafts.Begun:
    """A draft whose role and school are said; by default the first role that has a school."""
    instrument = rounds.instrument_of(round_)
    role = role or next(iter(instrument.roles), "")
    begun = drafts.begin(session, round_, respondent_key=KEY, invitation_id=invitation_id, now=now)
    schools = rounds.schools_of(session, round_)
    school = schools[0].school_id if schools and role not in instrument.central_roles else None
    drafts.set_place(session, round_, begun.draft, role=role, school_id=school, now=now)
    return begun


def fill(
    session: Session, round_: Round, draft: Draft, *, now: datetime, pick: int = 0
) -> dict[str, Answer]:
    """Answer every page, the choice ``pick`` places on at each item; returns what was answered."""
    instrument = rounds.instrument_of(round_)
    given: dict[str, Answer] = {}
    while (section := answers.first_open_page(round_, draft)) is not None:
        page = next(p for p in answers.pages(round_, draft) if p.section == section)
        filled = {code: choice(instrument, code, pick + i) for i, code in enumerate(page.items)}
        answers.save_page(session, round_, draft, section=section, given=filled, now=now)
        given |= filled
    return given


def choice(instrument: Instrument, code: str, number: int) -> Answer:
    options = options_of(instrument, code)
    return options[number % len(options)]


@dataclass
class Page:
    """A page as a browser has it."""

    status: int
    path: str
    html: str
    headers: dict

    @property
    def title(self) -> str:
        return re.search(r"<title>(.*?)</title>", self.html, re.S)[1].strip()

    @property
    def heading(self) -> str:
        return re.search(r"<h1>(.*?)</h1>", self.html, re.S)[1].strip()

    @property
    def text(self) -> str:
        main = self.html[self.html.index("<main") :]
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#39;", "'")

    def checked(self) -> dict[str, str]:
        """Name -> value of the chosen radio buttons."""
        found = re.findall(r'name="([^"]+)" id="[^"]+" value="([^"]+)" checked', self.html)
        return dict(found)

    def fields(self) -> list[str]:
        """Names of the questions on the page, in order."""
        names = re.findall(r'<input type="radio" name="([^"]+)"', self.html)
        return list(dict.fromkeys(names))

    def hidden(self) -> dict[str, str]:
        """Hidden fields of the page's form, but for its token."""
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.html)
        return {name: unescape(value) for name, value in found if name != "csrf_token"}

    def values(self, name: str) -> list[str]:
        return re.findall(rf'name="{name}" id="[^"]+" value="([^"]+)"', self.html)


class Visitor:
    """One device: keeps cookies, follows redirects, sends each form's token, checks each page."""

    def __init__(self, app: Flask, link: str) -> None:
        self.client = app.test_client()
        self.base = f"/r/{link}"
        self.page: Page | None = None
        #: of the last form that was seen
        self.token = ""

    def get(self, path: str = "") -> Page:
        return self._take(self.client.get(self.base + path, follow_redirects=True))

    def post(self, path: str, *, token: str | None = None, **data) -> Page:
        """Send a form to a page of the round, with the token of the last form that was seen."""
        token = self.token if token is None else token
        form = {name.replace("__", "-"): value for name, value in data.items()}
        response = self.client.post(
            self.base + path, data={"csrf_token": token, **form}, follow_redirects=True
        )
        return self._take(response)

    def send_page(self, answers_: dict[str, str], *, insists: bool = True, **more) -> Page:
        """Send the section that is open, hidden fields too; ``insists``: go on without the rest."""
        assert self.page is not None
        before = self.page.path
        sent = {**self.page.hidden(), **answers_, **more}
        self.post(before.removeprefix(self.base), **sent)
        if insists and "asked=1" in self.page.path and self.page.path.startswith(before + "?"):
            return self.post(self.page.path.removeprefix(self.base), **self.page.hidden())
        return self.page

    def start(self) -> str:
        """Read the promise, start, note the words, and go on; returns the words."""
        self.get()
        page = self.post("/start")
        words = re.search(r'<p class="resume-words"[^>]*>(.*?)</p>', page.html)[1]
        self.get("/go")
        return words

    def say_role(self, role: str, school_id: str = "") -> Page:
        return self.post("/you", role=role, school=school_id)

    def open_link(self, token: str) -> Page:
        """Come with a personal link: what the page behind it does, then the promise."""
        self.client.set_cookie("invitation", token, path=self.base)
        return self.get()

    def cookie(self) -> str | None:
        found = self.client.get_cookie("resume_words", path=self.base)
        return found.value if found else None

    def _take(self, response) -> Page:
        html = response.get_data(as_text=True)
        path = response.request.full_path.rstrip("?")
        self.page = Page(response.status_code, path, html, dict(response.headers))
        if found := re.search(r'name="csrf_token"[^>]* value="([^"]+)"', html):
            self.token = found[1]
        check_page(self.page)
        return self.page


def invite(app: Flask, link: str, *, email: str = "someone@example.org") -> str:
    """An invitation to a confidential round; returns the token of its personal link."""
    from survey.database import db

    with app.app_context():
        round_ = rounds.by_link(db.session, link)
        invitation = Invitation(round_id=round_.round_id, email=email, role="T")
        db.session.add(invitation)
        db.session.commit()
        key = app.extensions["midtier_settings"].respondent_key
        return invitation_token(key, invitation_id=invitation.invitation_id)


def check_page(page: Page) -> None:
    """What holds for every page, whatever it says."""
    html5lib.HTMLParser(strict=True).parse(page.html)
    assert len(re.findall(r"<h1[ >]", page.html)) == 1
    assert re.search(r'<html lang="[a-z]{2}-[A-Z]{2}" dir="(ltr|rtl)">', page.html)
    assert not page.title.startswith("·")
    ids = re.findall(r'\sid="([^"]+)"', page.html)
    assert len(ids) == len(set(ids)), "an id stands twice"
    fields = r'<(input|select|textarea)\s[^>]*?(?<=\s)id="([^"]+)"'
    for kind, field_id in re.findall(fields, page.html):
        assert f'for="{field_id}"' in page.html, f"{kind} {field_id} has no label"
    assert " style=" not in page.html
    scripts = re.findall(r"<script[^>]*>.*?</script>", page.html, re.S)
    assert all(re.fullmatch(r'<script src="/static/[^"]+" defer></script>', s) for s in scripts)
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]


def open_app_round(app: Flask, **changes) -> str:
    """A round in the application's database that is open now; returns its link."""
    from survey.database import db

    with app.app_context():
        return make_round(db.session, now=datetime.now(UTC), **changes).link
