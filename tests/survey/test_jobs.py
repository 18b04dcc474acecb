"""Documents are made by workers, once, whatever is killed and whenever."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from reports.staff_page import from_json
from survey import jobs, processes, storage, sweep, worker
from survey.models import Report, Round, Worker
from survey.services import reporting
from tests.survey import rooms
from tests.survey.crashing_worker import POINTS

SCRIPT = Path(__file__).with_name("crashing_worker.py")
ROOT = Path(__file__).parents[2]
PATIENCE_S = 120
HANGS = "never, but hangs"
#: killed at the one point, started again, killed at the other
CRASHES = [
    ("before the step", "after the file is stored"),
    ("in the middle of the step", "before the row is written"),
    ("before the file has its name", "after the row is written"),
]


@pytest.fixture
def engine(app):
    from survey.database import db

    with app.app_context():
        yield db.engine


@pytest.fixture
def report_id(engine):
    """A profile that was asked for; its round is too small to say much, so it is made quickly."""
    with Session(engine) as session:
        trust = rooms.organisation(session)
        round_ = rooms.round_(session, trust, schools=2, staff=20, is_closed=True)
        report = reporting.ask(session, round_, "profile", by=None, now=rooms.NOW)
        session.commit()
        return report.report_id


@pytest.fixture
def environment(settings):
    settings.data_dir.mkdir(exist_ok=True)
    return {
        **os.environ,
        "MIDTIER_DATA_DIR": str(settings.data_dir),
        "MIDTIER_DATABASE_URL": settings.database_url,
        "MIDTIER_SECRET_KEY": settings.secret_key,
        "MIDTIER_RESPONDENT_KEY": settings.respondent_key,
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def running(environment, *arguments):
    """A worker process; killed at the end if it still runs."""
    process = subprocess.Popen([sys.executable, SCRIPT, *arguments], env=environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE_S)


def await_state(engine, report_id, state, process=None):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with Session(engine) as session:
            report = session.get(Report, report_id)
            if report.state == state:
                session.expunge(report)
                return report
            assert report.state == "asked", report.failure
        assert process is None or process.poll() is None, "the worker ended"
        time.sleep(0.1)
    raise AssertionError(f"the report was not {state} after {PATIENCE_S} s")


def check_made_once(settings, report):
    """One whole file under its name, and nothing half made beside it."""
    content = storage.load(settings.reports_dir, report.file_name, report.checksum)
    if report.kind == "staff_page":
        assert from_json(content).organisation == "Harbour Reach Schools Trust"
        suffix = ".json"
    else:
        assert content.startswith(b"%PDF-1.7")
        assert content.rstrip().endswith(b"%%EOF")
        suffix = ".pdf"
    assert report.file_name == f"{report.report_id}-1{suffix}"
    assert [path.name for path in settings.reports_dir.glob(f"*{suffix}")] == [report.file_name]
    assert report.fingerprint
    assert report.ready_at


def test_every_point_at_which_a_worker_can_be_killed_is_tried():
    assert {point for pair in CRASHES for point in pair} == set(POINTS) - {HANGS}


@pytest.mark.long_on_postgresql
@pytest.mark.parametrize("points", CRASHES, ids=" and ".join)
def test_a_worker_killed_at_any_point_leaves_nothing_undone(
    engine, settings, environment, report_id, points
):
    for point in points:
        with running(environment, point) as process:
            assert process.wait(PATIENCE_S) == -signal.SIGKILL
    with running(environment, "never") as process:
        report = await_state(engine, report_id, "ready", process)
        check_made_once(settings, report)
        _await_end(engine, settings, report_id)
    with Session(engine) as session:
        assert session.get(Report, report_id).ready_at == report.ready_at


@pytest.mark.long_on_postgresql
def test_the_page_for_staff_too_is_made_once_whatever_is_killed(
    engine, settings, environment, report_id
):
    with Session(engine) as session:
        session.get(Report, report_id).kind = "staff_page"
        session.commit()
    for point in CRASHES[0]:
        with running(environment, point) as process:
            assert process.wait(PATIENCE_S) == -signal.SIGKILL
    with running(environment, "never") as process:
        check_made_once(settings, await_state(engine, report_id, "ready", process))


def _await_end(engine, settings, report_id):
    """Wait until the engine is through with the workflow, so that nothing can follow."""
    until = time.monotonic() + PATIENCE_S
    with jobs.engine_client(settings) as client:
        while time.monotonic() < until:
            if [found.status for found in client.list_workflows()] == ["SUCCESS"]:
                return
            time.sleep(0.1)
    raise AssertionError("the workflow did not end")


@pytest.mark.long_on_postgresql
def test_a_row_that_was_never_handed_over_is_found_by_the_sweep(
    engine, settings, environment, report_id
):
    # the web process was killed between its commit and handing over: the engine knows nothing
    with running(environment, "never") as process:
        check_made_once(settings, await_state(engine, report_id, "ready", process))


def test_another_worker_takes_up_what_a_dead_one_left(engine, settings, environment, report_id):
    with running(environment, HANGS, "--quick") as first:
        until = time.monotonic() + PATIENCE_S
        while not _begun(engine, report_id) and time.monotonic() < until:
            time.sleep(0.1)
        with running(environment, "never", "--quick") as second:
            _await_workers(engine, 2)
            first.kill()
            first.wait()
            report = await_state(engine, report_id, "ready", second)
    check_made_once(settings, report)
    assert report.starts == 2


def _begun(engine, report_id):
    with Session(engine) as session:
        return session.get(Report, report_id).starts == 1


def _await_workers(engine, count):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with Session(engine) as session:
            if len(session.scalars(sa.select(Worker)).all()) == count:
                return
        time.sleep(0.1)
    raise AssertionError(f"there are not {count} workers")


@pytest.mark.long_on_postgresql
def test_a_worker_that_has_made_enough_asks_for_a_fresh_process(engine, environment, report_id):
    with running(environment, "never", "--one") as process:
        assert process.wait(PATIENCE_S) == processes.RECYCLE
    with Session(engine) as session:
        assert session.get(Report, report_id).state == "ready"
        assert session.scalars(sa.select(Worker)).all() == []


def test_a_worker_stops_when_it_is_asked_to(engine, environment):
    with running(environment, "never") as process:
        _await_workers(engine, 1)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0


# The parts, without processes


@pytest.fixture
def client(settings, engine):
    """The job engine's own tables, empty."""
    from dbos import DBOS

    DBOS.migrate(jobs.jobs_url(settings))
    with jobs.engine_client(settings) as client:
        yield client


