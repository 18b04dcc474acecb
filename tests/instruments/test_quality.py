"""Signs of careless answering."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from instruments import registry
from instruments.quality import careless
from instruments.responses import CANT_TELL, NOT_SHOWN, SKIPPED, Responses
from instruments.scoring import score
from instruments.simulate import simulate

TINY = registry.load_folder(Path(__file__).parents[1] / "instruments_data" / "tiny")
PROFILE = registry.load("mto-learning-profile")
BFI = registry.load("bfi25")


def sheets(items: tuple[str, ...], *rows: list[int]) -> Responses:
    n = len(rows)
    attributes = {"school": np.array(["Elm"] * n), "role": np.array(["L"] * n)}
    return Responses(items, np.array(rows, dtype=np.int8), attributes)


def test_a_wrong_answer_to_the_attention_item_is_a_sign() -> None:
    found = careless(TINY, sheets(("CHECK",), [2], [3], [SKIPPED], [NOT_SHOWN]))
    assert found.attention.tolist() == [False, True, False, False]
    assert not found.left_out.any()


def run_of(length: int, *, hole: int | None = None) -> list[int]:
    row = [3 if place < length else 1 + place % 2 for place in range(25)]
    if hole is not None:
        row[hole] = CANT_TELL
    return row


@pytest.mark.parametrize(
    ("row", "flagged"),
    [
        (run_of(12), True),
        (run_of(11), False),
        (run_of(14, hole=6), False),
        (run_of(14, hole=1), True),
    ],
)
def test_twelve_times_one_option_across_a_reversed_item_is_a_sign(
    row: list[int], flagged: bool
) -> None:
    items = tuple(item.code for item in BFI.items)
    assert careless(BFI, sheets(items, row)).longstring.tolist() == [flagged]


def test_a_run_without_a_reversed_item_is_no_sign() -> None:
    straight = tuple(item.code for item in BFI.items if not item.reverse)
    assert not careless(BFI, sheets(straight, [3] * len(straight))).longstring.any()


def test_items_that_were_not_shown_do_not_break_a_run() -> None:
    items = tuple(item.code for item in BFI.items)
    row = run_of(14)
    row[5] = NOT_SHOWN
    assert careless(BFI, sheets(items, row)).longstring.tolist() == [True]


def test_opposite_questions_of_two_scales_answered_alike_are_a_sign() -> None:
    items = ("CRT1", "CRT6", "MSY5", "MSY6")
    rows = [5, 5, 1, 1], [5, 5, 1, 2], [5, 1, 1, 5], [5, 5, SKIPPED, 1], [4, 4, 4, 4]
    found = careless(PROFILE, sheets(items, *rows))
    assert found.contradiction.tolist() == [True, False, False, False, False]


def test_an_unusual_pattern_is_a_sign_and_missing_answers_are_not() -> None:
    rng = np.random.default_rng(3)
    items = tuple(code for scale in BFI.scales[:2] for code in scale.items)
    factor = rng.normal(size=(300, 1))
    x = np.clip(np.round(3.5 + factor + 0.4 * rng.normal(size=(300, 10))), 1, 6).astype(np.int8)
    x[0] = [1, 6] * 5
    x[1, :9] = SKIPPED
    found = careless(BFI, sheets(items, *x.tolist()))
    assert found.distance[0]
    assert not found.distance[1]
    assert found.distance.mean() < 0.03


def test_too_few_answers_for_unusual_patterns_say_so() -> None:
    found = careless(BFI, sheets(("A1", "A2"), [1, 2], [2, 1]))
    assert found.notices == ("Unusual patterns were not looked for: too few answers.",)
    again = careless(BFI, sheets(("A1", "A2"), *[[k % 6 + 1] * 2 for k in range(60)]))
    assert "repeat each other" in again.notices[0]


def test_main_results_leave_out_those_who_fail_twice_and_say_how_many() -> None:
    drawn = simulate(PROFILE, seed=5, schools=4, staff=200, careless=0.2)
    flags = careless(PROFILE, drawn.responses)
    measures = score(PROFILE, drawn.responses, drawn.roster)
    assert 5 < measures.careless == flags.left_out.sum() < 60
    assert (flags.left_out <= flags.flagged).all()
    assert measures.turnout.n == drawn.responses.n
    kept = score(PROFILE, drawn.responses.rows(~flags.left_out), drawn.roster)
    code = PROFILE.scales[0].code
    assert kept.scales[code].scores["lived"].n == measures.scales[code].scores["lived"].n


def test_clean_answers_lose_almost_nobody() -> None:
    drawn = simulate(PROFILE, seed=5, careless=0.0)
    assert careless(PROFILE, drawn.responses).left_out.mean() < 0.01


def test_the_module_can_be_imported_before_any_other() -> None:
    done = subprocess.run([sys.executable, "-c", "import instruments.quality"], check=False)
    assert done.returncode == 0
