"""``cfa``: a model, data and an estimator in; a frozen result out."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import Identify, Plan, lay_out
from instruments.psychometrics.confirmatory.estimation import Estimated, maximum_likelihood
from instruments.psychometrics.confirmatory.indices import Index
from instruments.psychometrics.confirmatory.latent import gamma, ordinal
from instruments.psychometrics.confirmatory.missing import full_information, patterns
from instruments.psychometrics.confirmatory.modification import modification_indices
from instruments.psychometrics.confirmatory.ordinal import weighted_least_squares
from instruments.psychometrics.confirmatory.results import Confirmatory
from instruments.psychometrics.confirmatory.samples import (
    Columns,
    Rows,
    Sample,
    from_moments,
    read,
)
from instruments.psychometrics.confirmatory.write import write
from instruments.psychometrics.estimates import CannotEstimate
from instruments.psychometrics.model import Model, Structure, written
from instruments.psychometrics.moments import Moments

Matrix = NDArray[np.float64]
Estimator = Literal["ML", "MLR", "WLSMV"]
Missing = Literal["listwise", "pairwise", "fiml"]
Written = str | Model | Mapping[str, Sequence[str]]

#: more options than this are no options
MOST_OPTIONS = 20

METHODS = {
    "ML": "maximum likelihood, expected information",
    "MLR": "maximum likelihood, sandwich errors, scaled test (Yuan-Bentler, as Mplus)",
    "FIML": "full information maximum likelihood, errors from the Hessian",
    "FIML, robust": "full information maximum likelihood, sandwich errors, scaled test"
    " (Yuan-Bentler, as Mplus)",
    "WLSMV": "diagonally weighted least squares on polychoric correlations, robust errors, scaled"
    " and shifted test",
}


def cfa(
    model: Written,
    data: Columns | Moments | Sample,
    *,
    estimator: Estimator = "ML",
    missing: Missing | None = None,
    cluster: str | None = None,
    structure: Structure = "correlated",
    identify: Identify = "variance",
    parameterisation: Literal["delta", "theta"] = "delta",
    modification: int = 0,
) -> Confirmatory:
    """Confirmatory factor analysis of one group.

    Parameters
    ----------
    model : str, Model or mapping of str to sequence of str
        In lavaan's syntax (see :func:`instruments.psychometrics.model.parse`), or scale -> items.
    data : columns of answers, Moments or Sample
        Columns by name (a DataFrame, a dict of arrays), NaN where there is no answer. ML alone
        works from Moments, or from n, means and covariances.
    estimator : {"ML", "MLR", "WLSMV"}
        WLSMV takes items as ordinal, with the options that were used.
    missing : {"listwise", "pairwise", "fiml"}, optional
        Pairwise for WLSMV (each correlation rests on those who answered both), else listwise.
        ``fiml``: full information maximum likelihood, for ML and MLR.
    cluster : str, optional
        Column of groups that people were sampled in: errors and test allow for them (MLR, WLSMV).
    structure : str
        Of a model made from scales.
    identify : {"variance", "marker"}
        Factors have variance 1, or the unit of their first item.
    parameterisation : {"delta", "theta"}
        Ordinal items: latent answers have variance 1, or their residuals do.
    modification : int
        How many modification indices to give, largest first.

    Returns
    -------
    Confirmatory

    Raises
    ------
    ValueError
        Where the model cannot be read, the data lack an item, or options do not go together.
    CannotEstimate
        Where the data do not support the model, with the reason.

    Notes
    -----
    Agrees with ``lavaan::cfa(model, data, std.lv = TRUE, estimator = ..., ordered = TRUE)`` 0.6-14:
    estimates to 1e-4, errors to 1e-3, fit to 1e-4 (``ordered`` with WLSMV only).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> trait = rng.normal(size=(500, 1))
    >>> answers = 0.7 * trait + rng.normal(size=(500, 4))
    >>> result = cfa("trait =~ a + b + c + d", dict(zip("abcd", answers.T)))
    >>> result.fit.df
    2
    """
    own = written(model, structure)
    _check(data, estimator, missing, cluster, modification)
    if parameterisation not in ("delta", "theta"):
        raise ValueError(f"parameterisation must be 'delta' or 'theta', not {parameterisation!r}")
    if estimator == "WLSMV":
        delta = parameterisation == "delta"
        rows_ = _rows(own, data, cluster)
        return _wlsmv(own, rows_, missing or "pairwise", identify, modification, delta=delta)
    notices: list[str] = []
    rows: list[Rows] = []
    if isinstance(data, Moments | Sample):
        sample = _summary(data, notices).only(own.items)
        rule = data.rule if isinstance(data, Moments) else "as given"
    elif missing == "fiml":
        answers = _rows(own, data, cluster)
        return _fiml(own, answers, estimator, identify, cluster, modification)
    else:
        everybody = _rows(own, data, cluster)
        kept, rule = everybody.complete(), "listwise"
        notices += left_out(everybody.n - kept.n, "with a gap")
        sample = kept.sample()
        rows = [kept] if estimator == "MLR" else []
    layout = lay_out(own, Plan(identify=identify, means=cluster is not None))
    estimated = maximum_likelihood(layout, [sample], rows)
    indices = modification_indices(estimated, modification)
    return _written(estimated, sample.n, estimator, rule, cluster, notices, indices)


def check_estimator(estimator: str) -> None:
    """Refuse an estimator that is none."""
    if estimator not in get_args(Estimator):
        known = ", ".join(get_args(Estimator))
        raise ValueError(f"estimator must be one of {known}, not {estimator!r}")


def _check(
    data: object, estimator: str, missing: str | None, cluster: str | None, modification: int
) -> None:
    check_estimator(estimator)
    if isinstance(data, Moments | Sample) and (estimator != "ML" or cluster):
        raise ValueError(f"{estimator} needs people's answers, not their moments")
    if cluster and estimator == "ML":
        raise ValueError("clusters need estimator 'MLR' or 'WLSMV'")
    if missing not in (None, "listwise", "pairwise", "fiml"):
        raise ValueError(f"missing must be 'listwise', 'pairwise' or 'fiml', not {missing!r}")
    if missing == "fiml" and (estimator == "WLSMV" or isinstance(data, Moments | Sample)):
        raise ValueError("missing='fiml' needs estimator 'ML' or 'MLR' and people's answers")
    if missing == "pairwise" and estimator != "WLSMV":
        raise ValueError("missing='pairwise' is for WLSMV, and for ML from pairwise Moments")


def _rows(model: Model, data: Columns | Moments | Sample, cluster: str | None) -> Rows:
    assert not isinstance(data, Moments | Sample)  # noqa: S101  _check has refused these
    return read(data, model.items, cluster)


def _summary(data: Moments | Sample, notices: list[str]) -> Sample:
    if isinstance(data, Sample):
        return data
    sample = from_moments(data)
    if data.weighted:
        notices.append(
            f"People are weighted: {data.smallest_n:,} are worth {sample.n:,} (Kish); errors and"
            " tests take that number and are approximate."
        )
    if data.rule == "pairwise" and data.largest_n > data.smallest_n:
        notices.append(
            f"Covariances rest on {data.smallest_n:,} to {data.largest_n:,} people, pair by pair;"
            " errors and tests take the smallest number and are approximate."
        )
    return sample


def left_out(count: int, why: str) -> list[str]:
    people = "1 person" if count == 1 else f"{count:,} people"
    return [f"{people} {why} left out."] if count else []


def _written(
    estimated: Estimated,
    n: int,
    estimator: str,
    rule: str,
    cluster: str | None,
    notices: Sequence[str],
    modification: tuple[Index, ...],
) -> Confirmatory:
    method = f"{METHODS[estimator]}, {rule}, n = {n:,}"
    if cluster:
        method += f"; errors and test allow for {cluster}"
    return write(
        estimated,
        {"": n},
        estimator=estimator,
        method=method,
        notices=notices,
        modification=modification,
    )


def _fiml(
    model: Model,
    everybody: Rows,
    estimator: str,
    identify: Identify,
    cluster: str | None,
    modification: int,
) -> Confirmatory:
    rows = everybody.answered()
    notices = left_out(everybody.n - rows.n, "without an answer")
    layout = lay_out(model, Plan(identify=identify, means=True))
    estimated = full_information(layout, [rows], robust=estimator == "MLR")
    gaps = patterns(rows)
    few = sum(pattern.n == 1 for pattern in gaps)
    notices.append(
        f"{len(gaps):,} patterns of missing answers, {few:,} of them of one person;"
        f" {next((p.n for p in gaps if len(p.seen) == len(model.items)), 0):,} people answered"
        " everything."
    )
    name = "FIML" if estimator == "ML" else "FIML, robust"
    method = f"{METHODS[name]}, n = {rows.n:,}"
    if cluster:
        method += f"; errors and test allow for {cluster}"
    return write(
        estimated,
        {"": rows.n},
        estimator=name,
        method=method,
        notices=notices,
        modification=modification_indices(estimated, modification, rows),
    )


def _wlsmv(
    model: Model,
    everybody: Rows,
    missing: Missing,
    identify: Identify,
    modification: int,
    *,
    delta: bool,
) -> Confirmatory:
    rows = everybody.answered() if missing == "pairwise" else everybody.complete()
    notices = left_out(
        everybody.n - rows.n, "without an answer" if missing == "pairwise" else "with a gap"
    )
    if rows.n <= len(rows.names):
        raise CannotEstimate(f"{rows.n} people are too few for {len(rows.names)} items")
    data = ordinal(rows, categories(rows))
    counts = tuple(size - 1 for size in data.sizes)
    layout = lay_out(model, Plan(identify=identify, thresholds=counts, delta=delta))
    estimated, _ = weighted_least_squares(layout, [data], [gamma(data)])
    if float(np.linalg.eigvalsh(data.correlations)[0]) < 0:
        notices.append("The polychoric correlations are not positive definite.")
    cluster = None if rows.clusters is None else "clusters"
    indices = modification_indices(estimated, modification, data)
    return _written(estimated, rows.n, "WLSMV", missing, cluster, notices, indices)


def categories(rows: Rows) -> tuple[Matrix, ...]:
    """The options of each item that anybody used, ascending."""
    found = tuple(np.unique(column[~np.isnan(column)]) for column in rows.answers.T)
    for name, own in zip(rows.names, found, strict=True):
        if len(own) > MOST_OPTIONS:
            raise ValueError(f"{name} has {len(own)} different answers: too many for WLSMV")
    return found
