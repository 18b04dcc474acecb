"""How an organisation writes its rosters: kept, so that the next file needs no mapping."""

from sqlalchemy.orm import Session

from survey.models import Organisation, RosterMemory, Round
from survey.services.roster_files import Book, Sheet
from survey.services.roster_reading import NEW, Reading, folded, places


def of(session: Session, organisation: Organisation) -> RosterMemory:
    """What is remembered of an organisation's rosters, to be added to."""
    memory = session.get(RosterMemory, organisation.organisation_id)
    if memory is None:
        memory = RosterMemory(
            organisation_id=organisation.organisation_id, columns={}, roles={}, schools={}
        )
        session.add(memory)
    return memory


def is_empty(session: Session, round_: Round) -> bool:
    """Whether nothing is remembered of the organisation's rosters."""
    memory = session.get(RosterMemory, round_.organisation_id)
    return memory is None or not (memory.columns or memory.roles or memory.schools)


def forget(session: Session, round_: Round) -> None:
    """Forget what was remembered of the organisation's rosters, mergers of schools too."""
    memory = of(session, round_.organisation)
    memory.columns, memory.roles, memory.schools = {}, {}, {}
    session.flush()


def remember(session: Session, round_: Round, sheet: Sheet, reading: Reading) -> None:
    """Keep for the organisation's next file what was chosen for this one."""
    memory = of(session, round_.organisation)
    chosen = {column: name for name, column in reading.columns.items()}
    choices = places(session, round_).choices
    columns = dict(memory.columns)
    for column, heading in enumerate(_headings(sheet, reading)):
        before = columns.get(folded(heading), "")
        # what a column holds in a round of the other mode stays known
        if heading and (column in chosen or not before or before in choices):
            columns[folded(heading)] = chosen.get(column, "")
    memory.columns = columns
    memory.roles = {**memory.roles, **reading.roles}
    # a school that is still to be made has no id yet; once it is made, its name is known
    lasting = {word: what for word, what in reading.schools.items() if what != NEW}
    memory.schools = {**memory.schools, **lasting}
    session.flush()


def knows(session: Session, round_: Round, book: Book, reading: Reading) -> bool:
    """Whether the organisation chose every column of this reading before, under these headings."""
    memory = session.get(RosterMemory, round_.organisation_id)
    if memory is None or reading.heading < 0:
        return False
    headings = _headings(book.sheets[reading.sheet], reading)
    return all(
        column < len(headings) and memory.columns.get(folded(headings[column])) == name
        for name, column in reading.columns.items()
    )


def _headings(sheet: Sheet, reading: Reading) -> tuple[str, ...]:
    return sheet.rows[reading.heading][1] if reading.heading >= 0 else ()
