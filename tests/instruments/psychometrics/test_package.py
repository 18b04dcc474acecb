"""What the package offers, what it costs to import, and how every estimator meets poor data."""

import inspect
import json
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import instruments.psychometrics as offered
from instruments.psychometrics import CannotEstimate, NotEstimated, or_reason
from instruments.psychometrics.estimates import Estimate, Result

SCHOOLS = np.repeat(np.arange(6), 10)


def test_everything_offered_is_there():
    for name in offered.__all__:
        assert getattr(offered, name) is not None
    assert set(offered.__all__) <= set(dir(offered))
    modules = {each.stem for each in Path(offered.__file__).parent.glob("*.py")}
    assert not modules & set(offered.__all__)
    with pytest.raises(AttributeError, match="no attribute 'gamma'"):
        offered.gamma  # noqa: B018 - an attribute that is not there


#: what has nothing to agree with: it counts, reads or writes our own values
NOT_IN_R = {"from_codes", "influence", "intended", "load", "or_reason", "scale_reliability"}


def test_every_function_says_what_it_takes_and_which_call_of_r_it_agrees_with():
    for name in offered.__all__:
        function = getattr(offered, name)
        if not inspect.isfunction(function) or name == "or_reason":
            continue
        words = inspect.getdoc(function)
        assert "Parameters\n----------\n" in words, name
        assert "Returns\n-------\n" in words, name
        assert "Raises\n------\n" in words, name
        section = words.split("Parameters\n----------\n")[1]
        for parameter in inspect.signature(function).parameters:
            assert re.search(rf"\b{parameter}\b", section), f"{name}: {parameter}"
        assert name in NOT_IN_R or re.search(r"``[^`]*\w+::\w|of R\b|summary\(|eigen\(", words), (
            name
        )


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from instruments.psychometrics import omega, polychoric, alpha, explore, htmt, consensus\n"
        "heavy = {'pingouin', 'factor_analyzer', 'pandas', 'sklearn', 'scipy'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def people(n=60, p=6, seed=1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    latent = 0.8 * rng.standard_normal((n, 1)) + 0.6 * rng.standard_normal((n, p))
    return (np.searchsorted([-1.2, -0.3, 0.4, 1.2], latent) + 1).astype(np.int8)


def changed(**columns) -> np.ndarray:
    codes = people()
    for name, values in columns.items():
        codes[:, int(name[1:])] = values
    return codes


POOR = {
    "a constant item": changed(i2=3),
    "perfect correlation": changed(i1=people()[:, 0]),
    "opposed items": changed(i1=6 - people()[:, 0]),
    "two options": np.where(people() > 2, 2, 1).astype(np.int8),
    "an option that nobody chose": np.where(people() == 3, 4, people()).astype(np.int8),
    "fewer people than items": people(5),
    "one person": people(1),
    "nobody": people(0),
    "all missing in a pair": changed(
        i0=np.where(np.arange(60) < 30, people()[:, 0], -1),
        i1=np.where(np.arange(60) < 30, -1, people()[:, 1]),
    ),
    "nobody answered an item": changed(i4=-1),
    "one item": people(p=1),
    "two items": people(p=2),
    "nothing in common": np.random.default_rng(4).integers(1, 6, (60, 6)).astype(np.int8),
    "negative covariances": np.where(np.arange(6) % 2, 6 - people(), people()).astype(np.int8),
}


def columns(x) -> dict:
    """Codes as a data set; no answer as NaN."""
    return {f"i{k}": np.where(column < 0, np.nan, column) for k, column in enumerate(x.T * 1.0)}


def model(x) -> str:
    return "T =~ " + " + ".join(columns(x))


def two_scales(x) -> dict:
    places = list(range(x.shape[1]))
    return {"a": places[::2], "b": places[1::2], "c": places[:2]}


