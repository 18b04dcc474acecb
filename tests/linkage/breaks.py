"""Worlds spoiled on purpose: each does what a survey tool could do, and what ours must not do.

If the attackers did not find these, that they find nothing in the real world would mean nothing.
"""

import hashlib
import logging
from collections.abc import Iterable

import sqlalchemy as sa

from survey.services import sealing
from tests.linkage.world import Person, World

log = logging.getLogger("midtier.broken")


def careless(world: World, what: str, person: Person | None) -> None:
    """Times on both sides, a mark on the invitation, reminders by need, a digest, a log line."""
    if what == "listed":
        _do(world, "ALTER TABLE invitation ADD COLUMN opened_at TEXT")
        _do(world, "ALTER TABLE draft ADD COLUMN touched_at TEXT")
        _do(world, "ALTER TABLE draft ADD COLUMN holder TEXT")
    elif what == "began" and person is not None:
        _note(world, person)
    elif what in ("saved", "sent") and person is not None:
        key = sealing.draft_key(
            world.settings.respondent_key, round_id=world.round_id, words=person.words
        )
        # each in a table of its own transaction, as a careless program would
        _do(world, "UPDATE draft SET touched_at = :at WHERE key = :key", at=_at(world), key=key)


def _note(world: World, person: Person) -> None:
    key = sealing.draft_key(
        world.settings.respondent_key, round_id=world.round_id, words=person.words
    )
    invitation_id = person.token[:16]
    _do(
        world,
        "UPDATE invitation SET opened_at = :at WHERE invitation_id = :invitation_id",
        at=_at(world),
        invitation_id=invitation_id,
    )
    holder = hashlib.sha256(person.email.encode()).hexdigest()
    _do(world, "UPDATE draft SET holder = :holder WHERE key = :key", holder=holder, key=key)
    log.info("draft %s was begun by %s", key, person.email)


def in_list_order(world: World, what: str, person: Person | None) -> None:
    """Invitations written in the order of the staff list, under ids that rise."""
    if what != "listed":
        return
    with world.engine.begin() as connection:
        rows = connection.exec_driver_sql(
            "SELECT invitation_id, round_id, email, role, school_id FROM invitation"
        ).all()
        by_email = {row.email: row for row in rows}
        connection.exec_driver_sql("DELETE FROM invitation")
        for number, each in enumerate(world.people):
            row = by_email[each.email]
            _insert(
                connection,
                "invitation",
                {**row._mapping, "invitation_id": f"{number:016x}"},
            )


def reminded_by_need(world: World, what: str, person: Person | None) -> None:
    """Reminders only to those who have not answered by then."""
    if what != "asked reminder":
        return
    answered = [each.token[:16] for each in world.people if each.began is not None]
    reminders = "(SELECT mailing_id FROM mailing WHERE kind = 'reminder')"
    with world.engine.begin() as connection:
        for invitation_id in answered:
            connection.execute(
                sa.text(
                    f"DELETE FROM message WHERE mailing_id IN {reminders} "
                    "AND invitation_id = :invitation_id"
                ),
                {"invitation_id": invitation_id},
            )


def born_when_sent(world: World, what: str, person: Person | None) -> None:
    """Responses written one by one, in the order in which people sent them, under ids that rise."""
    if what == "closed":
        _rewrite_responses(world, [f"{number:032x}" for number in range(len(world.people))])


def keyed_by_draft(world: World, what: str, person: Person | None) -> None:
    """Responses that go on under the key that their draft had."""
    if what != "closed":
        return
    key = world.settings.respondent_key
    in_order = sorted(world.whose_responses().items(), key=lambda pair: _sent_at(world)[pair[1]])
    words = {each.email: each.words for each in world.people}
    _rewrite_responses(
        world,
        [
            sealing.draft_key(key, round_id=world.round_id, words=words[email])
            for _, email in in_order
        ],
    )


def _rewrite_responses(world: World, names: list[str]) -> None:
    sent_at = _sent_at(world)
    whose = world.whose_responses()
    with world.engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM response").mappings().all()
        connection.exec_driver_sql("DELETE FROM response")
        table = sa.Table("response", sa.MetaData(), autoload_with=connection)
        for name, row in zip(
            names, sorted(rows, key=lambda row: sent_at[whose[row["response_id"]]]), strict=False
        ):
            made = {**row, "response_id": name}
            if isinstance(made["answers"], str):
                connection.execute(
                    sa.text(
                        f"INSERT INTO response ({', '.join(made)}) "
                        f"VALUES ({', '.join(':' + each for each in made)})"
                    ),
                    made,
                )
            else:
                connection.execute(table.insert().values(**made))


def _sent_at(world: World) -> dict[str, int]:
    return {each.email: each.acted or 0 for each in world.people}


def all_of(*breaks: "object") -> "object":
    def both(world: World, what: str, person: Person | None) -> None:
        for each in breaks:
            each(world, what, person)

    return both


def _at(world: World) -> str:
    return f"{world.steps:08}"


def _do(world: World, statement: str, **values: str) -> None:
    with world.engine.begin() as connection:
        connection.execute(sa.text(statement), values)


def _insert(connection: sa.Connection, table: str, values: "Iterable") -> None:
    names = list(values)
    connection.execute(
        sa.text(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(':' + n for n in names)})"
        ),
        dict(values),
    )
