"""Our estimators beside those of other packages, on the same simulated rows.

Usage: python bench/psychometrics.py [--others PYTHON] [--out docs/benchmarks.md] [--largest N]
                                     [--r-largest N]

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from packages import ITEMS, PACKAGES, SCALES, SYNTAX, R

RUNS = 5
#: no new run begins after so many seconds of CPU
ENOUGH_S = 60
#: what R has not done by then is left out
TOO_LONG_S = 1200
SIZES = (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Task:
    """What is done, and the seconds to reach for 1,000, 10,000, 100,000 and 1,000,000 people."""

    what: str
    targets: tuple[float | None, ...] = (None, None, None, None)


TASKS = {
    "moments": Task("tables of all pairs (`Moments`)", (None, None, None, 10)),
    "polychoric": Task("polychoric matrix, standard errors, tables included", (0.1, 0.15, 0.6)),
    "parallel": Task("parallel analysis, 1,000 draws (R: 20)", (0.4, 0.4, 0.5)),
    "alpha": Task("alpha, interval, item statistics", (0.003, 0.01, 0.045)),
    "minres": Task("seven minres factors, oblimin, fit", (0.06, 0.08, 0.15)),
    "ML": Task("ML CFA, all fit indices and errors", (0.1, 0.1, 0.2)),
    "MLR": Task("the same by MLR"),
    "WLSMV": Task("WLSMV, robust errors, adjusted test", (1, 3, 20)),
    "invariance": Task("ML invariance of two groups, four steps"),
    "ordinal invariance": Task("ordinal invariance of two groups, five steps"),
    "agreement": Task("ICC(1), ICC(2), rwg(j), AD of seven scales", (0.02, 0.05, 0.3)),
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


def one(package: str, task: str, folder: str) -> None:
    """Run in a process of its own: five times, then print seconds, memory and the figures."""
    import resource

    codes, school = np.load(f"{folder}/codes.npy"), np.load(f"{folder}/school.npy")
    call = PACKAGES[package][0]()[task]
    seconds: list[float] = []
    while len(seconds) < RUNS and sum(seconds) < ENOUGH_S:
        start = time.process_time()
        value = call(codes, school)
        seconds.append(time.process_time() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory, "value": value}))


def in_r(package: str, task: str, folder: str) -> dict[str, Any]:
    script = (
        f'x<-as.matrix(read.csv("{folder}/codes.csv",header=FALSE));'
        f'colnames(x)<-paste0("i",1:ncol(x)-1);m<-"{SYNTAX}";'
        f'g<-scan("{folder}/school.csv",quiet=TRUE);took<-c();'
        f"while(length(took)<{RUNS}&&sum(took)<{ENOUGH_S}){{t0<-proc.time();{R[package][task]};"
        "took<-c(took,sum((proc.time()-t0)[-3],na.rm=TRUE))};"
        'k<-grep("VmHWM",readLines("/proc/self/status"),value=TRUE);'
        "found<-list(seconds=I(took),memory=as.numeric(gsub('[^0-9]','',k))/1024,value=v);"
        'cat("\\n",jsonlite::toJSON(found,digits=NA,auto_unbox=TRUE),sep="")'
    )
    command = ["Rscript", "-e", script]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=TOO_LONG_S
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {TOO_LONG_S // 60} minutes"}
    if done.returncode:
        return {"failed": " ".join(done.stderr.split()) or "R failed"}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure(package: str, task: str, folder: str, python: str) -> dict[str, Any]:
    if package in R:
        return in_r(package, task, folder)
    command = [python, __file__, "one", package, task, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def most(package: str, task: str, r_largest: int) -> int:
    """The most people that a package is given: a million for tables only, slow ones fewer."""
    if package in R:
        return r_largest
    if package == "ordinalcorr" or task == "ordinal invariance":
        return 10_000
    return 1_000_000 if task == "moments" else 100_000


def packages(task: str) -> list[str]:
    """Ours first."""
    ours = [name for name, (_, tasks) in PACKAGES.items() if task in tasks]
    return ours + [name for name, tasks in R.items() if task in tasks]


def main(others: str, out: Path, largest: int, r_largest: int) -> None:
    found: dict[tuple[str, int, str], dict[str, Any]] = {}
    left_out = set() if shutil.which("Rscript") else {"R is not installed here"}
    for n in (n for n in SIZES if n <= largest):
        with tempfile.TemporaryDirectory() as folder:
            codes, school = simulate(n)
            np.save(f"{folder}/codes.npy", codes)
            np.save(f"{folder}/school.npy", school)
            if shutil.which("Rscript") and n <= r_largest:
                np.savetxt(f"{folder}/codes.csv", codes, fmt="%d", delimiter=",")
                np.savetxt(f"{folder}/school.csv", school, fmt="%d")
            del codes
            for task in TASKS:
                for package in packages(task):
                    missing = package in R and not shutil.which("Rscript")
                    if missing or n > most(package, task, r_largest):
                        continue
                    python = others if package in ("ordinalcorr", "semopy") else sys.executable
                    result = measure(package, task, folder, python)
                    if "failed" in result:
                        left_out.add(f"{package}, {task}, {n:,} people: {result['failed']}")
                        continue
                    found[task, n, package] = result
                    seconds = statistics.median(result["seconds"])
                    print(f"{task}, {n:,}, {package}: {seconds:.4f}", flush=True)
            out.write_text(page(found, sorted(left_out), r_largest), "utf-8")


HEAD = """# Benchmarks

