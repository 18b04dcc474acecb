"""Names on the line: placed so that no two touch, whatever the data."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.charts.labels import LANE, SIZE, STALK_CLEAR, Layout, Name, lay_out, spread
from reports.charts.line_words import push_apart

FRAME, STOP = 510.0, 102.0
NAMES = [
    ("Curriculum", "Curriculum"),
    ("Materials", "Materials"),
    ("Tests and exams", "Tests"),
    ("Teaching", "Teaching"),
    ("Staff learning", "Training"),
    ("Hiring", "Hiring"),
    ("Staff time", "Time"),
    ("School budget", "Budget"),
    ("When results drop", "Results drop"),
    ("Priorities", "Priorities"),
]


def names(values: list[float]) -> list[Name]:
    return [Name((value - 0.5) * STOP, texts) for value, texts in zip(values, NAMES, strict=False)]


def boxes(layout: Layout) -> list[tuple[float, float, float, float]]:
    """Left, right, bottom and top of every run of text, upwards from the lowest baseline."""
    found = [
        (label.left, label.right, label.lane * LANE - 2.2, label.lane * LANE + SIZE * 0.76)
        for label in layout.labels
    ]
    if layout.listed is not None and layout.listed.above is not None:
        base = layout.listed.above * LANE
        high = base + (len(layout.listed.lines) - 1) * 12 + SIZE * 0.76
        found.append((layout.listed.text_left, layout.listed.text_right, base - 2.2, high))
    return found


def assert_clear(layout: Layout) -> None:
    for one, other in combinations(boxes(layout), 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart, f"{one} and {other} overlap"
    for left, right, _, _ in boxes(layout):
        assert left >= -0.01
        assert right <= FRAME + 0.01
    for label in layout.labels:
        for other in layout.labels:
            inside = label.left - STALK_CLEAR <= other.stalk <= label.right + STALK_CLEAR
            if other is not label and inside:
                assert label.lane > other.lane, f"{other.text}'s stalk runs through {label.text}"


positions = st.lists(st.floats(min_value=0.5, max_value=5.5), min_size=0, max_size=10)


@settings(max_examples=60, deadline=None)
@given(positions)
def test_no_two_names_touch_and_none_leaves_the_frame(values: list[float]) -> None:
    layout = lay_out(names(values), frame=FRAME, stop=STOP)
    assert_clear(layout)
    named = len(layout.labels)
    listed = len(values) - named if layout.listed else 0
    assert named + listed == len(values)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(min_value=0.6, max_value=5.4),
    st.lists(st.floats(-0.25, 0.25), min_size=8, max_size=10),
)
def test_a_dense_cluster_anywhere_keeps_its_names_apart(
    centre: float, offsets: list[float]
) -> None:
    values = [min(max(centre + offset, 0.5), 5.5) for offset in offsets]
    assert_clear(lay_out(names(values), frame=FRAME, stop=STOP))


@settings(max_examples=60, deadline=None)
@given(positions)
def test_a_mark_moves_by_a_tenth_of_a_stop_at_most(values: list[float]) -> None:
    layout = lay_out(names(values), frame=FRAME, stop=STOP)
    true = sorted((value - 0.5) * STOP for value in values)
    for drawn, where in zip(layout.dots, true, strict=True):
        assert abs(drawn - where) <= 0.1 * STOP + 1e-6


def test_nine_marks_at_one_stop_are_all_named() -> None:
    values = [3.78, 3.83, 3.9, 3.95, 4.0, 4.05, 4.1, 4.12, 4.4, 4.8]
    layout = lay_out(names(values), frame=FRAME, stop=STOP)
    assert layout.listed is None
    assert len(layout.labels) == 10
    assert layout.lanes <= 6


def test_all_ten_at_one_end_become_one_bracket_and_one_list() -> None:
    values = [4.9 + n / 100 for n in range(10)]
    layout = lay_out(names(values), frame=FRAME, stop=STOP)
    assert layout.labels == ()
    assert layout.listed is not None
    words = " ".join(layout.listed.lines)
    assert words.startswith("Left to right: Curriculum, Materials, Tests and exams")
    assert layout.listed.anchor == "end"  # the roomier side of the right end is its left


def test_both_ends_are_treated_alike() -> None:
    values = [1.4, 1.9, 2.2, 3.3]
    left = lay_out(names(values), frame=FRAME, stop=STOP)
    mirrored = [Name(FRAME - name.x, name.names) for name in names(values)]
    right = lay_out(mirrored, frame=FRAME, stop=STOP)
    assert left.lanes == right.lanes
    assert sum(label.lane for label in left.labels) == sum(label.lane for label in right.labels)


def test_names_longer_than_the_page_are_listed_under_a_bracket() -> None:
    long = "A decision with a name that no organisation would ever think of giving to anything " * 2
    layout = lay_out(
        [Name(200, (long, long)), Name(230, ("Hiring", "Hiring"))], frame=FRAME, stop=STOP
    )
    assert layout.listed is not None
    assert_clear(layout)


def test_no_marks_need_no_room() -> None:
    layout = lay_out([], frame=FRAME, stop=STOP)
    assert layout.dots == ()
    assert layout.height == SIZE


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 510), min_size=1, max_size=12), st.floats(2, 10))
def test_spreading_keeps_order_and_gaps(xs: list[float], gap: float) -> None:
    moved = spread(sorted(xs), gap=gap, low=0, high=FRAME)
    assert all(b - a >= gap - 1e-6 for a, b in pairwise(moved))
    assert moved[0] >= -1e-6
    assert moved[-1] <= FRAME + 1e-6


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 510), st.floats(0, 510), st.floats(40, 290), st.floats(40, 200))
def test_the_two_captions_under_the_axis_never_touch(
    one: float, other: float, wide: float, narrow: float
) -> None:
    first, second = push_apart([(one, wide), (other, narrow)], frame=FRAME, gap=12)
    assert abs(first - second) >= (wide + narrow) / 2 + 12 - 1e-6
    for middle, width in ((first, wide), (second, narrow)):
        assert middle - width / 2 >= -1e-6
        assert middle + width / 2 <= FRAME + 1e-6


@pytest.mark.parametrize("value", [0.5, 5.5])
def test_a_mark_at_the_very_end_keeps_its_name_inside(value: float) -> None:
    assert_clear(lay_out(names([value]), frame=FRAME, stop=STOP))
