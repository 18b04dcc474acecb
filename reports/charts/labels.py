"""Where the names of the marks on the line stand, so that no two ever touch.

Each name stands left or right of its own stalk. All choices of side are tried; a name must clear
every other name and stand above every stalk that runs through its span. The fewest lanes win,
then the lowest total. Where that does not fit, shorter names are tried, then one bracket over the
cluster with one list beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from reports.charts.metrics import balance, text_width

SIZE: Final = 9.4
LANE: Final = 14.5
#: from a stalk to its name
GAP: Final = 3.6
#: between neighbouring names in one lane, and from a name to another's stalk
CLEAR: Final = 5.0
STALK_CLEAR: Final = 2.0
#: stalks stand at least this far apart; dots too, as far as a tenth of a stop allows
STALK_GAP: Final = 6.4
DOT_GAP: Final = 6.6
#: a stalk may bend by this much before the bracket takes over
BEND: Final = 12.0
LIST_LEAD: Final = 12.0


@dataclass(frozen=True, slots=True)
class Name:
    """What a mark may be called, longest first, and where it truly stands (points)."""

    x: float
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A placed name. ``lane`` counts upwards from 0."""

    text: str
    dot: float
    stalk: float
    side: str
    lane: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Listed:
    """A bracket over a cluster of marks, and their names as lines of one list."""

    left: float
    right: float
    lines: tuple[str, ...]
    anchor: str
    x: float
    #: box of the text
    text_left: float
    text_right: float
    #: lanes that the list stands above; None: beside the bracket, at the height of the dots
    above: int | None


@dataclass(frozen=True, slots=True)
class Layout:
    """All names above the line."""

    dots: tuple[float, ...]
    labels: tuple[Label, ...]
    listed: Listed | None
    lanes: int

    @property
    def bent(self) -> bool:
        """Whether some stalk leaves its dot at an angle."""
        return any(abs(label.dot - label.stalk) > 0.3 for label in self.labels)

    @property
    def height(self) -> float:
        """Points from the lowest baseline to the top of the highest name."""
        if self.listed is None:
            return max(self.lanes - 1, 0) * LANE + SIZE
        above = (self.listed.above or 0) * LANE
        return max(above + len(self.listed.lines) * LIST_LEAD, self.lanes * LANE)


def spread(
    xs: Sequence[float], *, gap: float, low: float, high: float, limit: float | None = None
) -> tuple[float, ...]:
    """Sorted positions moved as little as possible so that neighbours stand ``gap`` apart.

    Least squares under the gaps (isotonic regression of ``x - i * gap``) inside the frame; with a
    ``limit`` no position moves further than that, and neighbours may then stay closer.
    """
    blocks: list[tuple[float, int]] = []
    for index, x in enumerate(xs):
        total, count = x - index * gap, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before, many = blocks.pop()
            total, count = total + before, count + many
        blocks.append((total, count))
    flat = [total / count for total, count in blocks for _ in range(count)]
    top = high - (len(xs) - 1) * gap
    moved = [min(max(value, low), max(top, low)) + i * gap for i, value in enumerate(flat)]
    if limit is None:
        return tuple(moved)
    return tuple(min(max(new, x - limit), x + limit) for new, x in zip(moved, xs, strict=True))


def lay_out(names: Sequence[Name], *, frame: float, stop: float) -> Layout:
    """Place the names of marks on a line ``frame`` points wide, a stop being ``stop`` points."""
    ordered = sorted(names, key=lambda name: name.x)
    if not ordered:
        return Layout((), (), None, 0)
    dots = spread(
        [name.x for name in ordered], gap=DOT_GAP, low=4, high=frame - 4, limit=0.1 * stop
    )
    for kind, most in ((0, 5), (-1, 6)):
        texts = [name.names[kind] for name in ordered]
        labels = _labels(dots, texts, frame=frame, most=most)
        if labels is not None:
            return Layout(dots, labels, None, max(label.lane for label in labels) + 1)
    return _with_list(ordered, dots, frame=frame, stop=stop)


def _labels(
    dots: Sequence[float],
    texts: Sequence[str],
    *,
    frame: float,
    most: int,
    taken: tuple[float, float] | None = None,
) -> tuple[Label, ...] | None:
    """Names on at most ``most`` lanes, or None.

    The span ``taken`` (a bracket) is kept clear in the first lane, its middle (the leader to its
    list) in all.
    """
    if not dots:
        return ()
    stalks = spread(dots, gap=STALK_GAP, low=2, high=frame - 2)
    if any(abs(stalk - dot) > BEND for stalk, dot in zip(stalks, dots, strict=True)):
        return None
    widths = [text_width(text, SIZE, 600) for text in texts]
    sides = _Sides(stalks, widths, frame=frame, most=most, taken=taken)
    best = sides.search()
    if best is None:
        return None
    return tuple(
        Label(texts[i], dots[i], stalks[i], side, lane, *sides.span(i, side))
        for i, (side, lane) in enumerate(best)
    )


