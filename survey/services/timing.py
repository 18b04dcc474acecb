"""How long a survey takes."""

from math import ceil

from instruments import routing
from survey.models import Round
from survey.services import rounds

#: seconds that a closed item takes, as measured for surveys of this kind
SECONDS_AN_ITEM = 7


def minutes_asked(round_: Round) -> tuple[int, int]:
    """Minutes that the survey takes, for the role asked least and the role asked most."""
    instrument = rounds.instrument_of(round_)
    counts = [
        len(routing.shown(instrument, role=role, form=round_.form, modules=round_.modules))
        for role in instrument.roles or ("",)
    ]
    shortest, longest = (ceil(n * SECONDS_AN_ITEM / 60) for n in (min(counts), max(counts)))
    return shortest, longest
