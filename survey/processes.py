"""The processes of an installation: a web process and a worker process, watched over."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import click

from survey.settings import PREFIX, Settings, read_settings

#: exit status of a worker that asks for a fresh process
RECYCLE = 75
#: a worker that died so often within a minute is not started again
MOST_DEATHS = 5
STOP_S = 30


class ProcessError(ValueError):
    """A process cannot run; one line: which, why, what to do."""


@dataclass
class _Child:
    name: str
    command: list[str]
    process: subprocess.Popen[bytes]


def serve(settings: Settings) -> None:
    """Run one web process and one worker process until Ctrl-C or SIGTERM.

    A worker that dies is started again. If the web process dies, both stop.

    Raises
    ------
    ProcessError
        If the port is taken, or a process cannot go on.
    """
    _check_port(settings.host, settings.port)
    _watch({"web": _web(settings), "worker": worker_command()}, environment(settings))


def worker(settings: Settings) -> None:
    """Run one worker process until Ctrl-C or SIGTERM; it is replaced when it is used up."""
    _watch({"worker": worker_command()}, environment(settings))


def _web(settings: Settings) -> list[str]:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    # its warnings quote what it could not read: addresses, and resume words of a broken cookie line
    return [
        *(sys.executable, "-m", "gunicorn", "survey:create_app()"),
        *("--worker-class", "gthread", "--workers", "1", "--threads", "8"),
        *("--bind", f"{host}:{settings.port}", "--log-level", "error"),
        "--no-control-socket",
    ]


def worker_command() -> list[str]:
    """The command that runs one worker process."""
    return [sys.executable, "-m", "survey.processes"]


def environment(settings: Settings) -> dict[str, str]:
    """Settings reach the processes as they came: through the environment."""
    return {
        **os.environ,
        f"{PREFIX}DATA_DIR": str(settings.data_dir.absolute()),
        f"{PREFIX}DEMONSTRATION": str(settings.demonstration).lower(),
        # many small matrix products are ten times slower with threads on a busy machine
        "OPENBLAS_NUM_THREADS": "1",
    }


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ProcessError(
                f"{host}:{port} cannot be used ({error.strerror}): stop what listens there, or "
                f"choose another port with {PREFIX}PORT"
            ) from None


def _watch(commands: dict[str, list[str]], environment: dict[str, str]) -> None:
    """Start the commands and keep them going; the worker is replaced, the web process is not."""
    with _stop_signals() as stop:
        children = [_start(name, command, environment) for name, command in commands.items()]
        deaths: list[float] = []
        try:
            while not stop.wait(0.2):
                for child in children:
                    status = child.process.poll()
                    if status is not None:
                        _replace(child, status, deaths, environment)
        finally:
            _stop(children)


def _start(name: str, command: list[str], environment: dict[str, str]) -> _Child:
    # a session of its own: Ctrl-C reaches only us, and we stop them in order
    process = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 (our own command)
    return _Child(name, command, process)


def _replace(child: _Child, status: int, deaths: list[float], environment: dict[str, str]) -> None:
    if child.name != "worker":
        raise ProcessError(f"the {child.name} process ended (status {status}); its log says why")
    if status != RECYCLE:
        now = time.monotonic()
        deaths[:] = [*(at for at in deaths if now - at < 60), now]
        if len(deaths) >= MOST_DEATHS:
            raise ProcessError(
                f"the worker process ended {MOST_DEATHS} times within a minute (status {status}); "
                "its log says why"
            )
        click.echo(f"The worker process ended (status {status}); starting it again.", err=True)
    child.process = _start(child.name, child.command, environment).process


def _stop(children: list[_Child]) -> None:
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    for child in children:
        try:
            child.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.process.kill()  # what it was doing is taken up at the next start
            child.process.wait()


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {
        number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main() -> None:
    """What a worker process runs."""
    from survey import worker as work

    logging.basicConfig(level=logging.WARNING, format="worker: %(levelname)s %(message)s")
    with _stop_signals() as stop:
        recycle = work.run(read_settings(), stop=stop)
    sys.stderr.flush()
    # a document that would not end must not hold the process: its slot is free for the next one
    os._exit(RECYCLE if recycle else 0)


if __name__ == "__main__":
    main()
