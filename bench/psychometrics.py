"""Our estimators beside those of other packages, on the same simulated rows.

Usage: python bench/psychometrics.py [--others PYTHON] [--out docs/benchmarks.md] [--largest N]

PYTHON is an interpreter with ``bench/requirements.txt`` installed; what it lacks, and R where it is
not installed, is left out and said. Each figure is the median of five runs in one process, in
seconds of CPU, since a shared machine's clock tells little; memory is the process's largest.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ITEMS, SCALES, RUNS = 70, 7, 5
#: task -> items, and what is compared
TASKS = {
    "moments": (ITEMS, "tables of all pairs"),
    "polychoric": (ITEMS, "correlations, thresholds, errors; tables included"),
    "polychoric of ten": (10, "correlations of ten items"),
    "alpha": (ITEMS, "alpha, interval, item statistics"),
    "minres": (ITEMS, "seven minres factors, oblimin, fit"),
    "parallel": (ITEMS, "parallel analysis, 1,000 draws (R: 20)"),
    "agreement": (ITEMS, "ICC(1), ICC(2), rwg(j), AD of seven scales"),
    "composite reliability": (10, "one-factor ML, composite reliability"),
}


def simulate(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Answers on five points from seven correlated factors, and each person's school of fifty."""
    rng = np.random.default_rng(seed)
    between = np.linalg.cholesky(0.6 * np.eye(SCALES) + 0.4).T
    codes = np.empty((n, ITEMS), np.int8)
    for start in range(0, n, 50_000):
        m = min(50_000, n - start)
        factors = np.repeat(rng.standard_normal((m, SCALES)) @ between, ITEMS // SCALES, axis=1)
        latent = 0.65 * factors + 0.76 * rng.standard_normal((m, ITEMS))
        codes[start : start + m] = np.searchsorted([-1.5, -0.6, 0.3, 1.2], latent) + 1
    return codes, rng.integers(0, max(2, n // 50), n)


def ours(task: str, codes: np.ndarray, school: np.ndarray) -> Callable[[], Any]:
    from instruments import psychometrics as m

    names = [f"i{k}" for k in range(codes.shape[1])]
    options = [range(1, 6)] * len(names)

    def moments(tables: bool = True) -> Any:
        return m.from_codes(codes, names, options, "listwise", tables=tables)

    def agreement() -> Any:
        parts = [codes[:, k : k + 10] for k in range(0, ITEMS, 10)]
        found = [
            (m.icc(part.mean(axis=1), school), m.consensus(part, school, range(1, 6)))
            for part in parts
        ]
        return [found[0][0].icc1.value, float(found[0][1].rwgj_uniform.mean())]

    def alpha() -> Any:
        held = moments(tables=False)
        return [m.alpha(held).value, m.item_statistics(held)[0].item_rest]

    def minres() -> Any:
        found = m.explore(moments(tables=False), factors=SCALES)
        return [*np.sort(found.communalities).tolist(), found.rmsr]

    calls: dict[str, Callable[[], Any]] = {
        "moments": lambda: int(moments().n),
        "polychoric": lambda: _upper(m.polychoric(moments()).correlations),
        "polychoric of ten": lambda: _upper(m.polychoric(moments()).correlations),
        "alpha": alpha,
        "minres": minres,
        "parallel": lambda: m.parallel_analysis(moments(tables=False), seed=1).retain,
        "agreement": agreement,
        "composite reliability": lambda: m.composite_reliability(moments(tables=False)).value,
    }
    return calls[task]


def pingouin(task: str, codes: np.ndarray, school: np.ndarray) -> Callable[[], Any]:
    import pandas as pd
    import pingouin as pg

    frame = pd.DataFrame(codes.astype(float))
    return {"alpha": lambda: [float(pg.cronbach_alpha(frame)[0])]}[task]


def factor_analyzer(task: str, codes: np.ndarray, school: np.ndarray) -> Callable[[], Any]:
    from factor_analyzer import FactorAnalyzer

    from instruments.psychometrics import _factor_analyzer

    _factor_analyzer._mend()

    def minres() -> Any:
        r = np.corrcoef(codes, rowvar=False)
        found = FactorAnalyzer(SCALES, rotation="oblimin", method="minres", is_corr_matrix=True)
        found.fit(r)
        loadings = found.loadings_
        phi = np.linalg.lstsq(loadings, found.structure_, rcond=None)[0]
        return np.sort(np.diag(loadings @ phi @ loadings.T)).tolist()

    return {"minres": minres}[task]


def ordinalcorr(task: str, codes: np.ndarray, school: np.ndarray) -> Callable[[], Any]:
    from ordinalcorr import polychoric

    pairs = list(zip(*np.triu_indices(codes.shape[1], 1), strict=True))
    call = {
        "polychoric of ten": lambda: [float(polychoric(codes[:, i], codes[:, j])) for i, j in pairs]
    }
    return call[task]


def semopy(task: str, codes: np.ndarray, school: np.ndarray) -> Callable[[], Any]:
    import pandas as pd
    from semopy import Model

    names = [f"i{k}" for k in range(codes.shape[1])]
    frame = pd.DataFrame(codes.astype(float), columns=names)

    def fit() -> float:
        model = Model("f =~ " + " + ".join(names))
        model.fit(frame)
        table = model.inspect()
        loadings = table[table.op == "~"].Estimate.astype(float).sum()
        variances = table[table.op == "~~"]
        factor = float(variances[variances.lval == "f"].Estimate.iloc[0])
        unique = variances[variances.lval != "f"].Estimate.astype(float).sum()
        return float(loadings**2 * factor / (loadings**2 * factor + unique))

    return {"composite reliability": fit}[task]


R = {
    "alpha": "a<-psych::alpha(x,check.keys=FALSE,warnings=FALSE); v<-c(a$total$raw_alpha)",
    "polychoric": "v<-unclass(lavaan::lavCor(as.data.frame(x),ordered=TRUE));v<-t(v)[lower.tri(v)]",
    "minres": 'f<-psych::fa(cor(x),7,n.obs=nrow(x),rotate="oblimin");'
    "v<-sort(unname(f$communality))",
    "parallel": 'v<-psych::fa.parallel(x,fa="pc",n.iter=20,plot=FALSE)$ncomp',
    "agreement": "for(k in seq(1,61,10)){s<-x[,k:(k+9)];a<-aov(rowMeans(s)~as.factor(g));"
    "i<-multilevel::ICC1(a);multilevel::ICC2(a);w<-multilevel::rwg.j(s,g,2);multilevel::ad.m(s,g);"
    "if(k==1) v<-c(i,mean(w$rwg.j))}",
}
TOOLS = {
    "midtier": (ours, tuple(TASKS)),
    "pingouin": (pingouin, ("alpha",)),
    "factor-analyzer": (factor_analyzer, ("minres",)),
    "ordinalcorr": (ordinalcorr, ("polychoric of ten",)),
    "semopy": (semopy, ("composite reliability",)),
}


def one(tool: str, task: str, folder: str) -> None:
    """Run in a process of its own: five times, then print seconds, memory and the figures."""
    import resource

    codes = np.load(f"{folder}/codes.npy", mmap_mode="r")
    codes, school = np.array(codes[:, : TASKS[task][0]]), np.load(f"{folder}/school.npy")
    call = TOOLS[tool][0](task, codes, school)
    seconds, began = [], time.perf_counter()
    while len(seconds) < RUNS:
        start = time.process_time()
        value = call()
        seconds.append(time.process_time() - start)
        if time.perf_counter() - began > 240:
            break
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory, "value": value}))


