"""A decision that too few people placed does not move the overall position."""

import numpy as np

from instruments import registry
from instruments.scoring import score
from instruments.simulate import simulate


def test_the_overall_position_rests_on_decisions_that_may_be_shown():
    instrument = registry.load("mto-learning-profile")
    drawn = simulate(instrument, seed=11, schools=5, staff=110)
    measures = score(instrument, drawn.responses, drawn.roster)
    found = {code: each.groups["lived"].position for code, each in measures.decisions.items()}
    floor = instrument.disclosure.group_n
    few = [code for code, position in found.items() if position.n < floor]
    assert few, "the round must have a decision that too few people placed"
    shown = [position.value for position in found.values() if position.n >= floor]
    overall = measures.overall["lived"]
    assert overall.position.value == np.median(shown)
    assert not set(few) & {overall.lowest, overall.highest, *overall.gathered, *overall.split}
