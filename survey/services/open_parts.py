"""The least that must be kept of where words came from, so that one school alone makes no theme.

For each open question the schools of those who wrote are dealt at random into three parts. An
answer keeps the letter of its part and nothing else; which school was dealt where is forgotten when
the round has closed. A theme with answers from both A and B comes from two schools at least. Part
C, which counts for nothing, hides the centre: whoever works there belongs to no school, and would
stand out.

No part is one school: where too few schools wrote, none is drawn, and no theme can be shown.
"""

import secrets
from collections.abc import Collection, Hashable

#: the parts that count, and the one that hides the centre
COUNTING = ("A", "B")
HIDING = "C"
#: no part holds fewer schools
SMALLEST = 2


def schools_needed(*, has_centre: bool) -> int:
    """From how many schools words must come before parts can be drawn."""
    return SMALLEST * (len(COUNTING) + has_centre)


def deal(schools: Collection[Hashable], *, has_centre: bool) -> dict[Hashable, str]:
    """School -> its part, drawn at random; None stands for the centre. Empty: too few schools."""
    dealt = [school for school in schools if school is not None]
    if len(dealt) < schools_needed(has_centre=has_centre):
        return {}
    secrets.SystemRandom().shuffle(dealt)
    parts: dict[Hashable, str] = {}
    if has_centre:
        parts |= dict.fromkeys((None, *(dealt.pop() for _ in range(SMALLEST))), HIDING)
    first = secrets.randbelow(2)  # with an odd number either may be the larger
    parts |= {
        school: COUNTING[(place + first) % len(COUNTING)] for place, school in enumerate(dealt)
    }
    return parts


def span_two_schools(parts: Collection[str]) -> bool:
    """Whether answers of these parts certainly come from two schools or more."""
    return set(COUNTING) <= set(parts)
