"""Answering: drafts begun, found again, saved page by page, sent, withdrawn.

Each change is one short transaction; the edge calls ``begin_writing`` before it and takes the
round with ``rounds.by_link(..., hold=True)``, so that nothing is saved into a round that closes.
Nothing here stores a time.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments import routing
from instruments.definition import Instrument
from instruments.responses import Responses
from instruments.routing import Page
from survey.marked import N_
from survey.models import Draft, Round
from survey.services import rounds
from survey.services.coding import Answer, as_sheets, chosen, options_of, shown_only
from survey.services.sealing import draft_key, draw_words, invitation_key


class RefusedError(ValueError):
    """What was sent cannot be accepted; one plain line. Nothing of it was saved.

    ``item`` is the code of the item that it is about, for the log: never what was answered.
    """

    def __init__(self, message: str, *, item: str = "") -> None:
        super().__init__(message)
        self.item = item


class NotOpenError(RefusedError):
    """The round is not open: ``state`` says whether it waits or is closed."""

    def __init__(self, state: rounds.State) -> None:
        super().__init__(N_("This survey is not open."))
        self.state = state


class ConflictError(RefusedError):
    """The draft was changed elsewhere since the sender last saw it; nothing was saved.

    Whoever still wants to save says so again, with the draft's present revision. A request that
    was held up on the way has nobody behind it who could, and so overwrites nothing.
    """

    def __init__(self) -> None:
        super().__init__("These answers were changed on another device.")


@dataclass(frozen=True, slots=True)
class Begun:
    """A fresh draft and the resume words that lead to it, which are stored nowhere."""

    draft: Draft
    words: str


def begin(
    session: Session,
    round_: Round,
    *,
    respondent_key: str,
    invitation_id: str | None = None,
    now: datetime,
) -> Begun:
    """Begin a draft under fresh resume words, with an order of the sections drawn at random.

    In a confidential round a draft belongs to an invitation, and an invitation has one draft: one
    begun before, in which nothing is saved yet, makes room (its words may never have arrived).

    Raises
    ------
    RefusedError
        If a confidential round is begun without an invitation, or with one whose draft holds
        something already.
    """
    _check_open(round_, now)
    if round_.mode == "confidential" and invitation_id is None:
        raise RefusedError(
            N_("Please open your personal link: it is in the e-mail that you were sent.")
        )
    sealed = None
    if invitation_id is not None:
        sealed = invitation_key(
            respondent_key, round_id=round_.round_id, invitation_id=invitation_id
        )
        _make_room(session, sealed)
    words = draw_words()
    draft = Draft(
        key=draft_key(respondent_key, round_id=round_.round_id, words=words),
        round_id=round_.round_id,
        invitation_key=sealed,
        role="",
        school_id=None,
        dimension_order=secrets.randbelow(routing.orders(rounds.instrument_of(round_))),
        answers={},
        unseen=[],
        pages=[],
        revision=0,
        sent=False,
    )
    session.add(draft)
    try:
        session.flush()
    except sa.exc.IntegrityError as error:  # another device began at the same moment
        raise RefusedError(BEGUN_ALREADY) from error
    return Begun(draft=draft, words=words)


#: said to a person who begins twice with one personal link
BEGUN_ALREADY = "Answers were begun with your link already."


def _make_room(session: Session, sealed: str) -> None:
    earlier = session.scalars(
        sa.select(Draft).where(Draft.invitation_key == sealed).with_for_update()
    ).one_or_none()
    if earlier is None:
        return
    if earlier.revision:
        raise RefusedError(BEGUN_ALREADY)
    session.delete(earlier)
    session.flush()


def find(
    session: Session, round_: Round, *, words: str, respondent_key: str, hold: bool = False
) -> Draft | None:
    """The draft that these resume words lead to, however they are typed; None where none is.

    ``hold`` makes another device that saves at the same moment wait for this transaction.
    """
    key = draft_key(respondent_key, round_id=round_.round_id, words=words)
    return _find(session, round_, Draft.key == key, hold=hold)


def find_invited(
    session: Session,
    round_: Round,
    *,
    invitation_id: str,
    respondent_key: str,
    hold: bool = False,
) -> Draft | None:
    """The draft that was begun with an invitation's personal link; None where none is."""
    sealed = invitation_key(respondent_key, round_id=round_.round_id, invitation_id=invitation_id)
    return _find(session, round_, Draft.invitation_key == sealed, hold=hold)


