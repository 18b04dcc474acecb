"""Everything that R was asked: which of it we compare with, and why not with the rest."""

import json
import re

from tests.instruments.psychometrics.conftest import REFERENCE

#: file -> paths that a test compares with
COMPARED = {
    "bfi_reliability": r"([ACENO]|all25)\.(alpha_complete|alpha_pairwise|feldt_explicit"
    r"|guttman_complete|splitHalf_complete|omega_1factor|omega_3factor|ordinal_alpha"
    r"|compRelSEM_ml_obsvarF|compRelSEM_ordinal|AVE|omega_ci_delta)",
    "lq2002_reliability": r"(LEAD|TSIG|HOSTILE)\.(alpha_complete|alpha_pairwise|feldt_explicit"
    r"|guttman_complete|splitHalf_complete|omega_1factor|omega_3factor|ordinal_alpha"
    r"|compRelSEM_ml_obsvarF|compRelSEM_ordinal|AVE|omega_ci_delta)",
    "bfi_efa": r"efa\.(pearson|pearson_pairwise|KMO|KMO_poly|bartlett|vss|vss_poly|parallel_fromR"
    r"|lavCor|lavCor_th|polychoric|polychoric_correct05|geomin|omega|factanal_\w+"
    r"|fa_(minres|ml)_\w+_pearson|fa_(minres|ml)_oblimin_polychoric)",
    "lq2002_efa": r"efa\.(pearson|pearson_pairwise|KMO|KMO_poly|bartlett|vss|vss_poly"
    r"|parallel_fromR|lavCor|lavCor_th|polychoric|polychoric_correct05|geomin|omega|factanal_\w+"
    r"|fa_(minres|ml)_\w+_pearson|fa_(minres|ml)_oblimin_polychoric)",
    "bfi_cfa": r"cfa\.(htmt|htmt2|compRelSEM_ord|wlsmv_(delta|theta)|ml_(stdlv|marker|fiml)"
    r"|mlr|mlr_fiml)",
    "lq2002_cfa": r"cfa\.(htmt|htmt2|compRelSEM_ord|wlsmv_(delta|theta)|ml_(stdlv|marker)|mlr)"
    r"|cluster_robust|twolevel",
    "bfi_invariance_gender": r"invariance\.(MLR?|WLSMV)_\w+",
    "lq2002_aggregation": r"aggregation_\w+\.(LEAD|TSIG|HOSTILE)\.(rwg_j\S+|awg|ad_mean|ad_median"
    r"|ICC1|ICC2|ICC1_CI|ICC2_CI|lmer)|aggregation_\w+\.single_items\.\w+\.\w+",
    "missing_by_design": r"pairwise_n|lavcor_pairwise|wlsmv_pairwise|fiml_ml|bfi_wlsmv_pairwise",
    "careless": r".*",
    "indices": r".*",
    "levels": r".*",
    "more": r"(?!parallel_factor_values).*",
}

#: file/path -> why no test compares with it
NOT_OURS = {
    r".*_cfa/cfa\.mlm": "Satorra and Bentler's correction for complete answers; MLR is its wider"
    " kin, and compared",
    r".*_cfa/cfa\.ulsmv_delta": "unweighted least squares; WLSMV is the estimator that people use",
    r".*_cfa/cfa\.(reliability|reliability_ord)": "superseded in semTools by compRelSEM and AVE",
    r".*_cfa/cfa\.(compRelSEM|AVE|AVE_ord)": "ours are of a scale's own one-factor model, and"
    " compared scale by scale",
    r".*_reliability/.*\.cfa1_ml": "the model behind compRelSEM_ml_obsvarF, which is compared",
    r"more/parallel_factor_values": "of one minres factor, fitted to each draw; ours stand on"
    " squared multiple correlations, and are compared as parallel_smc_values",
    r".*_reliability/.*\.(glb_algebraic|glb_algebraic_cor)": "the greatest lower bound is badly"
    " biased upward in samples of a usual size (Ten Berge and Socan 2004), so we do not offer it",
    r".*_reliability/.*\.compRelSEM_ml": "omega total is psych's, from minres; composite"
    " reliability, compRelSEM_ml_obsvarF, is the one from maximum likelihood",
    r".*_reliability/.*\.compRelSEM_ordinal_latent": "reliability of unseen variables is given"
    " once, as ordinal alpha",
    r".*_reliability/.*\.reliability_ml": "semTools::reliability is superseded by compRelSEM and"
    " AVE, with which we compare",
    r".*_reliability/.*\.polychoric": "psych stops 2e-5 early; lavaan's are compared to 1e-6",
    r"bfi_reliability/raw_unkeyed_A\..*": "we take items as the instrument keys them",
    r".*_efa/efa\.smc": "a step of KMO and lambda 6, which are compared",
    r".*_efa/efa\.parallel_(sim|poly)": "draws at random; only numbers retained are stable, and"
    " those are compared for the draws from the matrix",
    r".*_efa/efa\.fa_(minres|ml)_(none|varimax|promax)_polychoric": "extraction and rotation do not"
    " know where correlations come from; oblimin is compared on polychorics",
    r"bfi_misc/(describe|describe_type2|mardia|corr_test_spearman)": "skewness, kurtosis and rank"
    " correlations are not part of the family",
    r"bfi_misc/psych_ICC.*": "raters crossed with people; our ICC is of people in groups, compared"
    " with multilevel",
    r"bfi_misc/(aov|welch|kruskal|tukey|pairwise_t|cohen_d)_.*": "known-groups tests are not ours",
    r"bfi_misc/dif_.*": "differential item functioning is not part of the family",
    r"bfi_misc/omega_default_flip.*": "psych turns items round by their loadings; we do not",
    r"lq2002_aggregation/.*\.(waba|gmeanrel|aov|mult_icc)": "steps or repetitions of ICC(1) and"
    " ICC(2), which are compared",
    r"lq2002_aggregation/aggregation_\w+\.mult_icc": "ICC(1) and ICC(2) once more, item by item",
}


def listed() -> list[tuple[str, str]]:
    keys = json.loads((REFERENCE / "keys.json").read_text())
    return [(file, path) for file, paths in keys.items() for path in paths]


def is_compared(file: str, path: str) -> bool:
    return bool(file in COMPARED and re.fullmatch(COMPARED[file], path))


def test_everything_that_r_was_asked_is_compared_or_has_a_reason():
    unexplained = [
        f"{file}/{path}"
        for file, path in listed()
        if not is_compared(file, path)
        and not any(re.fullmatch(pattern, f"{file}/{path}") for pattern in NOT_OURS)
    ]
    assert unexplained == []


def test_no_reason_is_left_over():
    rest = [f"{file}/{path}" for file, path in listed() if not is_compared(file, path)]
    for pattern in NOT_OURS:
        assert any(re.fullmatch(pattern, each) for each in rest), pattern
