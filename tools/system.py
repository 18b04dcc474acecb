"""Find the system libraries that Midtier needs; as root on Debian or Ubuntu, install them.

Usage: python tools/system.py run|test|bench-r ... Needs no package of its own.
"""

import ctypes.util
import glob
import os
import shutil
import subprocess
import sys

#: what: (is it there?, Debian and Ubuntu, Fedora, macOS)
PANGO = (
    lambda: (
        bool(ctypes.util.find_library("pangoft2-1.0"))
        and bool(ctypes.util.find_library("harfbuzz-subset"))
    ),
    "libpangoft2-1.0-0 libharfbuzz-subset0",
    "pango harfbuzz",
    "pango",
)
CHROMIUM = (lambda: os.path.exists("/usr/bin/chromium"), "chromium", "chromium", "--cask chromium")
POSTGRESQL = (
    lambda: bool(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or bool(shutil.which("initdb")),
    "postgresql",
    "postgresql-server",
    "postgresql",
)
POPPLER = (lambda: bool(shutil.which("pdftotext")), "poppler-utils", "poppler-utils", "poppler")

R = (
    lambda: (
        bool(shutil.which("Rscript"))
        and all(glob.glob(f"/usr/lib/R/site-library/{name}") for name in ("psych", "lavaan"))
    ),
    "r-base-core r-cran-psych r-cran-lavaan r-cran-multilevel r-cran-jsonlite libopenblas0-pthread",
    "R",
    "r",
)

NEEDS = {"run": (PANGO,), "test": (CHROMIUM, POSTGRESQL, POPPLER), "bench-r": (R,)}


def main(wanted: list[str]) -> int:
    """Install or name what is missing; 0 when nothing is."""
    missing = [need for name in wanted for need in NEEDS[name] if not need[0]()]
    if not missing:
        return 0
    debian, fedora, macos = (" ".join(need[i] for need in missing) for i in (1, 2, 3))
    if os.getuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {debian} ...", flush=True)  # noqa: T201 (a command's own output)
        install(debian.split())
        missing = [need for need in missing if not need[0]()]
    if missing:
        print(  # noqa: T201
            f"System libraries are missing. Debian, Ubuntu: sudo apt-get install {debian}   "
            f"Fedora: sudo dnf install {fedora}   macOS: brew install {macos}",
            file=sys.stderr,
        )
        return 1
    return 0


def install(packages: list[str]) -> None:
    """Install Debian packages, quietly; the caller looks whether it worked."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = {"env": environment, "stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if subprocess.run(command, stderr=subprocess.DEVNULL, **quiet).returncode:
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(command, **quiet)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
