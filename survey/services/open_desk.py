"""The reader's desk: answers in words, read one by one, gathered in themes, handed over.

Nothing here says where an answer came from: its part is read at the hand-over alone, to find out
whether a theme comes from two schools. Until then only the reader sees words and themes; then all
that may not be told is deleted. The edge calls ``begin_writing`` before each change.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reports.disclosure import Withheld, people
from reports.disclosure_themes import theme_people, words_allowed
from survey.marked import N_
from survey.models import Account, OpenAnswer, OpenDesk, Response, Round, Theme
from survey.services import audit, harm, open_parts, open_questions, own_words, rounds

MOST_IN_A_NAME = 120


class DeskError(ValueError):
    """What the reader asked for cannot be done; one plain line says why."""


@dataclass(frozen=True, slots=True)
class Pile:
    """The answers to one open question, and its themes with how many answers each has."""

    item: str
    answers: int
    unread: int
    themes: tuple[tuple[Theme, int], ...]


def desk_of(round_: Round) -> OpenDesk:
    """The desk of a closed round whose words are still to be read; else ``DeskError``."""
    desk = round_.open_desk
    if desk is None:
        raise DeskError(N_("This round asks no open questions."))
    if round_.closed_at is None:
        raise DeskError(N_("Nobody reads what staff write before the round has closed."))
    if desk.handed_over_at is not None:
        raise DeskError(N_("The themes are handed over, and the words are deleted."))
    return desk


def _hold(session: Session, round_: Round) -> OpenDesk:
    """The desk, kept from being handed over by somebody else until the transaction ends."""
    session.refresh(desk_of(round_), with_for_update=True)
    return desk_of(round_)


def piles(session: Session, round_: Round) -> list[Pile]:
    """What lies on the desk, question by question."""
    themes = session.scalars(
        sa.select(Theme).where(Theme.round_id == round_.round_id).order_by(Theme.name)
    ).all()
    found = []
    for code in open_questions.codes(round_):
        mine = answers(session, round_, code)
        found.append(
            Pile(
                code,
                len(mine),
                sum(not answer.is_read for answer in mine),
                tuple((theme, len(theme.answers)) for theme in themes if theme.item == code),
            )
        )
    return found


def answers(session: Session, round_: Round, item: str) -> Sequence[OpenAnswer]:
    """The answers to one question, in the order of their random ids."""
    return session.scalars(
        sa.select(OpenAnswer)
        .where(OpenAnswer.round_id == round_.round_id, OpenAnswer.item == item)
        .order_by(OpenAnswer.open_answer_id)
    ).all()


def next_unread(session: Session, round_: Round, item: str) -> OpenAnswer | None:
    """The next answer to a question that the reader has not saved yet."""
    return next((each for each in answers(session, round_, item) if not each.is_read), None)


def read(
    session: Session,
    round_: Round,
    answer: OpenAnswer,
    *,
    themes: Collection[str],
    new_theme: str = "",
    redacted: str = "",
    is_cleared: bool = False,
) -> None:
    """Save what the reader made of an answer: its themes, and the words that may leave.

    ``is_cleared``: names, places, dates and odd phrases are gone from ``redacted``. Without the
    writer's tick nothing is cleared, whatever is asked.
    """
    _hold(session, round_)
    known = {
        theme.theme_id: theme
        for theme in session.scalars(
            sa.select(Theme).where(Theme.round_id == round_.round_id, Theme.item == answer.item)
        )
    }
    if not set(themes) <= set(known):
        raise DeskError(N_("That theme is gone: it was merged with another. Choose again."))
    redacted = own_words.clean(redacted)
    if len(redacted) > own_words.MOST_CHARACTERS:
        raise DeskError(N_("Those words are too long: shorten them."))
    if is_cleared and not redacted:
        raise DeskError(N_("There are no words left to quote: write them, or take the mark away."))
    chosen = [known[theme_id] for theme_id in themes]
    if new_theme.strip():
        theme = _theme(session, round_, answer.item, new_theme)
        chosen += [] if theme in chosen else [theme]
    answer.themes = chosen
    answer.is_cleared = is_cleared and answer.may_quote
    answer.redacted = redacted if answer.may_quote else ""
    answer.is_read = True
    session.flush()


def _theme(session: Session, round_: Round, item: str, name: str) -> Theme:
    """The theme of this name, which is made where there is none."""
    name = _name(name)
    found = _named(session, round_, item, name)
    if found is None:
        found = Theme(round_id=round_.round_id, item=item, name=name)
        session.add(found)
        session.flush()
    return found


def _named(session: Session, round_: Round, item: str, name: str) -> Theme | None:
    return session.scalars(
        sa.select(Theme).where(
            Theme.round_id == round_.round_id, Theme.item == item, Theme.name == name
        )
    ).one_or_none()


def _name(name: str) -> str:
    name = " ".join(own_words.clean(name).split())
    if not name or len(name) > MOST_IN_A_NAME:
        raise DeskError(N_("Name the theme in one line of at most 120 characters."))
    return name


def rename(session: Session, round_: Round, theme: Theme, name: str) -> None:
    """Give a theme another name, which no theme of its question has yet."""
    _hold(session, round_)
    name = _name(name)
    if _named(session, round_, theme.item, name) not in (None, theme):
        raise DeskError(N_("Another theme has that name already: merge the two instead."))
    theme.name = name
    session.flush()


def merge(session: Session, round_: Round, theme: Theme, into: Theme) -> None:
    """Move the answers of a theme to another of the same question, and delete it."""
    _hold(session, round_)
    if theme is into or theme.item != into.item:
        raise DeskError(N_("Choose another theme of the same question."))
    for answer in list(theme.answers):
        answer.themes = [each for each in answer.themes if each not in (theme, into)] + [into]
    session.flush()
    session.delete(theme)
    session.flush()


def mark_harm(
    session: Session, round_: Round, answer: OpenAnswer, state: str, *, by: Account, now: datetime
) -> None:
    """Flag words about harm, say that they were passed on along the route, or take the flag back.

    The audit says that it was done in this round, and nothing of the answer or its words.
    """
    _hold(session, round_)
    if state not in harm.STATES:
        raise DeskError(N_("Choose what happened to the words about harm."))
    if answer.harm == state:
        return
    answer.harm = state
    what = f"round {round_.round_id}"
    audit.note(session, actor=by, action=harm.ACTIONS[state], object_=what, now=now)


def why_not_yet(session: Session, round_: Round) -> str:
    """Why the themes cannot be handed over yet; empty where they can."""
    found = session.execute(
        sa.select(OpenAnswer.is_read, OpenAnswer.harm).where(OpenAnswer.round_id == round_.round_id)
    ).all()
    if not all(is_read for is_read, _ in found):
        return N_("Read every answer first: one of them may be about harm.")
    if any(state == "flagged" for _, state in found):
        return N_("Words about harm are flagged and not passed on yet: pass them on first.")
    return ""


def hand_over(session: Session, round_: Round, *, by: Account, now: datetime) -> None:
    """Work out what may be told, once and for ever, and delete all that may not.

    A theme stays where it comes from five people in two schools, with the band of their number. Of
    the words stay those that were ticked and cleared and belong to such a theme, in the reader's
    version; their parts and the words as they were written go, and the files are rewritten.
    """
    desk = _hold(session, round_)
    reason = why_not_yet(session, round_)
    if reason:
        raise DeskError(reason)
    n = session.scalar(
        sa.select(sa.func.count()).select_from(Response).where(Response.round_id == round_.round_id)
    )
    is_allowed = words_allowed(rounds.instrument_of(round_).disclosure, answered=n or 0)
    desk.answered = {
        pile.item: _text(people(pile.answers)) if is_allowed else TOO_FEW
        for pile in piles(session, round_)
    }
    for theme in session.scalars(sa.select(Theme).where(Theme.round_id == round_.round_id)).all():
        band = theme_people(
            len(theme.answers),
            from_two_schools=open_parts.span_two_schools([each.part for each in theme.answers]),
        )
        if isinstance(band, Withheld) or not is_allowed:
            session.delete(theme)
        else:
            theme.people = band
    session.flush()
    session.expire_all()
    _delete_words(session, round_)
    desk.handed_over_at = now
    round_.scrubbed_at = None
    what = f"round {round_.round_id}"
    audit.note(session, actor=by, action="hand_over_themes", object_=what, now=now)


#: stands in the place of the number of people who wrote, where too few answered the survey
TOO_FEW = "not shown: too few answers to the survey"


def _text(band: str | Withheld) -> str:
    return band.reason if isinstance(band, Withheld) else band


def _delete_words(session: Session, round_: Round) -> None:
    mine = sa.select(OpenAnswer).where(OpenAnswer.round_id == round_.round_id)
    for answer in session.scalars(mine).all():
        if answer.may_quote and answer.is_cleared and answer.themes:
            answer.words, answer.part, answer.harm = "", "", ""
        else:
            session.delete(answer)
    session.flush()


def quote(session: Session, round_: Round, *, by: Account, now: datetime) -> None:
    """Let the leader read the quotations that may leave; asking again changes nothing."""
    desk = round_.open_desk
    if desk is None or desk.handed_over_at is None:
        raise DeskError(N_("The reader has not handed over the themes yet."))
    if desk.quoted_at is not None:
        return
    desk.quoted_at = now
    what = f"round {round_.round_id}"
    audit.note(session, actor=by, action="release_quotations", object_=what, now=now)
