"""A filled database and the truth about it, which the database must not hold.

Kept aside: which person has which sheet, and when each of them answered. ``filling`` makes it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from instruments import registry
from instruments.definition import Instrument
from survey.models import Draft, Response
from survey.services.coding import shown_only
from survey.services.sealing import draft_key
from survey.settings import Settings

INSTRUMENT = "mto-learning-profile"


@dataclass
class Person:
    """Somebody who is asked, and what nobody but they should know."""

    email: str
    role: str
    school: str
    manner: str
    #: resume words and their seal, as the cookie holds them; empty: they have no draft
    words: str = ""
    token: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    #: when they began and when they did anything last, counted in steps of the whole world
    began: int | None = None
    acted: int | None = None
    has_sent: bool = False


#: spoils a world on purpose: is told of each thing that happened, and to whom
Break = Callable[["World", str, Person | None], None]


@dataclass
class World:
    """A filled database with one round, and the truth about it."""

    app: Flask
    settings: Settings
    engine: sa.Engine
    mode: str
    people: list[Person]
    round_id: str = ""
    link: str = ""
    schools: dict[str, str] = field(default_factory=dict)
    account_id: int = 0
    break_: Break | None = None
    steps: int = 0
    #: of PostgreSQL: where its write-ahead log stood before anybody came
    wal_from: str = ""

    @property
    def instrument(self) -> Instrument:
        return registry.load(INSTRUMENT)

    @property
    def mail_dir(self) -> Path:
        return self.settings.mail_dir

    def cell(self, person: Person) -> tuple[str | None, str]:
        return self.schools.get(person.school), person.role

    def cells(self) -> dict[str, tuple[str | None, str]]:
        return {person.email: self.cell(person) for person in self.people}

    def happened(self, what: str, person: Person | None = None) -> None:
        self.steps += 1
        if person is not None:
            person.began = self.steps if person.began is None else person.began
            person.acted = self.steps
        if self.break_ is not None:
            self.break_(self, what, person)

    def whose_drafts(self) -> dict[str, str]:
        """Draft -> person, as only the words tell."""
        key = self.settings.respondent_key
        return {
            draft_key(key, round_id=self.round_id, words=person.words): person.email
            for person in self.people
            if person.words
        }

    def whose_responses(self) -> dict[str, str]:
        """Response -> person: no two people answered alike."""
        round_form = {"form": "full", "modules": self.instrument.forms["full"].modules}
        by_answers = {
            _print(
                shown_only(self.instrument, person.given, role=person.role, **round_form)
            ): person.email
            for person in self.people
            if person.has_sent
        }
        with Session(self.engine) as session:
            born = session.scalars(sa.select(Response).where(Response.round_id == self.round_id))
            whose = {row.response_id: by_answers[_print(row.answers)] for row in born}
        assert len(set(whose.values())) == len(whose) == len(by_answers)
        return whose

    def drafts(self) -> dict[str, tuple[str | None, str]]:
        """Draft -> the school and role that it states."""
        with Session(self.engine) as session:
            rows = session.execute(
                sa.select(Draft.key, Draft.school_id, Draft.role).where(
                    Draft.round_id == self.round_id
                )
            )
            return {key: (school_id, role) for key, school_id, role in rows}

    def responses(self) -> dict[str, tuple[str | None, str]]:
        with Session(self.engine) as session:
            rows = session.execute(
                sa.select(Response.response_id, Response.school_id, Response.role).where(
                    Response.round_id == self.round_id
                )
            )
            return {key: (school_id, role) for key, school_id, role in rows}


def _print(answers: dict[str, Any]) -> str:
    return json.dumps(answers, sort_keys=True)
