"""The reader's desk: what is read, gathered, flagged, handed over; and what is left of it."""

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.database import begin_writing
from survey.models import (
    Account,
    AuditEntry,
    OpenAnswer,
    OpenAnswerTheme,
    Response,
    Round,
    Theme,
)
from survey.services import harm, open_answers, open_desk
from survey.services.open_desk import DeskError
from tests.survey import open_kit, rooms
from tests.survey.open_kit import MOVE, STORY
from tests.survey.test_closing import close, count, fresh_engine

#: enough for a profile, so that words may be told at all
PEOPLE = 36


def closed_round(session, now, *, people=PEOPLE, **changes):
    """A closed round of six schools whose people all wrote a story; every second may be quoted."""
    round_ = open_kit.make_open_round(session, now=now, **changes)
    for number in range(people):
        open_kit.write(
            session,
            round_,
            now=now,
            school=number % 6,
            words={STORY: f"Ms Ray said number {number:02}"},
            ticks={STORY: number // 6 % 2 == 0},
        )
    session.commit()
    close(session, round_, now)
    return round_


@pytest.fixture
def round_(session, now):
    return closed_round(session, now)


@pytest.fixture
def reader(session, round_):
    account = rooms.account(session, round_.organisation, role="reader")
    session.commit()
    return account


def stories(session, round_, part=None):
    found = open_desk.answers(session, round_, STORY)
    return [answer for answer in found if part in (None, answer.part)]


def read_all(session, round_, **chosen):
    """Read every answer: those of ``chosen`` (theme -> answers) speak of it, cleared if ticked."""
    for answer in stories(session, round_):
        open_desk.read(session, round_, answer, themes=())
    for name, answers in chosen.items():
        for answer in answers:
            open_desk.read(
                session,
                round_,
                answer,
                themes=[theme.theme_id for theme in answer.themes],
                new_theme=name,
                redacted=f"Somebody said {answer.words[-9:]}",
                is_cleared=True,
            )
    session.commit()


def hand_over(session, round_, reader, now):
    begin_writing(session)
    open_desk.hand_over(session, round_, by=reader, now=now)
    session.commit()


def told(session, round_):
    """Theme -> (band, quotations), of the one question that was answered."""
    (story, move) = open_answers.themes(session, round_)
    assert (story.item, move.item, move.themes) == (STORY, MOVE, ())
    return {theme.name: (theme.people, theme.quotations) for theme in story.themes}


# --- reading -------------------------------------------------------------------------------------


def test_the_desk_opens_when_the_round_has_closed(session, now):
    open_ = open_kit.make_open_round(session, now=now)
    with pytest.raises(DeskError, match="before the round has closed"):
        open_desk.desk_of(open_)


def test_a_pile_counts_what_is_read_and_offers_the_next(session, round_):
    story, move = open_desk.piles(session, round_)
    assert (story.answers, story.unread, move.answers) == (PEOPLE, PEOPLE, 0)
    first = open_desk.next_unread(session, round_, STORY)
    open_desk.read(session, round_, first, themes=(), new_theme="  Time   together ")
    story, _ = open_desk.piles(session, round_)
    assert (story.unread, [(t.name, n) for t, n in story.themes]) == (35, [("Time together", 1)])
    assert open_desk.next_unread(session, round_, STORY) is not first


def test_words_without_a_tick_are_never_cleared(session, round_):
    answer = next(each for each in stories(session, round_) if not each.may_quote)
    open_desk.read(session, round_, answer, themes=(), redacted="all of it", is_cleared=True)
    assert (answer.is_cleared, answer.redacted) == (False, "")


def test_a_theme_is_renamed_and_merged_and_keeps_its_answers(session, round_):
    a, b, c = stories(session, round_)[:3]
    open_desk.read(session, round_, a, themes=(), new_theme="Time")
    open_desk.read(session, round_, b, themes=(), new_theme="Hours")
    time, hours = a.themes[0], b.themes[0]
    open_desk.read(session, round_, c, themes=[time.theme_id, hours.theme_id])
    with pytest.raises(DeskError, match="merge the two"):
        open_desk.rename(session, round_, hours, "Time")
    open_desk.rename(session, round_, hours, "Hours together")
    open_desk.merge(session, round_, hours, time)
    session.expire_all()
    assert {each.open_answer_id for each in time.answers} == {
        each.open_answer_id for each in (a, b, c)
    }
    assert count(session, Theme) == 1
    with pytest.raises(DeskError, match="another theme"):
        open_desk.merge(session, round_, time, time)


def test_the_same_name_again_is_the_same_theme(session, round_):
    a, b = stories(session, round_)[:2]
    open_desk.read(session, round_, a, themes=(), new_theme="Time")
    open_desk.read(session, round_, b, themes=[a.themes[0].theme_id], new_theme="Time")
    assert b.themes == a.themes


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"themes": ["gone"]}, "theme is gone"),
        ({"themes": (), "new_theme": "x" * 121}, "at most 120"),
        ({"themes": (), "redacted": "x" * 801}, "too long"),
        ({"themes": (), "is_cleared": True}, "no words left"),
    ],
)
def test_what_cannot_be_saved_is_said_in_one_line(session, round_, what, said):
    answer = next(each for each in stories(session, round_) if each.may_quote)
    with pytest.raises(DeskError, match=said):
        open_desk.read(session, round_, answer, **what)
    assert not answer.is_read


