"""Can words be joined to their writer, to the writer's answers, or to their other words?

Everybody writes one after the other in the order of a list, which is the worst case, and says which
school they are from: within a school, an onlooker with the whole database tries every order. Each
look fails by accident at most once in 100,000 (``chance.ERROR_RATE``).
"""

import itertools
import logging
import secrets
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.database import begin_writing, open_engine
from survey.models import OpenAnswer, Response, Round
from survey.services import rounds
from tests.conftest import empty_database
from tests.linkage import chance, tables
from tests.survey import open_kit
from tests.survey.open_kit import MOVE, STORY

log = logging.getLogger(__name__)

IN_A_SCHOOL = 12


class World:
    """A closed and scrubbed round, what is stored of it, and the truth kept aside."""

    def __init__(self, engine: sa.Engine, *, spoils: bool = False) -> None:
        self.engine = engine
        self.cells: dict[str, str] = {}
        #: item -> words -> who wrote them
        self.writers: dict[str, dict[str, str]] = {STORY: {}, MOVE: {}}
        #: what they answered to three questions -> who
        self.answers: dict[tuple[int, ...], str] = {}
        with Session(engine, expire_on_commit=False) as session:
            self._fill(session)
        with Session(engine) as session:
            begin_writing(session)
            round_ = session.get_one(Round, self.round_id)
            rounds.close(session, round_, by=None, now=datetime.now(UTC))
            session.commit()
        if spoils:
            self._spoil()
        assert rounds.scrub(engine, [self.round_id], now=datetime.now(UTC))

    def _fill(self, session: Session) -> None:
        now = datetime.now(UTC)
        round_ = open_kit.make_open_round(session, now=now)
        self.round_id = round_.round_id
        answers = list(itertools.product(range(1, 6), repeat=3))
        secrets.SystemRandom().shuffle(answers)
        for number in range(6 * IN_A_SCHOOL):
            person = f"person {number:03}"
            words = {item: f"{secrets.token_hex(8)} {item}" for item in self.writers}
            draft = open_kit.write(session, round_, now=now, school=number % 6, words=words)
            draft.answers = dict(zip(("SCF1", "SCF4", "SCF5"), answers[number], strict=True))
            session.commit()
            self.answers[answers[number]] = person
            self.cells[person] = str(number % 6)
            for item, text in words.items():
                self.writers[item][text] = person

    def _spoil(self) -> None:
        """As if answers were born one by one, in the order in which they were written."""
        with self.engine.begin() as connection:
            table = sa.Table("open_answer", sa.MetaData(), autoload_with=connection)
            rows = {row.words: row._asdict() for row in connection.execute(sa.select(table))}
            connection.execute(sa.delete(table))
            for number, text in enumerate(self.writers[STORY]):
                row = {**rows[text], "open_answer_id": f"{number:032x}"}
                connection.execute(sa.insert(table).values(row))

    def whose(self, item: str) -> dict[str, str]:
        """Answer in words -> its writer."""
        with Session(self.engine) as session:
            born = session.scalars(sa.select(OpenAnswer).where(OpenAnswer.item == item))
            return {each.open_answer_id: self.writers[item][each.words] for each in born}

    def orders(self, table: str) -> dict[str, chance.Order]:
        with self.engine.connect() as connection:
            return tables.of_sheets(connection, table, self.round_id).orders()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    with empty_database(request, request.param, tmp_path) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


def verdict_on(evidence, truth):
    verdict = chance.judge(evidence, truth)
    log.info("%s", verdict)
    assert len(verdict.results) >= 4
    assert max(result.sheets for result in verdict.results) == 6 * IN_A_SCHOOL
    return verdict


def by_writing(world, item):
    """An onlooker who knows in what order everybody wrote."""
    whose = world.whose(item)
    return chance.Evidence(
        world.cells,
        {each: world.cells[person] for each, person in whose.items()},
        {"the order in which people wrote": {who: who for who in world.cells}},
        world.orders("open_answer"),
    ), whose


def test_nobody_joins_words_to_who_wrote_them_to_answers_or_to_other_words(engine):
    world = World(engine)
    evidence, whose = by_writing(world, STORY)
    assert not verdict_on(evidence, whose).joins

    moves = {person: each for each, person in world.whose(MOVE).items()}
    others = chance.Evidence(
        {each: world.cells[person] for person, each in moves.items()},
        evidence.sheets,
        world.orders("open_answer"),
        world.orders("open_answer"),
    )
    truth = {each: moves[person] for each, person in whose.items()}
    assert not verdict_on(others, truth).joins


def test_nobody_joins_words_to_the_response_of_their_writer(engine):
    """Of each school, the responses in any order, and the words in any order."""
    world = World(engine)
    evidence, whose = by_writing(world, STORY)
    with Session(engine) as session:
        response_of = {
            world.answers[tuple(each.answers.values())]: each.response_id
            for each in session.scalars(sa.select(Response))
        }
    assert set(response_of) == set(world.cells)
    found = chance.Evidence(
        {response: world.cells[person] for person, response in response_of.items()},
        evidence.sheets,
        world.orders("response"),
        world.orders("open_answer"),
    )
    truth = {each: response_of[person] for each, person in whose.items()}
    assert not verdict_on(found, truth).joins


def test_words_born_in_the_order_of_writing_would_be_found(engine):
    world = World(engine, spoils=True)
    evidence, whose = by_writing(world, STORY)
    verdict = verdict_on(evidence, whose)
    assert verdict.joins
    assert verdict.best.hits == 6 * IN_A_SCHOOL