def in_r(task: str, folder: str) -> dict[str, Any]:
    script = (
        f'x<-as.matrix(read.csv("{folder}/codes.csv",header=FALSE));'
        'colnames(x)<-paste0("i",1:ncol(x));'
        f'g<-scan("{folder}/school.csv",quiet=TRUE);'
        f"s<-c();for(r in 1:{RUNS}){{t0<-proc.time();{R[task]};"
        "s<-c(s,sum((proc.time()-t0)[1:2]))};"
        "found<-list(seconds=s,memory=sum(gc()[,6]),value=v);"
        "cat(jsonlite::toJSON(found,digits=17,auto_unbox=TRUE))"
    )
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1] if done.stderr else "R failed"}
    return dict(json.loads(done.stdout))


def measure(tool: str, task: str, folder: str, python: str) -> dict[str, Any]:
    if tool == "R":
        return in_r(task, folder)
    command = [python, __file__, "one", tool, task, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def difference(one_: Any, other: Any) -> str:
    a, b = np.atleast_1d(one_).astype(float), np.atleast_1d(other).astype(float)
    size = min(len(a), len(b))
    return f"{np.abs(a[:size] - b[:size]).max():.0e}"


def _upper(matrix: np.ndarray) -> list[float]:
    return list(map(float, matrix[np.triu_indices(len(matrix), 1)]))


def sizes_of(task: str, tool: str, sizes: list[int]) -> list[int]:
    """A million people for moments only; slow packages at few people only."""
    if task == "moments":
        return sizes
    most = 1_000 if tool == "ordinalcorr" else 10_000 if tool in ("semopy", "R") else 100_000
    return [n for n in sizes if n <= most]


def main(others: str, out: Path, largest: int) -> None:
    sizes = [n for n in (1_000, 10_000, 100_000, 1_000_000) if n <= largest]
    tools = [*TOOLS, *(["R"] if shutil.which("Rscript") else [])]
    left_out = [] if shutil.which("Rscript") else ["R is not installed here"]
    rows, found = [], {}
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            codes, school = simulate(n)
            np.save(f"{folder}/codes.npy", codes)
            np.save(f"{folder}/school.npy", school)
            if "R" in tools and n <= 10_000:
                np.savetxt(f"{folder}/codes.csv", codes, fmt="%d", delimiter=",")
                np.savetxt(f"{folder}/school.csv", school, fmt="%d")
            del codes
            for task in TASKS:
                for tool in tools:
                    known = R if tool == "R" else TOOLS[tool][1]
                    if task not in known or n not in sizes_of(task, tool, sizes):
                        continue
                    python = others if tool in ("ordinalcorr", "semopy") else sys.executable
                    result = measure(tool, task, folder, python)
                    if "failed" in result:
                        left_out.append(f"{tool}, {task}: {result['failed']}")
                        continue
                    found[task, n, tool] = result
                    rows.append((task, n, tool, result))
                    print(task, n, tool, f"{statistics.median(result['seconds']):.4f}", flush=True)
    out.write_text(page(rows, found, sorted(set(left_out))), "utf-8")


def page(rows: list[tuple], found: dict, left_out: list[str]) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench` (`bench/psychometrics.py`): 70 five-point items, seven",
        "correlated factors, simulated; every package on the same rows. Seconds are of CPU on",
        "one core, the median of five runs in one process (fewer where these would take over",
        "four minutes). Memory is the largest of the whole process, rows and imports included.",
        "*Ratio* is the other package's time over ours; *differs* the largest difference",
        "between its figures and ours. Ours starts from the answers and does all that the first",
        "column says; pingouin gives alpha with a rounded interval and no item statistics,",
        "factor-analyzer loadings without fit, semopy a model without an interval of the",
        "reliability, ordinalcorr correlations without errors.",
        "",
        "| what | people | package | seconds | MB | ratio | differs |",
        "|---|---|---|---|---|---|---|",
    ]
    for task, n, tool, result in rows:
        seconds = statistics.median(result["seconds"])
        ratio = differs = ""
        base = found.get((task, n, "midtier"))
        if tool != "midtier" and base:
            ratio = f"{seconds / statistics.median(base['seconds']):,.2g}"
            differs = difference(base["value"], result["value"])
        what = TASKS[task][1]
        cells = (what, f"{n:,}", tool, f"{seconds:.4f}", f"{result['memory']:,.0f}", ratio, differs)
        lines.append("| " + " | ".join(cells) + " |")
    if left_out:
        lines += ["", "Left out: " + "; ".join(left_out) + "."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(*sys.argv[2:])
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--others", default=sys.executable)
        parser.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"))
        parser.add_argument("--largest", type=int, default=1_000_000)
        given = parser.parse_args()
        main(given.others, given.out, given.largest)
