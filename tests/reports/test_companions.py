"""Commitment and say: roles stand alone where they may, and the group where they may not."""

import re
from dataclasses import replace

import measures_factory as made
import numpy as np
import pytest

from instruments import registry
from instruments.definition import Instrument
from instruments.measures import EVERYBODY, Measures, RoleScore
from instruments.psychometrics.estimates import NotEstimated
from instruments.quality import careless
from instruments.scoring import score
from instruments.simulate import simulate
from reports.disclosure import Withheld
from reports.profile import build_profile
from reports.profile.content import Body, CompanionRow, Companions, Mark, Profile, Share
from reports.render import profile_html
from reports.round_facts import facts_from

FEW = Withheld("not shown: fewer than 10 answers")


def instrument() -> Instrument:
    """The tiny instrument with its second dimension as a companion."""
    base = made.instrument()
    scales = tuple(
        scale.model_copy(update={"block": "companion"}) if scale.code == "BB" else scale
        for scale in base.scales
    )
    return base.model_copy(update={"scales": scales})


def round_with(people: dict[str, int], *, told: float = 0.1, omega_high: float = 0.9) -> Measures:
    """A round in which so many of each role have a score on the companion scale."""
    lived = people["T"] + people["L"]
    sizes = {"lived": lived, "designed": people["C"], EVERYBODY: lived + people["C"]}
    base = made.measures(sizes)
    values = {"T": 3.1, "L": 3.6, "C": 4.0}
    scale = replace(
        made.scale(
            "BB", ("B1", "B2"), 3.2, 4.0, sizes=sizes, omega_high=omega_high, cant_tell=told
        ),
        by_role={
            role: RoleScore(made.band(values[role], n=n), told, n) for role, n in people.items()
        },
    )
    turnout = tuple(
        replace(each, n=people[each.name], headcount=2 * people[each.name]) for each in base.by_role
    )
    return replace(base, by_role=turnout, scales={**base.scales, "BB": scale})


def profile_of(measures: Measures) -> Profile:
    return build_profile(instrument(), measures, made.facts())


def page(measures: Measures) -> Companions:
    body = profile_of(measures).body
    assert isinstance(body, Body)
    assert body.companions is not None
    return body.companions


def lanes(found: Companions) -> dict[str, str]:
    """Each lane's name with its figure, or the words in its place."""
    (row,) = found.rows
    return {
        lane.name: lane.mark.text if isinstance(lane.mark, Mark) else lane.mark.reason
        for lane in row.lanes
    }


def test_each_role_has_its_own_mark() -> None:
    found = page(round_with({"T": 80, "L": 40, "C": 24}))
    assert lanes(found) == {"Teachers": "3.1", "Leaders": "3.6", "Central staff": "4.0"}
    assert [lane.is_lived for lane in found.rows[0].lanes] == [True, True, False]
    assert found.heading == "Beta"
    assert found.notes == ()


def test_a_group_stands_for_its_roles_where_one_is_below_ten() -> None:
    found = page(round_with({"T": 80, "L": 9, "C": 24}))
    assert lanes(found) == {"People in schools": "3.2", "Central staff": "4.0"}
    assert found.notes == (
        "A role below 10 answers is not shown alone: all roles of its side stand as one.",
    )


def test_a_role_with_too_few_answers_to_the_scale_is_not_shown_alone_either() -> None:
    measures = round_with({"T": 80, "L": 40, "C": 24})
    scale = measures.scales["BB"]
    few = {**scale.by_role, "L": RoleScore(made.band(3.6, n=9), 0.1, 40)}
    none = {**scale.by_role, "L": RoleScore(NotEstimated("1 answer"), 0.1, 40)}
    for by_role in (few, none):
        changed = replace(scale, by_role=by_role)
        found = page(replace(measures, scales={**measures.scales, "BB": changed}))
        assert list(lanes(found)) == ["People in schools", "Central staff"]


