import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments import registry
from instruments.analysis import (
    AnalysisError,
    analyse,
    confirm,
    confirming_json,
    confirming_text,
    tables,
    to_json,
)
from instruments.definition import (
    Disclosure,
    Form,
    Instrument,
    Item,
    Locale,
    ResponseScale,
    Scale,
    Scoring,
    Section,
    Text,
)
from instruments.psychometrics.estimates import NotEstimated
from instruments.responses import (
    CANT_TELL,
    DOES_NOT_APPLY,
    NOT_SHOWN,
    SKIPPED,
    Responses,
    read,
)

REFERENCE = Path(__file__).parents[1] / "reference"
WARM = ("w1", "w2", "w3", "w4")
CALM = ("c1", "c2", "c3", "c4", "c5")


def tiny(missing="pairwise", *, restricted=(), reverse=("w4",), scales=None) -> Instrument:
    """Two scales of five-point items; ``restricted`` ones are not asked of everybody."""
    items = [
        Item(
            code=code,
            section="page",
            response="five",
            roles=("R",) if code in restricted else ("R", "S"),
            core=code not in restricted,
            reverse=code in reverse,
        )
        for code in WARM + CALM + ("lone",)
    ]
    return Instrument(
        slug="tiny",
        version="1.0",
        status="draft",
        licence="CC0-1.0",
        source="made for a test",
        language="en",
        locale="en-GB",
        roles=("R", "S"),
        response_scales={
            "five": ResponseScale(
                code="five", options=(1, 2, 3, 4, 5), cant_tell=True, does_not_apply=True
            )
        },
        sections=(Section(code="page"),),
        items=tuple(items),
        scales=scales
        or (
            Scale(code="WARM", block="capability", items=WARM),
            Scale(code="CALM", block="capability", items=CALM),
        ),
        forms={"full": Form(code="full")},
        scoring=Scoring(version="1", minimum_answered={1: 1}, missing=missing),
        disclosure=Disclosure(),
        texts={"en": Text(language="en", title="Tiny")},
        locales={"en-GB": Locale(code="en-GB", language="en", name="UK", terms={})},
    )


def answers(n=200, seed=1, **attributes) -> Responses:
    """Two correlated factors behind the items of ``tiny``; w4 is answered the other way round."""
    rng = np.random.default_rng(seed)
    factors = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], n)
    latent = np.repeat(factors, (4, 5), axis=1) * 0.75 + rng.standard_normal((n, 9)) * 0.66
    codes = np.searchsorted([-1.3, -0.4, 0.5, 1.4], latent).astype(np.int8) + 1
    codes[:, 3] = 6 - codes[:, 3]
    codes = np.hstack([codes, rng.integers(1, 6, (n, 1), dtype=np.int8)])
    return Responses(
        items=(*WARM, *CALM, "lone"),
        codes=codes.astype(np.int8),
        attributes={name: np.array(values, dtype=np.str_) for name, values in attributes.items()},
    )


def changed(responses: Responses, **columns) -> Responses:
    codes = responses.codes.copy()
    for name, values in columns.items():
        codes[:, responses.items.index(name)] = values
    return Responses(responses.items, codes, responses.attributes, responses.simulated)


@pytest.fixture(scope="module")
def bfi():
    instrument = registry.load("bfi25")
    return instrument, read(REFERENCE / "bfi.csv", instrument)


@pytest.fixture(scope="module")
def analysed(bfi):
    return to_json(analyse(*bfi))


def test_the_file_of_real_answers_gives_rs_reliability(analysed):
    expected = json.loads((REFERENCE / "bfi_reliability.json").read_text())
    for code in "ACENO":
        scale, r = analysed["scales"][code], expected[code]
        total = r["alpha_complete"]["value"]["total"]
        omega = r["omega_1factor"]["value"]["omega_tot"]
        assert scale["n"] == scale["alpha"]["n"] == r["n"]
        assert scale["alpha"]["value"] == pytest.approx(total["raw_alpha"], abs=1e-6)
        assert scale["omega_total"]["value"] == pytest.approx(omega, abs=1e-4)
        assert scale["average_r"]["value"] == pytest.approx(total["average_r"], abs=1e-6)
        standardised = scale["alpha_standardised"]["value"]
        assert standardised == pytest.approx(total["std.alpha"], abs=1e-6)
        rest = r["alpha_complete"]["value"]["item_stats"]["columns"]["r.drop"]
        found = [item["item_rest"] for item in scale["items"].values()]
        assert found == pytest.approx(rest, abs=1e-6)


