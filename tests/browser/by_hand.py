"""The figures of a profile, worked out from answers by a few lines of pandas that share no code.

``answers`` holds one row a person: role, school (empty at the centre), and a column for each
question with what was sent: a number, "CT", "DNA", or nothing.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import instruments

LIBRARY = Path(instruments.__file__).parent / "library" / "mto-learning-profile" / "0.1"
ITEMS = {each["code"]: each for each in tomllib.loads((LIBRARY / "items.toml").read_text())["item"]}
SCALES = {
    each["code"]: each for each in tomllib.loads((LIBRARY / "scales.toml").read_text())["scale"]
}
TEXT = tomllib.loads((LIBRARY / "text.en.toml").read_text())
#: of so many items that a person was shown, so many must be answered
ENOUGH = {1: 1, 2: 2, 3: 2, 4: 3, 5: 4, 6: 5, 7: 5}


def core(scale: str) -> list[str]:
    """The scale's items that every role sees; all of them where there is none."""
    items = SCALES[scale]["items"]
    return [code for code in items if ITEMS[code].get("core")] or items


def numbers(answers: pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    """Answers as numbers, turned round where the question is."""
    x = answers[list(items)].apply(pd.to_numeric, errors="coerce")
    for code in items:
        if ITEMS[code].get("reverse"):
            x[code] = 6 - x[code]
    return x


def weights(people: pd.DataFrame, staff: pd.DataFrame) -> np.ndarray:
    """Staff of each person's cell over those who answered there; the centre is one cell."""
    roles = people["role"].unique()
    cell, listed = (
        each["school"] + "/" + each["role"].where(each["school"] != "", "centre")
        for each in (people, staff[staff["role"].isin(roles)])
    )
    answered, headcount = cell.value_counts(), listed.value_counts()
    assert set(answered.index) == set(headcount.index)
    assert answered.min() > 1  # or cells would have to be merged
    weight = cell.map(headcount / answered).to_numpy()
    return weight / weight.sum()


def scale_mean(answers: pd.DataFrame, staff: pd.DataFrame, items: Sequence[str]) -> float:
    """Weighted mean of the mean answers of those who answered enough."""
    x = numbers(answers, items)
    shown = answers["role"].map(lambda role: sum(role in ITEMS[code]["roles"] for code in items))
    enough = x.notna().sum(axis=1) >= shown.map(ENOUGH)
    return float(x.mean(axis=1)[enough] @ weights(answers[enough], staff))


def shares(
    people: pd.DataFrame, staff: pd.DataFrame, x: pd.Series, options: Sequence
) -> np.ndarray:
    """Weighted share of each option among those who chose one."""
    chose = x.isin(options)
    weight = weights(people[chose], staff)
    return np.array([weight[x[chose] == option].sum() for option in options])


def told(answers: pd.DataFrame, staff: pd.DataFrame, items: Sequence[str]) -> float:
    """Share of "can't tell" among all times that the items were shown."""
    times = cant = 0.0
    for code in items:
        people = answers[answers["role"].isin(ITEMS[code]["roles"])]
        weight = weights(people, staff) * len(people)
        times += weight.sum()
        cant += weight[people[code] == "CT"].sum()
    return cant / times


def interval(people: pd.DataFrame, staff: pd.DataFrame, x: pd.Series) -> tuple[float, ...]:
    """Weighted mean of one question and its 90% interval, schools by roles as strata."""
    people, x = people[x.notna()], x.dropna()
    weight = pd.Series(weights(people, staff), index=people.index)
    cell = people["school"] + people["role"].where(people["school"] != "", "")
    parts = pd.DataFrame({"x": x, "w": weight}).groupby(cell)
    error = (parts["w"].sum() ** 2 * parts["x"].var() / parts["x"].size()).sum() ** 0.5
    mean = float(x @ weight)
    return mean, mean - 1.645 * error, mean + 1.645 * error


def median(stops: np.ndarray) -> float:
    """Interpolated median of shares at stops 1, 2, ..."""
    before = np.concatenate([[0], np.cumsum(stops)])
    stop = int(np.searchsorted(before, 0.5))
    return stop - 0.5 + (0.5 - before[stop - 1]) / stops[stop - 1]


# As printed


def table(text: str, heading: str) -> str:
    """The text from the last line on that begins with this heading: tables come last."""
    return text[text.rindex("\n" + heading) :]


def after(text: str, name: str) -> str:
    """The text from the first line on that begins with ``name``."""
    return text[text.index("\n" + name) :]


def row(text: str, name: str) -> str:
    """The first line that begins with ``name``."""
    return next(line for line in text.splitlines() if line.startswith(name))


def printed(line: str) -> list[str]:
    """Figures of a line, without the intervals in brackets and those in words."""
    line = re.sub(r"\(\d\.\d to \d\.\d\)|\d\.\d to \d\.\d", " ", line)
    return re.findall(r"[<>]?\d+%|\b\d\.\d\b", line)


def agree(figures: Sequence[str], shares: Sequence[float], n: int, heaviest: float = 0.0) -> bool:
    """Whether shares printed together are these, as few answers are rounded and masked.

    ``heaviest`` is the weight of the answer that counts most: where one answer is a twentieth of
    the whole, shares are rounded as those of 20.
    """
    n = min(n, int(1 / heaviest + 1e-9)) if n < 200 and heaviest else n
    step, low, high = (10, 25, 75) if n < 21 else (5, 10, 90) if n < 41 else (1, 5, 90)
    masked = sum(100 * share < low - 1e-9 for share in shares) if len(shares) > 1 else 0
    if masked == 1 or (masked and n < 200):
        step = 10 if step == 5 else max(step, 5)
    return len(figures) == len(shares) and all(
        _is_share(figure, 100 * share, step, low, high)
        for figure, share in zip(figures, shares, strict=True)
    )


def _is_share(figure: str, percent: float, step: int, low: int, high: int) -> bool:
    if figure[0] == "<":
        return figure == f"<{low}%" and percent < low
    if figure[0] == ">":
        return figure == f">{high}%" and percent > high - step / 2
    return low <= percent <= high and abs(percent - int(figure[:-1])) <= step / 2 + 1e-9


def is_mean(figure: str, value: float) -> bool:
    """Whether a figure printed to one decimal is this value; a tie may fall to either side."""
    return abs(float(figure) - value) <= 0.05 + 1e-9
