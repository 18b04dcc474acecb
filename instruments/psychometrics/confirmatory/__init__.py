"""Confirmatory factor analysis: the machinery behind ``cfa`` and ``invariance``."""
