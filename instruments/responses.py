"""Responses: one int8 row a respondent, one column an item, and attributes beside them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SKIPPED = -1
CANT_TELL = -2
DOES_NOT_APPLY = -3
NOT_SHOWN = -4


@dataclass(frozen=True)
class Responses:
    """Answers of one round, frozen.

    Attributes
    ----------
    items : tuple of str
        Item codes, in column order.
    codes : ndarray of int8, shape (n, len(items))
        Option numbers; SKIPPED, CANT_TELL, DOES_NOT_APPLY, NOT_SHOWN where there is none.
    attributes : mapping of str to ndarray of str, shape (n,)
        ``role`` and ``school`` are known by name; empty string where unknown. Others are kept.
    simulated : bool
        Whether the answers were drawn by a program. Every document made from them says so.
    """

    items: tuple[str, ...]
    codes: NDArray[np.int8]
    attributes: Mapping[str, NDArray[np.str_]]
    simulated: bool = False
