"""Estimators over arrays and names. Nothing here knows an instrument, a survey or a report."""

from instruments.psychometrics.confirmatory import cfa
from instruments.psychometrics.invariance import invariance

__all__ = ["cfa", "invariance"]
