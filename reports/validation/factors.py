"""How many factors the answers support: adequacy, scree, parallel analysis, MAP."""

from collections.abc import Sequence

import numpy as np

from instruments.analysis.results import Structure
from instruments.psychometrics.adequacy import Bartlett, SamplingAdequacy
from instruments.psychometrics.estimates import NotEstimated
from instruments.psychometrics.retention import AveragePartial, ParallelAnalysis
from reports.validation.content import Column, Fact, NumberOfFactors, Scree, Table
from reports.validation.figures import blocks, cannot, coefficient, fixed, probability
from reports.words import number, upper_first

KMO_MARK = 0.60
#: an eigenvalue that beats the random one by less is said to do so "by a small margin"
SMALL_MARGIN = 0.10
#: eigenvalues across a page
ACROSS = 13

_KAISER = (
    (0.9, "marvellous"),
    (0.8, "meritorious"),
    (0.7, "middling"),
    (0.6, "mediocre"),
    (0.5, "miserable"),
)


def number_of_factors(structure: Structure | NotEstimated) -> NumberOfFactors:
    """The page on the number of factors."""
    if isinstance(structure, NotEstimated):
        reason = cannot(structure)
        return NumberOfFactors(
            basis="",
            adequacy=(),
            kmo_items=None,
            scree=None,
            scree_reason=reason,
            reading=(),
            values=(),
            values_note="",
        )
    scree = _scree(structure.eigenvalues.tolist(), structure.parallel_analysis)
    return NumberOfFactors(
        basis=basis(structure),
        adequacy=(_kmo_fact(structure.kmo, structure.items), _bartlett_fact(structure.bartlett)),
        kmo_items=_kmo_table(structure),
        scree=scree,
        scree_reason="",
        reading=_reading(structure),
        values=_values(scree, structure.map),
        values_note=_values_note(structure.parallel_analysis, structure.map),
    )


def basis(structure: Structure) -> str:
    """What the structure rests on, in a sentence."""
    scales = len(set(structure.scale_of.values()))
    words = (
        f"{len(structure.items)} items of {number(scales)} scale{'s' * (scales != 1)}, Pearson "
        f"correlations, reversed items turned round; {structure.n:,} people"
    )
    if structure.smallest_n < structure.largest_n:
        words += f", {structure.smallest_n:,} to {structure.largest_n:,} behind each pair of items"
    return f"{words}."


def _kmo_fact(kmo: SamplingAdequacy | NotEstimated, names: Sequence[str]) -> Fact:
    name = "Kaiser–Meyer–Olkin, overall"
    if isinstance(kmo, NotEstimated):
        return Fact(name, cannot(kmo))
    least = int(np.argmin(kmo.items))
    return Fact(
        name,
        f"{coefficient(kmo.overall)} ({_kaiser(kmo.overall)}); lowest item {names[least]},"
        f" {coefficient(float(kmo.items[least]))}",
    )


def _kaiser(value: float) -> str:
    return next((word for mark, word in _KAISER if value >= mark), "unacceptable")


def _bartlett_fact(bartlett: Bartlett | NotEstimated) -> Fact:
    name = "Bartlett’s test of sphericity"
    if isinstance(bartlett, NotEstimated):
        return Fact(name, cannot(bartlett))
    return Fact(
        name,
        f"χ² = {fixed(bartlett.chi2, 1)}, df = {bartlett.df}, {probability(bartlett.p)}"
        f" (n = {bartlett.n:,})",
    )


def _kmo_table(structure: Structure) -> Table | None:
    if isinstance(structure.kmo, NotEstimated):
        return None
    groups: dict[str, list[str]] = {}
    for name, value in zip(structure.items, structure.kmo.items, strict=True):
        words = f"{name}\N{NO-BREAK SPACE}{coefficient(float(value))}"
        groups.setdefault(structure.scale_of[name], []).append(words)
    return Table(
        key="kmo",
        title="Sampling adequacy, item by item",
        columns=(Column("Scale"), Column("Kaiser–Meyer–Olkin of each item")),
        rows=tuple((scale, ",  ".join(values)) for scale, values in groups.items()),
    )


def _scree(roots: Sequence[float], parallel: ParallelAnalysis | NotEstimated) -> Scree:
    observed = tuple(float(root) for root in roots)
    if isinstance(parallel, NotEstimated):
        alt = (
            f"Scree of {len(observed)} eigenvalues; the largest is {fixed(observed[0])}. "
            f"No line of random data: {parallel.reason}. {_TABLE_FOLLOWS}"
        )
        return Scree(observed, (), 0, "", "", f"No random line to lie above. {_CUT}", alt)
    random = tuple(float(value) for value in parallel.random)
    above = f"{number(parallel.retain)} above chance" if parallel.retain else ""
    below = f"random data, {_ordinal(round(100 * parallel.quantile))} percentile"
    alt = (
        f"Scree of {len(observed)} eigenvalues against those of random data. Across: the number "
        f"of the factor; up: the eigenvalue. {upper_first(number(parallel.retain))} lie above the "
        f"random line (filled dots), the others below it (open dots); the largest is "
        f"{fixed(observed[0])} against {fixed(random[0])}. {_TABLE_FOLLOWS}"
    )
    key = f"Filled marks lie above the random line, open marks below it. {_CUT}"
    return Scree(observed, random, parallel.retain, above, below, key, alt)


