"""What the processes of an installation write, and what they do not."""

import socket
import subprocess
import sys
import time

import pytest

from survey import processes

WORDS = "trick-twins-shady-yard-crush"
BROKEN = (
    f"GET /r/x HTTP/1.1\r\nHost: x\r\nCookie resume_words={WORDS}\r\n\r\n",
    f"GET /r/x HTTP/1.1\r\nHost: x\r\nCookie: resume_words={WORDS}{'x' * 9000}\r\n\r\n",
)


def send(port: int, text: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        link.sendall(text.encode())
        return link.recv(100)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def web(settings, monkeypatch, tmp_path):
    """A web process as it is run, and where its log goes."""
    served = settings.model_copy(update={"port": free_port()})
    log = tmp_path / "web.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            processes._web(served), env=processes.environment(served), stdout=file, stderr=file
        )
    try:
        for _ in range(100):
            try:
                send(served.port, "GET / HTTP/1.0\r\n\r\n")
                break
            except OSError:
                time.sleep(0.2)
        yield served.port, log
    finally:
        process.terminate()
        process.wait(30)


def test_a_request_that_cannot_be_read_leaves_no_words_and_no_address_in_the_log(web):
    port, log = web
    for text in BROKEN:
        assert send(port, text).startswith(b"HTTP/1.1 4")
    written = log.read_text()
    assert WORDS not in written
    assert "127.0.0.1" not in written


@pytest.mark.parametrize("module", ["instruments.quality", "instruments.scoring"])
def test_a_fresh_process_can_close_a_round(module):
    """Whichever it imports first: while a round cannot close, its drafts are not destroyed."""
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
