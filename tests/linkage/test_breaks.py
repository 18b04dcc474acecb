"""The same onlookers over spoiled worlds: each break is found, by the rule that should find it."""

import pytest

from tests.linkage import breaks, chance, looks
from tests.linkage.filling import Plan

SPOILED = Plan(
    "confidential",
    "listed",
    reminders=6,
    break_=breaks.all_of(
        breaks.dated,
        breaks.under_a_digest,
        breaks.side_by_side,
        breaks.thankful,
        breaks.talkative,
        breaks.in_list_order,
        breaks.reminded_by_need,
        breaks.keyed_by_draft,
    ),
)
#: with little more written than usual, so that SQLite's log still holds it
NOT_SCRUBBED = Plan(
    "confidential",
    "listed",
    break_=breaks.all_of(breaks.in_list_order, breaks.born_when_sent),
    scrubs=False,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def spoiled(request, take_looks):
    return take_looks(request.param, SPOILED)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def not_scrubbed(request, take_looks):
    return take_looks(request.param, NOT_SCRUBBED)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(("invitation.opened_at", "draft.saved_at"), id="times on both sides"),
        pytest.param(("join a digest that anybody can work out",), id="a digest of the address"),
        pytest.param(("join invitation.invitation_id = draft.came_by",), id="an id on both sides"),
        pytest.param(("join visit.draft = draft.key",), id="a table that holds both"),
        pytest.param(("join nearest in ",), id="names side by side in a file"),
        pytest.param(
            ("mail 'Thank you for your answers': changed", "saved_at"), id="times of mail"
        ),
        pytest.param(("join nearest in the log",), id="a log line that names both"),
        pytest.param(("log (first)", "log (first)"), id="a log in the order of answering"),
        pytest.param(("invitation.invitation_id", "saved_at"), id="ids in the list's order"),
        pytest.param(("number of message rows", "saved_at"), id="reminders by need"),
    ],
)
def test_the_operator_without_the_key_finds_in_an_open_round(spoiled, rule):
    verdict = chance.judge(spoiled.opened[looks.OPERATOR], spoiled.whose_drafts)

    assert verdict.joins_by(*rule), verdict.of(*rule)


def test_row_order_gives_away_what_was_written_in_the_order_of_the_list(spoiled):
    verdict = chance.judge(spoiled.opened[looks.OPERATOR], spoiled.whose_drafts)

    assert verdict.joins_by("invitation.its place in the table", "draft.saved_at")
    if spoiled.world.engine.dialect.name == "postgresql":
        assert verdict.joins_by("invitation.xmin", "draft.xmin")
        assert verdict.joins_by("invitation.ctid", "draft.saved_at")
    else:
        assert verdict.joins_by("visit.rowid", "draft.saved_at")


def test_the_write_ahead_log_gives_away_what_was_written_in_the_order_of_the_list(not_scrubbed):
    verdict = chance.judge(not_scrubbed.opened[looks.OPERATOR], not_scrubbed.whose_drafts)

    assert verdict.joins_by("invitation.invitation_id", "the write-ahead log")


def test_the_holder_of_key_and_words_finds_responses_under_the_key_of_a_draft(spoiled):
    verdict = chance.judge(spoiled.closed[looks.WITH_NOTES], spoiled.whose_responses)

    assert verdict.joins_by("join what only the key gives")


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(("in the backup: invitation.opened_at", "draft.saved_at"), id="times"),
        pytest.param(("in the backup: a digest that anybody can work out",), id="a digest"),
        pytest.param(("in the backup: nearest in the log",), id="a log line"),
    ],
)
def test_a_backup_without_the_key_gives_away_what_the_open_round_did(spoiled, rule):
    verdict = chance.judge(spoiled.closed[looks.TWO_LOOKS], spoiled.whose_responses)

    assert verdict.joins_by(*rule), verdict.of(*rule)


def test_who_saw_everybody_answer_finds_responses_born_in_that_order(not_scrubbed):
    verdict = chance.judge(not_scrubbed.closed[looks.FROM_ELSEWHERE], not_scrubbed.whose_responses)

    assert verdict.joins_by("seen from elsewhere: acted last", "response.response_id")


def test_files_that_were_not_rewritten_still_hold_drafts(not_scrubbed):
    found = {name for name, held in not_scrubbed.left.items() if "key of a draft" in held}

    if not_scrubbed.world.engine.dialect.name == "sqlite":
        assert "the write-ahead log" in found
    else:
        assert {"draft", "pk_draft"} <= found
