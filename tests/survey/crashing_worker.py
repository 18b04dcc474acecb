"""A worker process that kills itself at a named point: ``python crashing_worker.py POINT``.

The work is the program's own; only the kill is put in its way. Points: see ``POINTS``. With
``--quick`` heartbeats and sweeps come every 0.2 s and a worker counts as dead after 2 s.
"""

import os
import signal
import sys
import time
from datetime import timedelta

from survey import processes, storage, sweep, worker
from survey.services import reporting


def kill(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def after(real):
    def then_kill(*args, **kwargs):
        real(*args, **kwargs)
        kill()

    return then_kill


def hang(*_args, **_kwargs):
    time.sleep(600)


POINTS = {
    "before the step": (worker, "make_document", kill),
    "in the middle of the step": (reporting, "make", after(reporting.make)),
    "before the file has its name": (storage.os, "link", kill),
    "after the file is stored": (storage, "save", after(storage.save)),
    "before the row is written": (worker, "record_result", kill),
    "after the row is written": (worker, "record_result", after(worker.record_result)),
    "never, but hangs": (worker, "make_document", hang),
}

if __name__ == "__main__":
    if "--quick" in sys.argv:
        worker.HEARTBEAT_S = worker.SWEEP_S = 0.2
        sweep.DEAD_AFTER = timedelta(seconds=2)
    if "--one" in sys.argv:
        worker.run.__kwdefaults__["recycle_after"] = 1
    if sys.argv[1] in POINTS:
        module, name, replacement = POINTS[sys.argv[1]]
        setattr(module, name, replacement)
    processes.main()
