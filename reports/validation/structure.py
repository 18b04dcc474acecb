"""Which items go with which: exploratory loadings, factor correlations, fit, and their reading."""

from collections.abc import Mapping

import numpy as np

from instruments.analysis.results import MARKS, Analysis, Mark
from instruments.analysis.results import Structure as Found
from instruments.definition import Instrument, Words
from instruments.psychometrics.estimates import NotEstimated
from instruments.psychometrics.exploratory import FactorSolution
from reports.validation.content import Column, FactorHead, Loading, LoadingRow, Structure, Table
from reports.validation.factors import basis
from reports.validation.figures import beside, cannot, coefficient, fixed, interval, marked
from reports.words import listed, number, upper_first

#: conventional marks; the page that prints them says that they are conventions, not gates
FACTOR_CORRELATION = 0.80
RMSR_MARK = 0.08
RMSEA_MARK = 0.06
TLI_MARK = 0.95

_TINTS = (0.20, 0.40, 0.60)

#: factor (from 0) -> the scales whose items it carries
Carriers = Mapping[int, str]


def structure(instrument: Instrument, words: Words, analysis: Analysis) -> Structure:
    """The exploratory solution, or the reason why there is none."""
    found = analysis.structure
    if isinstance(found, NotEstimated):
        return Structure(reason=cannot(found))
    efa = found.efa
    if isinstance(efa, NotEstimated):
        return Structure(reason=cannot(efa), basis=basis(found))
    carriers = carried(found)
    return Structure(
        basis=basis(found),
        factors=tuple(FactorHead(f"F{f + 1}", carriers.get(f, "")) for f in range(efa.factors)),
        rows=_loading_rows(instrument, words, found, efa),
        correlations=_correlations(efa, carriers) if efa.factors > 1 else None,
        fit=_fit(efa),
        holds=_holds(instrument, analysis, efa, carriers),
        watch=_watch(analysis, found, efa, carriers),
    )


def carried(found: Found) -> Carriers:
    """Factor (from 0) -> the scales that it belongs to, joined by a slash; others are absent."""
    scales: dict[int, list[str]] = {}
    for scale, factor in found.own_factor.items():
        scales.setdefault(found.factor_names().index(factor), []).append(scale)
    return {factor: "/".join(codes) for factor, codes in sorted(scales.items())}


def _loading_rows(
    instrument: Instrument, words: Words, found: Found, efa: FactorSolution
) -> tuple[LoadingRow, ...]:
    rows = []
    previous = None
    for k, name in enumerate(efa.names):
        scale = found.scale_of[name]
        rows.append(
            LoadingRow(
                code=marked(instrument, name),
                text=upper_first(words.short(name)),
                cells=tuple(_cell(float(value)) for value in efa.loadings[k]),
                communality=coefficient(float(efa.communalities[k])),
                uniqueness=coefficient(1 - float(efa.communalities[k])),
                starts_scale=k > 0 and scale != previous,
            )
        )
        previous = scale
    return tuple(rows)


def _cell(value: float) -> Loading:
    # the tint follows the printed figure, so that .40 never stands in the tint of .39
    printed = round(abs(value), 2)
    if printed >= _TINTS[2]:
        return Loading(coefficient(value), 3)
    if printed >= _TINTS[1]:
        return Loading(coefficient(value), 2)
    return Loading(coefficient(value), 1 if printed >= _TINTS[0] else 0)


def factor_name(factor: int, carriers: Carriers) -> str:
    """ "F2 (SCF)", or "F2" where it carries no scale."""
    return f"F{factor + 1} ({carriers[factor]})" if factor in carriers else f"F{factor + 1}"


def _correlations(efa: FactorSolution, carriers: Carriers) -> Table:
    names = [factor_name(f, carriers) for f in range(efa.factors)]
    return Table(
        key="factor-correlations",
        title="Correlations of the factors",
        columns=(Column("Factor"), *(Column(name, is_number=True) for name in names)),
        rows=tuple(
            (name, *(coefficient(float(value)) for value in row))
            for name, row in zip(names, efa.factor_correlations, strict=True)
        ),
    )


def _fit(efa: FactorSolution) -> Table:
    none = f"cannot be estimated: {efa.factors} factors leave no degrees of freedom"
    rmsea = none if efa.rmsea is None else coefficient(efa.rmsea, 3)
    if efa.rmsea_low is not None and efa.rmsea_high is not None:
        low, high = coefficient(efa.rmsea_low, 3), coefficient(efa.rmsea_high, 3)
        rmsea += f" (90% {low}–{high})"
    tli = none if efa.rmsea is None else "cannot be estimated: the items hardly correlate"
    return Table(
        key="fit",
        title=f"Fit of {number(efa.factors)} factor{'s' * (efa.factors > 1)}, n = {efa.n:,}",
        columns=(Column("Figure"), Column("Value", is_number=True), Column("Mark")),
        rows=(
            ("χ² (df)", f"{fixed(efa.chi2, 1)} ({efa.df})", "none"),
            ("RMSR", coefficient(efa.rmsr, 3), f"≤ {coefficient(RMSR_MARK)}"),
            ("RMSEA", rmsea, f"≤ {coefficient(RMSEA_MARK)}"),
            ("TLI", tli if efa.tli is None else coefficient(efa.tli, 3),
             f"≥ {coefficient(TLI_MARK)}"),
            ("BIC", fixed(efa.bic, 1), "none"),
        ),
    )  # fmt: skip


