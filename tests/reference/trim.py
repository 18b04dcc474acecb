"""Cut what R wrote down to what tests read: ``python tests/reference/trim.py FOLDER``.

FOLDER is the one that the scripts in ``r/`` write to; it holds ``data/`` and ``open/``. Figures are
copied as they are, at 17 digits.
"""

import csv
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
RELIABILITY = ("alpha_complete", "feldt_explicit", "omega_1factor")
AGGREGATION = ("ICC1", "ICC2", "ICC1_CI", "ICC2_CI")
STRUCTURE = ("KMO", "bartlett", "vss", "parallel_fromR", "fa_minres_oblimin_pearson")
MODELS = ("ml_stdlv", "ml_marker", "mlr", "ml_fiml", "mlr_fiml", "wlsmv_delta", "wlsmv_theta")
ESTIMATES = ("lhs", "op", "rhs", "group", "est", "se")
STANDARDISED = ("lhs", "op", "rhs", "group", "est.std", "se")
INDICES = ("lhs", "op", "rhs", "mi", "epc", "sepc.all")
FIT = ("loadings", "Phi", "communality", "rms", "TLI", "RMSEA", "BIC", "STATISTIC", "dof")


def reliability(source: Path, scales: tuple[str, ...]) -> dict:
    full = json.loads(source.read_text())
    found: dict = {"versions": full["meta"]["versions"]}
    for scale in scales:
        block = full[scale]
        found[scale] = {"n": block["n_complete"]}
        for name in RELIABILITY:
            found[scale][name] = {k: block[name][k] for k in ("call", "value")}
        found[scale]["alpha_complete"]["value"].pop("response_freq", None)
    return found


def structure(source: Path) -> dict:
    full = json.loads(source.read_text())
    block = full["efa"]
    found: dict = {"versions": full["meta"]["versions"], "n": block["n_complete"]}
    for name in ("pearson", "pearson_pairwise", "eigen"):
        found[name] = block[name]
    for name in STRUCTURE:
        found[name] = {k: block[name][k] for k in ("call", "value")}
    found["vss"]["value"] = {"map": block["vss"]["value"]["map"]}
    found["parallel_fromR"]["value"] = {"ncomp": block["parallel_fromR"]["value"]["ncomp"]}
    fit = block["fa_minres_oblimin_pearson"]["value"]
    found["fa_minres_oblimin_pearson"]["value"] = {k: fit[k] for k in FIT}
    return found


def aggregation(source: Path) -> dict:
    full = json.loads(source.read_text())
    found: dict = {"versions": full["meta"]["versions"]}
    blocks = {"aggregation_1_5": ("LEAD", "TSIG"), "aggregation_0_4": ("HOSTILE",)}
    for block, scales in blocks.items():
        for scale in scales:
            values = full[block][scale]
            found[scale] = {
                name: {k: values[name][k] for k in ("call", "value")} for name in AGGREGATION
            }
    return found


def fitted(entry: dict) -> dict:
    """One fitted model: estimates, standardised ones, fit, modification indices."""
    value = entry["value"]
    found = {"call": entry["call"], "n": value["nobs"], "fit": value["fit_measures"]}
    for name, columns in (
        ("parameter_estimates", ESTIMATES),
        ("standardized_solution", STANDARDISED),
        ("modindices_top15", INDICES),
    ):
        table = value.get(name) or {}
        found[name] = {column: table[column] for column in columns if column in table}
    return found


def confirmatory(source: Path) -> dict:
    full = json.loads(source.read_text())
    block = full["cfa"]
    found: dict = {"versions": full["meta"]["versions"], "model": block["model"]}
    found |= {name: fitted(block[name]) for name in MODELS if name in block}
    for name in ("cluster_robust", "twolevel"):
        if name in full:
            value = full[name]["value"]
            entry = {"call": full[name]["call"], "value": value | {"nobs": None}}
            entry["value"]["fit_measures"] = value["fit"]
            found[name] = fitted(entry)
    return found


def pairwise(source: Path) -> dict:
    full = json.loads(source.read_text())
    found: dict = {"versions": full["meta"]["versions"], "model": full["meta"]["model_txt"]}
    found["lavcor_pairwise"] = full["lavcor_pairwise"]
    for name in ("wlsmv_pairwise", "fiml_ml", "bfi_wlsmv_pairwise"):
        found[name] = fitted(full[name])
    return found


def invariance(source: Path) -> dict:
    full = json.loads(source.read_text())
    found: dict = {"versions": full["meta"]["versions"], "model": full["invariance"]["model"]}
    for name, entry in full["invariance"].items():
        if name.endswith("_lrt"):
            found[name] = {k: entry[k] for k in ("call", "value")}
        elif name.split("_")[0] in ("ML", "MLR", "WLSMV"):
            found[name] = fitted(entry)
    return found


def write(name: str, found: dict) -> None:
    (HERE / name).write_text(json.dumps(found, indent=0) + "\n")


def main(folder: Path) -> None:
    open_, data = folder / "open", folder / "data"
    write("bfi_reliability.json", reliability(open_ / "bfi_reliability.json", tuple("ACENO")))
    scales = ("LEAD", "TSIG", "HOSTILE")
    write("lq2002_reliability.json", reliability(open_ / "lq2002_reliability.json", scales))
    write("bfi_structure.json", structure(open_ / "bfi_efa.json"))
    write("lq2002_structure.json", structure(open_ / "lq2002_efa.json"))
    write("lq2002_aggregation.json", aggregation(open_ / "lq2002_aggregation.json"))
    for name in ("bfi_cfa", "lq2002_cfa"):
        write(f"{name}.json", confirmatory(open_ / f"{name}.json"))
    write("routed_cfa.json", pairwise(open_ / "missing_by_design.json"))
    write("bfi_invariance.json", invariance(open_ / "bfi_invariance_gender.json"))
    (HERE / "routed.csv").write_bytes((data / "routed.csv").read_bytes())
    (HERE / "bfi.csv").write_bytes((data / "bfi.csv").read_bytes())
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