def _find(
    session: Session, round_: Round, is_wanted: sa.ColumnElement[bool], *, hold: bool
) -> Draft | None:
    query = sa.select(Draft).where(is_wanted, Draft.round_id == round_.round_id)
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def needs_place(session: Session, round_: Round) -> bool:
    """Whether this round asks people for a role or a school."""
    return bool(rounds.instrument_of(round_).roles or rounds.schools_of(session, round_))


def set_place(
    session: Session,
    round_: Round,
    draft: Draft,
    *,
    role: str,
    school_id: str | None,
    now: datetime,
) -> None:
    """Save role and school.

    After a change of role, answers to items that the new role does not see are kept until the
    round closes, so that changing back loses nothing; at the close they are left out. Pages on
    which the new role sees more count as not yet answered.
    """
    _check_open(round_, now)
    instrument = rounds.instrument_of(round_)
    if role not in (instrument.roles or ("",)):
        raise RefusedError(N_("That role is not one of the choices."))
    known = {school.school_id for school in rounds.schools_of(session, round_)}
    belongs = bool(known) and role not in instrument.central_roles
    if belongs and school_id not in known:
        raise RefusedError(N_("That school is not one of the choices."))
    before = {page.section: page.items for page in pages(round_, draft)}
    draft.role = role
    draft.school_id = school_id if belongs else None
    after = {page.section: page.items for page in pages(round_, draft)}
    draft.pages = [
        section
        for section in draft.pages
        if set(after.get(section, ())) <= set(before.get(section, ()))
    ]
    draft.revision += 1
    session.flush()


def has_place(session: Session, round_: Round, draft: Draft) -> bool:
    """Whether the person has said what they are asked of role and school."""
    instrument = rounds.instrument_of(round_)
    if instrument.roles and not draft.role:
        return False
    if draft.school_id or draft.role in instrument.central_roles:
        return True
    return not rounds.schools_of(session, round_)


def seen(draft: Draft, *, is_own: bool = True) -> dict[str, Answer]:
    """The answers that a device may show: with the resume words all but those given without them.

    A personal link alone (not ``is_own``) shows none. Nor do the words show what was answered with
    the link alone: the words are with whoever began, and the link may have been opened by somebody
    else first.
    """
    if not is_own:
        return {}
    return {code: value for code, value in draft.answers.items() if code not in draft.unseen}


def pages(round_: Round, draft: Draft, *, is_own: bool = True) -> tuple[Page, ...]:
    """The pages that this person sees, in their order; none before the role is known.

    A page that comes up only after a certain answer tells of that answer: it comes up on devices
    that may show the answer.
    """
    instrument = rounds.instrument_of(round_)
    if instrument.roles and not draft.role:
        return ()
    found = routing.pages(
        instrument,
        role=draft.role,
        form=round_.form,
        modules=round_.modules,
        order=draft.dimension_order,
        answers=chosen(seen(draft, is_own=is_own)),
    )
    closed = (
        Page(page.section, tuple(code for code in page.items if instrument.item(code).response))
        for page in found
    )
    return tuple(page for page in closed if page.items)


def save_page(
    session: Session,
    round_: Round,
    draft: Draft,
    *,
    section: str,
    given: Mapping[str, Answer],
    clear: Collection[str] = (),
    is_done: bool = True,
    is_own: bool = True,
    revision: int | None = None,
    now: datetime,
) -> None:
    """Save what was answered on one page, item by item, over what is there.

    An item that ``given`` leaves out keeps its answer: a page that another device opened earlier
    takes nothing back. ``clear`` names items whose answer is taken back, given or not. Between two
    devices the later save decides for each item. ``is_done``: the person is through with the page.
    ``is_own``: it comes from a device with the resume words; see ``seen``. ``revision``: the
    draft's, as the sender last saw it; None where the sender cannot try again.

    Raises
    ------
    ConflictError
        If ``revision`` is not the draft's.
    RefusedError
        If an item is not on this person's page or an option does not exist; then nothing of the
        page is saved.
    """
    _check_open(round_, now)
    if revision is not None and revision != draft.revision:
        raise ConflictError
    mine = pages(round_, draft, is_own=is_own)
    on_page = next((page.items for page in mine if page.section == section), None)
    if on_page is None:
        raise RefusedError(N_("That page is not part of your survey."))
    check_answers(rounds.instrument_of(round_), on_page, given=given, clear=clear)
    merged = {**draft.answers, **given}
    draft.answers = {code: value for code, value in merged.items() if code not in clear}
    unseen = set(draft.unseen) - {*given, *clear}
    draft.unseen = sorted(unseen if is_own else unseen | (set(given) - set(clear)))
    if is_done and section not in draft.pages:
        draft.pages = [*draft.pages, section]
    draft.revision += 1
    session.flush()


