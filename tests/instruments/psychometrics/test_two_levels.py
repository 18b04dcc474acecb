"""Two-level models against lavaan 0.6-14, and on clusters drawn from a known population."""

import json

import numpy as np
import pytest
from against_r import frame, reference, written

from instruments.psychometrics import two_level
from instruments.psychometrics.estimates import CannotEstimate

MODEL = "T =~ a + b + c + d"


def schools(clusters=150, seed=1, between=0.3):
    """Items with loadings .8, .7, .6, .7 within and .9, .8, .7, .6 times a root between."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(3, 25, clusters)
    school = np.repeat(np.arange(clusters), sizes)
    outer = rng.normal(size=(clusters, 1)) * [0.9, 0.8, 0.7, 0.6] * np.sqrt(between)
    outer += rng.normal(size=(clusters, 4)) * np.sqrt(0.2 * between)
    inner = rng.normal(size=(len(school), 1)) * [0.8, 0.7, 0.6, 0.7]
    inner += rng.normal(size=inner.shape) * 0.6
    answers = 3 + outer[school] + inner
    return dict(zip("abcd", answers.T, strict=True)) | {"school": school}


def test_a_two_level_model_agrees_with_lavaan():
    # lavaan::cfa("level: 1\nLw =~ LEAD01+...+LEAD05\nlevel: 2\nLb =~ ...", cluster = "COMPID")
    lavaan = reference("lq2002_cfa")["twolevel"]
    result = two_level(
        "Lw =~ LEAD01 + LEAD02 + LEAD03 + LEAD04 + LEAD05",
        frame("lq2002"),
        between="Lb =~ LEAD01 + LEAD02 + LEAD03 + LEAD04 + LEAD05",
        cluster="COMPID",
        identify="marker",
        fewest=49,
    )
    table, level, compared = lavaan["parameter_estimates"], "within", 0
    for lhs, op, rhs, est, se in zip(
        *(table[name] for name in ("lhs", "op", "rhs", "est", "se")), strict=True
    ):
        level = "between" if lhs == "Lb" else level  # rows stand level by level
        if not se:
            continue
        one = result.parameter(written(lhs, op, rhs), level)
        assert one.estimate == pytest.approx(est, abs=1e-4)
        assert one.se == pytest.approx(se, rel=1e-3)
        compared += 1
    assert compared == 25 - 2 + 2
    fit = lavaan["fit"]
    assert result.fit.loglik == pytest.approx(fit["logl"], abs=1e-5)
    assert result.fit.bic == pytest.approx(fit["bic"], abs=1e-4)
    # lavaan's EM stops before the saturated model's maximum, which ours is compared with
    assert fit["chisq"] <= result.fit.chi2 <= fit["chisq"] + 0.1
    for name in ("cfi", "tli", "rmsea"):
        assert getattr(result.fit, name) == pytest.approx(fit[name], abs=1e-4)
    assert result.srmr_within == pytest.approx(fit["srmr_within"], abs=1e-4)
    assert result.srmr_between == pytest.approx(fit["srmr_between"], abs=2e-3)
    assert (result.n, result.clusters) == (2042, 49)


def test_both_levels_of_a_known_population_are_found():
    result = two_level(MODEL, schools(clusters=600), cluster="school")
    for item, inner, outer in zip("abcd", (0.8, 0.7, 0.6, 0.7), (0.9, 0.8, 0.7, 0.6), strict=True):
        one = result.parameter(f"T =~ {item}", "within")
        assert abs(one.estimate - inner) < 4 * one.se
        other = result.parameter(f"T =~ {item}", "between")
        assert abs(other.estimate - outer * np.sqrt(0.3)) < 4 * other.se
    assert result.fit.df == 4
    assert result.fit.p > 0.001
    share = 0.3 * (0.81 + 0.2) / (0.3 * (0.81 + 0.2) + 0.64 + 0.36)
    assert result.icc["a"] == pytest.approx(share, abs=0.05)


@pytest.mark.long
def test_intervals_between_cover_the_truth_at_their_rate():
    """200 samples of 100 clusters; nominal 95 %."""
    covered = []
    for seed in range(200):
        result = two_level(MODEL, schools(clusters=100, seed=seed), cluster="school")
        one = result.parameter("T =~ b", "between")
        covered.append(one.low <= 0.8 * np.sqrt(0.3) <= one.high)
    assert 0.90 <= np.mean(covered) <= 0.99


def test_too_few_clusters_or_people_in_them_get_a_reason():
    data = schools(clusters=30)
    with pytest.raises(CannotEstimate, match=r"30 clusters are too few .* it takes 50"):
        two_level(MODEL, data, cluster="school")
    with pytest.raises(CannotEstimate, match="1 clusters are too few"):
        two_level(MODEL, data | {"school": np.zeros(len(data["a"]))}, cluster="school")
    alone = np.arange(len(data["a"]))
    with pytest.raises(CannotEstimate, match="hardly a cluster holds two people"):
        two_level(MODEL, data | {"school": alone}, cluster="school")
    with pytest.raises(CannotEstimate, match="everybody gave the same answer to b"):
        two_level(MODEL, data | {"b": np.full(len(alone), 2.0)}, cluster="school")
    with pytest.raises(ValueError, match="both levels must have the same items"):
        two_level(MODEL, data, between="T =~ a + b + c", cluster="school")


def test_people_with_gaps_are_left_out_and_the_result_is_plain_values():
    data = schools()
    data["a"][:5] = np.nan
    result = two_level(MODEL, data, cluster="school")
    assert result.notices[0] == "5 people with a gap left out."
    values = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert values["clusters"] == 150
    assert "Loadings, between" in str(result)
    assert set(result.to_frame()["group"]) == {"within", "between"}
