import random
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instruments.routing import shown
from survey.models import Draft, Response
from survey.services import answers, drafts, rounds, sealing, simulated
from survey.services.coding import as_responses, as_sheets, options_of
from tests.survey.respond_kit import KEY, NO_ROLES, begin, choice, fill, make_round


def find(session, round_, words):
    return drafts.find(session, round_, words=words, respondent_key=KEY)


def test_resume_words_are_five_and_carry_more_than_51_bits():
    size = len(set(sealing.WORD_LIST))
    assert size**sealing.WORDS > 2**51
    assert len(sealing.draw_words().split(" ")) == sealing.WORDS
    assert len({sealing.draw_words() for _ in range(50)}) == 50


def test_no_resume_word_begins_another_so_that_words_run_together_stay_apart():
    words = sorted({sealing.normalise(word) for word in sealing.WORD_LIST})
    assert not any(b.startswith(a) for a, b in pairwise(words))


def test_every_resume_word_comes_out_of_the_cookie_as_it_went_in():
    for word in sealing.WORD_LIST:
        words = f"plant {word} tray relic grab"
        kept = sealing.kept_words(KEY, round_id="r", words=words)
        assert sealing.words_in(KEY, round_id="r", kept=kept) == words


def test_words_given_out_when_yo_yo_was_one_still_lead_to_their_draft():
    kept = sealing.kept_words(KEY, round_id="r", words="plant yo-yo relic grab dose")
    words = sealing.words_in(KEY, round_id="r", kept=kept)
    found = {
        sealing.draft_key(KEY, round_id="r", words=each)
        for each in (words, "plant yo-yo relic grab dose", "plant yoyo relic grab dose")
    }
    assert len(found) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "plant tray relic grab dose",
        "Plant-Tray-Relic-Grab-Dose",
        "  PLANT   tray\trelic\ngrab dose. ",
        "planttrayrelicgrabdose",
        "plant, tray, relic, grab, dose",
        "plant\u00a0tray\u2011relic grab dose",
    ],
)
def test_resume_words_are_read_however_they_are_typed(typed):
    key = sealing.draft_key(KEY, round_id="r", words="plant tray relic grab dose")
    assert sealing.draft_key(KEY, round_id="r", words=typed) == key


def test_the_key_of_a_draft_depends_on_round_words_and_server_key():
    keys = {
        sealing.draft_key(key, round_id=round_id, words=words)
        for key in ("a", "b")
        for round_id in ("1", "2")
        for words in ("plant", "tray")
    }
    assert len(keys) == 8


def test_words_lead_to_their_draft_and_other_words_to_none(session, now):
    round_ = make_round(session, now=now)
    begun = drafts.begin(session, round_, respondent_key=KEY, now=now)
    other = make_round(session, now=now)
    assert find(session, round_, begun.words.upper()) is begun.draft
    assert find(session, round_, sealing.draw_words()) is None
    assert find(session, round_, "") is None
    assert find(session, other, begun.words) is None


def test_words_are_stored_nowhere_and_drafts_hold_no_time(session, now):
    round_ = make_round(session, now=now)
    begun = begin(session, round_, now=now)
    fill(session, round_, begun.draft, now=now)
    for row in session.execute(sa.select(Draft.__table__)):
        stored = repr(tuple(row)).casefold()
        assert not any(repr(word) in stored for word in begun.words.split())
    for table in (Draft.__table__, Response.__table__):
        kinds = {type(column.type).__name__ for column in table.columns}
        assert not {kind for kind in kinds if "Time" in kind or "Date" in kind}


def test_a_page_is_saved_and_the_next_one_waits(session, now):
    round_ = make_round(session, now=now)
    draft = begin(session, round_, now=now).draft
    instrument = rounds.instrument_of(round_)
    first, second = answers.pages(round_, draft)[:2]
    given_ = {code: choice(instrument, code, 1) for code in first.items}
    answers.save_page(session, round_, draft, section=first.section, given=given_, now=now)
    session.expire_all()
    assert draft.answers == given_
    assert answers.first_open_page(round_, draft) == second.section


def test_an_item_left_out_keeps_its_answer_and_a_cleared_one_loses_it(session, now):
    round_ = make_round(session, now=now)
    draft = begin(session, round_, now=now).draft
    page = answers.pages(round_, draft)[0]
    one, two = page.items[:2]
    save = {"section": page.section, "now": now}
    answers.save_page(session, round_, draft, given={one: 1, two: 2}, **save)
    answers.save_page(session, round_, draft, given={one: 3}, **save)
    assert draft.answers == {one: 3, two: 2}
    answers.save_page(session, round_, draft, given={one: 3}, clear=[one], **save)
    assert draft.answers == {two: 2}


