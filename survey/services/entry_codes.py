"""Short codes on the posters of an anonymous round: they lead to the round and name a school.

A code belongs to a place, to no person and no roster row: everybody in a school reads the same one.
It is no secret that protects anything; it spares people typing a long address.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Account, EntryCode, Round
from survey.services import audit, rounds

LENGTH = 6
#: what ``school_of`` says of the centre's poster
CENTRE = "centre"
#: no vowels, so that no code is a word; of digits and letters that look alike only the letters
ALPHABET = "".join(letter for letter in rounds.LINK_ALPHABET if letter not in "aeu258")
#: what no code contains -> what was meant
_MISREAD = str.maketrans("0o258u", "qqzsbv")
#: longer than anything that somebody types who has a poster before them
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a poster hangs. ``school_id`` and ``name`` None: at the centre."""

    code: str
    school_id: str | None
    name: str | None


def draw() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalise(typed: str) -> str:
    """What was typed as codes are kept: small, letters and digits only, misread ones put right."""
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST]).casefold()
    return "".join(letter for letter in plain if letter.isalnum()).translate(_MISREAD)


def shown(code: str) -> str:
    """A code as people read it: capitals in two groups of three."""
    return f"{code[:3]} {code[3:]}".upper()


def find(session: Session, typed: str) -> tuple[str, Round] | None:
    """The code that was typed and its round; None if it leads nowhere."""
    found = session.execute(
        sa.select(EntryCode.code, Round)
        .join(Round, Round.round_id == EntryCode.round_id)
        .where(EntryCode.code == normalise(typed))
    ).one_or_none()
    return None if found is None else (found.code, found.Round)


def school_of(session: Session, round_: Round, code: str) -> str | None:
    """The id of the school whose poster carries this code, or ``CENTRE``.

    None if it is no code of this round: say nothing, and preselect nothing.
    """
    found = session.execute(
        sa.select(EntryCode.school_id).where(
            EntryCode.code == normalise(code), EntryCode.round_id == round_.round_id
        )
    ).one_or_none()
    if found is None:
        return None
    return CENTRE if found.school_id is None else str(found.school_id)


def places(session: Session, round_: Round) -> list[Place]:
    """The round's schools by name, then the centre, with their codes; none before they are made."""
    found = session.scalars(
        sa.select(EntryCode)
        .where(EntryCode.round_id == round_.round_id)
        .order_by(EntryCode.code.desc())  # of several the first: the others came by a merger
    )
    codes = {row.school_id: row.code for row in found}
    return [
        Place(codes[school_id], school_id, name)
        for school_id, name in _posted(session, round_)
        if school_id in codes
    ]


def make(session: Session, round_: Round, *, by: Account, now: datetime) -> None:
    """Draw a code for each place of an anonymous round that has none yet.

    Call ``begin_writing`` before.

    Raises
    ------
    RoundError
        If the round is confidential or closed.
    """
    held = rounds.hold(session, round_)
    if held.mode != "anonymous" or rounds.state(held, now) == "closed":
        raise rounds.RoundError("round: only an anonymous round that has not closed has posters")
    made = {place.school_id for place in places(session, held)}
    missing = [school_id for school_id, _ in _posted(session, held) if school_id not in made]
    for school_id in missing:
        code = _unused(session)
        session.add(EntryCode(code=code, round_id=held.round_id, school_id=school_id))
        session.flush()
    if missing:
        about = f"round {held.round_id}"
        audit.note(session, actor=by, action="make_codes", object_=about, now=now)


def _posted(session: Session, round_: Round) -> list[tuple[str | None, str | None]]:
    """Id and name of each place that gets a poster; None, None is the centre."""
    schools: list[tuple[str | None, str | None]] = [
        (school.school_id, school.name) for school in rounds.schools_of(session, round_)
    ]
    # a round without schools has one poster, for everybody
    has_centre = bool(rounds.instrument_of(round_).central_roles) or not schools
    return [*schools, (None, None)] if has_centre else schools


def _unused(session: Session) -> str:
    """A code that no round has."""
    code = draw()
    while session.get(EntryCode, code) is not None:
        code = draw()
    return code
