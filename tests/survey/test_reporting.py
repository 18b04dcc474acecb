"""The frozen dataset, and asking for documents."""

import io
import re
from datetime import timedelta

import numpy as np
import pypdf
import pytest
import sqlalchemy as sa

from instruments.responses import fingerprint
from reports import staff_page
from survey.models import OpenDesk, Response, Theme
from survey.services import reporting, school_changes
from tests.survey import rooms


@pytest.fixture
def round_(session):
    return rooms.round_(session, rooms.organisation(session), is_closed=True)


def test_the_frozen_dataset_holds_every_response_in_the_order_of_its_random_id(session, round_):
    frozen = reporting.frozen(session, round_)
    rows = session.scalars(sa.select(Response).order_by(Response.response_id)).all()
    assert frozen.n == len(rows) == 52
    assert frozen.attribute("role").tolist() == [row.role for row in rows]
    assert frozen.simulated
    item = frozen.items[0]
    given = [row.answers.get(item) for row in rows]
    stored = frozen.codes[:, 0].tolist()
    assert [code for code in stored if code > 0] == [x for x in given if isinstance(x, int)]


def test_the_frozen_dataset_is_what_the_simulation_drew(session, round_):
    from instruments import registry
    from instruments.simulate import simulate

    instrument = registry.load("mto-learning-profile")
    drawn = simulate(instrument, seed=1, schools=3, staff=60, response_rate=0.8).responses
    frozen = reporting.frozen(session, round_)
    assert frozen.items == drawn.items
    assert sorted(map(tuple, frozen.codes.tolist())) == sorted(map(tuple, drawn.codes.tolist()))
    schools = zip(frozen.attribute("school"), frozen.attribute("role"), strict=True)
    assert sorted(schools) == sorted(
        zip(drawn.attribute("school"), drawn.attribute("role"), strict=True)
    )


def test_a_profile_looks_back_on_the_rounds_that_had_closed_before(session):
    organisation = rooms.organisation(session)
    rounds_ = [rooms.round_(session, organisation, name=str(n), seed=n) for n in (1, 2, 3)]
    first, second, last = rounds_
    for years, each in ((2, first), (1, second)):
        each.opens_at -= timedelta(days=365 * years)
        each.closes_at -= timedelta(days=365 * years)
        rooms.close(session, each, now=each.closes_at)
    rooms.close(session, last, now=rooms.NOW)
    session.flush()

    found = reporting.earlier_answers(session, last)
    assert [each.facts.opens_on for each in found] == [
        first.opens_at.date(),
        second.opens_at.date(),
    ]
    assert [each.responses.n for each in found] == [52, 44]
    assert reporting.earlier_answers(session, first) == []
    assert len(reporting.earlier_answers(session, second)) == 1

    second.simulated = False  # real answers are never held against simulated ones
    first.instrument_version = "0.0"
    session.flush()
    assert reporting.earlier_answers(session, last) == []


def test_the_profile_of_a_second_round_says_what_changed(session):
    organisation = rooms.organisation(session)
    before = rooms.round_(session, organisation, name="2025", seed=2)
    before.opens_at -= timedelta(days=365)
    before.closes_at -= timedelta(days=365)
    rooms.close(session, before, now=before.closes_at)
    now = rooms.round_(session, organisation, name="2026", is_closed=True)
    pdf = reporting.make(session, now, "profile")
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages]
    assert any("Nothing links a person across rounds" in page for page in pages)


def test_freezing_twice_gives_one_fingerprint(session, round_):
    from survey.services import rounds

    instrument = rounds.instrument_of(round_)
    first = reporting.frozen(session, round_)
    again = reporting.frozen(session, round_)
    assert fingerprint(first, instrument) == fingerprint(again, instrument)
    assert np.array_equal(first.codes, again.codes)


def test_a_school_that_is_renamed_after_the_close_keeps_its_name_in_the_dataset(session, round_):
    from survey.services import rounds

    instrument = rounds.instrument_of(round_)
    before = reporting.frozen(session, round_), reporting.roster(session, round_)
    school = reporting.schools_of(session, round_)[0]
    old = school.name
    school_changes.rename(session, school, "Another Name", by=None, now=rooms.NOW)
    session.flush()
    after = reporting.frozen(session, round_), reporting.roster(session, round_)
    assert fingerprint(after[0], instrument) == fingerprint(before[0], instrument)
    assert after[1] == before[1]
    assert old in after[1].schools


def test_an_open_round_has_no_dataset(session):
    open_round = rooms.round_(session, rooms.organisation(session))
    with pytest.raises(reporting.ReportError, match="when the round has closed"):
        reporting.frozen(session, open_round)


def test_the_roster_comes_back_as_it_was_given(session, round_):
    roster = reporting.roster(session, round_)
    assert roster.headcount() == 60
    assert len(roster.schools) == 3
    assert roster.headcount(roles=("B", "H")) == 6