# --- harm ----------------------------------------------------------------------------------------


def test_a_flag_is_in_the_audit_without_a_word_of_the_answer(session, now, round_, reader):
    answer = stories(session, round_)[0]
    for state in ("flagged", "passed on", ""):
        open_desk.mark_harm(session, round_, answer, state, by=reader, now=now)
    entries = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action.in_(harm.PRIVATE_ACTIONS))
    ).all()
    assert {each.action for each in entries} == harm.PRIVATE_ACTIONS
    assert {(each.actor, each.object) for each in entries} == {
        (str(reader.id), f"round {round_.round_id}")
    }


def test_words_about_harm_are_passed_on_before_the_themes_are_handed_over(
    session, now, round_, reader
):
    read_all(session, round_)
    answer = stories(session, round_)[0]
    open_desk.mark_harm(session, round_, answer, "flagged", by=reader, now=now)
    with pytest.raises(DeskError, match="not passed on yet"):
        open_desk.hand_over(session, round_, by=reader, now=now)
    open_desk.mark_harm(session, round_, answer, "passed on", by=reader, now=now)
    hand_over(session, round_, reader, now)
    assert round_.open_desk.handed_over_at == now


# --- handing over --------------------------------------------------------------------------------


def test_every_answer_is_read_before_the_themes_are_handed_over(session, now, round_, reader):
    read_all(session, round_)
    stories(session, round_)[0].is_read = False
    session.commit()
    with pytest.raises(DeskError, match="Read every answer"):
        open_desk.hand_over(session, round_, by=reader, now=now)


def test_themes_from_five_people_in_two_parts_are_told_and_no_others(session, now, round_, reader):
    a, b, c = (stories(session, round_, part) for part in "ABC")
    assert [len(part) for part in (a, b, c)] == [12, 12, 12]
    read_all(
        session,
        round_,
        Five=[*a[:4], b[0]],
        Four=[*a[4:7], b[1]],
        Ten=[*a[:9], b[2]],
        One_part=a[:12],
        With_the_centre=[*a[:11], *c],
    )
    hand_over(session, round_, reader, now)
    found = told(session, round_)
    assert {name: band for name, (band, _) in found.items()} == {"Five": "5–9", "Ten": "10–14"}
    assert {theme.name for theme in session.scalars(sa.select(Theme))} == {"Five", "Ten"}


