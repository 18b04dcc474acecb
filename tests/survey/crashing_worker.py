"""A worker process that kills itself at a named point: ``python crashing_worker.py POINT``.

The work is the program's own; only the kill is put in its way. Points: see ``POINTS``,
``MAIL_POINTS`` and ``REMINDER_POINTS``. With ``--quick`` heartbeats and sweeps come every 0.2 s and
a worker counts as dead after 2 s; with ``--impatient`` mail that could not be sent is tried again
after a second.
"""

import os
import signal
import sys
import time
from datetime import timedelta

from survey import jobs, mail, processes, sending, storage, sweep, worker
from survey.services import mailings, reminders, reporting


def kill(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def after(real):
    def then_kill(*args, **kwargs):
        real(*args, **kwargs)
        kill()

    return then_kill


def after_the_tenth(real):
    done = []

    def then_kill(*args, **kwargs):
        done.append(real(*args, **kwargs))
        if len(done) == 10:
            kill()
        return done[-1]

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
#: points in the sending of a batch of mail
MAIL_POINTS = {
    "before the connection opens": (sending, "deliver", kill),
    "in the middle of a batch": (mail, "_hand_over", after_the_tenth(mail._hand_over)),
    "before the outcomes are written": (mailings, "record", kill),
    "after the outcomes are written": (sending, "_record", after(sending._record)),
}
#: points in the asking for a reminder that was planned
REMINDER_POINTS = {
    "before the reminder is asked for": (mailings, "ask", kill),
    "before the reminder is committed": (reminders, "send_due", after(reminders.send_due)),
    "before the reminder is handed over": (sweep, "ask_reminders", after(sweep.ask_reminders)),
}
ALL_POINTS = POINTS | MAIL_POINTS | REMINDER_POINTS

if __name__ == "__main__":
    if "--quick" in sys.argv:
        worker.HEARTBEAT_S = worker.SWEEP_S = 0.2
        sweep.DEAD_AFTER = timedelta(seconds=2)
    if "--impatient" in sys.argv:
        jobs.FIRST_WAIT_S = 1
    if "--one" in sys.argv:
        worker.run.__kwdefaults__["recycle_after"] = 1
    if sys.argv[1] in ALL_POINTS:
        module, name, replacement = ALL_POINTS[sys.argv[1]]
        setattr(module, name, replacement)
    processes.main()
