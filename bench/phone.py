"""What a page costs on a phone: bytes, requests, first paint, shifts of the layout, server time.

Serves the demonstration, answers it once, then opens each page of those who answer in Chromium with
an empty cache, at 150 ms a round trip, 1.6 Mbit/s down, 0.75 up, and a processor slowed four times.
Ends with 1 where a page is over the budget. Run by ``make bench``:

    python bench/phone.py [--runs 5] [--url the shared link of an open round]

The emulation delays each request by a round trip, not the opening of a connection: on a real line,
TCP and TLS 1.3 add two round trips (0.3 s) to the first page of a visit.
"""

import argparse
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Page,
    StorageState,
    sync_playwright,
)

PHONE = {"width": 360, "height": 740}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWDOWN = 4

MOST_BYTES = 60_000
MOST_FIRST_PAINT_MS = 1000
MOST_SERVER_MS = 25
#: a shift below it is none: a hundredth of a phone moved by a tenth of it
LEAST_SHIFT = 0.001

#: after a page has loaded, this long for a late font or script to move something
SETTLE_MS = 600
PATIENCE_S = 20

SHIFTS = """() => new Promise(done => {
  let sum = 0;
  const observer = new PerformanceObserver(list => add(list.getEntries()));
  const add = entries => entries.forEach(entry => { sum += entry.value; });
  observer.observe({type: "layout-shift", buffered: true});
  setTimeout(() => { add(observer.takeRecords()); done(sum); }, 100);
})"""
FIRST_PAINT = """() => new Promise(done => {
  new PerformanceObserver(list => list.getEntriesByName("first-contentful-paint").forEach(
    entry => done(entry.startTime)
  )).observe({type: "paint", buffered: true});
})"""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that was asked for, with the cookies of a person to whom it belongs."""

    name: str
    url: str
    cookies: StorageState


@dataclass(frozen=True, slots=True)
class Load:
    """One load of a page with an empty cache."""

    bytes_: int
    addresses: tuple[str, ...]
    first_paint_ms: float
    shift: float


def walk(browser: Browser, link: str) -> list[Visit]:
    """Answer the survey once; every page on the way, as its owner can open it again."""
    beginner, teacher = (browser.new_context(java_script_enabled=False) for _ in range(2))
    page = _begin(beginner, link)
    begun = beginner.storage_state()
    visits = [Visit(name, link + name, begun) for name in ("", "/no", "/resume", "/words", "/you")]

    page = _begin(teacher, link)
    page.goto(f"{link}/you")
    page.locator("input[name=role]").nth(1).check()
    page.locator("select[name=school]").select_option(index=1)
    _follow(page, ".buttons button")
    names = []
    while "/s/" in page.url:
        names.append(page.url.removeprefix(link))
        for question in page.locator("fieldset.question").all():
            question.locator("input[type=radio]").nth(1).check()
        _follow(page, ".buttons button")
    page.goto(f"{link}/review")
    _follow(page, "form[action$='/send'] button")
    answered = teacher.storage_state()
    names += ["/review", "/thanks", "/withdraw"]
    beginner.close()
    teacher.close()
    return visits + [Visit(name, link + name, answered) for name in names]


def _begin(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    _follow(page, "form[action$='/start'] button")
    return page


def _follow(page: Page, selector: str) -> None:
    """Click what leads to another page, and wait until all of that is there: a click does not."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def load(browser: Browser, visit: Visit) -> Load:
    """Open a page as a phone would that has never been here."""
    context = browser.new_context(viewport=PHONE, storage_state=visit.cookies)
    page = context.new_page()
    asked: dict[str, str] = {}
    came: dict[str, float] = {}
    devtools = _slow_down(context, page)
    devtools.on(
        "Network.requestWillBeSent", lambda e: asked.update({e["requestId"]: e["request"]["url"]})
    )
    devtools.on(
        "Network.loadingFinished", lambda e: came.update({e["requestId"]: e["encodedDataLength"]})
    )
    page.goto(visit.url, wait_until="networkidle")
    _wait_for_all(page, asked, came)
    page.wait_for_timeout(SETTLE_MS)
    found = Load(
        bytes_=int(sum(came.values())),
        addresses=tuple(asked.values()),
        first_paint_ms=page.evaluate(FIRST_PAINT),
        shift=page.evaluate(SHIFTS),
    )
    context.close()
    return found


def _wait_for_all(page: Page, asked: Mapping[str, str], came: Mapping[str, float]) -> None:
    """Wait until what was asked for has come: on a busy machine a font comes after the page."""
    until = time.monotonic() + PATIENCE_S
    while missing := [address for each, address in asked.items() if each not in came]:
        if time.monotonic() > until:
            raise RuntimeError(f"{page.url}: {', '.join(missing)} did not come in {PATIENCE_S} s")
        page.wait_for_timeout(50)


