"""Cut lavaan's fitted models down to what tests read, as ``trim.py`` does the rest.

``python tests/reference/trim_confirmatory.py FOLDER``: the one that the scripts in ``r/`` write to.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
MODELS = ("ml_stdlv", "ml_marker", "mlr", "ml_fiml", "mlr_fiml", "wlsmv_delta", "wlsmv_theta")
ESTIMATES = ("lhs", "op", "rhs", "group", "est", "se")
STANDARDISED = ("lhs", "op", "rhs", "group", "est.std", "se")
#: whose signs of careless answering are kept
PEOPLE = 400
INDICES = ("lhs", "op", "rhs", "mi", "epc", "sepc.all")


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
    found |= {name: value[name] for name in ("r2", "resid_cor") if name in value}
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


def more(source: Path) -> dict:
    """Models of ``06_more.R``, and the rest as it is."""
    full = json.loads(source.read_text())
    found: dict = {"versions": full["meta"]["versions"], "models": full["models"]}
    found["small_model"] = full["small_model"]
    for name, entry in full.items():
        if isinstance(entry, dict) and "value" in entry:
            is_model = isinstance(entry["value"], dict) and "fit_measures" in entry["value"]
            found[name] = fitted(entry) if is_model else entry
    return found


def careless(source: Path) -> dict:
    """The first people of ``07_careless.R``; its effect sizes as they are."""
    full = json.loads(source.read_text())
    found = {name: each for name, each in full.items() if name != "meta"}
    for name, each in found.items():
        if name != "dmacs":
            each["value"] = each["value"][:PEOPLE]
    return {"versions": full["meta"]["versions"], "data": full["meta"]["data"], **found}


def whole(source: Path) -> dict:
    """``08_indices.R`` or ``09_levels.R`` as it is."""
    full = json.loads(source.read_text())
    return {"versions": full["meta"]["versions"], "data": full["meta"]["data"]} | {
        name: each for name, each in full.items() if name != "meta"
    }


def main(folder: Path) -> None:
    found = {name: confirmatory(folder / f"{name}.json") for name in ("bfi_cfa", "lq2002_cfa")}
    found["routed_cfa"] = pairwise(folder / "missing_by_design.json")
    found["bfi_invariance"] = invariance(folder / "bfi_invariance_gender.json")
    found["more"] = more(folder / "more.json")
    found |= {name: whole(folder / f"{name}.json") for name in ("indices", "levels")}
    found["careless"] = careless(folder / "careless.json")
    for name, values in found.items():
        (HERE / f"{name}.json").write_text(json.dumps(values, indent=0) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) / "open")
