"""Real sites (web process and worker process) and a real Chromium."""

import fcntl
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.accessibility import LOOKS
from tests.browser.answering import PHONE
from tests.browser.sites import Site, make_site
from tests.browser.staging import Stage, make_round

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


@pytest.fixture
def device(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes devices: a fresh browser each, 360 px wide unless told otherwise."""
    made = []

    def make(**options) -> Page:
        context = browser.new_context(**{"viewport": PHONE, **options})
        context.set_default_timeout(20_000)
        made.append(context)
        return context.new_page()

    yield make
    for context in made:
        context.close()


@pytest.fixture(
    params=[
        pytest.param(("phone",), id="phone"),
        pytest.param(tuple(LOOKS), id="all looks", marks=pytest.mark.long),
    ]
)
def looks(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """How a page is looked at: once by ``make test``, in all ways by ``make test-all`` as well."""
    return request.param


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation with the demonstration, loaded once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = shared / "demonstration"
        if not (folder / "loaded").exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that did not come to the end
            folder.mkdir()
            site = make_site(folder, "--demonstration")
            site.start()
            site.stop()
            (folder / "loaded").touch()
    return folder / "data"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, loaded: Path) -> Iterator[Site]:
    """The demonstration, served on a free port."""
    site = make_site(tmp_path_factory.mktemp("site"), "--demonstration")
    shutil.copytree(loaded, site.data_dir, dirs_exist_ok=True)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="package")  # its worker looks for work all the time: not while others run
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation without any data, for tests that make rounds of their own in it."""
    site = make_site(tmp_path_factory.mktemp("house"))
    site.start()
    yield site
    site.engine.dispose()
    site.stop()


@pytest.fixture
def stage(house: Site) -> Stage:
    """An anonymous round of its own, open now."""
    return make_round(house)


@pytest.fixture
def draw() -> random.Random:
    """Decides what a person chooses."""
    return random.Random(3)