def _slow_down(context: BrowserContext, page: Page) -> CDPSession:
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", NETWORK)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    return devtools


def server_ms(visit: Visit, *, runs: int, form: Mapping[str, str] | None = None) -> float:
    """Median milliseconds from asking for a page on this machine to having it whole."""
    parts = urllib.parse.urlsplit(visit.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    headers = {"Cookie": _cookie_line(visit), "Accept-Encoding": "gzip"}
    body = None
    if form is not None:
        body = urllib.parse.urlencode(form)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    times = []
    for _ in range(runs + 1):  # the first opens the connection
        began = time.perf_counter()
        connection.request("GET" if body is None else "POST", parts.path, body, headers)
        reply = connection.getresponse()
        reply.read()
        times.append((time.perf_counter() - began) * 1000)
        if reply.status != (200 if body is None else 303):
            raise RuntimeError(f"{visit.name}: {reply.status}")
    connection.close()
    return statistics.median(times[1:])


def _cookie_line(visit: Visit) -> str:
    path = urllib.parse.urlsplit(visit.url).path
    return "; ".join(
        f"{cookie['name']}={cookie['value']}"
        for cookie in visit.cookies["cookies"]
        if path.startswith(cookie["path"])
    )


def form_of(browser: Browser, visit: Visit) -> dict[str, str]:
    """What the form of a section would send: its token, what is chosen, and where to go."""
    context = browser.new_context(storage_state=visit.cookies)
    page = context.new_page()
    page.goto(visit.url)
    form = page.evaluate("Object.fromEntries(new FormData(document.querySelector('main form')))")
    context.close()
    return {**form, "go": "on"}


def strangers(loads: Sequence[Load], url: str) -> set[str]:
    """Addresses that were asked of anybody but the site."""
    home = urllib.parse.urlsplit(url).netloc
    asked = {address for each in loads for address in each.addresses}
    return {a for a in asked if urllib.parse.urlsplit(a).netloc != home}


def report(browser: Browser, link: str, *, runs: int) -> bool:
    """Print a line for each page; whether all keep the budget."""
    visits = walk(browser, link)
    print(f"{'page':<18}{'bytes':>8}{'requests':>10}{'FCP ms':>8}{'CLS':>7}{'server ms':>11}")
    is_kept = True
    for visit in visits:
        loads = [load(browser, visit) for _ in range(runs)]
        most = max(each.bytes_ for each in loads)
        paint = statistics.median(each.first_paint_ms for each in loads)
        shift = max(each.shift for each in loads)
        server = server_ms(visit, runs=30)
        requests = max(len(each.addresses) for each in loads)
        figures = f"{most:>8}{requests:>10}{paint:>8.0f}{shift:>7.3f}{server:>11.1f}"
        print(f"{visit.name or '/':<18}{figures}", flush=True)
        is_kept &= most < MOST_BYTES and paint < MOST_FIRST_PAINT_MS and shift < LEAST_SHIFT
        is_kept &= server < MOST_SERVER_MS and not strangers(loads, link)
    section = next(visit for visit in visits if "/s/" in visit.name)
    saving = server_ms(section, runs=30, form=form_of(browser, section))
    print(f"{'saving a section':<18}{saving:>44.1f}")
    return is_kept and saving < MOST_SERVER_MS


@contextmanager
def demonstration() -> Iterator[str]:
    """The demonstration on a free port; gives the shared link of its open round."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        probe.close()
        environment = {
            **os.environ,
            "MIDTIER_DATA_DIR": folder,
            "MIDTIER_PORT": url.rpartition(":")[2],
            "MIDTIER_PUBLIC_URL": url,
        }
        log = Path(folder) / "site.log"
        with log.open("wb") as out:
            site = subprocess.Popen(
                [sys.executable, "-m", "survey.cli", "run", "--demonstration"],
                env=environment,
                stdout=out,
            )
        try:
            _await(site, int(environment["MIDTIER_PORT"]))
            yield re.findall(r"staff\s+(http\S+)", log.read_text("utf-8"))[-1]
        finally:
            site.terminate()
            site.wait(60)


def _await(site: "subprocess.Popen[bytes]", port: int, *, patience_s: float = 120) -> None:
    until = time.monotonic() + patience_s
    while time.monotonic() < until and site.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the demonstration did not start; its messages above say why")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--url", help="of a round that is running, in place of a demonstration")
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        if asked.url:
            is_kept = report(browser, asked.url, runs=asked.runs)
        else:
            with demonstration() as link:
                is_kept = report(browser, link, runs=asked.runs)
        browser.close()
    sys.exit(0 if is_kept else 1)


if __name__ == "__main__":
    main()
