"""A PostgreSQL cluster of the test run's own, started when the first test asks for it."""

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

FOLDER_VARIABLE = "TEST_CLUSTER_FOLDER"


def binaries() -> Path:
    """The folder with initdb and pg_ctl; raises with one clear line where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)
    on_path = shutil.which("pg_ctl")
    if not found and not on_path:
        raise RuntimeError("PostgreSQL is not installed: run 'make test-setup', which says how")
    return Path(on_path or found[0]).parent


def choose_folder() -> None:
    """Name the cluster's folder for this process and the workers that it starts."""
    os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="midtier-pg-")


def url(database: str = "postgres") -> str:
    """The URL of a database in the cluster, which is started if it does not run."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "data" / "postmaster.pid").exists():
            _start(folder)
    return f"postgresql+psycopg://midtier@/{database}?host={folder}"


def stop() -> None:
    """Stop the cluster, if it runs, and remove its folder."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    if (folder / "data").exists():
        _run(folder, "pg_ctl", "stop", "-D", str(folder / "data"), "-m", "immediate", "-s")
    shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> None:
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o755)
    data = str(folder / "data")
    _run(folder, "initdb", "-D", data, "-U", "midtier", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = (
        f"-k {folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off "
        "-c full_page_writes=off -c max_connections=200 -c shared_buffers=32MB"
    )
    log = str(folder / "log")
    _run(folder, "pg_ctl", "start", "-w", "-s", "-D", data, "-l", log, "-o", options)


def _run(folder: Path, program: str, *arguments: str) -> None:
    command = [str(binaries() / program), *arguments]
    if os.getuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(
        command, cwd=folder, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
