"""Cut what R wrote down to what tests read: ``python tests/reference/trim.py FOLDER``.

FOLDER is the one that the scripts in ``r/`` write to; it holds ``data/`` and ``open/``. Figures are
copied as they are, at 17 digits. ``keys.json`` lists everything that R wrote, so that a test can
say why the rest is not ours.
"""

import csv
import json
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
RELIABILITY = (
    "alpha_complete",
    "alpha_pairwise",
    "feldt_explicit",
    "guttman_complete",
    "splitHalf_complete",
    "omega_1factor",
    "omega_3factor",
    "ordinal_alpha",
    "compRelSEM_ml",
    "compRelSEM_ml_obsvarF",
    "compRelSEM_ordinal",
    "AVE",
    "omega_ci_delta",
)
AGGREGATION = (
    "ICC1",
    "ICC2",
    "ICC1_CI",
    "ICC2_CI",
    "rwg_j_uniform",
    "rwg_j_slight_skew_1.34",
    "rwg_j_moderate_skew_0.90",
    "rwg_j_lindell",
    "awg",
    "ad_mean",
    "ad_median",
    "lmer",
)
STRUCTURE = (
    "KMO",
    "KMO_poly",
    "bartlett",
    "vss",
    "vss_poly",
    "parallel_fromR",
    "lavCor",
    "lavCor_th",
    "polychoric",
    "polychoric_correct05",
    "geomin",
    "omega",
    "factanal_promax",
    "factanal_varimax",
    *(
        f"fa_{extraction}_{rotation}_pearson"
        for extraction in ("minres", "ml")
        for rotation in ("none", "varimax", "promax", "Promax", "oblimin")
    ),
    *(f"fa_{extraction}_oblimin_polychoric" for extraction in ("minres", "ml")),
)
FIT = ("loadings", "Phi", "communality", "rms", "TLI", "RMSEA", "BIC", "STATISTIC", "dof")
ALSO = ("Structure", "complexity", "weights")
KEPT = {
    "vss": ("map",),
    "vss_poly": ("map",),
    "parallel_fromR": ("ncomp",),
    "polychoric": ("rho",),
    "polychoric_correct05": ("rho",),
    "ordinal_alpha": ("total",),
    "omega": ("omega_h", "omega_tot", "schmid_sl", "gloading"),
    "omega_3factor": ("omega_h", "omega_tot"),
    "alpha_pairwise": ("total", "feldt_ci_psych_alpha_ci"),
    "alpha_complete": ("total", "alpha_drop", "item_stats", "nvar"),
}
CFA = ("htmt", "htmt2", "reliability", "AVE", "compRelSEM_ord")


def entry(block: dict, name: str) -> dict:
    """A call and its value, cut to what is read of it."""
    value = block[name]["value"]
    kept = KEPT.get(name)
    if name.startswith("fa_") or name == "geomin":
        kept = FIT + ALSO if "minres_oblimin" in name else FIT
    if kept:
        value = {key: value[key] for key in kept}
    return {"call": block[name]["call"], "value": value}


def reliability(source: Path, scales: Iterable[str]) -> dict:
    full = json.loads(source.read_text())
    found: dict = {"versions": full["meta"]["versions"]}
    for scale in scales:
        block = full[scale]
        found[scale] = {"n": block["n_complete"]}
        for name in RELIABILITY:
            if name in block:
                found[scale][name] = entry(block, name)
    return found


def structure(source: Path) -> dict:
    full = json.loads(source.read_text())
    block = full["efa"]
    found: dict = {"versions": full["meta"]["versions"], "n": block["n_complete"]}
    for name in ("pearson", "pearson_pairwise", "eigen"):
        found[name] = block[name]
    return found | {name: entry(block, name) for name in STRUCTURE}


def aggregation(source: Path) -> dict:
    full = json.loads(source.read_text())
    found: dict = {"versions": full["meta"]["versions"]}
    blocks = {"aggregation_1_5": ("LEAD", "TSIG"), "aggregation_0_4": ("HOSTILE",)}
    for block, scales in blocks.items():
        for scale in scales:
            values = full[block][scale]
            found[scale] = {name: entry(values, name) for name in AGGREGATION}
        for item, values in full[block]["single_items"].items():
            found[item] = {name: entry(values, name) for name in values}
    return found


def factors(source: Path) -> dict:
    """What the correlations of factors and categorical omega are compared with."""
    full = json.loads(source.read_text())
    found: dict = {"versions": full["meta"]["versions"], "model": full["cfa"]["model"]}
    for name in CFA:
        found[name] = entry(full["cfa"], name)
    for name in ("wlsmv_delta", "ml_stdlv"):
        fit = full["cfa"][name]
        table = fit["value"]["parameter_estimates"]
        columns = table.get("columns", table)
        kept = {key: columns[key] for key in ("lhs", "op", "rhs", "est", "se", "std.all")}
        found[name] = {"call": fit["call"], "value": kept}
    return found


def routed(source: Path) -> dict:
    full = json.loads(source.read_text())
    names = ("pairwise_n", "lavcor_pairwise")
    return {"versions": full["meta"]["versions"]} | {name: entry(full, name) for name in names}


def keys(folder: Path) -> dict:
    """File -> paths of everything that R was asked."""

    def paths(value: dict, before: str) -> list[str]:
        found = []
        for name, each in value.items():
            if name in ("meta", "versions") or not isinstance(each, dict):
                continue
            leaf = "call" in each or "data" in each
            found += [before + name] if leaf else paths(each, f"{before}{name}.")
        return found

    sources = sorted(folder.glob("*.json"))
    return {source.stem: paths(json.loads(source.read_text()), "") for source in sources}


def write(name: str, found: dict) -> None:
    (HERE / name).write_text(json.dumps(found, indent=0) + "\n")


def main(folder: Path) -> None:
    open_, data = folder / "open", folder / "data"
    write("bfi_reliability.json", reliability(open_ / "bfi_reliability.json", (*"ACENO", "all25")))
    scales = ("LEAD", "TSIG", "HOSTILE")
    write("lq2002_reliability.json", reliability(open_ / "lq2002_reliability.json", scales))
    write("bfi_structure.json", structure(open_ / "bfi_efa.json"))
    write("lq2002_structure.json", structure(open_ / "lq2002_efa.json"))
    write("lq2002_aggregation.json", aggregation(open_ / "lq2002_aggregation.json"))
    write("bfi_factors.json", factors(open_ / "bfi_cfa.json"))
    write("lq2002_factors.json", factors(open_ / "lq2002_cfa.json"))
    write("routed.json", routed(open_ / "missing_by_design.json"))
    write("keys.json", keys(open_))
    for name in ("bfi.csv", "routed.csv"):
        (HERE / name).write_bytes((data / name).read_bytes())
    with (data / "lq2002.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    items = [c for c in rows[0] if c[:-2] in ("LEAD", "TSIG", "HOSTIL") and c[-2:].isdigit()]
    with (HERE / "lq2002.csv").open("w", newline="") as target:
        writer = csv.DictWriter(
            target, ["COMPID", *items], extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
