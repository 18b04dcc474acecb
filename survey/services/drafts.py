"""Drafts: begun, found again, given a place, sent, withdrawn. What they hold is in ``answers``.

Each change is one short transaction, as ``answers`` says. Nothing here stores a time.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments import routing
from survey.marked import N_
from survey.models import Draft, Round
from survey.services import rounds
from survey.services.answers import RefusedError, answered, check_open, pages
from survey.services.sealing import draft_key, draw_words, invitation_key


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
    check_open(round_, now)
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
        written={},
        quotable=[],
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
    check_open(round_, now)
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


def send(session: Session, round_: Round, draft: Draft, *, now: datetime) -> None:
    """Mark the draft sent. Sending again changes nothing; answers may change until the close."""
    check_open(round_, now)
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
    check_open(round_, now)
    session.delete(draft)
    session.flush()
