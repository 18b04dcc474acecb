"""The fence for words: which themes of open answers may be named, and from how many people."""

from instruments.definition import Disclosure
from reports.disclosure import (
    N_BANDS,
    PROGRAM_FLOORS,
    TO_PROTECT,
    Withheld,
    fewer_than,
    floors,
    n_band,
)

#: a theme is named from so many people, who answered in so many schools
THEME_N = int(PROGRAM_FLOORS.hard_floor_n)
THEME_SCHOOLS = 2


def words_allowed(declared: Disclosure, *, answered: int) -> bool:
    """Whether anything of what people wrote may be told: from the floor of a profile on."""
    return answered >= floors(declared).organisation_n


def theme_people(n: int, *, from_two_schools: bool) -> str | Withheld:
    """From how many people a theme is, in a band; withheld below five people or two schools."""
    if n < THEME_N:
        return fewer_than(THEME_N, "people")
    if not from_two_schools:
        return TO_PROTECT
    return n_band(n) if n >= N_BANDS[0] else f"{THEME_N}\N{EN DASH}{N_BANDS[0] - 1}"