def test_of_the_words_only_ticked_and_cleared_ones_of_a_told_theme_are_left(
    session, now, round_, reader
):
    a, b = (stories(session, round_, part) for part in "AB")
    for part in (a, b):  # their order is random: let three of the first six be ticked
        part.sort(key=lambda each: each.may_quote)
        part[:] = [*part[3:9], *part[9:], *part[:3]]
        assert sum(each.may_quote for each in part[:6]) == 3
    read_all(session, round_, Told=[*a[:6], *b[:6]], Withheld=a[6:9])
    unread_mark = next(each for each in a[:6] if each.may_quote)
    open_desk.read(
        session,
        round_,
        unread_mark,
        themes=[theme.theme_id for theme in unread_mark.themes],
        redacted="not cleared",
    )
    session.commit()
    expected = {
        f"Somebody said {each.words[-9:]}"
        for each in [*a[:6], *b[:6]]
        if each.may_quote and each is not unread_mark
    }
    hand_over(session, round_, reader, now)
    left = session.scalars(sa.select(OpenAnswer)).all()
    assert {each.redacted for each in left} == expected
    assert {(each.words, each.part, each.harm) for each in left} == {("", "", "")}
    assert count(session, OpenAnswerTheme) == len(expected)
    assert round_.scrubbed_at is None


def test_quotations_are_told_once_the_leader_has_asked(session, now, round_, reader):
    a, b = (stories(session, round_, part) for part in "AB")
    read_all(session, round_, One=[*a[:8], *b[:8]], Two=[*a[:8], *b[:8]])
    n_quotable = sum(each.may_quote for each in [*a[:8], *b[:8]])
    with pytest.raises(DeskError, match="not handed over"):
        open_desk.quote(session, round_, by=reader, now=now)
    hand_over(session, round_, reader, now)
    assert n_quotable
    assert open_answers.has_quotations(session, round_)
    assert told(session, round_)["One"] == ("15–24", ())
    open_desk.quote(session, round_, by=reader, now=now)
    open_desk.quote(session, round_, by=reader, now=now)
    quotations = [text for _, texts in told(session, round_).values() for text in texts]
    assert len(quotations) == len(set(quotations)) == n_quotable
    assert not any("Ms Ray" in text for text in quotations)
    actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert actions.count("release_quotations") == 1


def test_below_the_floor_of_a_profile_nothing_is_told(session, now):
    round_ = closed_round(session, now, people=29)
    reader = rooms.account(session, round_.organisation, role="reader")
    assert count(session, Response) == 29
    read_all(session, round_, All=stories(session, round_))
    hand_over(session, round_, reader, now)
    story, _ = open_answers.themes(session, round_)
    assert (story.answered, story.themes) == (open_desk.TOO_FEW, ())
    assert count(session, OpenAnswer) == count(session, Theme) == 0


def test_how_many_wrote_is_told_in_a_band(session, now, round_, reader):
    read_all(session, round_)
    hand_over(session, round_, reader, now)
    story, move = open_answers.themes(session, round_)
    assert (story.answered, move.answered) == ("25–49", "not shown: fewer than 10 answers")


def test_after_the_hand_over_nothing_can_be_changed(session, now, round_, reader):
    read_all(session, round_, Told=stories(session, round_))
    hand_over(session, round_, reader, now)
    theme = session.scalars(sa.select(Theme)).one()
    answer = session.scalars(sa.select(OpenAnswer)).first()
    for act in (
        lambda: open_desk.rename(session, round_, theme, "Other"),
        lambda: open_desk.read(session, round_, answer, themes=()),
        lambda: open_desk.mark_harm(session, round_, answer, "flagged", by=reader, now=now),
        lambda: open_desk.hand_over(session, round_, by=reader, now=now),
    ):
        with pytest.raises(DeskError, match="handed over"):
            act()


def test_two_who_hand_over_at_once_hand_over_once(session, now, round_, reader, database_url):
    read_all(session, round_, Told=stories(session, round_))
    round_id, reader_id = round_.round_id, reader.id
    session.rollback()
    engine = fresh_engine(database_url)
    start = threading.Barrier(2)
    refused, failures = [], []

    def run():
        try:
            with Session(engine) as own:
                start.wait()
                begin_writing(own)
                by = own.get_one(Account, reader_id)
                open_desk.hand_over(own, own.get_one(Round, round_id), by=by, now=now)
                own.commit()
        except DeskError as error:
            refused.append(error)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert (len(refused), failures) == (1, [])
    assert count(session, AuditEntry, AuditEntry.action == "hand_over_themes") == 1
