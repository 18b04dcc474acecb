"""Parting people into groups, and giving ordinal items the same options in all of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.samples import Columns, Rows, labelled, read
from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]

#: more groups than this are no groups but, say, identifiers
MOST_GROUPS = 30


def parted(
    data: Columns, items: Sequence[str], by: str, cluster: str | None = None
) -> tuple[dict[str, Rows], int]:
    """Rows of each group, by name in order, and how many people are in none.

    Raises
    ------
    CannotEstimate
        Where there is one group, or more than 30.
    """
    everybody, labels = read(data, items, cluster), labelled(data, by)
    if len(labels) != everybody.n:
        raise ValueError(f"{by} and the items have different lengths")
    names = [str(name) for name in np.unique(labels) if name]
    if len(names) < 2:
        raise CannotEstimate(f"{by} has one value only: there are no groups to compare")
    if len(names) > MOST_GROUPS:
        raise CannotEstimate(
            f"{by} has {len(names)} values; choose a column with {MOST_GROUPS} or fewer"
        )
    found = {}
    for name in names:
        own = labels == name
        clusters = None if everybody.clusters is None else everybody.clusters[own]
        found[name] = Rows(everybody.names, everybody.answers[own], clusters)
    return found, int((labels == "").sum())


def same_options(
    groups: dict[str, Rows], *, merge: bool
) -> tuple[dict[str, Rows], tuple[Matrix, ...], list[str]]:
    """Rows in which every group uses every option of every item; the options; what was merged.

    An option that a group lacks becomes one with the next lower one (the lowest, with the next
    higher one), in all groups.

    Raises
    ------
    CannotEstimate
        Where options are not to be merged, or a group would be left with one.
    """
    answers = {name: rows.answers.copy() for name, rows in groups.items()}
    options, notices = [], []
    for k, item in enumerate(next(iter(groups.values())).names):
        columns = [own[:, k] for own in answers.values()]
        own = np.unique(np.concatenate([c[~np.isnan(c)] for c in columns]))
        merged = []
        while lacking := _lacking(columns, own, tuple(answers)):
            group, option = lacking
            if not merge:
                raise CannotEstimate(f"nobody in {group} answered {option:g} to {item}")
            if len(own) < 3:
                raise CannotEstimate(f"everybody in {group} gave the same answer to {item}")
            at = int(np.searchsorted(own, option))
            target = own[at - 1] if at else own[1]
            for column in columns:
                column[column == option] = target
            own = np.delete(own, at)
            merged.append(f"{option:g} with {target:g} (nobody in {group})")
        if merged:
            notices.append(f"Options of {item} merged in all groups: {', '.join(merged)}.")
        options.append(own)
    kept = {name: replace(groups[name], answers=own) for name, own in answers.items()}
    return kept, tuple(options), notices


def _lacking(
    columns: Sequence[Matrix], options: Matrix, names: tuple[str, ...]
) -> tuple[str, float] | None:
    """A group, and an option of an item that nobody in it gave."""
    for name, column in zip(names, columns, strict=True):
        gone = np.setdiff1d(options, column)
        if gone.size:
            return name, float(gone[0])
    return None
