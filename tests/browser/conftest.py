"""A real site (web process and worker process) and a real Chromium."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")  # its event loop must not outlive the module: other tests run next
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Site:
    """A running installation of the demonstration."""

    url: str
    data_dir: Path
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def start(self) -> None:
        command = [sys.executable, "-m", "survey.cli", "run", "--demonstration"]
        with (self.data_dir.parent / "site.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self.wait()

    def wait(self, timeout_s: float = 120) -> None:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(self.url, timeout=1).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError((self.data_dir.parent / "site.log").read_text())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, loaded and served on a free port."""
    folder = tmp_path_factory.mktemp("site")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "MIDTIER_DATA_DIR": str(folder / "data"),
        "MIDTIER_PORT": str(port),
        "MIDTIER_PUBLIC_URL": url,
    }
    site = Site(url, folder / "data", None, environment)  # type: ignore[arg-type]
    (folder / "data").mkdir()
    site.start()
    yield site
    site.stop()
