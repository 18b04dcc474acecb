"""The solve-back audit: what could somebody work out from everything that is printed?

The attacker knows every number of people exactly, the roster and so the weights, every rule of
rounding and masking, and one person's own answers. ``docs/disclosure.md`` says it in plain words.
"""