def test_the_file_of_real_answers_gives_rs_structure(analysed):
    expected = json.loads((REFERENCE / "bfi_structure.json").read_text())
    fit = expected["fa_minres_oblimin_pearson"]["value"]
    assert analysed["correlations"]["n"] == expected["n"] == 2436
    pearson = np.array(expected["pearson"]["data"])
    assert np.array(analysed["correlations"]["pearson"]) == pytest.approx(pearson, abs=1e-8)
    assert analysed["kmo"]["overall"] == pytest.approx(expected["KMO"]["value"]["MSA"], abs=1e-6)
    assert analysed["kmo"]["items"] == pytest.approx(expected["KMO"]["value"]["MSAi"], abs=1e-6)
    chi2 = expected["bartlett"]["value"]["chisq"]
    assert analysed["bartlett"]["chi2"] == pytest.approx(chi2, rel=1e-6)
    assert analysed["eigenvalues"] == pytest.approx(expected["eigen"], abs=1e-8)
    assert analysed["map"]["values"][:8] == pytest.approx(expected["vss"]["value"]["map"], abs=1e-6)
    assert analysed["map"]["retain"] == analysed["parallel_analysis"]["retain"] == 5
    efa = analysed["efa"]
    assert efa["communalities"] == pytest.approx(fit["communality"], abs=1e-3)
    assert efa["rmsr"] == pytest.approx(fit["rms"], abs=1e-6)
    assert efa["tli"] == pytest.approx(fit["TLI"], abs=1e-4)
    # psych orders factors by the same rule, so that here no matching is needed
    loadings = np.array([list(row.values()) for row in efa["loadings"].values()])
    assert loadings == pytest.approx(np.array(fit["loadings"]["data"]), abs=1e-3)
    phi = np.array(fit["Phi"]["data"])
    assert np.array(efa["factor_correlations"]) == pytest.approx(phi, abs=1e-3)


def test_the_file_of_real_answers_gives_the_ordinal_figures_of_r(analysed):
    structure = json.loads((REFERENCE / "bfi_structure.json").read_text())
    polychoric = np.array(structure["lavCor"]["value"]["data"])
    assert np.array(analysed["correlations"]["polychoric"]) == pytest.approx(polychoric, abs=1e-6)
    thresholds = analysed["correlations"]["thresholds"]
    assert [cut for cuts in thresholds.values() for cut in cuts] == pytest.approx(
        list(structure["lavCor_th"]["value"].values()), abs=1e-6
    )
    expected = json.loads((REFERENCE / "bfi_reliability.json").read_text())
    for code in "ACENO":
        scale, r = analysed["scales"][code], expected[code]
        omega = r["compRelSEM_ordinal"]["value"]["f"]
        assert scale["omega_categorical"]["value"] == pytest.approx(omega, abs=1e-4)
        ordinal = r["ordinal_alpha"]["value"]["total"]["raw_alpha"]
        assert scale["ordinal_alpha"]["value"] == pytest.approx(ordinal, abs=1e-4)
        assert scale["ave"]["value"] == pytest.approx(r["AVE"]["value"]["f"], abs=1e-5)
        assert "six items" in scale["omega_hierarchical"]["not_estimated"]
    assert analysed["agreement"] == {"not_estimated": "the file has no column school"}
    assert len(analysed["between_scales"]["htmt"]) == 10


def test_schools_give_agreement_and_intervals_that_allow_for_them():
    school = np.repeat([f"s{k:02}" for k in range(25)], 8)
    people = answers(200, school=school)
    found = analyse(tiny(), people)
    plain = to_json(found)["agreement"]["CALM"]
    assert list(plain) == [
        "groups", "icc1", "icc2", "rwgj_uniform", "rwgj_skewed", "awg", "ad", "ad_median"
    ]  # fmt: skip
    assert plain["groups"] == 25
    assert set(plain["rwgj_uniform"]["by_school"]) == set(school)
    assert plain["ad"]["low"] < plain["ad"]["value"] < plain["ad"]["high"]
    assert "over clusters" in found.scales["CALM"].omega_total.method
    few = analyse(tiny(), answers(200, school=np.repeat(["a", "b"], 100)))
    assert "over clusters" not in few.scales["CALM"].omega_total.method
    assert "Agreement inside schools" in tables(found)
    alone = to_json(analyse(tiny(), answers(40, school=[str(k) for k in range(40)])))
    assert "no group has two people" in alone["agreement"]["CALM"]["icc1"]["not_estimated"]