# What holds, what to watch


def _of_structure(analysis: Analysis, mark: str) -> tuple[Mark, ...]:
    return tuple(each for each in analysis.marks if each.mark == mark)


def _holds(
    instrument: Instrument, analysis: Analysis, efa: FactorSolution, carriers: Carriers
) -> tuple[str, ...]:
    own = _of_structure(analysis, "loading")
    loaded = [mark for mark in own if mark.holds]
    limit = coefficient(MARKS["loading"])
    found = []
    if own and len(loaded) == len(own):
        found.append(f"Every item loads {limit} or more on its scale’s factor.")
    elif loaded:
        found.append(
            f"{len(loaded)} of {len(own)} items load {limit} or more on their scale’s factor."
        )
    found += _correlation_holds(efa, carriers)
    if efa.rmsr <= RMSR_MARK:
        found.append(f"What the factors leave over is small (RMSR {coefficient(efa.rmsr, 3)}).")
    found += _reversed_words(instrument, own)
    return tuple(found) or ("None of the marks is met.",)


def _pairs(efa: FactorSolution) -> list[tuple[float, int, int]]:
    return [
        (float(efa.factor_correlations[a, b]), a, b)
        for a in range(efa.factors)
        for b in range(a + 1, efa.factors)
    ]


def _correlation_holds(efa: FactorSolution, carriers: Carriers) -> list[str]:
    pairs = _pairs(efa)
    if not pairs:
        return []
    value, a, b = max(pairs, key=lambda pair: abs(pair[0]))
    if abs(value) >= FACTOR_CORRELATION:
        return []
    return [
        f"The highest correlation of two factors is {coefficient(value)} "
        f"({factor_name(a, carriers)} with {factor_name(b, carriers)}), under the "
        f"{coefficient(FACTOR_CORRELATION)} mark."
    ]


def _reversed_words(instrument: Instrument, own: tuple[Mark, ...]) -> list[str]:
    turned = [mark.value for mark in own if instrument.item(mark.item).reverse]
    plain = [mark.value for mark in own if not instrument.item(mark.item).reverse]
    if len(turned) < 2 or not plain:
        return []
    means = float(np.mean(turned)), float(np.mean(plain))
    if means[0] >= means[1] - 0.05:
        return []
    return [
        f"Reversed items (r) load less than the others on average ({coefficient(means[0])} "
        f"against {coefficient(means[1])}), as reversed items usually do."
    ]


def _watch(
    analysis: Analysis, structure: Found, efa: FactorSolution, carriers: Carriers
) -> tuple[str, ...]:
    own = _of_structure(analysis, "loading")
    gaps = _of_structure(analysis, "gap")
    loading, gap = coefficient(MARKS["loading"]), coefficient(MARKS["gap"])
    weak = [f"{mark.item} ({beside(mark.value, mark.limit)})" for mark in own if not mark.holds]
    found = []
    if weak:
        found.append(f"Under {loading} on their scale’s factor: {listed(weak)}.")
    strayed = [mark.item for mark in gaps if mark.value < 0]
    if strayed:
        found.append(f"Loading highest on a factor of another scale: {listed(strayed)}.")
    crossed = [
        f"{mark.item} ({beside(mark.value, mark.limit)})"
        for mark in gaps
        if not mark.holds and mark.value >= 0
    ]
    if crossed:
        found.append(f"Less than {gap} above their next loading: {listed(crossed)}.")
    found += _factor_watch(structure, efa, carriers)
    found += _solution_watch(efa)
    return tuple(found) or ("Nothing lies on the wrong side of these marks.",)


def _factor_watch(structure: Found, efa: FactorSolution, carriers: Carriers) -> list[str]:
    found = []
    shared = [codes for codes in carriers.values() if "/" in codes]
    if shared:
        found.append(f"Scales on one factor: {listed(shared)}.")
    empty = [f"F{f + 1}" for f in range(efa.factors) if f not in carriers]
    if empty:
        found.append(f"Belonging to no scale: {listed(empty)}.")
    close = [
        f"{factor_name(a, carriers)} with {factor_name(b, carriers)} ({coefficient(value)})"
        for value, a, b in _pairs(efa)
        if abs(value) >= FACTOR_CORRELATION
    ]
    if close:
        words = f"Factors that correlate {coefficient(FACTOR_CORRELATION)} or more: "
        found.append(f"{words}{listed(close)}. Merge them or say why not.")
    if 2 * structure.smallest_n < structure.largest_n:
        found.append("Pairs of items rest on very different numbers of people.")
    return found


def _solution_watch(efa: FactorSolution) -> list[str]:
    found = []
    if efa.heywood:
        found.append(
            f"No variance of its own is left to {listed(efa.heywood)}: read this solution with "
            "care."
        )
    if efa.rmsea is not None and efa.rmsea > RMSEA_MARK:
        low, high = efa.rmsea_low, efa.rmsea_high
        band = f" (90% {interval(low, high, 3)})" if low is not None and high is not None else ""
        found.append(
            f"RMSEA {coefficient(efa.rmsea, 3)}{band} lies above {coefficient(RMSEA_MARK)}: these "
            "factors do not reproduce every correlation."
        )
    return found