def test_a_small_centre_has_words_in_place_of_its_mark() -> None:
    found = page(round_with({"T": 80, "L": 40, "C": 6}))
    assert lanes(found)["The centre"] == FEW.reason
    assert "3.1" in lanes(found).values()
    assert found.rows[0].gap == "No comparison: one of the two marks is not shown."


def test_a_scale_that_did_not_hang_together_has_no_lane() -> None:
    found = page(round_with({"T": 80, "L": 40, "C": 24}, omega_high=0.69))
    (row,) = found.rows
    assert row.lanes == ()
    assert row.gap == ""
    assert row.item_by_item.startswith("These questions did not hang together")
    assert [strip.item for strip in row.strips] == ["B1", "B2"]


def test_many_who_could_not_tell_are_said_by_role() -> None:
    (row,) = page(round_with({"T": 80, "L": 40, "C": 24}, told=0.46)).rows
    assert row.notice.startswith(
        "Nearly half of teachers could not tell from their role: read their mark as the view"
    )
    assert row.lanes[0].cant_tell == Share(46.0, "46%")


def test_the_table_says_the_same_as_the_marks() -> None:
    table = profile_of(round_with({"T": 80, "L": 9, "C": 24})).table("companions")
    assert table is not None
    assert table.is_grouped
    assert [row[1] for row in table.rows] == ["People in schools", "Central staff"]
    assert table.rows[0][2:4] == ("50–99", "3.2 (3.1 to 3.3)")
    assert "The centre describes" not in str(table.rows)


@pytest.fixture(scope="module")
def real() -> tuple[Profile, tuple[CompanionRow, ...]]:
    shipped = registry.load("mto-learning-profile")
    drawn = simulate(shipped, seed=8)
    facts = facts_from(drawn.round, shipped)
    found = build_profile(shipped, score(shipped, drawn.responses), facts)
    assert isinstance(found.body, Body)
    assert found.body.companions is not None
    return found, found.body.companions.rows


def test_commitment_and_say_stand_with_participation(
    real: tuple[Profile, tuple[CompanionRow, ...]],
) -> None:
    profile, (commitment, say, learning) = real
    assert isinstance(profile.body, Body)
    assert profile.body.companions is not None
    assert profile.body.companions.heading == "Commitment and say"
    assert [strip.facet for strip in commitment.strips] == [
        "Belief",
        "Enactment",
        "Enactment",
        "Participation",
    ]
    assert [strip.item for strip in say.strips] == ["VOI1", "VOI2"]
    assert learning.lanes == ()
    assert learning.strips[0].text.endswith("(school and department leaders)")
    assert 'id="companions"' in profile_html(profile)


def test_the_figure_of_a_role_is_the_mean_of_its_people(
    real: tuple[Profile, tuple[CompanionRow, ...]],
) -> None:
    """Without a roster every answer counts the same, so a plain mean must agree."""
    _, (_, say, _) = real
    shipped = registry.load("mto-learning-profile")
    drawn = simulate(shipped, seed=8).responses
    kept = drawn.rows(~careless(shipped, drawn).left_out)
    roles = dict(zip("TLBH", say.lanes, strict=True))
    for role, lane in roles.items():
        mine = kept.rows(kept.attribute("role") == role)
        both = mine.codes[:, [list(mine.items).index(code) for code in ("VOI1", "VOI2")]]
        complete = both[(both > 0).all(axis=1)]
        assert isinstance(lane.mark, Mark)
        # halves go either way where a mean lies on the edge of a tenth
        assert abs(lane.mark.value - float(np.mean(complete))) <= 0.05 + 1e-9


def test_a_group_and_one_of_its_roles_never_stand_side_by_side() -> None:
    for leaders in (0, 1, 9, 10, 40):
        found = page(round_with({"T": 80, "L": leaders, "C": 24}))
        names = set(lanes(found))
        assert not {"People in schools", "Teachers"} <= names
        assert not re.search(r"\b[1-9]\b answers", " ".join(found.notes))
