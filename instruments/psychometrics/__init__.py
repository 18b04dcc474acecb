"""Estimators over arrays and names. Nothing here knows an instrument, a survey or a report.

Everything public can be taken from here: ``from instruments.psychometrics import alpha, omega,
polychoric``. A name is looked up when it is first used, so that a page that needs one figure does
not load what others need.
"""

from importlib import import_module
from typing import Any

#: module -> what it offers; no name is a module's, or importing that would hide it
_OFFERS = {
    "adequacy": ("bartlett", "kmo"),
    "agreement": ("icc",),
    "careless": ("even_odd", "long_string", "synonyms", "variability"),
    "composite": ("ave", "composite_reliability"),
    "confirmatory.analysis": ("cfa",),
    "confirmatory.levels": ("two_level",),
    "confirmatory.steps": ("invariance",),
    "counting": ("from_codes",),
    "distance": ("mahalanobis",),
    "estimates": ("CannotEstimate", "Estimate", "NotEstimated", "or_reason"),
    "exploratory": ("FactorSolution", "congruence", "explore", "intended"),
    "factor_scores": ("score_weights",),
    "halves": ("guttman", "split_halves"),
    "hierarchical": ("omega_hierarchical", "schmid_leiman"),
    "moments": ("Moments", "load"),
    "omega_levels": ("omega_by_level",),
    "omegas": ("omega",),
    "ordinal": ("green_yang", "omega_categorical", "ordinal_alpha"),
    "partition": ("variance_partition",),
    "polychorics": ("Polychoric", "influence", "polychoric"),
    "pooled": ("within",),
    "reliability": (
        "alpha",
        "alpha_standardised",
        "average_r",
        "item_statistics",
        "spearman_brown",
    ),
    "retention": (
        "eigenvalues",
        "minimum_average_partial",
        "parallel_analysis",
        "permuted_parallel_analysis",
    ),
    "rotation": ("rotate",),
    "rwg": ("consensus",),
    "scales": ("scale_reliability",),
    "smoothing": ("smooth",),
    "validity": ("factor_correlations", "htmt", "vif"),
}
_HOME = {name: module for module, names in _OFFERS.items() for name in names}

__all__ = tuple(sorted(_HOME))


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
