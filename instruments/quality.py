"""Signs of careless answering: flags, never silent drops."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.definition import Instrument
from instruments.psychometrics.distance import mahalanobis
from instruments.psychometrics.estimates import CannotEstimate
from instruments.responses import NOT_SHOWN, Responses

#: the same option so many times running, across a reversed item
LONGSTRING = 12

Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Flags:
    """Signs of careless answering, each bool of shape (n,).

    Attributes
    ----------
    attention : the attention item was answered, and wrongly
    longstring : the same option 12 or more times running, across a reversed item
    distance : Mahalanobis distance beyond p = .001
    contradiction : opposite questions of two scales answered alike, at an end
    notices : why a sign could not be read, if so
    """

    attention: Booleans
    longstring: Booleans
    distance: Booleans
    contradiction: Booleans
    notices: tuple[str, ...] = ()

    @property
    def signs(self) -> NDArray[np.intp]:
        """How many signs each answer sheet shows."""
        flags = (self.attention, self.longstring, self.distance, self.contradiction)
        return np.asarray(np.sum(flags, axis=0), dtype=np.intp)

    @property
    def flagged(self) -> Booleans:
        """Sheets with two signs or more: marked for researchers."""
        return self.signs >= 2

    @property
    def left_out(self) -> Booleans:
        """Sheets that the main results leave out: attention item wrong, and one more sign."""
        return self.attention & (self.signs >= 2)


def careless(instrument: Instrument, responses: Responses) -> Flags:
    """Signs of careless answering.

    Time is not among them: it is not stored. With no attention item in the file nobody is left
    out of main results.
    """
    distance, notices = _distance(instrument, responses)
    return Flags(
        attention=_attention(instrument, responses),
        longstring=_longstring(instrument, responses),
        distance=distance,
        contradiction=_contradiction(instrument, responses),
        notices=notices,
    )


def _attention(instrument: Instrument, responses: Responses) -> Booleans:
    wrong = np.zeros(responses.n, dtype=bool)
    for column, code in enumerate(responses.items):
        expected = instrument.item(code).expected
        if expected is not None:
            answers = responses.codes[:, column]
            wrong |= (answers >= 0) & (answers != expected)
    return wrong


def _longstring(instrument: Instrument, responses: Responses) -> Booleans:
    """Runs of one option over the rated items in the instrument's order, as shown to the person.

    A skipped item, "can't tell" or "does not apply" ends a run; attention items do not count.
    """
    place = {code: column for column, code in enumerate(responses.items)}
    n = responses.n
    option = np.full(n, NOT_SHOWN, dtype=np.int8)
    length = np.zeros(n, dtype=np.intp)
    turned = np.zeros(n, dtype=bool)
    straight = np.zeros(n, dtype=bool)
    found = np.zeros(n, dtype=bool)
    for item in instrument.items:
        if item.code not in place or item.kind != "rated" or item.expected is not None:
            continue
        answers = responses.codes[:, place[item.code]]
        shown, given = answers != NOT_SHOWN, answers >= 0
        again = given & (answers == option)
        length = np.where(shown, np.where(again, length + 1, given), length)
        turned = np.where(shown, (again & turned) | (given & item.reverse), turned)
        straight = np.where(shown, (again & straight) | (given & (not item.reverse)), straight)
        option = np.where(shown, np.where(given, answers, NOT_SHOWN), option).astype(np.int8)
        found |= (length >= LONGSTRING) & turned & straight
    return found


def _contradiction(instrument: Instrument, responses: Responses) -> Booleans:
    """Pairs of core items of one scale and facet, one of them reversed, both at the same end.

    A sheet is flagged where pairs of at least two scales contradict each other (of one, where the
    instrument has pairs in one scale only).
    """
    place = {code: column for column, code in enumerate(responses.items)}
    per_scale = []
    for scale in instrument.scales:
        pairs: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for code in instrument.core_items(scale):
            if code in place:
                item = instrument.item(code)
                pairs[item.facet][item.reverse].append(code)
        clash = np.zeros(responses.n, dtype=bool)
        known = False
        for straight, turned in pairs.values():
            for one, other in ((a, b) for a in straight for b in turned):
                known = True
                a, b = responses.codes[:, place[one]], responses.codes[:, place[other]]
                low, high = instrument.options(one)[0], instrument.options(one)[-1]
                bottom, top = instrument.options(other)[0], instrument.options(other)[-1]
                clash |= ((a == low) & (b == bottom)) | ((a == high) & (b == top))
        if known:
            per_scale.append(clash)
    if not per_scale:
        return np.zeros(responses.n, dtype=bool)
    clashes = np.sum(per_scale, axis=0)
    return np.asarray(clashes >= min(2, len(per_scale)), dtype=bool)


def _distance(instrument: Instrument, responses: Responses) -> tuple[Booleans, tuple[str, ...]]:
    """Mahalanobis distance over the core items of reflective scales (``careless.mahalanobis``)."""
    wanted = {
        code
        for scale in instrument.scales
        if scale.kind == "reflective"
        for code in instrument.core_items(scale)
    }
    columns = [column for column, code in enumerate(responses.items) if code in wanted]
    try:
        return mahalanobis(responses.codes[:, columns]).flagged, ()
    except CannotEstimate as reason:
        notice = f"Unusual patterns were not looked for: {reason}."
        return np.zeros(responses.n, dtype=bool), (notice,)
