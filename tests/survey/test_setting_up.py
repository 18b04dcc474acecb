"""Setting a round up: what each step takes, and what may change when."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from instruments import registry
from survey.models import AuditEntry
from survey.services import (
    basics,
    drafts,
    languages,
    organisations,
    planning,
    reporting,
    rounds,
    stages,
    wording,
)
from survey.services.saving import NotSavedError, StaleError
from tests.survey import setup_kit as kit

DOCS = Path(__file__).parents[2] / "docs" / "setting-up.md"


@pytest.fixture
def trust(session, now):
    return kit.organisation(session, now)


@pytest.fixture
def round_(session, trust, now):
    return kit.begin(session, trust, now)


def whom(round_, now):
    return {"revision": round_.revision, "by": None, "now": now}


def faults(call, *arguments, **named) -> list[str]:
    with pytest.raises(NotSavedError) as caught:
        call(*arguments, **named)
    return [fault.field for fault in caught.value.faults]


# --- the basics ----------------------------------------------------------------------------------


def test_a_round_opens_and_closes_by_the_organisations_clocks(round_):
    assert round_.opens_at == datetime(2026, 6, 1, 7, tzinfo=UTC)
    assert round_.closes_at == datetime(2026, 6, 19, 16, tzinfo=UTC)
    assert basics.basics_of(round_) == kit.BASICS


def test_a_round_that_is_being_set_up_is_open_to_nobody(session, round_, now):
    late = round_.closes_at + timedelta(days=400)
    assert {rounds.state(round_, at) for at in (now, round_.opens_at, late)} == {"planned"}
    with pytest.raises(rounds.RoundError, match="being set up"):
        rounds.close(session, round_, by=None, now=now)


def test_a_new_round_asks_in_the_organisations_own_words(session, trust, now):
    own = {"hub": "the hub", "pupils": "learners"}
    organisations.save_words(session, trust, own, revision=1, by=None, now=now)
    round_ = kit.begin(session, trust, now)
    words = rounds.words_of(round_)
    assert (words.fills["hub"], words.fills["pupils"]) == ("the hub", "learners")


def test_a_word_for_pupils_stays_in_its_own_language(session, trust, now):
    organisations.save_words(session, trust, {"pupils": "learners"}, revision=1, by=None, now=now)
    round_ = kit.begin(session, trust, now)
    assert rounds.fills_of(round_, "en-US")["pupils"] == "learners"
    assert "pupils" not in rounds.fills_of(round_, "ar-XB")
    assert "pupils" not in languages.needs_fills(round_, "ar-XB")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": " "}, ["name"]),
        ({"name": "x" * 81}, ["name"]),
        ({"instrument": "horoscope@1"}, ["instrument"]),
        ({"instrument": ""}, ["instrument"]),
        ({"form": "endless"}, ["form"]),
        ({"mode": "public"}, ["mode"]),
        ({"opens_on": None}, ["opens_on"]),
        ({"closes_time": None}, ["closes_time"]),
        ({"opens_on": date(1, 1, 1)}, ["opens_on"]),
        ({"closes_on": date(9999, 12, 31)}, ["closes_on"]),
        ({"closes_on": date(2026, 5, 30)}, ["closes_on"]),
        ({"closes_on": kit.BASICS.opens_on, "closes_time": time(8)}, ["closes_on"]),
        ({"closes_on": date(2062, 6, 19)}, ["closes_on"]),
        ({"opens_on": date(2026, 5, 1)}, ["opens_on"]),
        (
            {"opens_on": date(2026, 4, 1), "closes_on": date(2026, 5, 1)},
            ["opens_on", "closes_on"],
        ),
        ({"opens_on": date(2027, 3, 28), "opens_time": time(1, 30)}, ["opens_time"]),
    ],
)
def test_basics_that_cannot_be_used_are_named_and_no_round_is_made(
    session, trust, now, changes, fields
):
    assert faults(kit.begin, session, trust, now, **changes) == fields
    assert session.scalars(sa.select(rounds.Round)).all() == []


def test_a_round_may_open_earlier_today(session, trust, now):
    round_ = kit.begin(session, trust, now, opens_on=date(2026, 5, 11), opens_time=time(8))
    assert round_.opens_at < now


def test_another_form_takes_its_own_parts(session, round_, now):
    planning.save_modules(session, round_, ["remembered"], **whom(round_, now))
    assert round_.modules == ["preferred", "remembered"]
    short = replace(kit.BASICS, form="short")
    basics.save_basics(session, round_, short, **whom(round_, now))
    assert (round_.form, round_.modules) == ("short", [])


# --- parts, words, facts, rules ------------------------------------------------------------------


def test_a_part_that_the_form_does_not_leave_open_is_refused(session, round_, now):
    for name in ("preferred", "open", "horoscope"):
        assert faults(planning.save_modules, session, round_, [name], **whom(round_, now)) == [
            "modules"
        ]


def test_words_are_refused_while_one_that_is_asked_with_is_missing(session, round_, now):
    planning.save_modules(session, round_, ["remembered"], **whom(round_, now))
    assert [fault.field for fault in planning.missing(round_, now)] == ["roster", "words"]
    typed = {"hub": "the hub"}
    assert faults(wording.save_words, session, round_, typed, **whom(round_, now)) == ["before"]
    typed["before"] = "the inspection"
    wording.save_words(session, round_, typed, **whom(round_, now))
    assert rounds.fills_of(round_, "en-GB")["before"] == "the inspection"
    assert [fault.field for fault in planning.missing(round_, now)] == ["roster"]


def test_an_emptied_word_leaves_the_default(session, round_, now):
    wording.save_words(session, round_, {"hub": "the hub", "mto": "us"}, **whom(round_, now))
    wording.save_words(session, round_, {"hub": "", "mto": ""}, **whom(round_, now))
    words = rounds.words_of(round_)
    assert (words.fills["hub"], words.fills["mto"]) == ("the central team", "Harbour Reach")


@pytest.mark.parametrize("word", ["{before}", "} {", "x" * 2000, "bell\x07"])
def test_a_word_that_cannot_stand_in_a_question_is_refused(session, round_, now, word):
    typed = {"hub": word}
    assert set(faults(wording.save_words, session, round_, typed, **whom(round_, now))) == {"hub"}


def test_examples_are_questions_as_they_would_read(round_):
    found = wording.examples(round_, {"hub": "the hub"})
    assert any("the hub agree" in text for text in found["hub"])
    assert all("{" not in text for texts in found.values() for text in texts)


def test_facts_are_said_with_a_number_and_stand_in_the_profile(session, round_, now):
    typed = {"schools then": "8 in 2021", "schools now": "12", "budget": ""}
    planning.save_facts(session, round_, typed, **whom(round_, now))
    assert reporting.facts(round_).admin == {"schools then": "8 in 2021", "schools now": "12"}
    for text in ("many", "x" * 81 + "1", "{1}"):
        assert set(
            faults(planning.save_facts, session, round_, {"budget": text}, **whom(round_, now))
        ) == {"budget"}


def test_facts_of_another_kind_are_kept(session, round_, now):
    round_.admin = {"sponsors": "2"}
    planning.save_facts(session, round_, {"schools now": "12"}, **whom(round_, now))
    assert round_.admin == {"sponsors": "2", "schools now": "12"}


def test_rules_are_stops_of_decisions_and_stand_in_the_profile(session, round_, now):
    planning.save_rules(session, round_, {"CUR": 4, "ASM": 5}, **whom(round_, now))
    assert reporting.facts(round_).formal == {"CUR": 4, "ASM": 5}
    for typed in ({"CUR": 6}, {"CUR": 0}, {"XXX": 1}):
        assert faults(planning.save_rules, session, round_, typed, **whom(round_, now))
    planning.save_rules(session, round_, {}, **whom(round_, now))
    assert reporting.facts(round_).formal == {}


def test_schools_by_name_and_the_cases_stand_in_the_profile(session, round_, now):
    both = {"schools_named": True, "silhouettes": True}
    assert not reporting.facts(round_).schools_named
    planning.save_shown(session, round_, **both, **whom(round_, now))
    facts = reporting.facts(round_)
    assert (facts.schools_named, facts.silhouettes) == (True, True)
    bare = registry.load("bfi25")  # it has no cases
    round_.instrument_slug, round_.instrument_version = bare.slug, bare.version
    round_.instrument_checksum = bare.checksum
    assert "silhouettes" in faults(
        planning.save_shown, session, round_, **both, **whom(round_, now)
    )


def test_the_cases_may_come_and_go_after_somebody_has_begun(session, round_, now):
    at = at_stage(session, round_, "begun", now)
    typed = {"schools_named": False, "silhouettes": True}
    planning.save_shown(session, round_, **typed, **whom(round_, at))
    assert round_.silhouettes


# --- ready ---------------------------------------------------------------------------------------


def test_a_round_is_asked_only_when_its_leader_says_that_it_is_ready(session, round_, now):
    assert faults(planning.set_ready, session, round_, **whom(round_, now)) == ["roster"]
    kit.ready(session, round_, now)
    assert rounds.state(round_, now) == "waiting"
    assert rounds.state(round_, round_.opens_at) == "open"
    before = round_.revision
    planning.set_ready(session, round_, **whom(round_, now))
    assert round_.revision == before
    actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert actions.count("set_ready") == 1


def test_a_round_whose_window_is_over_is_not_ready(session, round_, now):
    kit.list_staff(session, round_)
    late = round_.closes_at + timedelta(minutes=1)
    assert faults(planning.set_ready, session, round_, **whom(round_, late)) == ["basics"]


def test_what_the_leader_looked_at_is_what_becomes_ready(session, round_, now):
    kit.list_staff(session, round_)
    seen = round_.revision
    planning.save_facts(session, round_, {"budget": "1"}, **whom(round_, now))
    with pytest.raises(StaleError):
        planning.set_ready(session, round_, revision=seen, by=None, now=now)


def test_a_ready_round_is_taken_back_while_nobody_has_begun(session, round_, now):
    kit.ready(session, round_, now)
    planning.take_back(session, round_, by=None, now=now)
    assert rounds.state(round_, round_.opens_at) == "planned"
    planning.set_ready(session, round_, **whom(round_, now))
    drafts.begin(session, round_, respondent_key="key", now=round_.opens_at)
    with pytest.raises(NotSavedError, match="begun"):
        planning.take_back(session, round_, by=None, now=round_.opens_at)
    assert round_.ready_at is not None


# --- what may change when ------------------------------------------------------------------------


def at_stage(session, round_, stage, now):
    """Bring a round to a stage; the moment at which it stands there."""
    if stage == "planned":
        return now
    kit.ready(session, round_, now)
    if stage != "ready":
        drafts.begin(session, round_, respondent_key="key", now=round_.opens_at)
    if stage == "closed":
        rounds.close(session, round_, by=None, now=round_.opens_at)
    return now if stage == "ready" else round_.opens_at


def change(session, round_, what, now, folder):
    """Change one thing of a round through the service that keeps it."""
    mine, said = whom(round_, now), basics.basics_of(round_)
    changed = {
        "name": {"name": "June"},
        "form": {"form": "short"},
        "opening": {"opens_time": time(9)},
        "closing": {"closes_time": time(18)},
        "mode": {"mode": "confidential"},
    }
    if what in changed:
        basics.save_basics(session, round_, replace(said, **changed[what]), **mine)
    elif what == "words":
        wording.save_words(session, round_, {"hub": "the hub"}, **mine)
    elif what == "modules":
        planning.save_modules(session, round_, ["remembered"], **mine)
    elif what == "facts":
        planning.save_facts(session, round_, {"budget": "1"}, **mine)
        planning.save_rules(session, round_, {"CUR": 1}, **whom(round_, now))
    elif what == "shown":
        planning.save_shown(session, round_, schools_named=False, silhouettes=True, **mine)
    elif what == "naming":
        planning.save_shown(session, round_, schools_named=True, silhouettes=False, **mine)
    elif what == "languages":
        leader = session.scalars(sa.select(rounds.Account)).first()
        offer = {"by": leader, "now": now, "folder": folder}
        languages.offer(session, round_, ["en-US"], **offer)
    elif what == "readiness":
        if round_.ready_at is None:
            kit.ready(session, round_, now)
        else:
            planning.take_back(session, round_, by=None, now=now)


TRIED = ("name", "form", "opening", "closing", "mode", "words", "modules", "facts", "languages")
TRIED += ("shown", "naming")


@pytest.mark.parametrize("stage", stages.STAGES)
@pytest.mark.parametrize("what", [*TRIED, "readiness"])
def test_services_allow_what_the_table_allows_and_nothing_else(
    session, round_, now, tmp_path, stage, what
):
    at = at_stage(session, round_, stage, now)
    assert stages.stage(session, round_, at) == stage
    if stage in stages.CHANGES[what]:
        change(session, round_, what, at, tmp_path)
    else:
        with pytest.raises((NotSavedError, languages.LanguageError)):
            change(session, round_, what, at, tmp_path)


def test_the_table_is_the_one_in_the_documentation():
    lines = DOCS.read_text("utf-8").splitlines()
    head = lines.index("| what | being set up | ready, nobody has begun | begun | closed |")
    table = {}
    for line in lines[head + 2 :]:
        if not line.startswith("|"):
            break
        what, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        name = what.partition("`")[2].partition("`")[0]
        table[name] = tuple(
            stage for stage, cell in zip(stages.STAGES, cells, strict=True) if cell == "yes"
        )
    assert table == dict(stages.CHANGES)
