"""Confirmatory factor analysis: the machinery behind ``cfa`` and ``invariance``."""

from instruments.psychometrics.confirmatory.analysis import cfa
from instruments.psychometrics.confirmatory.indices import Fit, Index
from instruments.psychometrics.confirmatory.results import Confirmatory
from instruments.psychometrics.confirmatory.samples import Sample

__all__ = ["Confirmatory", "Fit", "Index", "Sample", "cfa"]