def check_answers(
    instrument: Instrument,
    on_page: Collection[str],
    *,
    given: Mapping[str, Answer],
    clear: Collection[str] = (),
) -> None:
    """Raise ``RefusedError`` for an item that is not on the page or an option it does not have."""
    for code in (*given, *clear):
        if code not in on_page:
            known = code if code in instrument.items_by_code else ""
            raise RefusedError(N_("That question is not on this page of your survey."), item=known)
    for code, value in given.items():
        if not any(
            value == option and type(value) is type(option)
            for option in options_of(instrument, code)
        ):
            raise RefusedError(N_("That answer is not one of the choices."), item=code)


def touched(given: Mapping[str, Answer], before: Mapping[str, object]) -> dict[str, Answer]:
    """The answers that a person gave on a page that showed ``before``: all but those unchanged.

    An answer that was shown, not touched, and sent along takes nothing back that another device
    saved meanwhile.
    """
    return {code: value for code, value in given.items() if before.get(code) != value}


def left_open(round_: Round, draft: Draft, section: str, *, is_own: bool = True) -> tuple[str, ...]:
    """Items of a page that have no answer yet; none of a page that the person does not see."""
    return tuple(
        code
        for page in pages(round_, draft, is_own=is_own)
        if page.section == section
        for code in page.items
        if code not in draft.answers
    )


def first_open_page(round_: Round, draft: Draft, *, is_own: bool = True) -> str | None:
    """The section of the first page that the person is not through with; None after the last.

    With the personal link alone (not ``is_own``) a page shows its open questions only, and so a
    page without any is passed over.
    """
    for page in pages(round_, draft, is_own=is_own):
        is_whole = not is_own and all(code in draft.answers for code in page.items)
        if page.section not in draft.pages and not is_whole:
            return page.section
    return None


def answered(round_: Round, draft: Draft) -> dict[str, Answer]:
    """The answers that would count if the round closed now."""
    return shown_only(
        rounds.instrument_of(round_),
        draft.answers,
        role=draft.role,
        form=round_.form,
        modules=round_.modules,
    )


def send(session: Session, round_: Round, draft: Draft, *, now: datetime) -> None:
    """Mark the draft sent. Sending again changes nothing; answers may change until the close."""
    _check_open(round_, now)
    if not has_place(session, round_, draft):
        raise RefusedError(N_("Please say your role first."))
    if not answered(round_, draft):
        raise RefusedError(N_("You have not answered any question yet."))
    if draft.sent:
        return
    draft.sent = True
    draft.revision += 1
    session.flush()


def withdraw(session: Session, round_: Round, draft: Draft, *, now: datetime) -> None:
    """Delete the draft and all its answers."""
    _check_open(round_, now)
    session.delete(draft)
    session.flush()


def add_simulated(session: Session, round_: Round, responses: Responses) -> None:
    """Store simulated answers as sent drafts of a round that is marked as simulated.

    Nobody holds words that lead to them.

    Raises
    ------
    RefusedError
        If the round or the answers are real, or an answer or a school is not the round's.
    """
    if not (round_.simulated and responses.simulated):
        raise RefusedError("Simulated answers go into a round that is marked as simulated.")
    instrument = rounds.instrument_of(round_)
    schools = {school.name: school.school_id for school in rounds.schools_of(session, round_)}
    orders = routing.orders(instrument)
    rows = []
    for sheet in as_sheets(responses):
        if sheet.school and sheet.school not in schools:
            raise RefusedError(f"School {sheet.school!r} is not on the round's roster.")
        shown = routing.shown(
            instrument,
            role=sheet.role,
            form=round_.form,
            modules=round_.modules,
            answers=chosen(sheet.answers),
        )
        check_answers(instrument, shown, given=sheet.answers)
        rows.append(
            {
                "key": secrets.token_hex(32),
                "round_id": round_.round_id,
                "role": sheet.role,
                "school_id": schools.get(sheet.school),
                "dimension_order": secrets.randbelow(orders),
                "answers": dict(sheet.answers),
                "unseen": [],
                "pages": sorted({instrument.item(code).section for code in shown}),
                "revision": 1,
                "sent": True,
            }
        )
    if rows:
        session.execute(sa.insert(Draft), rows)


def _check_open(round_: Round, now: datetime) -> None:
    state = rounds.state(round_, now)
    if state != "open":
        raise NotOpenError(state)
