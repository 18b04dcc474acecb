"""Time and memory of the commands on simulated rounds, as whole processes.

Usage: python bench/commands.py [runs]. Prints the median, smallest and largest of the runs.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MIDTIER = str(Path(sys.executable).parent / "midtier")


def measure(command: list[str], runs: int) -> str:
    """One line: seconds (median, least, most) and the largest resident set of one process."""
    seconds, megabytes = [], []
    for _ in range(runs):
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - began)
        megabytes.append(usage.ru_maxrss / 1024)
        if status:
            sys.exit(f"failed: {' '.join(command)}")
    return (
        f"{statistics.median(seconds):6.2f} s ({min(seconds):.2f} to {max(seconds):.2f})  "
        f"{max(megabytes):5.0f} MB  {' '.join(command[1:3])}"
    )


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulate = [MIDTIER, "simulate", "--out", str(folder), "--seed", "1"]
        print(measure(simulate, 1), flush=True)
        answers, round_file = str(folder / "responses.csv"), str(folder / "round.toml")
        roster = ["--roster", str(folder / "roster.csv")]
        for command in (
            ["profile", answers, "--round", round_file, *roster, "--out", str(folder / "p.pdf")],
            ["validate", answers, "--round", round_file, *roster, "--out", str(folder / "v.pdf")],
            ["analyse", answers, "--json", str(folder / "a.json")],
            ["--help"],
        ):
            print(measure([MIDTIER, *command], runs), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
