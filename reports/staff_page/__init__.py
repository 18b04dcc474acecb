"""The page for staff: what people said, and what could not be shown and why.

``build_staff_page`` takes a finished ``Profile``, never measures, so that nothing is on this page
that the profile of the same round does not print. The page has no row of a school and no reading
that needs more than a sentence.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from reports.disclosure import Withheld
from reports.profile.content import (
    Body,
    CapabilityRow,
    DecisionRow,
    Decisions,
    Lane,
    Line,
    Mark,
    Overall,
    PressureRow,
    Profile,
    Refusal,
    Share,
    TurnoutRow,
)
from reports.profile.figures import NOT_ALIKE, NOT_ASKED, ONE_BY_ONE
from reports.staff_page.content import (
    VERSION,
    Answered,
    AxisWord,
    Decision,
    DecisionGroup,
    Figure,
    NotShown,
    OwnWords,
    Part,
    Row,
    Rows,
    Said,
    StaffPage,
    StaffPageError,
    Stop,
    Themes,
    Where,
    from_json,
    to_json,
)
from reports.words import sentence, upper_first

__all__ = ["StaffPage", "StaffPageError", "build_staff_page", "from_json", "to_json"]

#: what stands where a profile sends its reader to the single questions, which this page has not
DID_NOT_HOLD: Final = "the questions did not hang together this time"
READ_SINGLY: Final = "its questions are read one by one and make up no figure"
SHARES_NOTE: Final = (
    "Shares are rounded, and very small and very large ones are given as below or above a limit, "
    "so that nobody can be picked out."
)


def build_staff_page(profile: Profile) -> StaffPage:
    """The page for staff of the round that this profile is of."""
    identity, cover, body = profile.identity, profile.cover, profile.body
    stage = next((stage.caption for stage in cover.stages if stage.is_current), "")
    return StaffPage(
        version=VERSION,
        organisation=identity.organisation,
        short_name=identity.short_name,
        locale=identity.locale,
        window=identity.window,
        fingerprint=identity.fingerprint,
        simulated=identity.simulated,
        trial=identity.trial,
        evidence=sentence(stage) if stage else "",
        answered=tuple(_answered(row) for row in cover.turnout),
        caution=cover.caution,
        said=None if isinstance(body, Refusal) else _said(profile, body),
        refusal=body.reasons if isinstance(body, Refusal) else (),
        not_shown=_not_shown(profile),
        use_limits=cover.use_limits,
    )


def _text(shown: str | Withheld) -> str:
    return shown.reason if isinstance(shown, Withheld) else shown


def _answered(row: TurnoutRow) -> Answered:
    return Answered(row.name, _text(row.n_band), _text(row.rate), row.is_total)


def _said(profile: Profile, body: Body) -> Said:
    capability, pressures = body.capability, body.pressures
    read = profile.cover.how_to
    return Said(
        headline=body.summary.headline,
        where=_where(body.summary.line, body.decisions, body.summary.lead, read[0].text),
        dimensions=Rows(
            heading=capability.heading,
            intro=f"{read[1].text} {capability.intro}",
            low=capability.low,
            high=capability.high,
            axis=tuple(AxisWord(word.value, word.text) for word in capability.axis),
            rows=tuple(_dimension(row) for row in capability.rows),
        ),
        pressures=Rows(
            heading=pressures.heading,
            intro=pressures.intro,
            low=pressures.low,
            high=pressures.high,
            axis=tuple(AxisWord(word.value, word.text) for word in pressures.axis),
            rows=tuple(_pressure(row) for row in pressures.rows),
        ),
        uncertainty=body.summary.uncertainty,
        own_words=_own_words(body),
    )


def _own_words(body: Body) -> OwnWords | None:
    if body.own_words is None:
        return None
    questions = tuple(
        Themes(table.title, tuple((row[0], row[1]) for row in table.rows), table.note)
        for table in body.own_words.tables
    )
    return OwnWords(body.own_words.heading, body.own_words.intro, questions)


def _where(line: Line, page: Decisions, lead: str, how_to_read: str) -> Where:
    whole = line.overall if isinstance(line.overall, Overall) else None
    return Where(
        lead=lead,
        ends=(line.left, line.left_note, line.right, line.right_note),
        how_to_read=how_to_read,
        overall=upper_first(_text(whole.words if whole else _reason(line.overall))),
        figure=whole.figure if whole else "",
        spread=sentence(whole.spread) if whole and whole.spread else "",
        stops=tuple(
            Stop(
                stop.name,
                stop.description,
                stop.share.text if isinstance(stop.share, Share) else "",
            )
            for stop in line.stops
        ),
        groups=tuple(
            DecisionGroup(group.heading, tuple(_decision(row) for row in group.rows))
            for group in page.groups
        ),
        top=page.top,
        note=f"{page.scale_note} {SHARES_NOTE}",
    )


def _decision(row: DecisionRow) -> Decision:
    return Decision(
        code=row.decision,
        name=row.name,
        asked=row.asked,
        heading=row.heading,
        explanation=row.explanation,
        detail=row.detail,
        formal=row.formal,
        shares=(
            ()
            if isinstance(row.bars, Withheld)
            else tuple(Part(bar.label, bar.drawn, bar.text) for bar in row.bars)
        ),
    )


def _figure(mark: Mark, who: str, *, is_designed: bool = False) -> Figure:
    return Figure(who, mark.value, mark.low, mark.high, mark.text, mark.likely, is_designed)


def _dimension(row: CapabilityRow) -> Row:
    figures: list[Figure] = []
    withheld: list[str] = []
    for lane, is_designed in ((row.lived, False), (row.designed, True)):
        if isinstance(lane.mark, Mark):
            figures.append(_figure(lane.mark, _lane(lane), is_designed=is_designed))
        elif lane.mark != NOT_ASKED:
            withheld.append(f"{_lane(lane)}: not shown, {_why(lane.mark, row.item_by_item)}")
    # where a mark is missing, the words about the difference only say so again
    both = len(figures) == 2
    return Row(
        code=row.scale,
        name=row.name,
        about=row.definition,
        figures=tuple(figures),
        withheld=tuple(withheld),
        gap=row.gap if both else "",
        notice=row.notice,
    )


def _lane(lane: Lane) -> str:
    return f"{upper_first(lane.name)} ({lane.who})"


def _pressure(row: PressureRow) -> Row:
    is_shown = isinstance(row.mark, Mark)
    return Row(
        code=row.scale,
        name=row.name,
        about=row.asked,
        figures=(_figure(row.mark, ""),) if isinstance(row.mark, Mark) else (),
        withheld=() if is_shown else (f"Not shown, {_why(_reason(row.mark), row.note)}",),
        gap="",
        notice="",
    )


def _reason(shown: object) -> Withheld:
    return shown if isinstance(shown, Withheld) else Withheld("")


def _why(withheld: Withheld, note: str = "") -> str:
    """The reason in words that stand by themselves."""
    if withheld == ONE_BY_ONE:
        return DID_NOT_HOLD if note == NOT_ALIKE else READ_SINGLY
    return withheld.reason.removeprefix("not shown: ").removeprefix("not shown, ")


def _not_shown(profile: Profile) -> tuple[NotShown, ...]:
    """Everything of this page that is withheld, gathered by reason in the order of the page."""
    found: dict[str, list[str]] = {}
    for what, why in _withheld(profile):
        found.setdefault(why, []).append(what)
    return tuple(NotShown(upper_first(why), tuple(what)) for why, what in found.items())


def _withheld(profile: Profile) -> Iterator[tuple[str, str]]:
    body = profile.body
    for row in profile.cover.turnout:
        hidden = _hidden((row.n_band, row.rate))
        if hidden:
            yield f"How many answered: {row.name}", _why(hidden)
    if isinstance(body, Refusal):
        return
    if isinstance(body.summary.line.overall, Withheld):
        yield "The overall position", _why(body.summary.line.overall)
    for group in body.decisions.groups:
        for decision in group.rows:
            if isinstance(decision.bars, Withheld) and decision.bars != NOT_ASKED:
                yield decision.name, _why(decision.bars)
    for scale in body.capability.rows:
        for lane in (scale.lived, scale.designed):
            if isinstance(lane.mark, Withheld) and lane.mark != NOT_ASKED:
                yield f"{scale.name}, {lane.name}", _why(lane.mark, scale.item_by_item)
    for pressure in body.pressures.rows:
        if isinstance(pressure.mark, Withheld) and pressure.mark != NOT_ASKED:
            yield pressure.name, _why(pressure.mark, pressure.note)


def _hidden(shown: Sequence[str | Withheld]) -> Withheld | None:
    """The first that is withheld to protect people; "not known" hides nobody."""
    return next(
        (
            each
            for each in shown
            if isinstance(each, Withheld) and each.reason.startswith("not shown")
        ),
        None,
    )
