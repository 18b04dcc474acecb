"""Simulated rounds: the same again for a seed, marked, of the stated size and truth."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from instruments import registry
from instruments.measures import DESIGNED, LIVED, Band
from instruments.responses import CANT_TELL, NOT_SHOWN, SKIPPED, fingerprint, read
from instruments.roster import read_roster
from instruments.scoring import score
from instruments.scoring.positions import icc1
from instruments.simulate import Simulation, latent, simulate, write
from instruments.simulate.latent import Place

PROFILE = registry.load("mto-learning-profile")
TINY = registry.load_folder(Path(__file__).parents[1] / "instruments_data" / "tiny")
BFI = registry.load("bfi25")


@pytest.fixture(scope="module")
def demonstration() -> Simulation:
    return simulate(PROFILE, seed=1)


def test_the_demonstration_is_a_trust_of_twelve_schools_and_six_hundred_staff(
    demonstration: Simulation,
) -> None:
    assert demonstration.roster.headcount() == 600
    assert len(demonstration.roster.schools) == 12
    assert 0.6 < demonstration.responses.n / 600 < 0.72
    role = demonstration.responses.attribute("role")
    for code in PROFILE.roles:
        assert (role == code).sum() >= 15  # the floor is ten
    assert demonstration.responses.simulated


def test_the_demonstration_has_something_to_say(demonstration: Simulation) -> None:
    found = score(PROFILE, demonstration.responses, demonstration.roster)
    overall = found.overall[LIVED]
    assert hasattr(overall, "split")
    assert len(overall.gathered) >= 4
    kinds = {found.decisions[code].groups[LIVED].split_kind for code in overall.split}
    assert kinds == {"schools differ", "people differ"}
    gaps = [found.scales[scale.code].gap for scale in PROFILE.scales_in("capability")]
    assert sum(getattr(gap, "low", -1) > 0 for gap in gaps) >= 2


def test_a_seed_gives_the_same_round_and_another_seed_another() -> None:
    settings = {"schools": 3, "staff": 60}
    one, again, other = (simulate(TINY, seed=seed, **settings) for seed in (4, 4, 5))
    assert fingerprint(one.responses, TINY) == fingerprint(again.responses, TINY)
    assert one.truth == again.truth
    assert fingerprint(one.responses, TINY) != fingerprint(other.responses, TINY)


def test_files_are_marked_and_read_back(tmp_path: Path, demonstration: Simulation) -> None:
    write(demonstration, tmp_path, PROFILE)
    again = read(tmp_path / "responses.csv", PROFILE)
    assert again.simulated
    assert np.array_equal(again.codes, demonstration.responses.codes)
    assert read_roster(tmp_path / "roster.csv", PROFILE) == demonstration.roster
    sidecar = tomllib.loads((tmp_path / "responses.csv.toml").read_text(encoding="utf-8"))
    assert sidecar == {
        "instrument": PROFILE.slug,
        "version": PROFILE.version,
        "simulated": True,
        "seed": 1,
    }
    facts = tomllib.loads((tmp_path / "round.toml").read_text(encoding="utf-8"))
    assert facts["simulated"] is True
    assert facts["modules"] == ["preferred"]
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert truth["simulated"] is True
    assert truth["overall"]["lived"] == pytest.approx(demonstration.truth.overall[LIVED])


def test_everybody_sees_what_their_role_is_asked(demonstration: Simulation) -> None:
    found = demonstration.responses
    role = found.attribute("role")
    for column, code in enumerate(found.items):
        item = PROFILE.item(code)
        shown = found.codes[:, column] != NOT_SHOWN
        assert np.array_equal(shown, np.isin(role, item.roles)) or item.asked_if
        answers = found.codes[:, column][found.codes[:, column] >= 0]
        assert np.isin(answers, PROFILE.options(code)).all()


def test_a_condition_holds_in_simulated_answers() -> None:
    found = simulate(TINY, seed=2, schools=2, staff=80, modules=("remembered",)).responses
    here = found.codes[:, found.items.index("HERE")]
    then = found.codes[:, found.items.index("FOOD_PAST")]
    assert (then[here != 1] == NOT_SHOWN).all()
    assert (then[here == 1] != NOT_SHOWN).all()


def test_stated_shares_are_kept() -> None:
    settings = {"seed": 3, "schools": 10, "staff": 4000, "careless": 0.0}
    full = simulate(PROFILE, cant_tell=0.0, missing=0.0, response_rate=1.0, **settings)
    assert full.responses.n == 4000
    assert not np.isin(full.responses.codes, (CANT_TELL, SKIPPED)).any()
    found = simulate(PROFILE, cant_tell=0.0, missing=0.1, response_rate=0.5, **settings)
    assert found.responses.n / 4000 == pytest.approx(0.5, abs=0.03)
    shown = found.responses.codes != NOT_SHOWN
    assert (found.responses.codes[shown] == SKIPPED).mean() == pytest.approx(0.1, abs=0.005)


def test_a_scale_and_a_decision_sit_where_they_are_put() -> None:
    drawn = simulate(
        PROFILE,
        seed=6,
        schools=60,
        staff=6000,
        careless=0.0,
        capability={"SCF": 2.5},
        position={"CUR": Place(2.0, 0.6), "MAT": 4.0},
    )
    assert drawn.truth.scores[LIVED]["SCF"] == pytest.approx(2.5, abs=0.08)
    assert drawn.truth.scores[DESIGNED]["SCF"] > drawn.truth.scores[LIVED]["SCF"]
    found = score(PROFILE, drawn.responses, drawn.roster)
    lived = found.scales["SCF"].scores[LIVED]
    assert isinstance(lived, Band)
    assert lived.value == pytest.approx(drawn.truth.scores[LIVED]["SCF"], abs=0.03)
    for code, place in (("CUR", 2.0), ("MAT", 4.0)):
        assert drawn.truth.positions[LIVED][code] == pytest.approx(place, abs=0.15)


@pytest.mark.parametrize("icc", [0.0, 0.25])
def test_schools_differ_as_much_as_stated(icc: float) -> None:
    rng = np.random.default_rng(8)
    school = np.repeat(np.arange(300), 30)
    staff = latent.Staff(school, np.zeros(9000, dtype=np.intp), np.zeros(9000, dtype=bool))
    scores = latent.factors(staff, ["capability", "capability", "pressure"], icc=icc, rng=rng)
    assert icc1(scores[:, 0], school.astype(str)) == pytest.approx(icc, abs=0.03)
    r = np.corrcoef(scores.T)
    assert r[0, 1] == pytest.approx(latent.WITHIN_BLOCK, abs=0.05)
    assert r[0, 2] == pytest.approx(latent.ACROSS_BLOCKS, abs=0.05)
    assert scores.std(axis=0) == pytest.approx([1, 1, 1], abs=0.05)


def test_expected_answers_are_what_draws_average_to() -> None:
    rng = np.random.default_rng(9)
    cuts = latent.cuts(5)
    centre = np.full(50_000, latent.centre_of(3.6, 5))
    pull = 0.65 * rng.standard_normal(50_000)
    noise = (1 - 0.65**2) ** 0.5
    expected = latent.expected(centre, pull, noise, cuts)
    drawn = latent.draw(centre, pull, noise, cuts, rng)
    assert expected.mean() == pytest.approx(3.6, abs=0.02)
    assert drawn.mean() == pytest.approx(expected.mean(), abs=0.02)


def test_an_instrument_without_roles_can_be_simulated() -> None:
    drawn = simulate(BFI, seed=1, schools=4, staff=200)
    assert drawn.responses.items == tuple(item.code for item in BFI.items)
    assert set(drawn.responses.attributes) == {"school"}
    assert drawn.roster.headcount() == 200
    found = score(BFI, drawn.responses, drawn.roster)
    assert found.turnout.headcount == 200


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"response_rate": 1.5}, "response_rate must lie between 0 and 1, not 1.5"),
        ({"missing": -0.1}, "missing must lie between 0 and 1"),
        ({"schools": 20, "staff": 100}, "100 staff cannot fill 20 schools"),
        ({"schools": 0}, "cannot fill 0 schools"),
        ({"capability": {"XYZ": 3.0}}, "has no XYZ"),
        ({"position": {"XYZ": 3.0}}, "has no XYZ"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        simulate(TINY, seed=1, **settings)  # type: ignore[arg-type]
