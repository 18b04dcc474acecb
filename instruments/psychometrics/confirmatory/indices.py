"""Fit of a model: test statistics, plain and adjusted, and the indices made from them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A test statistic and how it is adjusted: ``chi2 / scale + shift``; scale None: it is not."""

    chi2: float
    df: int
    scale: float | None = None
    shift: float = 0.0

    @property
    def scaled(self) -> float | None:
        """The adjusted statistic."""
        if self.scale is None or self.scale <= 0:
            return None
        return self.chi2 / self.scale + self.shift


@dataclass(frozen=True, slots=True)
class Fit:
    """Fit of a model; None where a figure does not apply.

    Attributes
    ----------
    parameters : int
        Free parameters.
    chi2, df, p : float, int, float
        Test of exact fit, not adjusted.
    chi2_scaled, p_scaled, scale, shift : float
        Adjusted: ``chi2 / scale + shift`` on the same df. MLR: as Yuan, Bentler and Mplus; WLSMV:
        scaled and shifted.
    baseline_chi2, baseline_df, baseline_chi2_scaled : float, int, float
        Of the model in which no two items correlate.
    cfi, tli, rmsea : float
        From the plain statistic; ``rmsea_low`` and ``rmsea_high`` bound a 90 % interval, and
        ``rmsea_close_p`` tests that it is .05 or less.
    cfi_scaled, tli_scaled, rmsea_scaled, ... : float
        The same formulas with adjusted statistics.
    cfi_robust, tli_robust, rmsea_robust : float
        Of Brosseau-Liard and Savalei: they estimate the population's values. MLR only.
    srmr : float
        Standardised root mean square residual; with means where these are modelled. Of ordinal
        items, of the polychoric correlations.
    loglik, aic, bic : float
        Likelihood only.
    """

    parameters: int
    chi2: float
    df: int
    p: float | None = None
    chi2_scaled: float | None = None
    p_scaled: float | None = None
    scale: float | None = None
    shift: float | None = None
    baseline_chi2: float | None = None
    baseline_df: int | None = None
    baseline_chi2_scaled: float | None = None
    cfi: float | None = None
    tli: float | None = None
    rmsea: float | None = None
    rmsea_low: float | None = None
    rmsea_high: float | None = None
    rmsea_close_p: float | None = None
    cfi_scaled: float | None = None
    tli_scaled: float | None = None
    rmsea_scaled: float | None = None
    rmsea_low_scaled: float | None = None
    rmsea_high_scaled: float | None = None
    rmsea_close_p_scaled: float | None = None
    cfi_robust: float | None = None
    tli_robust: float | None = None
    rmsea_robust: float | None = None
    rmsea_low_robust: float | None = None
    rmsea_high_robust: float | None = None
    srmr: float | None = None
    loglik: float | None = None
    aic: float | None = None
    bic: float | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """A modification index: what freeing one more parameter would do.

    ``chi2`` is the expected fall of the plain statistic on one degree of freedom, ``change`` the
    expected value of the parameter's change, ``std_change`` the same with variances at 1.
    """

    lhs: str
    op: str
    rhs: str
    group: str
    chi2: float
    change: float
    std_change: float | None


