"""What we take from factor-analyzer, and its quirks in 0.5.1.

Taken, for a second opinion: the unrotated loadings of minres, right to 1e-6, and of maximum
likelihood, right to 1e-5; ``extraction`` finds the same in a fiftieth of the time. Not taken,
because they are wrong after an oblique rotation: ``phi_`` (not re-ordered when factors are sorted),
``get_communalities``, ``get_uniquenesses``, ``get_factor_variance``, ``sufficiency``.
``exploratory`` and ``rotation`` work these out.

It calls ``check_array(force_all_finite=...)``, a name that scikit-learn 1.6 replaced and 1.8
removed, in two modules. ``_mend`` gives both a ``check_array`` that takes the old name. When
upstream releases a version that says ``ensure_all_finite``, delete ``_mend`` and its call.

Importing it takes 1.3 s: done inside the function.
"""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate


def loadings_of(correlations: NDArray[np.float64], factors: int, how: str) -> NDArray[np.float64]:
    """Unrotated loadings of a correlation matrix, shape (p, factors), by minres or ml.

    Raises
    ------
    CannotEstimate
        Where the search does not converge.
    """
    if how not in ("minres", "ml"):
        raise ValueError(f"factor-analyzer extracts by minres or ml, not {how!r}")
    _mend()
    from factor_analyzer import FactorAnalyzer

    analyzer = FactorAnalyzer(n_factors=factors, rotation=None, method=how, is_corr_matrix=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            analyzer.fit(correlations)
        except (UserWarning, RuntimeWarning, np.linalg.LinAlgError) as trouble:
            raise CannotEstimate(
                f"{how} with {factors} factors did not converge ({trouble})"
            ) from trouble
    loadings = np.asarray(analyzer.loadings_, dtype=np.float64)
    if not np.isfinite(loadings).all():
        raise CannotEstimate(f"{how} with {factors} factors did not converge")
    return loadings


def _mend() -> None:
    """Let factor-analyzer call today's ``check_array`` by its old argument."""
    from factor_analyzer import confirmatory_factor_analyzer, factor_analyzer
    from sklearn.utils import check_array

    def with_the_old_name(array: Any, *, force_all_finite: bool | str = True, **rest: Any) -> Any:
        return check_array(array, ensure_all_finite=force_all_finite, **rest)

    for module in (factor_analyzer, confirmatory_factor_analyzer):
        module.check_array = with_the_old_name