Written by `make bench` (`bench/psychometrics.py`): 70 five-point items, seven correlated factors,
simulated; every package on the same rows. Seconds are of CPU on one core, the median of five runs
in one process (fewer where these would take over a minute). Memory is the largest of the whole
process, rows and imports included. *Ratio* is the other package's time over ours; *differs* the
largest difference between its figures and ours: correlations, standardised loadings, communalities,
CFI and RMSEA, by task.

Ours starts from the answers and does all that the first column says. pingouin gives alpha with a
rounded interval and no item statistics; factor-analyzer loadings without fit, with its factor
correlations mended; ordinalcorr, psych and lavaan's `lavCor` correlations without errors
(ordinalcorr for up to 10,000 people). pingouin's intraclass correlation needs schools of one size,
which these are not. `make bench-r` installs R with psych and lavaan from Debian; then they are
measured too.
"""


def page(found: dict[Any, dict[str, Any]], left_out: list[str], r_largest: int) -> str:
    lines = [HEAD, "| what | people | package | seconds | MB | ratio | differs |"]
    lines.append("|---|--:|---|--:|--:|--:|--:|")
    for (task, n, package), result in found.items():
        seconds = statistics.median(result["seconds"])
        ratio = differs = ""
        base = found.get((task, n, "midtier"))
        if package != "midtier" and base:
            ratio = f"{seconds / statistics.median(base['seconds']):,.2g}"
            differs = difference(base["value"], result["value"])
        what, size = TASKS[task].what, f"{result['memory']:,.0f}"
        cells = (what, f"{n:,}", package, f"{seconds:.4f}", size, ratio, differs)
        lines.append("| " + " | ".join(cells) + " |")
    if any(package in R for _, _, package in found):
        lines += ["", f"R was given up to {r_largest:,} people."]
    if left_out:
        lines += ["", "Left out: " + "; ".join(left_out) + "."]
    return "\n".join([*lines, "", *against_targets(found)]) + "\n"


def difference(one_: Any, other: Any) -> str:
    a, b = np.atleast_1d(one_).astype(float), np.atleast_1d(other).astype(float)
    size = min(len(a), len(b))
    return f"{np.abs(a[:size] - b[:size]).max():.0e}"


def against_targets(found: dict[Any, dict[str, Any]]) -> list[str]:
    """What was to be reached, and by how much it was missed."""
    lines = ["## To reach", "", "| what | people | to reach | took | |", "|---|--:|--:|--:|---|"]
    for name, task in TASKS.items():
        for n, target in zip(SIZES, task.targets, strict=False):
            if target is None or (name, n, "midtier") not in found:
                continue
            took = statistics.median(found[name, n, "midtier"]["seconds"])
            verdict = "reached" if took <= target else f"missed by {took / target - 1:.0%}"
            lines.append(f"| {task.what} | {n:,} | {target} s | {took:.3g} s | {verdict} |")
    return lines


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(*sys.argv[2:])
    else:
        parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
        parser.add_argument("--others", default=sys.executable)
        parser.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"))
        parser.add_argument("--largest", type=int, default=1_000_000)
        parser.add_argument("--r-largest", type=int, default=100_000)
        given = parser.parse_args()
        main(given.others, given.out, given.largest, given.r_largest)
