"""Whatever people do with their devices, in any order, nothing that was acknowledged is lost.

A model of two people, each with any number of devices, walks the real application beside the
database: what the model says was acknowledged is what the drafts hold after every step, and what
the responses hold after the close.
"""

import json
from dataclasses import dataclass, field

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from survey.database import begin_writing, db
from survey.models import Draft, Response, Round
from survey.services import rounds
from survey.services.sealing import invitation_in, invitation_key
from tests.survey.respond_kit import Visitor, invite, open_app_round

PEOPLE = (0, 1)
LOCALES = ("en-GB", "en-US")
picks = st.dictionaries(st.integers(0, 12), st.integers(0, 5), max_size=4)


@dataclass
class Person:
    """What is known of a person: their secrets, and what the server acknowledged."""

    token: str
    key: str
    role: str
    words: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    sent: bool = False


@dataclass
class Device:
    visitor: Visitor
    person: Person
    #: a page that was opened some time ago: address, hidden fields, fields with their values
    page: tuple[str, dict[str, str], dict[str, list[str]]] | None = None


class Answering(RuleBasedStateMachine):
    """Begin, answer, save, resume, switch device, switch language, send, withdraw, close."""

    def __init__(self, app) -> None:
        super().__init__()
        self.app = app
        self.closed = False

    @initialize()
    def open_round(self) -> None:
        self.link = open_app_round(self.app, mode="confidential", form="short", modules=[])
        secret = self.app.extensions["midtier_settings"].respondent_key
        with self.app.app_context():
            round_ = rounds.by_link(db.session, self.link)
            self.round_id = round_.round_id
            round_.locales = list(LOCALES)
            db.session.commit()
            self.school = rounds.schools_of(db.session, round_)[0].school_id
        self.people = []
        for number, role in zip(PEOPLE, ("T", "H"), strict=True):
            token = invite(self.app, self.link, email=f"{number}@example.org")
            sealed = invitation_key(
                secret,
                round_id=self.round_id,
                invitation_id=invitation_in(secret, token=token) or "",
            )
            self.people.append(Person(token, sealed, role))
        self.devices: list[Device] = []
        for who in PEOPLE:
            self.switch_device(who)
            self.begin(who)

    # --- what people do --------------------------------------------------------------------------

    @rule(who=st.sampled_from(PEOPLE))
    def switch_device(self, who: int) -> None:
        """Open the personal link on a device that has never been used."""
        if len(self.devices) >= 5:
            return
        visitor = Visitor(self.app, self.link)
        visitor.open_link(self.people[who].token)
        self.devices.append(Device(visitor, self.people[who]))

    @rule(which=st.integers(0, 4))
    def begin(self, which: int) -> None:
        device = self._device(which)
        page = device.visitor.get()
        if "I have read this. Start" not in page.html:
            return
        words = device.visitor.start()
        device.person.words = words
        device.visitor.get("/go")
        school = "" if device.person.role == "H" else self.school
        assert device.visitor.say_role(device.person.role, school).status == 200

    @rule(which=st.integers(0, 4))
    def resume(self, which: int) -> None:
        """Type the resume words; after that the device is as good as the first."""
        device = self._device(which)
        if not device.person.words:
            return
        device.visitor.get("/resume")
        page = device.visitor.post("/resume", words=device.person.words.upper())
        assert page.status in ((200,) if not self.closed else (200, 409))

    @rule(which=st.integers(0, 4), again=st.booleans())
    def look(self, which: int, again: bool) -> None:
        """Open a page and leave it open: the first that waits, or the first of all."""
        device = self._device(which)
        page = device.visitor.get("/go")
        if again and (sections := page.html.find("/s/")) > 0:
            start = page.html.rfind('"', 0, sections) + 1
            address = page.html[start : page.html.index('"', start)]
            page = device.visitor.get(address.removeprefix(device.visitor.base))
        if page.fields():
            values = {name: page.values(name) for name in page.fields()}
            device.page = (page.path, page.hidden(), values)

    @rule(which=st.integers(0, 4), picked=picks, go=st.sampled_from(("on", "back", "stay")))
    def save(self, which: int, picked: dict[int, int], go: str) -> None:
        """Send a page that was opened some time ago, as a browser without script does."""
        device = self._device(which)
        if device.page is None:
            self.look(which, again=False)
        if device.page is None:
            return
        address, hidden, values = device.page
        given = self._given(values, picked)
        page = device.visitor.post(
            address.removeprefix(device.visitor.base), **hidden, **given, go=go
        )
        if page.status == 200:
            shown = json.loads(hidden.get("before", "{}"))
            self._acknowledge(device, _touched(given, shown))

    @rule(which=st.integers(0, 4), picked=picks, tries=st.integers(1, 2))
    def save_by_script(self, which: int, picked: dict[int, int], tries: int) -> None:
        """Send answers in the background; once more where another device was faster."""
        device = self._device(which)
        if device.page is None:
            self.look(which, again=False)
        if device.page is None:
            return
        address, hidden, values = device.page
        given = self._given(values, picked)
        for _ in range(tries):
            response = device.visitor.client.post(
                address,
                data={
                    "csrf_token": device.visitor.token,
                    **{k: v for k, v in hidden.items() if k != "before"},
                    "go": "stay",
                    **given,
                },
                headers={"Accept": "application/json"},
            )
            if response.is_json and "revision" in response.json:
                hidden = {**hidden, "revision": str(response.json["revision"])}
                device.page = (address, hidden, values)
            if response.status_code == 200:
                self._acknowledge(device, given)
                return

    @rule(which=st.integers(0, 4), code=st.sampled_from(LOCALES), picked=picks)
    def switch_language(self, which: int, code: str, picked: dict[int, int]) -> None:
        """On a page of questions the button saves what was chosen there."""
        device = self._device(which)
        self.look(which, again=False)
        page = device.visitor.page
        if self.closed or device.page is None or not page.fields():
            return
        given = self._given({name: page.values(name) for name in page.fields()}, picked)
        page = device.visitor.send_page(given, language=code)
        assert (page.status, f'<html lang="{code}"' in page.html) == (200, True)
        shown = json.loads(device.page[1].get("before", "{}"))
        self._acknowledge(device, _touched(given, shown))

    @rule(which=st.integers(0, 4))
    def send(self, which: int) -> None:
        device = self._device(which)
        device.visitor.get("/review")
        page = device.visitor.post("/send")
        if page.status == 200 and "Your answers are sent" in page.heading:
            device.person.sent = True

    @rule(which=st.integers(0, 4))
    def withdraw(self, which: int) -> None:
        """Only a device with the resume words may."""
        device = self._device(which)
        device.visitor.get("/withdraw")
        page = device.visitor.post("/withdraw")
        if page.path.endswith("/withdrawn") and page.status == 200:
            device.person.answers, device.person.sent, device.person.words = {}, False, ""

    @precondition(lambda self: not self.closed)
    @rule(chance=st.integers(0, 9))
    def close(self, chance: int) -> None:
        """Close the round; now and then, because little happens afterwards."""
        if chance:
            return
        with self.app.app_context():
            begin_writing(db.session)
            round_ = db.session.get(Round, self.round_id)
            rounds.close(db.session, round_, by=None, now=round_.opens_at)
            db.session.commit()
        self.closed = True
        self.born = self._responses()
        sent = [person.answers for person in self.people if person.sent]
        assert sorted(map(sorted, self.born)) == sorted(sorted(answers.items()) for answers in sent)

    # --- what must hold --------------------------------------------------------------------------

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        if self.closed:
            assert self._responses() == self.born
            return
        with self.app.app_context():
            drafts = db.session.scalars(
                sa.select(Draft).where(Draft.round_id == self.round_id)
            ).all()
            held = {draft.invitation_key: draft for draft in drafts}
            assert len(held) == len(drafts)
            for person in self.people:
                draft = held.get(person.key)
                stored = {} if draft is None else draft.answers
                assert {code: str(value) for code, value in stored.items()} == person.answers
                assert person.sent == (draft is not None and draft.sent)

    # --- how -------------------------------------------------------------------------------------

    def _device(self, which: int) -> Device:
        return self.devices[which % len(self.devices)]

    @staticmethod
    def _given(values: dict[str, list[str]], picked: dict[int, int]) -> dict[str, str]:
        names = list(values)
        return {
            names[place % len(names)]: values[names[place % len(names)]][
                option % len(values[names[place % len(names)]])
            ]
            for place, option in picked.items()
        }

    def _acknowledge(self, device: Device, given: dict[str, str]) -> None:
        device.person.answers |= {
            name.removeprefix("item-"): value for name, value in given.items()
        }

    def _responses(self) -> list[list[tuple[str, str]]]:
        with self.app.app_context():
            found = db.session.scalars(
                sa.select(Response)
                .where(Response.round_id == self.round_id)
                .order_by(Response.response_id)
            ).all()
            return [
                [(code, str(value)) for code, value in sorted(response.answers.items())]
                for response in found
            ]


def _touched(given: dict[str, str], shown: dict[str, object]) -> dict[str, str]:
    """What a person chose anew on a page that showed ``shown``."""
    return {
        name: value
        for name, value in given.items()
        if str(shown.get(name.removeprefix("item-"))) != value
    }


SUITED = settings(
    deadline=None,
    # a shorter story says no more here, and takes minutes to find
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def test_nothing_acknowledged_is_lost_a_person_counts_once_and_a_closed_round_stays(app):
    run_state_machine_as_test(
        lambda: Answering(app),
        settings=settings(SUITED, max_examples=6, stateful_step_count=40, derandomize=True),
    )


@pytest.mark.long
def test_nothing_acknowledged_is_lost_in_many_more_stories(app):
    run_state_machine_as_test(
        lambda: Answering(app),
        settings=settings(SUITED, max_examples=150, stateful_step_count=80),
    )
