"""Estimators over arrays and names. Nothing here knows an instrument, a survey or a report."""

from instruments.psychometrics.confirmatory import cfa

__all__ = ["cfa"]