def the_report(engine, report_id):
    with Session(engine) as session:
        report = session.get(Report, report_id)
        session.expunge(report)
        return report


def test_an_attempt_that_stops_worker_after_worker_is_given_up(engine, report_id):
    assert [worker.begin(engine, report_id, 1) for _ in range(3)] == [True] * 3
    assert not worker.begin(engine, report_id, 1)
    report = the_report(engine, report_id)
    assert (report.state, report.failure) == ("failed", worker.GIVEN_UP)


def test_what_an_older_attempt_writes_is_void(engine, report_id):
    with Session(engine) as session:
        reporting.start_again(session.get(Report, report_id), now=rooms.NOW)
        session.commit()
    assert not worker.begin(engine, report_id, 1)
    made = {"file_name": "old.pdf", "checksum": "0", "fingerprint": "0"}
    worker.record_result(engine, report_id, 1, made, now=rooms.NOW)
    assert the_report(engine, report_id).state == "asked"
    worker.record_result(engine, report_id, 2, {"failure": "No."}, now=rooms.NOW)
    assert the_report(engine, report_id).failure == "No."


def test_a_stated_failure_becomes_one_line(engine, settings, report_id):
    with Session(engine) as session:  # the instrument's files changed since the round was made
        session.get(Report, report_id).round.instrument_checksum = "another"
        session.commit()
    result = worker.make_document(settings, engine, report_id, 1)
    assert set(result) == {"failure"}
    assert "is not what it was when the round was made" in result["failure"]
    assert "\n" not in result["failure"]