def test_each_save_raises_the_revision(session, now):
    round_ = make_round(session, now=now)
    draft = begin(session, round_, now=now).draft
    before = draft.revision
    page = answers.pages(round_, draft)[0]
    answers.save_page(session, round_, draft, section=page.section, given={}, now=now)
    assert draft.revision == before + 1


@pytest.mark.parametrize("value", [0, 6, -1, "3", "ct", "", True, 1.0, None])
def test_an_option_that_does_not_exist_is_refused_and_nothing_of_the_page_saved(
    session, now, value
):
    round_ = make_round(session, now=now)
    draft = begin(session, round_, now=now).draft
    page = answers.pages(round_, draft)[0]
    given_ = {page.items[0]: 2, page.items[1]: value}
    with pytest.raises(answers.RefusedError, match="not one of the choices") as caught:
        answers.save_page(session, round_, draft, section=page.section, given=given_, now=now)
    assert caught.value.item == page.items[1]
    assert draft.answers == {}


def test_an_item_that_the_role_does_not_see_is_refused(session, now):
    round_ = make_round(session, now=now)
    instrument = rounds.instrument_of(round_)
    least, most = instrument.roles[0], instrument.roles[1]
    asks = {"form": round_.form, "modules": round_.modules}
    hidden = next(
        code
        for code in shown(instrument, role=most, **asks)
        if code not in shown(instrument, role=least, **asks)
        and instrument.item(code).section
        in {instrument.item(other).section for other in shown(instrument, role=least, **asks)}
    )
    draft = begin(session, round_, now=now, role=least).draft
    section = instrument.item(hidden).section
    with pytest.raises(answers.RefusedError, match="not on this page"):
        answers.save_page(session, round_, draft, section=section, given={hidden: 1}, now=now)


def test_a_page_that_is_not_the_persons_is_refused(session, now):
    round_ = make_round(session, now=now)
    draft = begin(session, round_, now=now).draft
    with pytest.raises(answers.RefusedError, match="not part of your survey"):
        answers.save_page(session, round_, draft, section="nowhere", given={}, now=now)


def test_a_change_of_role_opens_pages_with_more_items_again(session, now):
    round_ = make_round(session, now=now)
    instrument = rounds.instrument_of(round_)
    draft = begin(session, round_, now=now, role=instrument.roles[0]).draft
    given_ = fill(session, round_, draft, now=now)
    school = rounds.schools_of(session, round_)[0].school_id
    drafts.set_place(session, round_, draft, role=instrument.roles[1], school_id=school, now=now)
    new = {
        page.section for page in answers.pages(round_, draft) if not set(page.items) <= set(given_)
    }
    assert new
    assert not new & set(draft.pages)
    assert draft.answers == given_
    drafts.set_place(session, round_, draft, role=instrument.roles[0], school_id=school, now=now)
    assert answers.answered(round_, draft) == given_


def test_a_role_or_school_that_is_no_choice_is_refused(session, now):
    round_ = make_round(session, now=now)
    instrument = rounds.instrument_of(round_)
    draft = drafts.begin(session, round_, respondent_key=KEY, now=now).draft
    school = rounds.schools_of(session, round_)[0].school_id
    with pytest.raises(answers.RefusedError, match="role"):
        drafts.set_place(session, round_, draft, role="X", school_id=school, now=now)
    with pytest.raises(answers.RefusedError, match="school"):
        drafts.set_place(
            session, round_, draft, role=instrument.roles[0], school_id="elsewhere", now=now
        )
    assert draft.role == ""


def test_people_at_the_centre_belong_to_no_school(session, now):
    round_ = make_round(session, now=now)
    central = rounds.instrument_of(round_).central_roles[0]
    draft = drafts.begin(session, round_, respondent_key=KEY, now=now).draft
    school = rounds.schools_of(session, round_)[0].school_id
    drafts.set_place(session, round_, draft, role=central, school_id=school, now=now)
    assert draft.school_id is None
    assert drafts.has_place(session, round_, draft)


def test_a_conditional_page_opens_with_its_answer_only(session, now):
    round_ = make_round(session, now=now, modules=["preferred", "remembered"])
    instrument = rounds.instrument_of(round_)
    asked = next(item for item in instrument.items if item.asked_if)
    gate = asked.asked_if
    draft = begin(session, round_, now=now).draft
    sections = [page.section for page in answers.pages(round_, draft)]
    assert asked.section not in sections
    gate_section = instrument.item(gate.item).section
    answers.save_page(
        session, round_, draft, section=gate_section, given={gate.item: gate.options[0]}, now=now
    )
    assert asked.section in [page.section for page in answers.pages(round_, draft)]