def indices(
    model: Statistic,
    baseline: Statistic,
    *,
    n: float,
    groups: int,
    parameters: int,
    srmr: float | None,
    loglik: float | None = None,
    robust: bool = False,
) -> Fit:
    """All indices from two statistics. ``n`` is what RMSEA divides by; ``robust`` as in MLR."""
    from scipy.special import chdtrc

    found: dict[str, float | None] = {}
    df, scaled, base = model.df, model.scaled, baseline.scaled
    found["cfi"], found["tli"] = _comparative(model.chi2, df, baseline.chi2, baseline.df)
    found |= _rmsea(model.chi2, df, n, groups)
    if df and scaled is not None and base is not None:
        found["p_scaled"] = float(chdtrc(df, max(scaled, 0.0)))
        found["cfi_scaled"], found["tli_scaled"] = _comparative(scaled, df, base, baseline.df)
        if model.shift:
            found |= _suffixed(_rmsea(scaled, df, n, groups), "scaled")
        else:
            found |= _suffixed(_rmsea(model.chi2, df, n, groups, model.scale or 1.0), "scaled")
    if df and robust and scaled is not None and model.scale and baseline.scale:
        own, null = model.scale, baseline.scale
        found["cfi_robust"], found["tli_robust"] = _comparative(
            model.chi2, df, baseline.chi2, baseline.df, own, null
        )
        adjusted = _rmsea(scaled, df, n / own, groups)
        adjusted.pop("rmsea_close_p")
        found |= _suffixed(adjusted, "robust")
    if loglik is not None:
        found["aic"] = 2 * parameters - 2 * loglik
        found["bic"] = float(np.log(n)) * parameters - 2 * loglik
    return Fit(
        parameters=parameters,
        chi2=model.chi2,
        df=df,
        p=float(chdtrc(df, max(model.chi2, 0.0))) if df else None,
        chi2_scaled=scaled if df else None,
        scale=model.scale if df else None,
        shift=model.shift if df and model.shift else None,
        baseline_chi2=baseline.chi2,
        baseline_df=baseline.df,
        baseline_chi2_scaled=base,
        srmr=srmr,
        loglik=loglik,
        **found,
    )


def _comparative(
    chi2: float, df: int, base: float, base_df: int, scale: float = 1.0, base_scale: float = 1.0
) -> tuple[float | None, float | None]:
    """CFI and TLI; none without degrees of freedom, or where no model could improve."""
    excess, worst = chi2 - scale * df, base - base_scale * base_df
    if df == 0 or worst <= 0:
        return None, None
    cfi = 1 - max(excess, 0.0) / max(excess, worst)
    return cfi, 1 - excess / worst * base_df / df


def _suffixed(figures: dict[str, float | None], suffix: str) -> dict[str, float | None]:
    return {f"{name}_{suffix}": value for name, value in figures.items()}


def _rmsea(
    chi2: float, df: int, n: float, groups: int, scale: float = 1.0
) -> dict[str, float | None]:
    """RMSEA, its interval and close fit; with ``scale``, as lavaan adjusts them for a scaled chi2.

    lavaan takes the plain statistic as noncentral on ``scale * df`` and divides by the scale.
    """
    from scipy.special import chndtr

    if df == 0:
        return {}
    unit, own_df = groups / (n * df * scale), df * scale
    close = 0.05**2 / unit
    return {
        "rmsea": float(np.sqrt(max(chi2 - own_df, 0.0) * unit)),
        "rmsea_low": float(np.sqrt(noncentrality(chi2, own_df, 0.95) * unit)),
        "rmsea_high": float(np.sqrt(noncentrality(chi2, own_df, 0.05) * unit)),
        "rmsea_close_p": float(np.clip(1 - chndtr(max(chi2, 0.0), own_df, close), 0, 1)),
    }


def noncentrality(chi2: float, df: float, below: float) -> float:
    """The noncentrality at which a share ``below`` of values lies under chi2; 0 where none."""
    from scipy.optimize import brentq
    from scipy.special import chdtr, chndtr

    if chi2 <= 0 or chdtr(df, chi2) < below:
        return 0.0
    high = 2 * chi2 + 20 * np.sqrt(chi2 + df) + 100
    return float(brentq(lambda nc: float(chndtr(chi2, df, nc)) - below, 0.0, high, xtol=1e-8))


def residual_srmr(
    covariances: Matrix, implied: Matrix, away: Matrix | None = None
) -> tuple[float, Matrix]:
    """SRMR, and residual correlations: both matrices divided by the sample's standard deviations.

    Agrees with lavaan's ``srmr`` (its ``srmr_bentler``), with ``away``, the means' residuals, too.
    """
    scale = np.sqrt(np.diag(covariances))
    residual = (covariances - implied) / np.outer(scale, scale)
    p = len(residual)
    total, count = float((residual[np.tril_indices(p)] ** 2).sum()), p * (p + 1) / 2
    if away is not None:
        total += float(((away / scale) ** 2).sum())
        count += p
    return float(np.sqrt(total / count)), residual
