"""What each onlooker sees of a world. One module of attackers; ``chance`` says how they did.

Nobody here looks at the truth. What an onlooker knows *from elsewhere* is passed in by name.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from survey.models import Draft, Response
from survey.services import sealing
from tests.linkage import files, tables
from tests.linkage.chance import Cell, Evidence, Order
from tests.linkage.tables import Rows
from tests.linkage.world import World
from tests.survey.mail_kit import parse


def operator(world: World, folder: Path, sheets: Mapping[str, Cell]) -> Evidence:
    """Someone who runs the server, with a copy of the database: rows and bytes, but no key.

    ``sheets`` are the drafts or the responses that the copy holds, with the school and role that
    each states; the people are those of the staff list, or of the staff room.
    """
    cells = world.cells()
    found = Evidence(cells, dict(sheets))
    # names alone, which whoever knows the staff can put in order
    found.person_orders["addresses in alphabetical order"] = {email: email for email in cells}
    if world.engine.dialect.name == "sqlite":
        _look_at_sqlite(world, folder, found)
    else:
        _look_at_postgresql(world, found)
    return found


def _look_at_sqlite(world: World, folder: Path, found: Evidence) -> None:
    path = files.copy_sqlite(world.settings.database, folder / secrets.token_hex(4))
    raw = files.sqlite_bytes(path)
    engine = files.readable(path)
    with engine.connect() as connection:
        names = _look_at_tables(connection, world, found)
    engine.dispose()
    for name, content in raw.items():
        _look_at_bytes(name, content, names, found)
    found.person_orders |= files.wal_orders(raw[files.LOG], names.people)
    found.sheet_orders |= files.wal_orders(raw[files.LOG], names.sheets)


def _look_at_postgresql(world: World, found: Evidence) -> None:
    with world.engine.connect() as connection:
        log = files.server_log(connection, world.wal_from)
        names = _look_at_tables(connection, world, found)
        raw = files.postgresql_bytes(connection) | {files.LOG: log}
    for name, content in raw.items():
        _look_at_bytes(name, content, names, found)


def left_in_files(world: World, folder: Path, wanted: Mapping[str, str]) -> dict[str, set[str]]:
    """File -> names of what still stands in it, of all that the round's files ever held."""
    if world.engine.dialect.name == "sqlite":
        raw = files.sqlite_bytes(files.copy_sqlite(world.settings.database, folder))
    else:
        with world.engine.connect() as connection:
            log = files.server_log(connection, world.wal_from)
            raw = files.postgresql_bytes(connection) | {files.LOG: log}
    for path in world.settings.data_dir.rglob("*"):
        if path.is_file():
            raw[str(path)] = path.read_bytes()
    found = {}
    for name, content in raw.items():
        found[name] = {kind for text, kind in wanted.items() if text.encode() in content}
    return found


class _Names:
    """What people and sheets are called in the copy -> which of them it is."""

    def __init__(self, people: list[Rows], sheets: list[Rows], found: Evidence) -> None:
        self.people = {email: email for email in found.people}
        for rows in people:
            for email, held in rows.by_id.items():
                for row in held:
                    self.people |= {
                        str(value): email
                        for name, value in row.items()
                        if name in ("invitation_id", "message_id")
                    }
        self.sheets = {key: key for key in found.sheets}
        for rows in sheets:
            for key, held in rows.by_id.items():
                if key in found.sheets:
                    ids = [value for name, value in held[0].items() if name == "invitation_key"]
                    self.sheets |= {value: key for value in ids if value}


def _look_at_tables(connection: sa.Connection, world: World, found: Evidence) -> _Names:
    people, sheets = tables.read(connection, world.round_id)
    email_of = {
        invitation_id: row["email"]
        for rows in people
        if rows.table == tables.PERSON_TABLE
        for invitation_id, held in rows.by_id.items()
        for row in held
    }
    for rows in people:
        rows.by_id = {email_of[key]: held for key, held in rows.by_id.items() if key in email_of}
        found.person_orders |= rows.orders()
    for rows in sheets:
        found.sheet_orders |= rows.orders()
    found.joins |= tables.shared_values(people, sheets, found.people, found.sheets)
    known_as = {email: [email] for email in found.people}
    for invitation_id, email in email_of.items():
        known_as[email].append(invitation_id)
    keys = tables.keys_lying_about(connection)
    made = tables.digests(known_as, keys, round_id=world.round_id)
    found.joins |= tables.worked_out(sheets, made)
    return _Names(people, sheets, found)


def _look_at_bytes(name: str, content: bytes, names: _Names, found: Evidence) -> None:
    people = files.places(content, names.people)
    sheets = files.places(content, names.sheets)
    found.person_orders |= files.order_of(name, people)
    found.sheet_orders |= files.order_of(name, sheets)
    near = files.nearest(people, sheets, found.people, found.sheets)
    if near:
        found.joins[f"nearest in {name}"] = near