def test_formative_scales_have_inflation_in_place_of_reliability():
    scales = (
        Scale(code="WARM", block="capability", items=WARM),
        Scale(code="CALM", block="pressure", kind="formative", items=CALM),
    )
    found = to_json(analyse(tiny(scales=scales), answers()))["formative"]
    assert set(found["CALM"]["items"]) == set(CALM)
    assert found["CALM"]["items"]["c1"]["value"] > 1


def test_json_has_the_agreed_paths_in_order(analysed):
    assert list(analysed) == [
        "midtier",
        "instrument",
        "simulated",
        "n",
        "seed",
        "missing",
        "notices",
        "scales",
        "correlations",
        "kmo",
        "bartlett",
        "eigenvalues",
        "parallel_analysis",
        "map",
        "efa",
        "between_scales",
        "agreement",
    ]
    assert analysed["instrument"] == "bfi25@1.0"
    assert (analysed["n"], analysed["missing"]) == (2800, "listwise")
    scale = analysed["scales"]["A"]
    assert list(scale) == [
        "n",
        "items",
        "alpha",
        "alpha_standardised",
        "omega_total",
        "omega_hierarchical",
        "omega_categorical",
        "ordinal_alpha",
        "average_r",
        "ave",
        "composite_reliability",
        "lambda_2",
    ]
    assert list(scale["items"]["A1"]) == ["n", "mean", "sd", "item_rest", "alpha_if_dropped"]
    assert list(scale["alpha"]) == ["value", "low", "high", "n", "method"]
    assert {"retain", "observed", "random"} <= set(analysed["parallel_analysis"])
    assert {"factors", "extraction", "rotation", "loadings", "factor_correlations"} <= set(
        analysed["efa"]
    )
    assert json.loads(json.dumps(analysed, allow_nan=False)) == analysed


