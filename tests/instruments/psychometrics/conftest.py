"""Public data sets and what R says of them (see tests/reference/README.md)."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

REFERENCE = Path(__file__).parents[2] / "reference"
BFI_REVERSED = ("A1", "C4", "C5", "E1", "E2", "O2", "O5")


@dataclass(frozen=True)
class Dataset:
    """Codes with -1 for no answer, and R's values for the keyed items."""

    names: tuple[str, ...]
    codes: NDArray[np.int8]
    options: tuple[int, ...]
    reverse: tuple[str, ...]
    reliability: dict[str, Any]
    structure: dict[str, Any]

    def complete(self, *names: str) -> NDArray[np.float64]:
        """Complete cases of some items, reversed ones turned round."""
        answers = self.codes[:, [self.names.index(name) for name in names]].astype(float)
        answers = answers[(answers >= 0).all(axis=1)]
        for k, name in enumerate(names):
            if name in self.reverse:
                answers[:, k] = self.options[0] + self.options[-1] - answers[:, k]
        return answers


def read_codes(name: str, names: tuple[str, ...]) -> NDArray[np.int8]:
    with (REFERENCE / f"{name}.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    return np.array([[int(row[item] or -1) for item in names] for row in rows], dtype=np.int8)


def _read(name: str, names: tuple[str, ...], options: range, reverse: tuple[str, ...]) -> Dataset:
    return Dataset(
        names,
        read_codes(name, names),
        tuple(options),
        reverse,
        json.loads((REFERENCE / f"{name}_reliability.json").read_text()),
        json.loads((REFERENCE / f"{name}_structure.json").read_text()),
    )


@pytest.fixture(scope="session")
def bfi() -> Dataset:
    names = tuple(f"{scale}{k}" for scale in "ACENO" for k in range(1, 6))
    return _read("bfi", names, range(1, 7), BFI_REVERSED)


@pytest.fixture(scope="session")
def lq2002() -> Dataset:
    names = tuple(f"LEAD{k:02}" for k in range(1, 12)) + tuple(f"TSIG{k:02}" for k in range(1, 4))
    names += tuple(f"HOSTIL{k:02}" for k in range(1, 6))
    return _read("lq2002", names, range(6), ())
