"""A world spoiled on purpose: what a survey tool could do, and what ours must not do.

If the attackers did not find these, that they find nothing in the real world would mean nothing.
"""

import hashlib
import logging

import sqlalchemy as sa

from survey.services import sealing
from tests.linkage.world import Person, World

log = logging.getLogger("midtier.broken")


def spoil(world: World, what: str, person: Person | None) -> None:
    """Do everything wrong that this moment allows."""
    if what == "listed":
        _write_in_list_order(world)
        for column in ("invitation.opened_at", "draft.touched_at", "draft.holder"):
            table, name = column.split(".")
            _do(world, f"ALTER TABLE {table} ADD COLUMN {name} TEXT")
    elif what == "asked reminder":
        _remind_by_need(world)
    elif what == "closed":
        _go_on_under_the_keys_of_drafts(world)
    elif person is not None and person.words:
        _note_the_person(world, what, person)


def _write_in_list_order(world: World) -> None:
    """Invitations in the order of the staff list, under ids that rise."""
    rows = {row["email"]: row for row in _taken(world, "invitation")}
    _put(
        world,
        "invitation",
        [
            {**rows[person.email], "invitation_id": f"{number:016x}"}
            for number, person in enumerate(world.people)
        ],
    )


def _note_the_person(world: World, what: str, person: Person) -> None:
    """Times on both sides, a digest of the address, a line in the log."""
    key = _draft_key(world, person)
    at = f"{world.steps:08}"
    if what == "began":
        holder = hashlib.sha256(person.email.encode()).hexdigest()
        _do(world, "UPDATE draft SET holder = :holder WHERE key = :key", holder=holder, key=key)
        opened = "UPDATE invitation SET opened_at = :at WHERE email = :email"
        _do(world, opened, at=at, email=person.email)
        log.info("draft %s was begun by %s", key, person.email)
    _do(world, "UPDATE draft SET touched_at = :at WHERE key = :key", at=at, key=key)


def _remind_by_need(world: World) -> None:
    """Reminders only to those who have not answered by then."""
    delete = (
        "DELETE FROM message WHERE mailing_id IN "
        "(SELECT mailing_id FROM mailing WHERE kind = 'reminder') AND invitation_id = "
        "(SELECT invitation_id FROM invitation WHERE email = :email)"
    )
    for person in world.people:
        if person.began is not None:
            _do(world, delete, email=person.email)


def _go_on_under_the_keys_of_drafts(world: World) -> None:
    """Responses under the keys that their drafts had, with the moment when they were sent."""
    whose = world.whose_responses()
    people = {person.email: person for person in world.people}
    rows = _taken(world, "response")
    _do(world, "ALTER TABLE response ADD COLUMN sent_at INTEGER")
    for row in rows:
        person = people[whose[str(row["response_id"])]]
        row |= {"response_id": _draft_key(world, person), "sent_at": person.acted}
    _put(world, "response", rows)


def _draft_key(world: World, person: Person) -> str:
    key = world.settings.respondent_key
    return sealing.draft_key(key, round_id=world.round_id, words=person.words)


def _taken(world: World, name: str) -> list[dict[str, object]]:
    """The rows of a table, which then has none."""
    with world.engine.begin() as connection:
        table = sa.Table(name, sa.MetaData(), autoload_with=connection)
        rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
        connection.execute(sa.delete(table))
    return rows


def _put(world: World, name: str, rows: list[dict[str, object]]) -> None:
    with world.engine.begin() as connection:
        table = sa.Table(name, sa.MetaData(), autoload_with=connection)
        for row in rows:
            connection.execute(sa.insert(table).values(row))


def _do(world: World, statement: str, **values: str) -> None:
    with world.engine.begin() as connection:
        connection.execute(sa.text(statement), values)