def test_every_key_of_the_file_is_documented(analysed):
    page = (Path(__file__).parents[2] / "docs" / "analysis-json.md").read_text("utf-8")
    codes = {*analysed["correlations"]["items"], *"ACENO", *(f"F{k}" for k in range(1, 6))}

    def keys(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                yield key
                yield from keys(inner)

    undocumented = {
        key
        for key in keys(analysed)
        if "~~" not in key and f"`{key}`" not in page and f'"{key}"' not in page
    }
    assert undocumented - codes == set()


def test_the_same_seed_gives_the_same_file(bfi):
    one, two, other = (to_json(analyse(*bfi, seed=seed)) for seed in (4, 4, 5))
    assert one == two
    assert one["parallel_analysis"]["random"] != other["parallel_analysis"]["random"]


def test_reversed_items_are_turned_round_first():
    found = analyse(tiny(), answers())
    w4 = next(item for item in found.scales["WARM"].items if item.item == "w4")
    assert w4.item_rest > 0.4
    blind = analyse(tiny(reverse=()), answers())
    w4 = next(item for item in blind.scales["WARM"].items if item.item == "w4")
    assert w4.item_rest < -0.4
    assert blind.distributions == found.distributions


def test_every_kind_of_no_answer_is_missing_and_counted_apart():
    gaps = answers(60)
    codes = gaps.codes[:, 0].copy()
    codes[:4] = [CANT_TELL, DOES_NOT_APPLY, SKIPPED, NOT_SHOWN]
    codes[4:6] = CANT_TELL
    found = analyse(tiny(), changed(gaps, w1=codes))
    spread = found.distributions["w1"]
    assert (spread.cant_tell, spread.does_not_apply, spread.skipped, spread.not_shown) == (
        3,
        1,
        1,
        1,
    )
    assert spread.n == sum(spread.counts) == 54
    assert found.scales["WARM"].n == 54
    assert found.scales["CALM"].n == 60
    assert (found.structure.smallest_n, found.structure.largest_n) == (54, 60)


def test_the_missing_rule_is_the_instruments_unless_another_is_asked_for():
    gaps = answers(100)
    codes = gaps.codes[:, 0].copy()
    codes[:30] = SKIPPED
    gaps = changed(gaps, w1=codes)
    pairwise, listwise = analyse(tiny(), gaps), analyse(tiny("listwise"), gaps)
    assert (pairwise.missing, pairwise.structure.n) == ("pairwise", 100)
    assert (listwise.missing, listwise.structure.n) == ("listwise", 70)
    asked = analyse(tiny(), gaps, missing="listwise")
    assert (asked.structure.correlations == listwise.structure.correlations).all()
    complete = np.corrcoef(gaps.codes[30:, 4:6].astype(float), rowvar=False)[0, 1]
    assert listwise.structure.correlations[4, 5] == pytest.approx(complete)


def test_parallel_analysis_is_refused_where_few_were_asked_an_item():
    gaps = answers(200)
    codes = gaps.codes[:, 0].copy()
    codes[:120] = NOT_SHOWN
    found = to_json(analyse(tiny(), changed(gaps, w1=codes)))
    assert "under half of the 200" in found["parallel_analysis"]["not_estimated"]
    assert found["kmo"]["overall"] > 0.5


def test_people_without_an_answer_are_left_out_and_said():
    gaps = answers(50)
    gaps.codes[:3] = SKIPPED
    found = analyse(tiny(), gaps)
    assert found.n == 47
    assert "3 people without a single answer left out." in found.notices


def test_a_constant_item_and_one_that_nobody_answered_are_left_out_and_named():
    found = analyse(tiny(), changed(answers(50), w1=4, c1=SKIPPED))
    assert "Left out, because everybody gave one answer: w1 (50 people, all 4)." in found.notices
    assert "Left out, because nobody answered: c1." in found.notices
    assert [item.item for item in found.scales["WARM"].items] == ["w2", "w3", "w4"]
    assert found.structure.items == ("w2", "w3", "w4", "c2", "c3", "c4", "c5")


def test_an_item_with_a_single_answer_is_left_out_and_named():
    codes = np.full(50, SKIPPED, dtype=np.int8)
    codes[7] = 2
    found = analyse(tiny(), changed(answers(50), c3=codes))
    assert "Left out, because everybody gave one answer: c3 (1 person, all 2)." in found.notices
    assert found.scales["CALM"].n == 50


def test_items_that_not_every_role_is_asked_stay_out_of_comparisons():
    found = analyse(tiny(restricted=("w1", "c5")), answers())
    assert [item.item for item in found.scales["WARM"].items] == ["w2", "w3", "w4"]
    assert "w1" not in found.structure.items
    assert found.distributions["w1"].n == 200


def test_a_scale_with_one_item_for_all_roles_is_taken_whole_and_said():
    found = analyse(tiny(restricted=("w1", "w2", "w3")), answers())
    assert [item.item for item in found.scales["WARM"].items] == list(WARM)
    assert any(notice.startswith("WARM has one item") for notice in found.notices)


def test_only_reflective_scales_have_reliability():
    scales = (
        Scale(code="WARM", block="capability", items=WARM),
        Scale(code="CALM", block="pressure", kind="formative", items=CALM),
    )
    found = analyse(tiny(scales=scales), answers())
    assert list(found.scales) == ["WARM"]
    assert found.structure.items == WARM
    assert found.structure.efa.factors == 1


def test_without_a_reflective_scale_there_is_no_structure_and_a_reason():
    scales = (Scale(code="CALM", block="pressure", kind="formative", items=CALM),)
    found = analyse(tiny(scales=scales), answers())
    assert found.structure == NotEstimated("no reflective scale with two usable items")
    plain = to_json(found)
    assert plain["kmo"] == plain["efa"] == {"not_estimated": found.structure.reason}
    assert "no reflective scale" in tables(found)


def test_two_items_have_spearman_brown_in_place_of_omega():
    scales = (Scale(code="PAIR", block="companion", items=("w1", "w2")),)
    found = analyse(tiny(scales=scales), answers())
    plain = to_json(found)["scales"]["PAIR"]
    assert "three items" in plain["omega_total"]["not_estimated"]
    assert plain["spearman_brown"]["value"] == pytest.approx(plain["alpha_standardised"]["value"])
    assert "Spearman-Brown" in tables(found)


def test_reliability_by_group_is_that_of_the_groups_own_answers():
    region = ["north"] * 90 + ["south"] * 105 + [""] * 5
    whole = answers(region=region)
    found = analyse(tiny(), whole, by="region")
    assert [(group.name, group.n) for group in found.groups] == [("north", 90), ("south", 105)]
    alone = analyse(tiny(), whole.rows(np.array(region) == "south"))
    assert found.groups[1].scales == alone.scales
    assert "5 people without a value of region are in no group." in found.notices
    plain = to_json(found)
    assert plain["by"]["region"]["south"]["scales"]["WARM"] == to_json(alone)["scales"]["WARM"]
    assert "region = south, 105 people" in tables(found)


def test_the_answers_to_an_item_make_groups_too():
    people = answers(300)
    lone = people.codes[:, -1].copy()
    lone[:20] = CANT_TELL
    found = analyse(tiny(), changed(people, lone=lone), by="lone")
    assert [group.name for group in found.groups] == ["1", "2", "3", "4", "5"]
    assert sum(group.n for group in found.groups) == 280
    assert "20 people without a value of lone are in no group." in found.notices


def test_a_group_too_small_for_a_figure_says_so():
    found = analyse(tiny(), answers(region=["a"] * 196 + ["b"] * 4), by="region")
    assert found.groups[1].scales["CALM"].alpha == NotEstimated(
        "4 complete cases are too few for 5 items"
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"by": "town"}, "no column town; its columns besides items: id, region"),
        ({"by": "id"}, "column id has 200 different values"),
        ({"factors": 0}, "factors must be 1 or more, not 0"),
    ],
)
def test_a_wrong_wish_is_refused_in_one_line(call, message):
    people = answers(region=["x"] * 200, id=[str(k) for k in range(200)])
    with pytest.raises(AnalysisError, match=message) as refused:
        analyse(tiny(), people, **call)
    assert "\n" not in str(refused.value)


