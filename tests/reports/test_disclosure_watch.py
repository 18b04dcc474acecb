"""What is told while a round is open, and what an attacker works out from it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from instruments.measures import Turnout
from reports.disclosure_watch import LEAST, SMALLEST, day, told, told_of_everybody

ROLES = ("T", "L", "B", "H")
CENTRAL = ("B", "H")


@pytest.mark.parametrize("headcount", [*range(SMALLEST, 130), 400, 1111])
def test_every_label_of_a_group_stands_for_three_numbers_or_more(headcount):
    for tell in (told, told_of_everybody):
        labels = {tell(Turnout("", n, headcount)) for n in range(headcount + 1)}
        ranges = sorted((label.low, label.high) for label in labels)
        assert ranges[0][0] == 0
        assert ranges[-1][1] == headcount
        assert all(high - low + 1 >= LEAST for low, high in ranges)
        assert all(low == high + 1 for (_, high), (low, _) in pairwise(ranges))
        assert len({label.text for label in labels}) == len(labels)


def test_of_a_small_group_nothing_is_told_whatever_it_did():
    assert len({told(Turnout("", n, SMALLEST - 1)) for n in range(SMALLEST)}) == 1


def test_words_for_nearly_all_never_mean_all():
    said = {n: told(Turnout("", n, 25)).text for n in range(26)}
    assert said[25] == said[24] == said[23] == "nearly all"


def test_more_answers_than_staff_are_told_as_nearly_all():
    assert told(Turnout("", 40, 30)).text == "nearly all"


def test_without_a_roster_bands_are_told_and_no_share():
    assert told(Turnout("", 120, None)).text == "100+"
    assert told_of_everybody(Turnout("", 7, None)).text == "fewer than 10 so far"


def test_a_total_or_roles_that_would_give_the_rows_away_are_not_told():
    # bands reach up to 14 and four times 9, which make up 50, where the total's band begins
    schools = [Turnout("A", 14, 30), *(Turnout(f"S{n}", 9, 16) for n in range(4))]
    total = Turnout("", 50, 94)
    alone = day(total, [], schools, central=())
    assert not alone.total.is_told
    assert all(label.is_told for label in alone.schools.values())
    with_roles = day(total, [Turnout("T", 50, 94)], schools, central=())
    assert not with_roles.roles["T"].is_told
    fewer = day(Turnout("", 47, 94), [], [Turnout("A", 11, 30), *schools[1:]], central=())
    assert fewer.total.text == "25\N{EN DASH}49"


# The attacker: knows every head count, and reads two days' pages


def told_of(answered, staff):
    """A day of a table of (school, role); the last row is the centre."""
    by_role = [
        Turnout(role, int(answered[:, place].sum()), int(staff[:, place].sum()))
        for place, role in enumerate(ROLES)
        if staff[:, place].sum()
    ]
    by_school = [
        Turnout(f"S{row}", int(answered[row].sum()), int(staff[row].sum()))
        for row in range(len(staff) - 1)
    ]
    total = Turnout("", int(answered.sum()), int(staff.sum()))
    places = [*(f"S{row}" for row in range(len(staff) - 1)), ""]
    cells = {
        (places[row], role): int(n)
        for row, of_row in enumerate(staff)
        for role, n in zip(ROLES, of_row, strict=True)
    }
    return day(total, by_role, by_school, central=CENTRAL, staff=cells)


def constraints(found, staff, offset, width):
    """Rows (coefficients, low, high) that a day's page puts on the table of that day."""
    rows = []

    def add(mask, label):
        line = np.zeros(width)
        line[offset : offset + staff.size] = mask.ravel()
        rows.append((line, label.low, label.high))

    for place, role in enumerate(ROLES):
        if role in found.roles:
            mask = np.zeros_like(staff)
            mask[:, place] = 1
            add(mask, found.roles[role])
    for row in range(len(staff) - 1):
        mask = np.zeros_like(staff)
        mask[row] = 1
        add(mask, found.schools[f"S{row}"])
    add(np.ones_like(staff), found.total)
    return rows


def limits(goal, rows, bounds):
    """The least and the most that ``goal`` can be; a network, so the corners are whole numbers."""
    matrix = np.vstack([line for line, _, _ in rows] + [-line for line, _, _ in rows])
    right = np.array([high for _, _, high in rows] + [-low for _, low, _ in rows], dtype=float)
    ends = []
    for sign in (1, -1):
        found = linprog(sign * goal, A_ub=matrix, b_ub=right, bounds=bounds, method="highs")
        assert found.status == 0, found.message
        ends.append(round(sign * found.fun))
    return ends


@st.composite
def two_days(draw):
    """Staff by school and role, answers of one day, and those of the next."""
    schools = draw(st.integers(1, 5))
    staff = np.zeros((schools + 1, len(ROLES)), dtype=int)
    for row in range(schools):
        staff[row, 0] = draw(st.integers(6, 60))
        staff[row, 1] = draw(st.integers(0, 5))
    staff[-1, 2] = draw(st.integers(0, 25))
    staff[-1, 3] = draw(st.integers(0, 25))
    flat = staff.ravel()
    share = draw(st.floats(0, 1))
    first = np.array([draw(st.integers(int(share * n * 0.6), n)) for n in flat])
    more = draw(st.sampled_from(["one person", "some"]))
    second = first.copy()
    if more == "one person":
        free = np.flatnonzero(first < flat)
        if free.size:
            second[draw(st.sampled_from(list(map(int, free))))] += 1
    else:
        second = np.array(
            [
                draw(st.integers(int(a), min(int(n), int(a) + 4)))
                for a, n in zip(first, flat, strict=True)
            ]
        )
    return staff, first.reshape(staff.shape), second.reshape(staff.shape)


def test_a_role_that_is_small_in_one_school_narrows_that_school_down():
    """Two leaders at most and nine teachers at most leave a school's 10 to 12 two numbers."""
    staff = np.array([[13, 2, 0, 0], [6, 1, 0, 0], [0, 0, 0, 0]])
    answered = np.array([[8, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    found = told_of(answered, staff)
    assert found.schools["S0"].text == "10\N{EN DASH}14"
    assert not any(label.is_told for label in found.roles.values())


@settings(max_examples=60, deadline=None)
@given(two_days())
def test_no_day_and_no_difference_of_two_days_counts_anybody(case):
    staff, first, second = case
    size = staff.size
    days = [told_of(first, staff), told_of(second, staff)]
    rows = constraints(days[0], staff, 0, 2 * size) + constraints(days[1], staff, size, 2 * size)
    bounds = [(0, n) for n in staff.ravel()] * 2
    groups = [np.arange(len(ROLES)) + row * len(ROLES) for row in range(len(staff))]
    groups += [np.arange(place, size, len(ROLES)) for place in range(len(ROLES))]
    groups.append(np.arange(size))
    for cells in groups:
        if staff.ravel()[cells].sum() < LEAST:
            continue
        goal = np.zeros(2 * size)
        goal[cells] = 1
        low, high = limits(goal, rows, bounds)
        assert high - low + 1 >= LEAST, "a day's number is known too well"
        goal[cells + size] = 1
        goal[cells] = -1
        low, high = limits(goal, rows, bounds)
        assert high - low >= 1, "the number of those who answered that day is known"