def test_facts_say_what_a_document_needs(session, round_):
    facts = reporting.facts(round_)
    assert (facts.organisation, facts.short_name) == (
        "Harbour Reach Schools Trust",
        "Harbour Reach",
    )
    assert facts.simulated
    assert facts.placeholders["mto"] == "Harbour Reach"
    assert facts.closes_on == rooms.NOW.date()  # it was closed before its time


def test_there_is_no_document_of_another_kind(session, round_):
    with pytest.raises(reporting.ReportError, match="there is no document 'poster'"):
        reporting.ask(session, round_, "poster", by=None, now=rooms.NOW)


def test_a_ready_document_is_not_made_again(session, round_):
    report = reporting.ask(session, round_, "profile", by=None, now=rooms.NOW)
    report.state = "ready"
    assert reporting.ask(session, round_, "profile", by=None, now=rooms.NOW).state == "ready"
    assert report.attempt == 1


def test_making_the_same_document_twice_rests_on_the_same_dataset(session, round_):
    first = reporting.make(session, round_, "profile")
    assert first.content.startswith(b"%PDF-1.7")
    assert first.fingerprint == reporting.make(session, round_, "profile").fingerprint


def test_every_kind_of_document_has_a_suffix_and_a_content_type():
    suffixes = {kind: (it.suffix, it.content_type) for kind, it in reporting.KINDS.items()}
    assert suffixes == {
        "profile": (".pdf", "application/pdf"),
        "profile_screen": (".json", "application/json"),
        "slides": (".pdf", "application/pdf"),
        "handout": (".pdf", "application/pdf"),
        "validation": (".pdf", "application/pdf"),
        "staff_page": (".json", "application/json"),
        "posters": (".pdf", "application/pdf"),
        "slips": (".pdf", "application/pdf"),
    }


def test_the_page_for_staff_shows_what_the_profile_of_the_same_round_shows(session, round_):
    page = staff_page.from_json(reporting.make(session, round_, "staff_page").content)
    pdf = reporting.make(session, round_, "profile")
    text = " ".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
    printed = re.sub(r"\s+", " ", text)
    assert page.said.headline in printed
    for row in (*page.said.dimensions.rows, *page.said.pressures.rows):
        for figure in row.figures:
            assert figure.text in printed
            assert figure.likely.removeprefix("likely ") in printed


def test_the_page_for_staff_comes_out_the_same_byte_for_byte(session, round_):
    first = reporting.make(session, round_, "staff_page")
    assert reporting.make(session, round_, "staff_page") == first


# Themes of what people wrote


def hand_over(session, round_, *, at, themes=(("Buses that come late", "5–9"),)):
    """Themes as a reader hands them over."""
    session.add(
        OpenDesk(
            round_id=round_.round_id,
            reader="Dr Meyer",
            goes_to="Ms Okafor",
            how="by telephone",
            by_when="the same day",
            handed_over_at=at,
            answered={"OPN1": "25–49"},
        )
    )
    for name, people in themes:
        session.add(Theme(round_id=round_.round_id, item="OPN1", name=name, people=people))
    session.flush()
    session.refresh(round_)


def made(session, round_, kind):
    report = reporting.ask(session, round_, kind, by=None, now=rooms.NOW)
    report.state = "ready"
    return report


TELLING = ("profile", "profile_screen", "staff_page")


def test_themes_stand_in_the_profile_and_on_the_page_for_staff(session, round_):
    assert b"own-words" not in reporting.make(session, round_, "profile_screen").content
    hand_over(session, round_, at=rooms.NOW)
    for kind in ("profile_screen", "staff_page"):
        assert b"Buses that come late" in reporting.make(session, round_, kind).content


@pytest.mark.parametrize("kind", TELLING)
def test_what_was_made_before_themes_were_handed_over_is_made_again(session, round_, kind):
    report = made(session, round_, kind)
    assert not reporting.lacks_themes(session, report)
    hand_over(session, round_, at=rooms.NOW + timedelta(hours=1))
    assert reporting.lacks_themes(session, report)
    later = rooms.NOW + timedelta(hours=2)
    assert reporting.ask(session, round_, kind, by=None, now=later) is report
    assert (report.state, report.attempt) == ("asked", 2)
    report.state = "ready"
    assert not reporting.lacks_themes(session, report)


def test_nothing_is_made_again_where_no_theme_may_be_told_or_nothing_tells_it(session, round_):
    reports = [made(session, round_, kind) for kind in ("profile", "slides", "validation")]
    later = rooms.NOW + timedelta(hours=1)
    hand_over(session, round_, at=later, themes=())
    assert not any(reporting.lacks_themes(session, report) for report in reports)
    theme = Theme(round_id=round_.round_id, item="OPN1", name="Buses", people="5–9")
    session.add(theme)
    session.flush()
    assert [reporting.lacks_themes(session, report) for report in reports] == [True, False, False]


def test_a_page_that_staff_were_shown_is_not_made_again_for_themes(session, round_):
    report = made(session, round_, "staff_page")
    round_.released_at = rooms.NOW
    hand_over(session, round_, at=rooms.NOW + timedelta(hours=1))
    assert not reporting.lacks_themes(session, report)
