"""Estimators over arrays and names. Nothing here knows an instrument, a survey or a report."""