def test_answers_of_nobody_are_refused():
    empty = answers(10)
    empty.codes[:] = SKIPPED
    for people in (empty, empty.rows(np.zeros(10, dtype=bool))):
        with pytest.raises(AnalysisError, match="nobody answered an item of tiny"):
            analyse(tiny(), people)


def test_fewer_people_than_items_give_reasons_in_place_of_figures():
    plain = to_json(analyse(tiny(), answers(7)))
    assert "too few for 9 items" in plain["bartlett"]["not_estimated"]
    assert "too few for 9 items" in plain["efa"]["not_estimated"]
    assert "too few for 9 items" in plain["parallel_analysis"]["not_estimated"]
    assert "not_estimated" in plain["kmo"]


def test_more_factors_than_the_items_hold_give_a_reason():
    found = to_json(analyse(tiny(), answers(), factors=9))
    assert found["efa"] == {"not_estimated": "9 items cannot tell 9 factors apart"}
    assert found["map"]["retain"] == 2


def test_a_scale_is_matched_with_the_factor_its_items_share():
    found = analyse(tiny(), answers(400))
    own = found.structure.own_factor
    assert set(own.values()) == {"F1", "F2"}
    names = found.structure.factor_names()
    for k, item in enumerate(found.structure.items):
        row = np.abs(found.structure.efa.loadings[k])
        assert names[int(row.argmax())] == own[found.structure.scale_of[item]]
    one = analyse(tiny(), answers(400), factors=1)
    assert set(one.structure.own_factor.values()) == {"F1"}
    assert not [mark for mark in one.marks if mark.mark == "gap"]


def test_marks_name_the_items_that_fall_short():
    people = answers(400)
    rng = np.random.default_rng(9)
    noise = rng.integers(1, 6, 400)
    ceiling = np.where(rng.random(400) < 0.7, 5, people.codes[:, 0])
    found = analyse(tiny(), changed(people, c5=noise, w1=ceiling))
    failing = {(mark.item, mark.mark) for mark in found.failing()}
    assert {("c5", "loading"), ("c5", "item_rest"), ("w1", "ceiling")} <= failing
    assert not [mark for mark in found.failing() if mark.item in ("c1", "c2", "c3")]
    share = next(m.value for m in found.marks if (m.item, m.mark) == ("w1", "ceiling"))
    assert share == pytest.approx((ceiling == 5).mean())
    assert "Items off a conventional mark" in tables(found)


def test_simulated_answers_say_so_everywhere():
    people = answers(60)
    people = Responses(people.items, people.codes, people.attributes, simulated=True)
    found = analyse(tiny(), people)
    assert to_json(found)["simulated"] is True
    assert "SIMULATED DATA" in tables(found).splitlines()[0]


