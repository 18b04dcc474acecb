"""Answering: which pages a person sees, what they may be answered, and what is saved.

Each change is one short transaction; the edge calls ``begin_writing`` before it and takes the
round with ``rounds.by_link(..., hold=True)``, so that nothing is saved into a round that closes.
Nothing here stores a time.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from instruments import routing
from instruments.definition import Instrument
from instruments.routing import Page
from survey.marked import N_
from survey.models import Draft, Round
from survey.services import open_questions, own_words, rounds
from survey.services.coding import Answer, chosen, options_of, shown_only


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
    that may show the answer. Open questions, where the round asks them, come last.
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
    mine = tuple(page for page in closed if page.items)
    return mine + open_questions.pages(round_, draft.role)


def is_open_words(round_: Round, code: str) -> bool:
    """Whether a question is answered in one's own words."""
    return rounds.instrument_of(round_).item(code).kind == "text"


def save_page(
    session: Session,
    round_: Round,
    draft: Draft,
    *,
    section: str,
    given: Mapping[str, Answer],
    words: Mapping[str, str] = MappingProxyType({}),
    ticks: Mapping[str, bool] = MappingProxyType({}),
    clear: Collection[str] = (),
    is_done: bool = True,
    is_own: bool = True,
    revision: int | None = None,
    now: datetime,
) -> None:
    """Save what was answered on one page, item by item, over what is there.

    An item that ``given`` leaves out keeps its answer: a page that another device opened earlier
    takes nothing back. ``words`` and ``ticks``: what is written to open questions, and whether it
    may be quoted. ``clear`` names items whose answer is taken back, given or not. Between two
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
    check_open(round_, now)
    if revision is not None and revision != draft.revision:
        raise ConflictError
    mine = pages(round_, draft, is_own=is_own)
    on_page = next((page.items for page in mine if page.section == section), None)
    if on_page is None:
        raise RefusedError(N_("That page is not part of your survey."))
    check_answers(rounds.instrument_of(round_), on_page, given=given, clear=clear)
    _check_words(round_, on_page, words=words, ticks=ticks)
    merged = {**draft.answers, **given}
    draft.answers = {code: value for code, value in merged.items() if code not in clear}
    unseen = set(draft.unseen) - {*given, *clear}
    draft.unseen = sorted(unseen if is_own else unseen | (set(given) - set(clear)))
    own_words.save(draft, words=words, ticks=ticks, clear=clear, is_own=is_own)
    if is_done and section not in draft.pages:
        draft.pages = [*draft.pages, section]
    draft.revision += 1
    session.flush()


def _check_words(
    round_: Round,
    on_page: Collection[str],
    *,
    words: Mapping[str, str],
    ticks: Mapping[str, bool],
) -> None:
    for code in (*words, *ticks):
        if code not in on_page or not is_open_words(round_, code):
            raise RefusedError(N_("That question is not on this page of your survey."))
    for code, text in words.items():
        if len(text) > own_words.MOST_CHARACTERS:
            raise RefusedError(N_("Those words are too long: shorten them."), item=code)


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
        if not own_words.has_answer(draft, code)
    )


def first_open_page(round_: Round, draft: Draft, *, is_own: bool = True) -> str | None:
    """The section of the first page that the person is not through with; None after the last.

    With the personal link alone (not ``is_own``) a page shows its open questions only, and so a
    page without any is passed over.
    """
    for page in pages(round_, draft, is_own=is_own):
        is_whole = not is_own and all(own_words.has_answer(draft, code) for code in page.items)
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


def check_open(round_: Round, now: datetime) -> None:
    """Raise ``NotOpenError`` where the round takes no answers now."""
    state = rounds.state(round_, now)
    if state != "open":
        raise NotOpenError(state)
