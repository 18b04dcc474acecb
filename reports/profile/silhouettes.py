"""Silhouettes of the reference cases: off unless a round asks for them, after the own pages.

Codes of a published source, not survey data: positions as hatched bars over the stops, dimensions
as words, pressures at three levels only. Never a norm, a target or a mark beside the own figures.
"""

from collections.abc import Mapping
from dataclasses import replace

from instruments.definition import Case, CaseCode
from reports.profile.content import CasePlaces, Silhouettes, Table
from reports.profile.context import TABLE_FOLLOWS, Context
from reports.words import listed, number, upper_first

LABEL = "coded from the chapter, not survey data"
NOT_TOLD = "not told"
#: pressures of cases agree well enough between readings at three levels only
PRESSURE_WORDS = {1: "low", 2: "low", 3: "present", 4: "strong", 5: "strong"}


def silhouettes_page(context: Context) -> Silhouettes | None:
    """The page; None where the round has not asked for it or the instrument has no cases."""
    cases, position = context.instrument.cases, context.instrument.position
    if not context.facts.silhouettes or not cases or position is None:
        return None
    places = tuple(_places(context, case) for case in cases)
    organisations = list(dict.fromkeys(case.organisation for case in cases))
    return Silhouettes(
        heading="Silhouettes of the cases",
        label=f"{upper_first(LABEL)}.",
        intro=(
            f"The chapter describes {number(len(organisations))} organisations "
            f"({listed(organisations)}) at {number(len(cases))} moments. Two readings inside this "
            "project coded them; none of its authors has reviewed the codes. Silhouettes to think "
            "with: never norms or targets. A code is no figure of a survey, so nothing of yours "
            "stands beside them."
        ),
        stops=context.stop_words(),
        most=max(count for place in places for count in place.counts),
        places=places,
        tables=(_dimensions(context), _pressures(context)),
        notes=(
            f"Hatched bars count decisions coded at a stop, of the {_of(context)} that the "
            "chapter reports for most cases. All bars share one scale.",
        ),
        alt=_alt(context, places),
    )


def _name(case: Case) -> str:
    return f"{case.organisation}, {case.stage}"


def _of(context: Context) -> str:
    position = context.instrument.position
    return number(len(position.case_decisions)) if position else ""


def _codes(context: Context, case: Case) -> list[int]:
    position = context.instrument.position
    found = [case.position.get(code) for code in (position.case_decisions if position else ())]
    return [each.code for each in found if each is not None and each.code is not None]


def _places(context: Context, case: Case) -> CasePlaces:
    codes = _codes(context, case)
    return CasePlaces(
        name=_name(case),
        period=case.period,
        says=case.label,
        counts=tuple(codes.count(stop) for stop in context.stop_names()),
        average=(
            f"average {sum(codes) / len(codes):.1f}; {number(len(codes))} of {_of(context)} told"
            if codes
            else NOT_TOLD
        ),
    )


def _dimensions(context: Context) -> Table:
    rubric = context.words.text.rubric.get("dimensions", {})
    return _table(
        context,
        "cases-dimensions",
        "How the chapter tells of the dimensions",
        {s.code: context.scale_name(s.code) for s in context.instrument.scales_in("capability")},
        {case.id: case.dimensions for case in context.instrument.cases},
        {code: context.words.fill(text) for code, text in rubric.items()},
    )


def _pressures(context: Context) -> Table:
    return _table(
        context,
        "cases-pressures",
        "How the chapter tells of the pressures",
        {s.code: context.scale_name(s.code) for s in context.instrument.scales_in("pressure")},
        {case.id: case.pressures for case in context.instrument.cases},
        PRESSURE_WORDS,
    )


def places_table(context: Context) -> Table:
    """The hatched bars as a table: each decision's stop in each case."""
    position = context.instrument.position
    codes = position.case_decisions if position else ()
    table = _table(
        context,
        "cases",
        "Silhouettes of the cases",
        {code: context.decision_text(code, "name") for code in codes},
        {case.id: case.position for case in context.instrument.cases},
        context.stop_names(),
    )
    return replace(table, note=f"{upper_first(LABEL)}.")


def _table(
    context: Context,
    key: str,
    title: str,
    rows: Mapping[str, str],
    cases: Mapping[str, Mapping[str, CaseCode]],
    words: Mapping[int, str],
) -> Table:
    """One row a code, one column a case, words only."""

    def cell(coded: Mapping[str, CaseCode], code: str) -> str:
        found = coded.get(code)
        return words[found.code] if found is not None and found.code is not None else NOT_TOLD

    return Table(
        key=key,
        title=title,
        columns=("", *(_name(case) for case in context.instrument.cases)),
        rows=tuple(
            (name, *(cell(coded, code) for coded in cases.values())) for code, name in rows.items()
        ),
    )


def _alt(context: Context, places: tuple[CasePlaces, ...]) -> str:
    sentences = [
        f"The decisions told of each case on the stops {listed(list(_stops(context)))}, "
        f"as hatched bars; {LABEL}."
    ]
    for place in places:
        told = [
            f"{count} at {stop}"
            for stop, count in zip(_stops(context), place.counts, strict=True)
            if count
        ]
        sentences.append(f"{place.name}: {listed(told)}, {place.average}.")
    return " ".join([*sentences, TABLE_FOLLOWS])


def _stops(context: Context) -> tuple[str, ...]:
    return tuple(context.stop_names().values())