FIGURES = {
    "covariances": lambda m, x, g: m.covariances(),
    "correlations": lambda m, x, g: m.correlations(),
    "polychoric": lambda m, x, g: offered.polychoric(m),
    "polychoric, filled": lambda m, x, g: offered.polychoric(m, correct=0.5),
    "alpha": lambda m, x, g: offered.alpha(x),
    "alpha of Moments": lambda m, x, g: offered.alpha(m),
    "alpha_standardised": lambda m, x, g: offered.alpha_standardised(x),
    "average_r": lambda m, x, g: offered.average_r(m),
    "item_statistics": lambda m, x, g: offered.item_statistics(x),
    "omega": lambda m, x, g: offered.omega(x, clusters=g),
    "omega of Moments": lambda m, x, g: offered.omega(m),
    "omega_hierarchical": lambda m, x, g: offered.omega_hierarchical(x, draws=20),
    "omega_categorical": lambda m, x, g: offered.omega_categorical(x),
    "omega_by_level": lambda m, x, g: offered.omega_by_level(x, g),
    "ordinal_alpha": lambda m, x, g: offered.ordinal_alpha(x),
    "composite_reliability": lambda m, x, g: offered.composite_reliability(x),
    "ave": lambda m, x, g: offered.ave(x),
    **{f"lambda {k}": lambda m, x, g, k=k: offered.guttman(x, k) for k in range(1, 7)},
    "split_halves": lambda m, x, g: offered.split_halves(x),
    "vif": lambda m, x, g: offered.vif(x),
    "htmt": lambda m, x, g: offered.htmt(m, {"a": m.names[:3], "b": m.names[3:]}),
    "factor_correlations": lambda m, x, g: offered.factor_correlations(
        m, {"a": m.names[:3], "b": m.names[3:]}
    ),
    "kmo": lambda m, x, g: offered.kmo(m),
    "bartlett": lambda m, x, g: offered.bartlett(m),
    "eigenvalues": lambda m, x, g: offered.eigenvalues(m),
    "parallel_analysis": lambda m, x, g: offered.parallel_analysis(m, seed=1, draws=20),
    "parallel_analysis of factors": lambda m, x, g: offered.parallel_analysis(
        m, seed=1, draws=20, of="common factors"
    ),
    "minimum_average_partial": lambda m, x, g: offered.minimum_average_partial(m),
    **{
        f"{extraction}, {rotation}": lambda m, x, g, e=extraction, r=rotation: offered.explore(
            m, factors=2, extraction=e, rotation=r
        )
        for extraction in ("minres", "ml", "principal axis")
        for rotation in ("oblimin", "geomin", "promax", "varimax")
    },
    "factors of polychorics": lambda m, x, g: offered.explore(offered.polychoric(m), factors=1),
    "icc": lambda m, x, g: offered.icc(x.mean(axis=1) if x.size else np.empty(0), g),
    "consensus": lambda m, x, g: offered.consensus(x.astype(np.int8), g, range(1, 6)),
    "variance_partition": lambda m, x, g: offered.variance_partition(
        x.mean(axis=1), {"school": g}, draws=20
    ),
    "variability": lambda m, x, g: offered.variability(x.astype(np.int8)),
    "mahalanobis": lambda m, x, g: offered.mahalanobis(x.astype(np.int8)),
    "long_string": lambda m, x, g: offered.long_string(x.astype(np.int8)),
    "even_odd": lambda m, x, g: offered.even_odd(x.astype(np.int8), two_scales(x)),
    "synonyms": lambda m, x, g: offered.synonyms(x.astype(np.int8)),
    "within": lambda m, x, g: offered.within(x, g),
    "smooth": lambda m, x, g: offered.smooth(m.correlations()),
    "schmid_leiman": lambda m, x, g: offered.schmid_leiman(m.correlations()),
    "score_weights": lambda m, x, g: offered.score_weights(
        offered.explore(m, factors=1), m.correlations()
    ),
    "influence": lambda m, x, g: offered.influence(m, offered.polychoric(m)),
    "permuted_parallel_analysis": lambda m, x, g: offered.permuted_parallel_analysis(
        lambda codes: offered.from_codes(codes, m.names, [range(1, 6)] * len(m.names)),
        x.astype(np.int8),
        seed=1,
        draws=20,
    ),
    "cfa of Moments": lambda m, x, g: offered.cfa(model(x), m),
    **{
        f"cfa, {estimator}, {missing}": lambda m, x, g, e=estimator, r=missing: offered.cfa(
            model(x), columns(x), estimator=e, missing=r
        )
        for estimator, missing in (
            ("ML", "listwise"),
            ("MLR", "listwise"),
            ("ML", "fiml"),
            ("WLSMV", "listwise"),
            ("WLSMV", "pairwise"),
        )
    },
    "cfa of clusters": lambda m, x, g: offered.cfa(
        model(x), columns(x) | {"school": g}, estimator="MLR", cluster="school"
    ),
    "two_level": lambda m, x, g: offered.two_level(
        model(x), columns(x) | {"school": g}, cluster="school"
    ),
    **{
        f"invariance, {estimator}": lambda m, x, g, e=estimator: offered.invariance(
            model(x), columns(x) | {"school": g % 2}, by="school", estimator=e
        )
        for estimator in ("ML", "MLR", "WLSMV")
    },
}


