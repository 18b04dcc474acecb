"""What a page costs the server, with 400 drafts in the database.

Processor time is measured, because what else the machine does hardly touches it; waiting for the
database comes on top. ``make bench`` measures whole answers, over the network.
"""

import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from instruments import registry
from instruments.simulate import simulate
from survey.database import db
from survey.models import Draft
from survey.services import simulated
from tests.survey.respond_kit import ROLES, Visitor, make_round

MOST_MS = 25


def median_ms(run: Callable[[], int], expected: int) -> float:
    run()  # the first time compiles templates and queries
    times = []
    for _ in range(11):
        began = time.process_time()
        status = run()
        times.append((time.process_time() - began) * 1000)
        assert status == expected
    return statistics.median(times)


@pytest.fixture
def visitor(app) -> Visitor:
    """Somebody who has begun, among 400 others."""
    drawn = simulate(registry.load(ROLES), seed=1, schools=12, staff=500, response_rate=0.9)
    with app.app_context():
        round_ = make_round(db.session, now=datetime.now(UTC), simulated=True, roster=drawn.roster)
        simulated.add(db.session, round_, drawn.responses)
        db.session.commit()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) >= 400
        visitor = Visitor(app, round_.link)
    visitor.start()
    return visitor


def sections(visitor: Visitor) -> dict[str, dict[str, str]]:
    """Answer everything; the fields that were sent, by section."""
    schools = re.findall(r'<option value="([^"]+)"', visitor.get("/you").html)
    page = visitor.say_role(registry.load(ROLES).roles[0], schools[0])
    sent = {}
    while "/s/" in page.path:
        given = {name: visitor.page.values(name)[0] for name in page.fields()}
        sent[page.path.removeprefix(visitor.base)] = given
        page = visitor.send_page(given)
    assert len(sent) > 8
    return sent


def test_no_page_takes_the_server_more_than_25_ms(visitor):
    paths = ["", "/resume", *sections(visitor), "/review", "/withdraw"]

    def get(path: str) -> int:
        return visitor.client.get(
            visitor.base + path, headers={"Accept-Encoding": "gzip"}
        ).status_code

    times = {path: median_ms(lambda path=path: get(path), 200) for path in paths}
    assert {path: ms for path, ms in times.items() if ms >= MOST_MS} == {}


def test_saving_a_section_takes_the_server_less_than_25_ms(visitor):
    path, given = max(sections(visitor).items(), key=lambda item: len(item[1]))
    page = visitor.get(path)
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.html)[1]
    form = {"csrf_token": token, **page.hidden(), **given}

    def post() -> int:
        return visitor.client.post(visitor.base + path, data=form).status_code

    assert median_ms(post, 303) < MOST_MS
