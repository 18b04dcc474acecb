"""What an analysis holds: frozen values, for a terminal, a JSON file or the validation report.

For cleared researchers: nothing here is suppressed or rounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from instruments.definition import MissingRule
from instruments.psychometrics.adequacy import Bartlett, SamplingAdequacy
from instruments.psychometrics.agreement import Agreement
from instruments.psychometrics.estimates import NotEstimated
from instruments.psychometrics.exploratory import FactorSolution
from instruments.psychometrics.polychorics import Polychoric
from instruments.psychometrics.retention import AveragePartial, ParallelAnalysis
from instruments.psychometrics.rwg import Consensus
from instruments.psychometrics.scales import ScaleReliability
from instruments.psychometrics.validity import Between, Inflation

MarkName = Literal["loading", "gap", "item_rest", "floor", "ceiling"]

#: mark -> limit: at least for the first three, at most for floor and ceiling
MARKS: Mapping[MarkName, float] = {
    "loading": 0.40,
    "gap": 0.20,
    "item_rest": 0.30,
    "floor": 0.50,
    "ceiling": 0.50,
}


@dataclass(frozen=True, slots=True)
class ItemDistribution:
    """How one rated item was answered, as given: not reversed, not weighted.

    ``n`` counts the answers; ``mean`` and ``sd`` are None where there are none (one for ``sd``).
    """

    item: str
    scale: str
    options: tuple[int, ...]
    counts: tuple[int, ...]
    n: int
    cant_tell: int
    does_not_apply: int
    skipped: int
    not_shown: int
    mean: float | None
    sd: float | None


@dataclass(frozen=True, slots=True)
class Mark:
    """One conventional mark, laid beside one item of a scale.

    loading: pattern loading on the factor of its own scale. gap: that loading minus the largest
    other one. item_rest: correlation with the rest of its scale. floor, ceiling: share of answers
    at the lowest or highest option.
    """

    item: str
    scale: str
    mark: MarkName
    value: float
    limit: float
    holds: bool


@dataclass(frozen=True, eq=False, slots=True)
class Structure:
    """Correlations of the compared items, and what they say about factors.

    Attributes
    ----------
    items : tuple of str
        The p items, in the instrument's order of scales.
    scale_of : mapping of str to str
        Item -> scale.
    n, smallest_n, largest_n : int
        People used, and behind the least and the most answered pair of items.
    correlations : ndarray, shape (p, p)
        Pearson, reversed items turned round.
    polychoric : Polychoric or NotEstimated
    htmt, factor_correlations : Between or NotEstimated
        Of each pair of scales.
    own_factor : mapping of str to str
        Scale -> the factor that its items share, empty where there is no solution.
    """

    items: tuple[str, ...]
    scale_of: Mapping[str, str]
    n: int
    smallest_n: int
    largest_n: int
    correlations: NDArray[np.float64]
    polychoric: Polychoric | NotEstimated
    htmt: Between | NotEstimated
    factor_correlations: Between | NotEstimated
    kmo: SamplingAdequacy | NotEstimated
    bartlett: Bartlett | NotEstimated
    eigenvalues: NDArray[np.float64]
    parallel_analysis: ParallelAnalysis | NotEstimated
    map: AveragePartial | NotEstimated
    efa: FactorSolution | NotEstimated
    own_factor: Mapping[str, str]

    def factor_names(self) -> tuple[str, ...]:
        """F1, F2, ... in descending order of variance; none where there is no solution."""
        if isinstance(self.efa, NotEstimated):
            return ()
        return tuple(f"F{k + 1}" for k in range(self.efa.factors))


@dataclass(frozen=True, eq=False, slots=True)
class SchoolAgreement:
    """How alike the people of one school answer a scale; people who answered all of it."""

    icc: Agreement | NotEstimated
    consensus: Consensus | NotEstimated


@dataclass(frozen=True, slots=True)
class Group:
    """Reliability of every scale among the people with one value of an attribute."""

    name: str
    n: int
    scales: Mapping[str, ScaleReliability]


@dataclass(frozen=True, eq=False, slots=True)
class Analysis:
    """Everything that ``analyse`` finds out about a file of answers.

    Attributes
    ----------
    instrument, version, midtier : str
        What was asked, and the release that worked this out.
    n : int
        People with an answer to at least one rated item.
    missing : {"pairwise", "listwise"}
        Rule for the structure; reliability always takes a scale's complete cases.
    distributions : mapping of str to ItemDistribution
        Every rated item that the file holds.
    scales : mapping of str to ScaleReliability
        The reflective scales.
    structure : Structure or NotEstimated
    agreement : mapping of str to SchoolAgreement, or NotEstimated
        Of each reflective scale, where the file has schools.
    formative : mapping of str to Inflation or NotEstimated
        Of each formative scale.
    by, groups : str or None, tuple of Group
        The attribute that reliability was also worked out by.
    marks : tuple of Mark
        Each mark of each item of ``scales``; see ``failing``.
    notices : tuple of str
        What was left out or done differently, in plain sentences.
    """

    instrument: str
    version: str
    midtier: str
    simulated: bool
    n: int
    seed: int
    missing: MissingRule
    distributions: Mapping[str, ItemDistribution]
    scales: Mapping[str, ScaleReliability]
    structure: Structure | NotEstimated
    agreement: Mapping[str, SchoolAgreement] | NotEstimated
    formative: Mapping[str, Inflation | NotEstimated]
    by: str | None
    groups: tuple[Group, ...]
    marks: tuple[Mark, ...]
    notices: tuple[str, ...]

    def failing(self) -> tuple[Mark, ...]:
        """The marks that do not hold."""
        return tuple(mark for mark in self.marks if not mark.holds)
