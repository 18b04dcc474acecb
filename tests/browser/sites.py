"""Installations that run: a web process, a worker process, and what watches over them."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from survey.database import open_engine
from survey.settings import Settings, read_settings


@dataclass
class Site:
    """A running installation; ``arguments``: of ``midtier run``."""

    url: str
    data_dir: Path
    environment: dict[str, str]
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @cached_property
    def settings(self) -> Settings:
        return read_settings(data_dir=self.data_dir, public_url=self.url)

    @cached_property
    def engine(self) -> sa.Engine:
        """The site's own database, for tests to look into."""
        return open_engine(self.settings.database)

    def start(self) -> None:
        command = [sys.executable, "-m", "survey.cli", "run", *self.arguments]
        with (self.data_dir.parent / "site.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self.wait()

    def wait(self, timeout_s: float = 600) -> None:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stop()
        raise RuntimeError((self.data_dir.parent / "site.log").read_text())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def children(self, word: str) -> list[int]:
        """The process of the web server ("gunicorn") or of the worker ("survey.processes")."""
        return children(self.process.pid, word)

    def kill(self, word: str) -> None:
        """Kill one of the two, and whatever it started, without a warning."""
        (child,) = self.children(word)
        os.killpg(child, signal.SIGKILL)

    def kill_web_worker(self) -> None:
        """Kill the process that serves, without a warning; the web server starts another."""
        (server,) = self.children("gunicorn")
        (worker,) = children(server, "gunicorn")
        os.kill(worker, signal.SIGKILL)


def children(parent: int, word: str) -> list[int]:
    """The processes that this one started and whose command holds the word."""
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [
        int(child)
        for child in found
        if word.encode() in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


#: each test process counts its own way and below the ports that systems give away by themselves, so
#: that nobody takes the port of a site that is being started again
_PORTS = itertools.count(10_000 + os.getpid() * 61 % 20_000)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def make_site(folder: Path, *arguments: str) -> Site:
    """A site in this folder, on a free port, not started yet."""
    port = next(port for port in _PORTS if is_free(port))
    (folder / "data").mkdir()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "MIDTIER_DATA_DIR": str(folder / "data"),
        "MIDTIER_PORT": str(port),
        "MIDTIER_PUBLIC_URL": url,
    }
    return Site(url, folder / "data", environment, arguments)