_CUT = "Where the first value exceeds twice the second, the axis is cut and the value printed."
_TABLE_FOLLOWS = "The table after this picture gives all values."


def _ordinal(n: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{'th' if n % 100 in (11, 12, 13) else ending}"


def _reading(structure: Structure) -> tuple[str, ...]:
    parallel, roots, partial = structure.parallel_analysis, structure.eigenvalues, structure.map
    found = []
    if isinstance(parallel, NotEstimated):
        found.append(f"Parallel analysis cannot be done: {parallel.reason}.")
    else:
        found += _parallel_words(parallel, len(set(structure.scale_of.values())))
    if isinstance(partial, NotEstimated):
        found.append(f"MAP cannot be worked out: {partial.reason}.")
    else:
        found.append(f"MAP points to {_how_many(partial.retain)}.")
    if len(roots) > 1 and roots[0] > 2 * roots[1] > 0:
        found.append(
            f"The first factor is large ({fixed(float(roots[0]))} against "
            f"{fixed(float(roots[1]))} for the second): something general runs through all "
            "items, be it what they ask about or the way people answer."
        )
    if not isinstance(structure.kmo, NotEstimated) and structure.kmo.overall < KMO_MARK:
        found.append(
            f"KMO is below {coefficient(KMO_MARK)}: the items share too little for factors to be "
            "read with confidence."
        )
    return tuple(found)


def _how_many(count: int) -> str:
    return "no factor" if count == 0 else f"{number(count)} factor{'s' * (count > 1)}"


def _parallel_words(parallel: ParallelAnalysis, expected: int) -> list[str]:
    retain = parallel.retain
    if retain == 0:
        words = "No factor lies above what random data of the same size give."
        return [words, f"The instrument expects {number(expected)}."]
    verb = "lies" if retain == 1 else "lie"
    words = f"{upper_first(_how_many(retain))} {verb} above what random data of the same size give"
    last, chance = float(parallel.observed[retain - 1]), float(parallel.random[retain - 1])
    if last - chance < SMALL_MARGIN:
        words += f"; the last by a small margin ({fixed(last)} against {fixed(chance)})"
    agrees = (
        f"The instrument has {number(expected)} scales here: the two agree."
        if retain == expected
        else f"The instrument has {number(expected)} scale{'s' * (expected != 1)} here: the two "
        "differ."
    )
    return [f"{words}.", agrees]


def _values(scree: Scree, average_partial: AveragePartial | NotEstimated) -> tuple[Table, ...]:
    tables = []
    runs = blocks(len(scree.observed), ACROSS)
    for run in runs:
        rows = [("Observed", *(fixed(scree.observed[k]) for k in run))]
        if scree.random:
            rows.append(("Random", *(fixed(scree.random[k]) for k in run)))
        if not isinstance(average_partial, NotEstimated):
            rows.append(("MAP", *(_map_cell(average_partial, k) for k in run)))
        first, last = run[0] + 1, run[-1] + 1
        tables.append(
            Table(
                key="eigenvalues",
                title=f"Eigenvalues {first} to {last}" if last > first else f"Eigenvalue {first}",
                columns=(Column("Factor"), *(Column(str(k + 1), is_number=True) for k in run)),
                rows=tuple(rows),
            )
        )
    return tuple(tables)


def _map_cell(average_partial: AveragePartial, k: int) -> str:
    # MAP ends two short of the number of items: there is nothing left to correlate
    if k >= len(average_partial.values):
        return "ends"
    return coefficient(float(average_partial.values[k]), 3)


def _values_note(
    parallel: ParallelAnalysis | NotEstimated, average_partial: AveragePartial | NotEstimated
) -> str:
    words = []
    if not isinstance(parallel, NotEstimated):
        words.append(
            f"Random: {_ordinal(round(100 * parallel.quantile))} percentile of {parallel.draws:,} "
            f"draws of uncorrelated items, n = {parallel.n:,}."
        )
    if not isinstance(average_partial, NotEstimated):
        words.append(
            "MAP: mean squared partial correlation after so many components "
            f"({coefficient(average_partial.none, 3)} before any); the lowest counts. It ends two "
            "short of the number of items, or where an item has no variance left."
        )
    return " ".join(words)
