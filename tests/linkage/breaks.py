"""Worlds spoiled on purpose: each does what a survey tool could do, and what ours must not do.

If the attackers did not find these, that they find nothing in the real world would mean nothing.
"""

import hashlib
import logging
import secrets
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from typing import Any

import sqlalchemy as sa

from survey.services import sealing
from tests.linkage.onlookers import invitation_in
from tests.linkage.world import Break, Person, World

log = logging.getLogger("midtier.broken")


def all_of(*breaks: Break) -> Break:
    """All of them in one world."""

    def every(world: World, what: str, person: Person | None) -> None:
        for each in breaks:
            each(world, what, person)

    return every


def dated(world: World, what: str, person: Person | None) -> None:
    """When an invitation was opened, and when a draft was saved last."""
    if what == "opened":
        _do(world, "ALTER TABLE invitation ADD COLUMN opened_at TEXT")
        _do(world, "ALTER TABLE draft ADD COLUMN saved_at TEXT")
    if person is None or not person.words:
        return
    at = f"{world.steps:08}"
    if what == "began":
        _do(
            world,
            "UPDATE invitation SET opened_at = :at WHERE email = :email",
            at=at,
            email=person.email,
        )
    _do(world, "UPDATE draft SET saved_at = :at WHERE key = :key", at=at, key=_key(world, person))


def under_a_digest(world: World, what: str, person: Person | None) -> None:
    """A digest of the address beside the answers, under no key."""
    if what == "opened":
        _do(world, "ALTER TABLE draft ADD COLUMN holder TEXT")
    if what == "began" and person is not None:
        holder = hashlib.sha256(person.email.encode()).hexdigest()
        statement = "UPDATE draft SET holder = :holder WHERE key = :key"
        _do(world, statement, holder=holder, key=_key(world, person))


def side_by_side(world: World, what: str, person: Person | None) -> None:
    """A draft that keeps the invitation it came by, and a table of visits that holds both."""
    if what == "opened":
        _do(world, "ALTER TABLE draft ADD COLUMN came_by TEXT")
        _do(
            world,
            "CREATE TABLE visit (email TEXT, draft TEXT, invitation_id VARCHAR "
            "REFERENCES invitation (invitation_id) ON DELETE CASCADE)",
        )
    if what == "closing":
        _do(world, "DROP TABLE visit")  # PostgreSQL truncates no table that another refers to
    if what == "began" and person is not None:
        key = _key(world, person)
        came_by = invitation_in(person.token)
        _do(world, "UPDATE draft SET came_by = :came_by WHERE key = :key", came_by=came_by, key=key)
        statement = "INSERT INTO visit VALUES (:email, :key, :came_by)"
        _do(world, statement, email=person.email, key=key, came_by=came_by)


def thankful(world: World, what: str, person: Person | None) -> None:
    """An e-mail to whoever has sent their answers."""
    if what == "sent" and person is not None:
        message = EmailMessage()
        message["To"], message["Subject"] = person.email, "Thank you for your answers"
        message["Date"], message["Message-ID"] = localtime(), make_msgid(domain="trust.example")
        name = f"{secrets.token_hex(8)}.eml"
        (world.mail_dir / world.round_id / name).write_bytes(bytes(message))


def talkative(world: World, what: str, person: Person | None) -> None:
    """A log line that names both."""
    if what == "began" and person is not None:
        log.info("draft %s was begun by %s", _key(world, person), person.email)


def in_list_order(world: World, what: str, person: Person | None) -> None:
    """Invitations written one by one in the order of the staff list, under ids that rise."""
    if what != "listed":
        return
    with world.engine.begin() as connection:
        table = sa.Table("invitation", sa.MetaData(), autoload_with=connection)
        rows = {row.email: row._asdict() for row in connection.execute(sa.select(table))}
        connection.execute(sa.delete(table))
    for number, each in enumerate(world.people):
        with world.engine.begin() as connection:
            row = {**rows[each.email], "invitation_id": f"{number:016x}"}
            connection.execute(sa.insert(table).values(row))


def reminded_by_need(world: World, what: str, person: Person | None) -> None:
    """Reminders only to those who have not begun by then."""
    if what != "asked reminder":
        return
    for each in world.people:
        if each.began is not None:
            _do(
                world,
                "DELETE FROM message WHERE state = 'queued' AND invitation_id IN "
                "(SELECT invitation_id FROM invitation WHERE email = :email)",
                email=each.email,
            )


def born_when_sent(world: World, what: str, person: Person | None) -> None:
    """Responses under ids that rise in the order in which people sent them."""
    if what == "closed":
        _rename(world, {person.email: f"{person.acted or 0:032x}" for person in world.people})


def keyed_by_draft(world: World, what: str, person: Person | None) -> None:
    """Responses that go on under the key that their draft had."""
    if what == "closed":
        _rename(
            world, {person.email: _key(world, person) for person in world.people if person.words}
        )


def _rename(world: World, names: Mapping[str, str]) -> None:
    for response_id, email in world.whose_responses().items():
        statement = "UPDATE response SET response_id = :new WHERE response_id = :old"
        _do(world, statement, new=names[email], old=response_id)


def _key(world: World, person: Person) -> str:
    key = world.settings.respondent_key
    return sealing.draft_key(key, round_id=world.round_id, words=person.words)


def _do(world: World, statement: str, **values: Any) -> None:
    with world.engine.begin() as connection:
        connection.execute(sa.text(statement), values)
