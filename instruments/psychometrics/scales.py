"""One scale's reliability, all of it: what a researcher reads."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.composite import ave, composite_reliability
from instruments.psychometrics.estimates import (
    CannotEstimate,
    Estimate,
    NotEstimated,
    Result,
    Table,
    or_reason,
)
from instruments.psychometrics.given import as_matrix
from instruments.psychometrics.halves import guttman
from instruments.psychometrics.hierarchical import omega_hierarchical
from instruments.psychometrics.omegas import omega
from instruments.psychometrics.ordinal import omega_categorical, ordinal_alpha
from instruments.psychometrics.reliability import (
    ItemStatistics,
    ItemTable,
    alpha,
    alpha_standardised,
    average_r,
    item_statistics,
    spearman_brown,
)

Matrix = NDArray[np.float64]
Figure = Estimate | NotEstimated
_NOT_ASKED = NotEstimated("not worked out")


@dataclass(frozen=True, slots=True)
class ScaleReliability(Result):
    """What a researcher reads of one scale; ``n`` counts its complete cases."""

    n: int
    items: tuple[ItemStatistics, ...]
    alpha: Figure
    alpha_standardised: Figure
    omega_total: Figure
    average_r: Figure
    #: for scales of two items only, which have no omega
    spearman_brown: Figure | None
    omega_hierarchical: Figure = _NOT_ASKED
    omega_categorical: Figure = _NOT_ASKED
    ordinal_alpha: Figure = _NOT_ASKED
    composite_reliability: Figure = _NOT_ASKED
    ave: Figure = _NOT_ASKED
    lambda_2: Figure = _NOT_ASKED

    def item_table(self) -> Table:
        """Item statistics, one row an item."""
        return ItemTable(self.items).table()


def scale_reliability(
    answers: Matrix,
    names: Sequence[str],
    *,
    clusters: NDArray[Any] | None = None,
    seed: int = 1,
) -> ScaleReliability:
    """Every figure of one scale that can be estimated, and the reason for each that cannot.

    Parameters
    ----------
    answers : ndarray, shape (n, k)
        Complete cases, reversed items turned round.
    names : sequence of str
        The k items.
    clusters : ndarray, shape (n,), optional
        Each person's school: intervals other than Feldt's then allow for it.
    seed : int
        For the bootstrap of the interval of omega hierarchical.

    Returns
    -------
    ScaleReliability

    Raises
    ------
    ValueError
        Where answers are no matrix without gaps, or names not one an item.
    """
    answers = as_matrix(answers, name="answers")
    n, k = answers.shape
    if len(names) != k:
        raise ValueError("names must be one an item")
    try:
        items = item_statistics(answers, names).items
    except CannotEstimate as reason:
        refused = NotEstimated(str(reason))
        given = fields(ScaleReliability)
        refusals: dict[str, Any] = {each.name: refused for each in given[2:]}
        refusals["spearman_brown"] = None
        return ScaleReliability(n=n, items=(), **refusals)
    return ScaleReliability(
        n=n,
        items=items,
        alpha=or_reason(alpha, answers),
        alpha_standardised=or_reason(alpha_standardised, answers, clusters=clusters),
        omega_total=or_reason(omega, answers, names, clusters=clusters),
        average_r=or_reason(average_r, answers, clusters=clusters),
        spearman_brown=or_reason(spearman_brown, answers, clusters=clusters) if k == 2 else None,
        omega_hierarchical=or_reason(
            omega_hierarchical, answers, names, seed=seed, clusters=clusters
        ),
        omega_categorical=or_reason(omega_categorical, answers, names, clusters=clusters),
        ordinal_alpha=or_reason(ordinal_alpha, answers, names, clusters=clusters),
        composite_reliability=or_reason(composite_reliability, answers, names, clusters=clusters),
        ave=or_reason(ave, answers, names, clusters=clusters),
        lambda_2=or_reason(guttman, answers, 2, clusters=clusters),
    )