def test_sending_twice_is_sending_once_and_answers_may_change_after(session, now):
    round_ = make_round(session, now=now)
    draft = begin(session, round_, now=now).draft
    fill(session, round_, draft, now=now)
    drafts.send(session, round_, draft, now=now)
    revision = draft.revision
    drafts.send(session, round_, draft, now=now)
    assert draft.sent
    assert draft.revision == revision
    page = answers.pages(round_, draft)[0]
    answers.save_page(
        session, round_, draft, section=page.section, given={page.items[0]: 5}, now=now
    )
    assert draft.sent
    assert draft.answers[page.items[0]] == 5


def test_an_empty_survey_is_not_sent(session, now):
    round_ = make_round(session, now=now)
    draft = begin(session, round_, now=now).draft
    with pytest.raises(answers.RefusedError, match="not answered any question"):
        drafts.send(session, round_, draft, now=now)


def test_withdrawing_deletes_the_draft(session, now):
    round_ = make_round(session, now=now)
    begun = begin(session, round_, now=now)
    fill(session, round_, begun.draft, now=now)
    drafts.withdraw(session, round_, begun.draft, now=now)
    assert find(session, round_, begun.words) is None
    assert session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0


def test_a_round_that_is_not_open_takes_nothing(session, now):
    round_ = make_round(session, now=now)
    draft = begin(session, round_, now=now).draft
    page = answers.pages(round_, draft)[0]
    for moment, state in (
        (round_.closes_at, "closed"),
        (round_.opens_at.replace(year=2020), "waiting"),
    ):
        for act in (
            lambda at: drafts.begin(session, round_, respondent_key=KEY, now=at),
            lambda at: answers.save_page(
                session, round_, draft, section=page.section, given={}, now=at
            ),
            lambda at: drafts.set_place(session, round_, draft, role="", school_id=None, now=at),
            lambda at: drafts.send(session, round_, draft, now=at),
            lambda at: drafts.withdraw(session, round_, draft, now=at),
        ):
            with pytest.raises(answers.NotOpenError) as caught:
                act(moment)
            assert caught.value.state == state


def test_the_order_of_sections_is_drawn_for_each_person(session, now):
    round_ = make_round(session, now=now)
    drawn = {
        drafts.begin(session, round_, respondent_key=KEY, now=now).draft.dimension_order
        for _ in range(40)
    }
    assert drawn == {0, 1}


def test_an_instrument_without_roles_asks_no_place(session, now):
    round_ = make_round(session, now=now, instrument=NO_ROLES)
    draft = drafts.begin(session, round_, respondent_key=KEY, now=now).draft
    assert not drafts.needs_place(session, round_)
    assert drafts.has_place(session, round_, draft)
    fill(session, round_, draft, now=now)
    drafts.send(session, round_, draft, now=now)
    assert draft.sent


def test_simulated_answers_become_sent_drafts_equal_to_the_file(session, now):
    round_ = make_round(session, now=now, simulated=True)
    instrument = rounds.instrument_of(round_)
    draft = begin(session, round_, now=now).draft
    given_ = fill(session, round_, draft, now=now, pick=3)
    school = rounds.schools_of(session, round_)[0].name
    sheet = as_sheets(
        as_responses(
            instrument,
            [answers_sheet(draft.role, school, given_)],
            form=round_.form,
            modules=round_.modules,
        )
    )[0]
    assert sheet.answers == given_
    responses = as_responses(
        instrument, [sheet] * 3, form=round_.form, modules=round_.modules, simulated=True
    )
    simulated.add(session, round_, responses)
    stored = session.scalars(sa.select(Draft).where(Draft.sent)).all()
    assert [row.answers for row in stored] == [given_] * 3
    assert all(answers.first_open_page(round_, row) is None for row in stored)


def answers_sheet(role, school, given_):
    from survey.services.coding import Sheet

    return Sheet(role=role, school=school, answers=given_)


def test_simulated_answers_do_not_enter_a_real_round(session, now):
    round_ = make_round(session, now=now)
    responses = as_responses(
        rounds.instrument_of(round_), [], form="full", modules=[], simulated=True
    )
    with pytest.raises(answers.RefusedError, match="marked as simulated"):
        simulated.add(session, round_, responses)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_pages_saved_in_any_order_end_with_the_last_save_of_each_item(session, now, seed):
    rng = random.Random(seed)
    session.rollback()
    round_ = make_round(session, now=now, instrument=NO_ROLES)
    instrument = rounds.instrument_of(round_)
    draft = begin(session, round_, now=now).draft
    expected = {}
    for _ in range(12):
        page = rng.choice(answers.pages(round_, draft))
        given_ = {
            code: rng.choice(options_of(instrument, code))
            for code in rng.sample(page.items, rng.randint(0, len(page.items)))
        }
        clear = rng.sample(page.items, 1) if rng.random() < 0.3 else []
        answers.save_page(
            session, round_, draft, section=page.section, given=given_, clear=clear, now=now
        )
        expected = {k: v for k, v in {**expected, **given_}.items() if k not in clear}
    session.flush()
    session.expire_all()
    assert draft.answers == expected
