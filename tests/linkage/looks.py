"""The looks that onlookers take at one world: while its round is open, and after it has closed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask

from survey.database import db
from survey.settings import Settings
from tests.linkage import files, filling, onlookers, pages
from tests.linkage.chance import Evidence
from tests.linkage.filling import Plan
from tests.linkage.world import World


@dataclass
class Looks:
    """What each onlooker saw, and the truth to hold it against."""

    world: World
    #: by onlooker
    opened: dict[str, Evidence] = field(default_factory=dict)
    closed: dict[str, Evidence] = field(default_factory=dict)
    whose_drafts: dict[str, str] = field(default_factory=dict)
    whose_responses: dict[str, str] = field(default_factory=dict)
    #: who -> address -> page, before and after somebody answered; and after the close
    pages: list[dict[str, dict[str, str]]] = field(default_factory=list)
    #: what others see who open the link of somebody who has answered
    by_link: list[dict[str, str]] = field(default_factory=list)
    #: and what they themselves see, with their resume words
    by_words: list[dict[str, str]] = field(default_factory=list)
    #: what the copied files still hold after the close: name of a file -> what stands there
    left: dict[str, set[str]] = field(default_factory=dict)


#: onlookers; what the first two of them see are pages
OPERATOR = "database, mail folder and log"
WITH_KEY = "the same with the key"
WITH_NOTES = "the same with the key, every link and everybody's resume words"
FROM_ELSEWHERE = "the database, having seen everybody answer"
TWO_LOOKS = "the database, and a backup from the open round"
TWO_LOOKS_WITH_KEY = "the database, a backup from the open round, and the key"


def take(app: Flask, settings: Settings, plan: Plan, folder: Path) -> Looks:
    """Fill a world, look at it, close its round, and look again."""
    with app.app_context():
        engine = db.engine
    with listening() as lines, files.kept_log(engine):
        world = filling.fill(app, settings, plan)
        looks = Looks(world)
        drafts = _while_open(looks, lines, folder)
        held = all_held(world)
        filling.close(world, scrubs=plan.scrubs)
        _after_close(looks, lines, folder, drafts)
        looks.left = onlookers.left_in_files(world, folder / "left", held)
    return looks


def _while_open(looks: Looks, lines: list[str], folder: Path) -> dict[str, dict[str, Any]]:
    world = looks.world
    if world.break_ is None:
        _at_pages(looks)
    looks.whose_drafts = world.whose_drafts()
    seen = onlookers.operator(world, folder, world.drafts())
    known = onlookers.mail_and_logs(world, lines, seen)
    looks.opened = {
        OPERATOR: known,
        WITH_KEY: onlookers.with_key(known, world, onlookers.invited(world)),
        WITH_NOTES: onlookers.with_key_and_notes(known, world),
        FROM_ELSEWHERE: onlookers.from_elsewhere(known, world),
    }
    return onlookers.answers_in(world, "draft")


def _at_pages(looks: Looks) -> None:
    world = looks.world
    before = pages.all_seen(world)
    filling.one_more_answers(world)
    looks.pages = [before, pages.all_seen(world)]
    if world.mode == "confidential":
        answered = [person for person in world.people if person.given][:2]
        looks.by_link = [pages.by_their_link(world, person) for person in answered]
        looks.by_words = [
            pages.by_their_link(world, person, words=person.words) for person in answered
        ]


def _after_close(
    looks: Looks, lines: list[str], folder: Path, drafts: dict[str, dict[str, Any]]
) -> None:
    world = looks.world
    if world.break_ is None:
        looks.pages.append(pages.all_seen(world))
    looks.whose_responses = world.whose_responses()
    seen = onlookers.operator(world, folder, world.responses())
    known = onlookers.mail_and_logs(world, lines, seen)
    looks.closed = {
        OPERATOR: known,
        WITH_NOTES: onlookers.with_key_and_notes(known, world),
        FROM_ELSEWHERE: onlookers.from_elsewhere(known, world),
        TWO_LOOKS: onlookers.two_looks(looks.opened[OPERATOR], drafts, known, world),
        TWO_LOOKS_WITH_KEY: onlookers.two_looks(looks.opened[WITH_NOTES], drafts, known, world),
    }


def all_held(world: World) -> dict[str, str]:
    """What stands in the files or could, while the round is open -> what it is."""
    held = dict.fromkeys(world.whose_drafts(), "key of a draft")
    for person in world.people:
        held[person.email] = "address"
        if person.token:
            held |= {person.token: "token", onlookers.invitation_in(person.token): "invitation"}
            held[onlookers.sealed(world, person.token)] = "key of an invitation"
        words = person.words.partition(".")[0]
        if words:
            held |= dict.fromkeys((words, words.replace("-", " ")), "resume words")
    return held


@contextmanager
def listening() -> Iterator[list[str]]:
    """Every line that the program logs, debugging aside, with what went wrong in full."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, root = Keep(), logging.getLogger()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    level = root.level
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