def test_the_text_shows_every_scale_item_and_notice(bfi):
    found = analyse(*bfi, by="gender")
    text = tables(found)
    assert "0.704 [0.686, 0.721]" in text
    assert "KMO: 0.849" in text
    assert "chi2 = 18,146.1, df = 300, p < .001" in text
    assert "Parallel analysis, principal components: retain 5" in text
    assert "gender = 2, 1,881 people" in text
    assert max(map(len, text.splitlines())) <= 100
    for item in found.distributions:
        assert f"  {item} " in text


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 25), st.floats(0, 0.7))
def test_any_answers_give_figures_or_reasons_and_never_nan(seed, n, gaps):
    rng = np.random.default_rng(seed)
    people = answers(n, seed)
    codes = np.where(rng.random(people.codes.shape) < gaps, CANT_TELL, people.codes)
    codes[0, 0] = 3
    people = Responses(people.items, codes.astype(np.int8), {})
    found = analyse(tiny("listwise" if seed % 2 else "pairwise"), people)
    json.dumps(to_json(found), allow_nan=False)
    assert tables(found)


def confirmed(instrument, responses, **options):
    found = confirm(instrument, responses, analyse(instrument, responses, **options))
    return json.loads(json.dumps(confirming_json(found), allow_nan=False)), confirming_text(found)


@pytest.fixture(scope="module")
def by_gender(bfi):
    return confirmed(*bfi, by="gender")


def test_the_file_of_real_answers_gives_rs_confirmatory_models(by_gender):
    written, text = by_gender
    values = json.loads((REFERENCE / "bfi_cfa.json").read_text())
    pairwise = json.loads((REFERENCE / "routed_cfa.json").read_text())["bfi_wlsmv_pairwise"]
    models = {"ML": values["ml_stdlv"], "MLR": values["mlr"], "FIML": values["ml_fiml"]}
    for name, r in (models | {"WLSMV": pairwise}).items():
        own = written["cfa"][name]
        assert own["fit"]["cfi"] == pytest.approx(r["fit"]["cfi"], abs=1e-4)
        assert own["fit"]["srmr"] == pytest.approx(r["fit"]["srmr"], abs=1e-4)
        table = r["parameter_estimates"]
        first = own["loadings"]["A"]["A1"]
        assert first["estimate"] == pytest.approx(table["est"][0], abs=1e-4)
        assert first["se"] == pytest.approx(table["se"][0], rel=1e-3)
        assert name in text
    steps = written["invariance"]["gender"]
    assert steps["intercepts"]["df"] == 645
    assert [one["df"] for one in steps["differences"]] == [75, 20, 20, 25]


FIT = {"chi2", "df", "p", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr"}
SCALED = {"chi2_scaled", "df_scaled", "p_scaled", "cfi_scaled", "tli_scaled", "rmsea_scaled"}
LIKELIHOOD = {"aic", "bic", "loglik"}


def test_confirmatory_models_have_the_agreed_paths(by_gender):
    written, _ = by_gender
    apply = {
        "ML": FIT | LIKELIHOOD,
        "MLR": FIT | LIKELIHOOD | SCALED,
        "FIML": FIT | LIKELIHOOD,
        "WLSMV": FIT | SCALED,
    }
    assert list(written["cfa"]) == list(apply)
    for name, model in written["cfa"].items():
        assert set(model["fit"]) & (FIT | LIKELIHOOD | SCALED) == apply[name]
        assert list(model["loadings"]) == list("ACENO")
        for item in model["loadings"]["N"].values():
            assert {"estimate", "se", "std"} <= set(item)
        assert len(model["factor_correlations"]) == 10
        assert {"estimate", "se"} <= set(model["factor_correlations"]["A~~C"])
        assert len(model["residual_variances"]) == 25
        assert {"estimate", "se"} <= set(model["residual_variances"]["N1"])
    steps = written["invariance"]["gender"]
    names = ("configural", "thresholds", "loadings", "intercepts", "unique variances")
    assert list(steps)[:5] == list(names)
    assert all({"chi2", "df", "cfi"} <= set(steps[name]) for name in names)
    assert len(steps["differences"]) == 4


def test_confirmatory_models_turn_reversed_items_round_and_give_reasons():
    written, _ = confirmed(tiny(), answers())
    assert all(item["std"] > 0.4 for item in written["cfa"]["ML"]["loadings"]["WARM"].values())
    assert "invariance" not in written
    few, text = confirmed(tiny(), answers(8))
    assert "too few" in few["cfa"]["ML"]["not_estimated"]
    assert "ML not estimated" in text
