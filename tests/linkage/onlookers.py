"""What each onlooker sees of a world. One module of attackers; ``chance`` says how they did.

Nobody here looks at the truth. What an onlooker knows *from elsewhere* is passed in by name.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

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
    raw = {
        "the file": path.read_bytes(),
        "free pages of the file": files.free_pages(path),
    }
    log = path.with_name(path.name + "-wal")
    engine = files.readable(path)
    wal = log.read_bytes() if log.exists() else b""
    with engine.connect() as connection:
        names = _look_at_tables(connection, world, found)
    engine.dispose()
    for name, content in {**raw, "the write-ahead log": wal}.items():
        _look_at_bytes(name, content, names, found)
    found.person_orders |= files.wal_orders(wal, names.people)
    found.sheet_orders |= files.wal_orders(wal, names.sheets)


def _look_at_postgresql(world: World, found: Evidence) -> None:
    with world.engine.connect() as connection:
        log = files.server_log(connection, world.wal_from)
        names = _look_at_tables(connection, world, found)
        raw = files.relations(connection)
        said = files.statistics(connection).encode()
    for name, content in {**raw, "the write-ahead log": log, "statistics": said}.items():
        _look_at_bytes(name, content, names, found)


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
    links = {sealing_part(person.token): person.email for person in world.people if person.token}
    people = files.places(text, {email: email for email in known.people} | links)
    sheets = files.places(text, {sheet: sheet for sheet in known.sheets})
    found.person_orders |= files.order_of("log", people)
    found.sheet_orders |= files.order_of("log", sheets)
    near = files.nearest(people, sheets, known.people, known.sheets)
    if near:
        found.joins["nearest in the log"] = near
    return known + found


def sealing_part(token: str) -> str:
    """The invitation's id in a token."""
    return token[:16]


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
        kind = "reminder" if message["Subject"].startswith("Reminder") else "invitation"
        for name, value in said.items():
            orders.setdefault(f"{kind} mail: {name}", {})[message["To"]] = value
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
            invitation_id = sealing_part(person.token)
            sealed = sealing.invitation_key(
                key, round_id=world.round_id, invitation_id=invitation_id
            )
            made |= {sealed: person.email, invitation_id: person.email, person.token: person.email}
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
    query = sa.select(sa.column("invitation_id"), sa.column("email"))
    with world.engine.connect() as connection:
        rows = connection.execute(query.select_from(sa.table("invitation"))).all()
    return {row.invitation_id: row.email for row in rows}