def test_a_row_handed_over_twice_runs_once(client, engine, report_id):
    report = the_report(engine, report_id)
    jobs.enqueue(client, report)
    jobs.enqueue(client, report)
    assert [found.workflow_id for found in client.list_workflows()] == [f"{report_id}:1"]


def test_what_the_engine_is_given_is_readable_and_holds_ids_only(client, engine, report_id):
    jobs.enqueue(client, the_report(engine, report_id))
    found = client.list_workflows()[0]
    assert list(found.input["args"]) == [report_id, 1]
    assert found.app_version == jobs.CONTRACT


def test_a_row_whose_workflow_ended_without_a_word_failed(client, engine, report_id):
    jobs.enqueue(client, the_report(engine, report_id))
    client.cancel_workflow(f"{report_id}:1")
    sweep.hand_over_again(client, engine, now=rooms.NOW)
    report = the_report(engine, report_id)
    assert (report.state, report.failure) == ("failed", sweep.ENDED)


def test_a_row_of_another_contract_gets_a_new_attempt(client, engine, report_id):
    client.enqueue(
        {
            "workflow_name": jobs.MAKE_REPORT,
            "queue_name": jobs.QUEUES[jobs.MAKE_REPORT],
            "workflow_id": f"{report_id}:1",
            "app_version": "0",
        },
        report_id,
        1,
    )
    sweep.hand_over_again(client, engine, now=rooms.NOW)
    assert the_report(engine, report_id).attempt == 2
    known = {found.workflow_id: found.app_version for found in client.list_workflows()}
    assert known[f"{report_id}:2"] == jobs.CONTRACT


def test_workflows_that_ended_a_month_ago_are_forgotten(client, engine, report_id):
    jobs.enqueue(client, the_report(engine, report_id))
    client.cancel_workflow(f"{report_id}:1")
    sweep.forget_finished(client, now=rooms.NOW + timedelta(days=29))
    assert len(client.list_workflows()) == 1
    sweep.forget_finished(client, now=rooms.NOW + timedelta(days=31))
    assert client.list_workflows() == []


def test_the_sweep_closes_rounds_whose_time_is_up_and_scrubs_them(client, settings, engine):
    with Session(engine) as session:
        trust = rooms.organisation(session)
        round_ = rooms.round_(session, trust, schools=2, staff=20)
        round_id, closes_at = round_.round_id, round_.closes_at
        session.commit()
    sweep.sweep(settings, engine, now=closes_at - timedelta(minutes=1))
    with Session(engine) as session:
        assert session.get(Round, round_id).closed_at is None
        assert session.get(Round, round_id).tally["total"]["answered"] == "15–24"
    sweep.sweep(settings, engine, now=closes_at)
    with Session(engine) as session:
        assert session.get(Round, round_id).closed_at == closes_at
        assert session.get(Round, round_id).scrubbed_at is not None
        assert reporting.frozen(session, session.get(Round, round_id)).n == 16


def test_only_one_sweep_runs_at_a_time(settings, engine):
    with sweep._alone(settings, engine) as first, sweep._alone(settings, engine) as second:
        assert (first, second) == (True, False)
    with sweep._alone(settings, engine) as again:
        assert again


def test_two_workers_never_share_a_name(tmp_path):
    host = worker.host_name()
    with worker.slot(tmp_path) as first:
        with worker.slot(tmp_path) as second:
            assert (first, second) == (f"{host}-0", f"{host}-1")
        with worker.slot(tmp_path) as third:
            assert third == second
    with worker.slot(tmp_path) as fourth:
        assert fourth == first