def mail_and_logs(world: World, lines: list[str], known: Evidence) -> Evidence:
    """The mail folder and every log line, for someone who also knows ``known``."""
    found = Evidence(known.people, known.sheets)
    _look_at_mail(world, found)
    text = "\n".join(lines).encode()
    links = {invitation_in(person.token): person.email for person in world.people if person.token}
    people = files.places(text, {email: email for email in known.people} | links)
    sheets = files.places(text, {sheet: sheet for sheet in known.sheets})
    found.person_orders |= files.order_of("log", people)
    found.sheet_orders |= files.order_of("log", sheets)
    near = files.nearest(people, sheets, known.people, known.sheets)
    if near:
        found.joins["nearest in the log"] = near
    return known + found


def invitation_in(token: str) -> str:
    """The invitation's id in a token."""
    return token[:16]


def sealed(world: World, token: str) -> str:
    """What a draft holds that was begun with this personal link."""
    return sealing.invitation_key(
        world.settings.respondent_key,
        round_id=world.round_id,
        invitation_id=invitation_in(token),
    )


def _look_at_mail(world: World, found: Evidence) -> None:
    """Every property of a file that says something of when it was written."""
    orders: dict[str, dict[str, object]] = {}
    for number, path in enumerate(world.mail_dir.glob("*/*")):
        message = parse(path.read_bytes())
        state = path.stat()
        said = {
            "its place in the folder": number,
            "name": path.name,
            "changed": state.st_mtime_ns,
            "inode changed": state.st_ctime_ns,
            "read": state.st_atime_ns,
            "inode": state.st_ino,
            "Message-ID": message["Message-ID"],
            "Date": message["Date"].datetime.isoformat(),
            "size": state.st_size,
        }
        for name, value in said.items():
            orders.setdefault(f"mail '{message['Subject']}': {name}", {})[message["To"]] = value
    found.person_orders |= orders


def with_key(known: Evidence, world: World, invited: Mapping[str, str]) -> Evidence:
    """Who also has the server's key: invitation ids as they stand in a copy lead to drafts."""
    key = world.settings.respondent_key
    made = {
        sealing.invitation_key(key, round_id=world.round_id, invitation_id=invitation_id): email
        for invitation_id, email in invited.items()
    }
    return known + Evidence(known.people, known.sheets, joins=_stands(world, made))


def with_key_and_notes(known: Evidence, world: World) -> Evidence:
    """Who has the key, every personal link that was ever mailed, and everybody's resume words."""
    key = world.settings.respondent_key
    made = {}
    for person in world.people:
        if person.words:
            words = sealing.draft_key(key, round_id=world.round_id, words=person.words)
            made[words] = person.email
        if person.token:
            parts = (sealed(world, person.token), invitation_in(person.token), person.token)
            made |= dict.fromkeys(parts, person.email)
    return known + Evidence(known.people, known.sheets, joins=_stands(world, made))


def _stands(world: World, made: Mapping[str, str]) -> dict[str, dict[str, str]]:
    with world.engine.connect() as connection:
        _, sheets = tables.read(connection, world.round_id)
    guesses = {
        key: made[value]
        for rows in sheets
        for key, held in rows.by_id.items()
        for value in held[0].values()
        if isinstance(value, str) and value in made
    }
    return {"what only the key gives": guesses} if guesses else {}


def from_elsewhere(known: Evidence, world: World) -> Evidence:
    """Who also saw everybody answer: when each began, and when each did anything last."""
    seen: dict[str, Order] = {
        "seen from elsewhere: began": {
            each.email: each.began for each in world.people if each.began is not None
        },
        "seen from elsewhere: acted last": {
            each.email: each.acted for each in world.people if each.acted is not None
        },
        "the staff list as it was sent": {
            each.email: number for number, each in enumerate(world.people)
        },
    }
    return known + Evidence(known.people, known.sheets, person_orders=seen)


def invited(world: World) -> dict[str, str]:
    """Invitation -> address, as the staff list in the database says."""
    with world.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT invitation_id, email FROM invitation")
        return dict(rows.all())


def answers_in(world: World, table: str) -> dict[str, dict[str, Any]]:
    """Draft or response -> its answers, as a copy of the database holds them."""
    model = {"draft": Draft, "response": Response}[table]
    identity = sa.inspect(model).primary_key[0]
    query = sa.select(identity, model.answers).where(model.round_id == world.round_id)
    with world.engine.connect() as connection:
        return dict(connection.execute(query).all())


def two_looks(
    backup: Evidence, drafts: Mapping[str, dict[str, Any]], closed: Evidence, world: World
) -> Evidence:
    """Who has a backup from the open round, and looks again after the close.

    Answers join a draft of the backup to the response that was born of it; all that the backup
    says of the draft is then said of the response.
    """
    reborn = {}
    for response, answers in answers_in(world, "response").items():
        cell = closed.sheets[response]
        alike = [
            draft
            for draft, before in drafts.items()
            if backup.sheets[draft] == cell and answers.items() <= before.items()
        ]
        if len(alike) == 1:
            reborn[alike[0]] = response
    return closed + Evidence(
        closed.people,
        closed.sheets,
        backup.person_orders,
        {name: _renamed(order, reborn) for name, order in backup.sheet_orders.items()},
        {name: _renamed(guesses, reborn) for name, guesses in backup.joins.items()},
    ).called("in the backup: ")


def _renamed(found: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[each]: value for each, value in found.items() if each in names}