class _Sides:
    """One search over the sides of all names; holds the geometry that every choice shares."""

    def __init__(
        self,
        stalks: Sequence[float],
        widths: Sequence[float],
        *,
        frame: float,
        most: int,
        taken: tuple[float, float] | None,
    ) -> None:
        self.stalks, self.widths = stalks, widths
        self.frame, self.most, self.taken = frame, most, taken
        self.best: tuple[int, int] = (most, 10**6)
        self.found: list[tuple[str, int]] | None = None

    def span(self, i: int, side: str) -> tuple[float, float]:
        """From where to where the name reaches."""
        stalk, width = self.stalks[i], self.widths[i]
        if side == "right":
            return stalk + GAP, stalk + GAP + width
        return stalk - GAP - width, stalk - GAP

    def search(self) -> list[tuple[str, int]] | None:
        """Side and lane of each name: fewest lanes, then lowest total; None if nothing fits."""
        self._choose([], [])
        return self.found

    def _choose(self, sides: list[str], spans: list[tuple[float, float]]) -> None:
        i = len(sides)
        if i == len(self.stalks):
            self._judge(sides, spans)
            return
        for side in ("left", "right"):
            left, right = self.span(i, side)
            if left < 0 or right > self.frame or self._crosses_leader((left, right)):
                continue
            if any(
                self._crosses((left, right), j) and self._crosses(spans[j], i) for j in range(i)
            ):
                continue
            self._choose([*sides, side], [*spans, (left, right)])

    def _crosses_leader(self, span: tuple[float, float]) -> bool:
        leader = None if self.taken is None else sum(self.taken) / 2
        return leader is not None and span[0] - STALK_CLEAR <= leader <= span[1] + STALK_CLEAR

    def _crosses(self, span: tuple[float, float], j: int) -> bool:
        return span[0] - STALK_CLEAR <= self.stalks[j] <= span[1] + STALK_CLEAR

    def _judge(self, sides: list[str], spans: list[tuple[float, float]]) -> None:
        lanes = self._lanes(spans)
        if lanes is None:
            return
        worth = (max(lanes) + 1, sum(lanes))
        if worth[0] <= self.most and (self.found is None or worth < self.best):
            self.best, self.found = worth, list(zip(sides, lanes, strict=True))

    def _lanes(self, spans: list[tuple[float, float]]) -> list[int] | None:
        """Lowest lanes that keep names apart and above the stalks they span; None if cyclic."""
        count = len(spans)
        over = [
            [j for j in range(count) if j != i and self._crosses(spans[i], j)] for i in range(count)
        ]
        lanes: dict[int, int] = {}
        while len(lanes) < count:
            ready = [i for i in range(count) if i not in lanes and all(j in lanes for j in over[i])]
            if not ready:
                return None
            floors = {i: self._lowest(i, spans, over[i], lanes) for i in ready}
            chosen = min(ready, key=lambda i: (floors[i], -len(over[i]), i))
            if floors[chosen] >= self.most:
                return None
            lanes[chosen] = floors[chosen]
        return [lanes[i] for i in range(count)]

    def _lowest(
        self, i: int, spans: list[tuple[float, float]], over: list[int], lanes: dict[int, int]
    ) -> int:
        lane = max((lanes[j] + 1 for j in over), default=0)
        if lane == 0 and self.taken is not None and _meet(spans[i], self.taken):
            lane = 1
        while any(lanes[j] == lane and _meet(spans[i], spans[j]) for j in lanes):
            lane += 1
        return lane


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] + CLEAR and other[0] < one[1] + CLEAR


def _clusters(dots: Sequence[float], stop: float) -> list[range]:
    """Runs of marks closer than a third of a stop, largest first."""
    cuts = [i + 1 for i, (a, b) in enumerate(pairwise(dots)) if b - a > stop / 3]
    edges = [0, *cuts, len(dots)]
    return sorted((range(a, b) for a, b in pairwise(edges)), key=lambda run: (-len(run), run.start))


def _with_list(
    ordered: Sequence[Name], dots: tuple[float, ...], *, frame: float, stop: float
) -> Layout:
    """One bracket over the largest cluster (over all, if the others still do not fit)."""
    runs = [run for run in _clusters(dots, stop) if len(run) > 1][:1]
    for run in [*runs, range(len(dots))]:
        bracket = (max(dots[run[0]] - 4, 0), min(dots[run[-1]] + 4, frame))
        rest = [i for i in range(len(dots)) if i not in run]
        labels = _labels(
            [dots[i] for i in rest],
            [ordered[i].names[-1] for i in rest],
            frame=frame,
            most=5,
            taken=bracket,
        )
        if labels is not None:
            break
    else:  # the last run leaves nothing else to place
        labels = ()
    lanes = max((label.lane + 1 for label in labels), default=0)
    names = "Left to right: " + ", ".join(ordered[i].names[0] for i in run)
    return Layout(dots, labels, _list_of(names, bracket, labels, lanes, frame=frame), lanes)


def _list_of(
    names: str,
    bracket: tuple[float, float],
    labels: Sequence[Label],
    lanes: int,
    *,
    frame: float,
) -> Listed:
    """The list on the roomier side of its bracket, or above all else where that is taken."""
    on_left = bracket[0] >= frame - bracket[1]
    room = (bracket[0] if on_left else frame - bracket[1]) - 9
    beside = room >= 150
    lines = balance(names, min(room, 300) if beside else frame, SIZE, 600)
    width = max(text_width(line, SIZE, 600) for line in lines)
    if beside:
        x = bracket[0] - 9 if on_left else bracket[1] + 9
        left = x - width if on_left else x
        anchor = "end" if on_left else "start"
    else:
        x = min(max(sum(bracket) / 2, width / 2), frame - width / 2)
        left, anchor = x - width / 2, "middle"
    box = (left, left + width)
    free = beside and not any(
        _meet(box, (label.left, label.right)) or _meet(box, (label.dot, label.stalk))
        for label in labels
    )
    above = None if free else max(lanes, 1)
    return Listed(*bracket, lines, anchor, x, *box, above)