def test_handing_over_without_an_engine_leaves_the_row_to_the_sweep(settings, engine, report_id):
    assert not jobs.hand_over(settings, [the_report(engine, report_id)])
    url = sa.make_url(jobs.jobs_url(settings))
    if url.get_backend_name() == "sqlite":
        assert not Path(url.database).exists()
    assert the_report(engine, report_id).state == "asked"


def test_jobs_have_a_file_of_their_own_beside_sqlite_and_share_postgresql(settings):
    url = jobs.jobs_url(settings)
    if settings.database.startswith("sqlite"):
        assert url.endswith("/jobs.sqlite")
        assert (
            Path(sa.make_url(url).database).parent
            == Path(sa.make_url(settings.database).database).parent
        )
    else:
        assert url == settings.database


# Storage


def test_a_file_is_stored_once_and_its_checksum_speaks_of_what_is_there(tmp_path):
    first = storage.save(tmp_path, "a.pdf", b"first")
    assert storage.save(tmp_path, "a.pdf", b"second") == first
    assert storage.load(tmp_path, "a.pdf", first) == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_damaged_or_missing_file_is_refused(tmp_path):
    checksum = storage.save(tmp_path, "a.pdf", b"first")
    (tmp_path / "a.pdf").write_bytes(b"other")
    with pytest.raises(storage.StorageError, match="damaged"):
        storage.load(tmp_path, "a.pdf", checksum)
    with pytest.raises(storage.StorageError, match="missing"):
        storage.load(tmp_path, "b.pdf", checksum)


def test_what_a_killed_writer_left_is_cleared_after_a_while(tmp_path):
    storage.save(tmp_path, "a.pdf", b"first")
    left = tmp_path / ".b.pdf-0123"
    left.write_bytes(b"half")
    storage.clear_unfinished(tmp_path, older_than_s=60, now_s=time.time())
    assert left.exists()
    storage.clear_unfinished(tmp_path, older_than_s=60, now_s=time.time() + 61)
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


# Processes


def test_a_port_that_is_taken_is_named(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(processes.ProcessError, match=f"127.0.0.1:{port} cannot be used"):
            processes.serve(settings.model_copy(update={"port": port}))


@contextmanager
def serving(environment, port):
    code = "from survey import processes, settings; processes.serve(settings.read_settings())"
    environment = {**environment, "MIDTIER_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE_S)


def children(process, name):
    """Ids of the process's children whose command holds ``name``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == process.pid and name in command:
            found.append(int(folder.name))
    return found


def is_gone(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    return False


def await_true(what):
    until = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.1)


def answers(port):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in").status == 200
    except OSError:
        return False


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_site_serves_replaces_its_worker_and_stops_both_when_asked(
    engine, environment, free_port
):
    with serving(environment, free_port) as site:
        await_true(lambda: answers(free_port))
        _await_workers(engine, 1)
        (first,) = children(site, "survey.processes")
        os.kill(first, signal.SIGKILL)
        await_true(lambda: children(site, "survey.processes") not in ([], [first]))
        (web,) = children(site, "gunicorn")
        site.terminate()
        _, said = site.communicate(timeout=PATIENCE_S)
    assert "The worker process ended (status -9); starting it again." in said
    assert site.returncode == 0
    assert is_gone(web)
    assert not answers(free_port)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_site_whose_web_process_dies_stops_and_says_so(engine, environment, free_port):
    with serving(environment, free_port) as site:
        await_true(lambda: answers(free_port))
        (worker_id,) = children(site, "survey.processes")
        (web,) = children(site, "gunicorn")
        os.kill(web, signal.SIGKILL)
        _, said = site.communicate(timeout=PATIENCE_S)
    assert "the web process ended (status -9)" in said
    assert site.returncode == 1
    assert is_gone(worker_id)


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_web_process_imports_nothing_that_makes_documents(tmp_path):
    heavy = ("weasyprint", "pingouin", "factor_analyzer", "pandas", "sklearn", "matplotlib")
    code = f"import sys, wsgi; print([name for name in {heavy} if name in sys.modules])"
    environment = {**os.environ, "MIDTIER_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    printed = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == "[]"