def numbers(value):
    """Every number of a result."""
    if isinstance(value, float | int):
        yield float(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from numbers(each)
    elif isinstance(value, list):
        for each in value:
            yield from numbers(each)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("poor", POOR)
def test_poor_data_give_a_result_or_a_reason(poor, figure):
    codes = POOR[poor]
    names = [f"i{k}" for k in range(codes.shape[1])]
    moments = offered.from_codes(codes, names, [range(1, 6)] * len(names))
    complete = (codes >= 0).all(axis=1)
    rows, groups = codes[complete].astype(np.float64), SCHOOLS[: len(codes)][complete]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = or_reason(FIGURES[figure], moments, rows, groups)
    if isinstance(found, NotEstimated):
        assert len(found.reason) > 10
        assert "\n" not in found.reason
        return
    if isinstance(found, Result):
        plain = found.to_json()
        assert str(found)
        if figure not in ("consensus", "variability"):
            json.dumps(plain, allow_nan=False)
        assert all(np.isfinite(list(numbers(plain))))


@pytest.mark.parametrize("estimator", ["ML", "MLR", "WLSMV"])
def test_one_group_has_nothing_to_compare(estimator):
    data = columns(people()) | {"school": np.zeros(60)}
    with pytest.raises(CannotEstimate, match="school has one value only"):
        offered.invariance(model(people()), data, by="school", estimator=estimator)


@pytest.mark.parametrize("group", [np.zeros(60, int), np.arange(60)])
def test_one_school_or_one_person_a_school_gives_a_reason(group):
    rows = people().astype(float)
    for figure in ("icc", "omega_by_level", "variance_partition", "consensus"):
        found = or_reason(FIGURES[figure], None, rows, group)
        if figure == "consensus" and group.max() == 0:
            assert found.groups == ("0",)
            continue
        assert isinstance(found, NotEstimated), figure


def test_results_print_as_tables_and_convert():
    rows = people().astype(float)
    found = offered.scale_reliability(rows, [f"i{k}" for k in range(6)])
    assert "omega_total" in str(found)
    frame = found.to_frame()
    assert frame.loc["alpha", "value"] == found.alpha.value
    plain = json.loads(json.dumps(found.to_json()))
    assert plain["alpha"]["method"] == found.alpha.method
    assert [row[0] for row in found.item_table().rows] == [f"i{k}" for k in range(6)]
    estimate = found.omega_total
    assert isinstance(estimate, Estimate)
    assert estimate.method in str(estimate)
    with pytest.raises(CannotEstimate):
        offered.alpha(rows[:, :1])


def test_frames_hold_numbers_and_say_why_one_is_missing():
    rows = people(200).astype(float)
    names = [f"i{k}" for k in range(6)]
    between = offered.htmt(rows, {"a": names[:3], "b": names[3:]}, names=names)
    frame = between.to_frame()
    assert frame.loc["a - b", ["estimate", "low", "high", "n"]].tolist() == [
        getattr(between.pairs["a", "b"], part) for part in ("value", "low", "high", "n")
    ]
    frame = offered.scale_reliability(rows[:, :4], names[:4]).to_frame()
    assert frame["low"].dtype == np.float64
    assert np.isnan(frame.loc["omega_hierarchical", "value"])
    assert "six items" in frame.loc["omega_hierarchical", "reason"]
    sign = offered.long_string(people(200).astype(np.int8))
    assert sign.to_frame()["flagged"].sum() == sign.flagged.sum()
    assert len(sign.to_frame()) == 200


def test_what_is_printed_says_what_was_found_and_how():
    m = offered.from_codes(
        people(300).astype(np.int8), [f"i{k}" for k in range(6)], [range(1, 6)] * 6
    )
    shown = {
        "RMSEA": offered.explore(m, factors=2),
        "to retain": offered.parallel_analysis(m, seed=1, draws=20),
        "fourth powers": offered.minimum_average_partial(m),
        "omega hierarchical": offered.schmid_leiman(m.correlations(), factors=2),
        "two-step": offered.polychoric(m),
        "determinacy": offered.score_weights(offered.explore(m, factors=1), m.correlations()),
        "limit:": offered.variability(people(300).astype(np.int8)),
        "factors": offered.rotate(np.eye(4, 2), "none"),
        "item 1": offered.within(people(60).astype(float), np.arange(60) % 3),
        "moved at most": offered.influence(m, offered.polychoric(m)),
        "item-rest": offered.item_statistics(m),
    }
    for what, found in shown.items():
        assert what in str(found), what
        json.dumps(found.to_json(), allow_nan=False)
        assert len(found.to_frame())


def test_alpha_may_allow_for_schools_and_for_answers_that_are_not_normal():
    rows = people(200).astype(float)
    feldt, delta = offered.alpha(rows), offered.alpha(rows, interval="delta")
    assert delta.value == feldt.value
    assert (delta.low, delta.high) == pytest.approx((feldt.low, feldt.high), abs=0.05)
    assert (delta.low, delta.high) != (feldt.low, feldt.high)
    assert "distribution-free" in delta.method
    thrice = offered.alpha(np.repeat(rows, 3, axis=0), clusters=np.repeat(np.arange(200), 3))
    assert thrice.high - thrice.low == pytest.approx(delta.high - delta.low, rel=0.01)
    with pytest.raises(ValueError, match="'feldt' or 'delta'"):
        offered.alpha(rows, interval="wald")


def test_weighted_people_count_for_what_they_are_worth():
    codes, names = people(600).astype(np.int8), [f"i{k}" for k in range(6)]
    weights = np.where(np.arange(600) < 300, 0.2, 1.8)
    plain = offered.from_codes(codes, names, [range(1, 6)] * 6)
    weighted = offered.from_codes(codes, names, [range(1, 6)] * 6, weights=weights)
    worth = int(600**2 / (weights @ weights) / 1)
    assert worth == 365
    assert offered.alpha(plain).n == 600
    assert offered.alpha(weighted).n == worth
    assert "effective n" in offered.alpha(weighted).method
    assert offered.bartlett(weighted).n == worth
    assert offered.explore(weighted, factors=1).n == worth
    assert offered.explore(offered.polychoric(weighted), factors=1).n == worth
    found = offered.cfa("T =~ " + " + ".join(names), weighted)
    assert found.n == worth
    assert "600 are worth 365" in found.notices[0]


def test_options_may_be_small_whole_numbers_of_any_kind():
    codes = people(100).astype(np.int8)
    names = [f"i{k}" for k in range(6)]
    found = offered.from_codes(codes, names, [np.unique(column) for column in codes.T])
    assert found.correlations() == pytest.approx(np.corrcoef(codes, rowvar=False))


@pytest.mark.parametrize(
    ("model", "options", "says"),
    [
        ("T =~ i0 + i1 + i2", {"identify": "first"}, "'variance' or 'marker'"),
        ("T =~ i0 + i1 + i2", {"parameterisation": "gamma"}, "'delta' or 'theta'"),
        ("T =~ i0 + i1 + i2", {"structure": "one"}, "made from scales"),
        (5, {}, "lavaan's syntax"),
        (["T =~ i0 + i1"], {}, "lavaan's syntax"),
    ],
)
def test_a_model_or_an_option_that_is_none_is_refused(model, options, says):
    with pytest.raises((ValueError, TypeError), match=says):
        offered.cfa(model, columns(people()), **options)


ROWS = people(80).astype(float)
R = np.corrcoef(ROWS, rowvar=False)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: offered.alpha(ROWS, confidence=95), "confidence must lie"),
        (lambda: offered.alpha(ROWS[0]), "answers must be a matrix"),
        (lambda: offered.alpha([["a", "b"]]), "answers must be numbers"),
        (lambda: offered.omega(ROWS, ["a", "b"]), "one an item"),
        (lambda: offered.omega(ROWS, clusters=[None] * 80), "clusters must not be missing"),
        (lambda: offered.icc(ROWS, np.zeros(80)), "one score a person"),
        (lambda: offered.icc(ROWS[:, 0], np.full(80, np.nan)), "groups must not be missing"),
        (lambda: offered.consensus(ROWS, np.zeros(80), range(200)), "0 to 127"),
        (lambda: offered.long_string(ROWS + 0.5), "whole numbers"),
        (lambda: offered.even_odd(ROWS, {"a": [0, 9]}), "beyond the 6"),
        (lambda: offered.variance_partition(ROWS[:, 0], {"s": np.zeros(80)}, draws=1), "20 or m"),
        (lambda: offered.omega_hierarchical(ROWS, draws=1), "20 or more"),
        (lambda: offered.explore(R, n=80, factors=1.5), "whole number"),
        (lambda: offered.explore(R, n=80, factors=1, rotation="spin"), "not a rotation"),
        (lambda: offered.explore(R, n=80.5, factors=1), "n must be a whole number"),
        (lambda: offered.rotate([1.0, 2.0], "oblimin"), "must be a matrix"),
        (lambda: offered.parallel_analysis(R, smallest_n=80, seed=1, of="axes"), "of must be"),
        (lambda: offered.intended(["a", "b"], {"a": "F"}), "whose b is"),
        (lambda: offered.congruence([[np.nan]], [[1.0]]), "no gaps"),
        (lambda: offered.smooth([[1.0, 0.9], [0.1, 1.0]]), "symmetric"),
        (lambda: offered.green_yang([[np.nan]], [0.5], [[1.0]]), "no gaps"),
        (lambda: offered.scale_reliability(ROWS, ["a"]), "one an item"),
        (lambda: offered.within(ROWS[:, :0], np.zeros(80)), "people x items"),
    ],
)
def test_wrong_input_is_named_in_one_line(call, says):
    with pytest.raises(ValueError, match=says) as found:
        call()
    assert "\n" not in str(found.value)


