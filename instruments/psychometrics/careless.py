"""Signs of careless answering, person by person. They flag; nothing here leaves anybody out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate, Result, Table
from instruments.psychometrics.given import Codes, as_codes

if TYPE_CHECKING:
    import pandas as pd

Matrix = NDArray[np.float64]

#: correlation from which two items count as synonyms, and the fewest pairs to judge a person by
SYNONYMS_R, FEWEST_PAIRS = 0.60, 3
#: reliability of a person's own answers under which even and odd halves flag
EVEN_ODD = 0.30
#: standard deviations under the mean variability at which a person flags
LOW_VARIABILITY = 2.5


@dataclass(frozen=True, eq=False)
class CarelessSign(Result):
    """One sign over n people.

    Attributes
    ----------
    name : str
    values : ndarray of float64, shape (n,)
        NaN for people who answered too little to be judged; ``judged`` says who was.
    flagged, judged : ndarray of bool, shape (n,)
    limit : float
        Values beyond it flag: above for long strings and distances, below for the others.
    reference, limit_source : str
        Where the sign comes from, and where its limit does.
    """

    name: str
    values: Matrix
    flagged: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    limit: float
    reference: str
    limit_source: str

    def table(self) -> Table:
        known = self.values[self.judged]
        middle = float(np.median(known)) if known.size else ""
        row = (self.name, int(self.flagged.sum()), int(self.judged.sum()), self.limit, middle)
        heads = ("sign", "flagged", "judged", "limit", "median")
        return Table(heads, (row,))

    def notes(self) -> tuple[str, ...]:
        return (self.reference, f"limit: {self.limit_source}")

    def to_frame(self) -> "pd.DataFrame":
        """One row a person: the sign's value, whether it flags, whether it could be judged."""
        import pandas as pd

        return pd.DataFrame(
            {self.name: self.values, "flagged": self.flagged, "judged": self.judged}
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; null for people who were not judged."""
        return {
            "name": self.name,
            "values": [
                float(x) if ok else None for x, ok in zip(self.values, self.judged, strict=True)
            ],
            "flagged": self.flagged.tolist(),
            "limit": self.limit,
            "reference": self.reference,
            "limit_source": self.limit_source,
        }


def long_string(codes: Codes, *, limit: int | None = None) -> CarelessSign:
    """The longest run of one option, items in the order in which they were asked.

    A missing answer ends a run. Items of one direction only can be answered so in earnest.
    Agrees with ``max(rle(x)$lengths)`` and with the example of ``careless::longstring``.

    Parameters
    ----------
    codes : ndarray of int8, shape (n, p)
        As answered, nothing turned round; below zero where there is no answer.
    limit : int, optional
        Runs longer than this flag; half of the items where not given.

    Returns
    -------
    CarelessSign
        Values in items; long is careless.

    Raises
    ------
    ValueError
        Where codes are not whole numbers, people by items.
    """
    codes = as_codes(codes)
    n, p = codes.shape
    longest, length = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    before = np.full(n, -1, dtype=np.int8)
    for column in codes.T:
        given = column >= 0
        length = np.where(given & (column == before), length + 1, given.astype(np.int64))
        before = np.where(given, column, -1).astype(np.int8)
        longest = np.maximum(longest, length)
    most = p // 2 if limit is None else limit
    judged = np.any(codes >= 0, axis=1)
    return sign(
        "long string",
        longest.astype(np.float64),
        np.asarray(longest > most),
        judged,
        float(most),
        "Johnson (2005), Journal of Research in Personality 39, 103-129",
        "half of the items: Curran (2016), Journal of Experimental Social Psychology 66, 4-19"
        if limit is None
        else "given",
    )


def variability(codes: Codes) -> CarelessSign:
    """Intra-individual response variability: the standard deviation of a person's answers.

    Agrees with ``sd(x)`` to 1e-10, and with Curran's (2016) examples, which ``careless::irv`` is
    tested by.

    Parameters
    ----------
    codes : ndarray of int8, shape (n, p)
        As answered, nothing turned round, items of one response scale.

    Returns
    -------
    CarelessSign
        Values in options; low is careless.

    Raises
    ------
    ValueError
        Where codes are not whole numbers, people by items.
    """
    codes = as_codes(codes)
    given = codes >= 0
    count = given.sum(axis=1)
    judged = np.asarray(count >= 2)
    safe = np.maximum(count, 2)
    answers = np.where(given, codes, 0).astype(np.float64)
    mean = answers.sum(axis=1) / safe
    spread = np.where(given, answers - mean[:, None], 0.0)
    values = np.sqrt((spread**2).sum(axis=1) / (safe - 1))
    known = values[judged]
    limit = 0.0
    if known.size > 1:
        limit = max(float(known.mean() - LOW_VARIABILITY * known.std(ddof=1)), 0.0)
    return sign(
        "variability",
        values,
        np.asarray((values < limit) | (values == 0)),
        judged,
        limit,
        "Dunn, Heggestad, Shanock and Theilgard (2018), Journal of Business and Psychology 33,"
        " 105-121",
        f"no limit is published; {LOW_VARIABILITY} standard deviations under the mean, or no"
        " variability at all, is ours",
    )


def even_odd(codes: Codes, scales: Mapping[str, Sequence[int]]) -> CarelessSign:
    """How a person's answers to the even items of scales go with those to the odd ones.

    The correlation over scales of a person's two half means, stepped up by Spearman and Brown.
    Agrees to 1e-10 with the steps of ``careless::evenodd(x, factors)`` 1.1 and before; 1.2 turned
    its sign round. ``2 * r / (1 + r)`` with ``r <- cor(even, odd)``, at least -1.

    Parameters
    ----------
    codes : ndarray of int8, shape (n, p)
        Reversed items turned round.
    scales : mapping of str to sequence of int
        The columns of each scale; three scales of two items or more.

    Returns
    -------
    CarelessSign
        Values between -1 and 1; low is careless.

    Raises
    ------
    CannotEstimate
        Where there are fewer than three such scales.
    """
    codes = as_codes(codes)
    if any(not 0 <= k < codes.shape[1] for columns in scales.values() for k in columns):
        raise ValueError(f"scales name columns beyond the {codes.shape[1]} of codes")
    usable = [list(columns) for columns in scales.values() if len(columns) >= 2]
    if len(usable) < 3:
        raise CannotEstimate("even and odd halves need three scales of two items or more")
    halves = [
        np.stack([_means(codes[:, columns[start::2]]) for columns in usable], axis=1)
        for start in (0, 1)
    ]
    r, pairs = _within_person(*halves)
    values = np.where(r > -1 + 1e-9, 2 * r / np.maximum(1 + r, 1e-9), -1.0)
    values = np.clip(values, -1.0, 1.0)
    return sign(
        "even-odd",
        values,
        values < EVEN_ODD,
        pairs >= FEWEST_PAIRS,
        EVEN_ODD,
        "Jackson (1976), via Johnson (2005), Journal of Research in Personality 39, 103-129",
        ".30: Jackson (1977), via Johnson (2005)",
    )


def synonyms(codes: Codes, *, least: float = SYNONYMS_R) -> CarelessSign:
    """How a person's answers to items that nearly everybody answers alike go together.

    The correlation, over pairs of items that correlate so in the sample, of a person's two answers.
    Agrees with ``cor(x[pairs[, 1]], x[pairs[, 2]])`` to 1e-10 and with the cases of
    ``careless::psychsyn``'s own tests.

    Parameters
    ----------
    codes : ndarray of int8, shape (n, p)
        Reversed items turned round.
    least : float
        Correlation from which two items count as a pair.

    Returns
    -------
    CarelessSign
        Values between -1 and 1; low is careless.

    Raises
    ------
    CannotEstimate
        Where fewer than three pairs correlate so.
    """
    answers, present = answered(as_codes(codes))
    r = correlations(answers, present)
    first, second = np.nonzero(np.triu(r, 1) >= least)
    if len(first) < FEWEST_PAIRS:
        raise CannotEstimate(
            f"{len(first)} pairs of items correlate at {least} or more; {FEWEST_PAIRS} are needed"
        )
    gaps = np.where(present, answers, np.nan)
    values, pairs = _within_person(gaps[:, first], gaps[:, second])
    return sign(
        "synonyms",
        values,
        values < 0,
        pairs >= FEWEST_PAIRS,
        0.0,
        "Meade and Craig (2012), Psychological Methods 17, 437-455",
        f"pairs from {SYNONYMS_R}: Meade and Craig (2012); below 0 for a person is ours",
    )


def sign(
    name: str,
    values: Matrix,
    flagged: NDArray[np.bool_],
    judged: NDArray[np.bool_],
    limit: float,
    reference: str,
    limit_source: str,
) -> CarelessSign:
    return CarelessSign(
        name,
        np.where(judged, values, np.nan),
        flagged & judged,
        judged,
        limit,
        reference,
        limit_source,
    )


def answered(codes: Codes) -> tuple[Matrix, NDArray[np.bool_]]:
    present = codes >= 0
    return np.where(present, codes, 0).astype(np.float64), present


def _means(codes: Codes) -> Matrix:
    """Mean of each person's answers; NaN where there is none."""
    answers, present = answered(codes)
    count = present.sum(axis=1)
    return np.where(count > 0, answers.sum(axis=1) / np.maximum(count, 1), np.nan)


def centre(answers: Matrix, present: NDArray[np.bool_]) -> tuple[Matrix, Matrix]:
    count = np.maximum(present.sum(axis=0), 1)
    mean = answers.sum(axis=0) / count
    spread = np.sqrt((np.where(present, answers - mean, 0.0) ** 2).sum(axis=0) / count)
    if (spread <= 1e-12).any():
        raise CannotEstimate("items that repeat each other: everybody answered one alike")
    return mean, spread


def correlations(answers: Matrix, present: NDArray[np.bool_]) -> Matrix:
    """Pairwise, by each item's own mean and spread."""
    mean, spread = centre(answers, present)
    z = np.where(present, (answers - mean) / spread, 0.0)
    shown = present.astype(np.float64)
    r = z.T @ z / np.maximum(shown.T @ shown, 1)
    np.fill_diagonal(r, 1.0)
    return np.asarray(r)


def _within_person(x: Matrix, y: Matrix) -> tuple[Matrix, NDArray[np.int64]]:
    """Each person's correlation over the columns that both have; 0 where one does not vary."""
    both = np.isfinite(x) & np.isfinite(y)
    count = both.sum(axis=1)
    safe = np.maximum(count, 1)[:, None]
    x, y = np.where(both, x, 0.0), np.where(both, y, 0.0)
    x = np.where(both, x - x.sum(axis=1, keepdims=True) / safe, 0.0)
    y = np.where(both, y - y.sum(axis=1, keepdims=True) / safe, 0.0)
    size = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    varies = size > 1e-12
    r = np.where(varies, (x * y).sum(axis=1) / np.where(varies, size, 1.0), 0.0)
    return np.clip(r, -1.0, 1.0), np.where(varies, count, 0)