def test_factors_that_say_the_same_are_not_turned():
    column = np.array([[0.7], [0.6], [0.5], [0.8]])
    for how in ("oblimin", "promax", "varimax", "geomin"):
        with pytest.raises(CannotEstimate, match="nothing to turn"):
            offered.rotate(np.hstack([column, 2 * column]), how)


def test_scales_that_share_items_are_not_told_apart():
    found = offered.htmt(ROWS, {"a": ["i0", "i1"], "b": ["i1", "i2"]}, names=list(columns(ROWS)))
    assert found.pairs["a", "b"] == NotEstimated("the scales share items")


def test_what_was_smoothed_first_is_said():
    few = offered.polychoric(
        offered.from_codes(people(9), [f"i{k}" for k in range(6)], [range(1, 6)] * 6)
    )
    assert np.linalg.eigvalsh(few.correlations)[0] < 0
    for found in (offered.kmo(few), offered.minimum_average_partial(few), offered.bartlett(few)):
        assert "were smoothed" in str(found)
        assert "were smoothed" in found.notices[0]


def test_a_frame_of_answers_is_taken_as_it_is():
    import pandas as pd

    frame = pd.DataFrame(columns(people(80)))
    names, options = list(frame), [range(1, 6)] * 6
    plain = offered.from_codes(people(80), names, options)
    assert offered.from_codes(frame, names, options).correlations() == pytest.approx(
        plain.correlations()
    )
    assert offered.mahalanobis(frame).values == pytest.approx(
        offered.mahalanobis(people(80)).values
    )
    assert offered.alpha(frame).value == pytest.approx(offered.alpha(plain).value)


def test_moments_of_nobody_print():
    none = offered.from_codes(people(1)[:0], list("abcdef"), [range(1, 6)] * 6)
    assert "0" in str(none)
    assert len(none.to_frame()) == 6


def test_a_solution_without_a_fit_to_compare_prints():
    noise = np.random.default_rng(3).integers(1, 6, (300, 6)).astype(np.int8)
    found = offered.explore(
        offered.from_codes(noise, list("abcdef"), [range(1, 6)] * 6), factors=1, rotation="none"
    )
    without = replace(found, tli=None, rmsea_low=None)
    assert "BIC" in str(without)
    assert "TLI" not in str(without)
    assert "[" not in str(without).split("RMSEA")[1].split(",")[0]
