"""The frozen result of comparing groups: prints as a table, converts to frames and JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from instruments.psychometrics.confirmatory.results import Confirmatory, plain
from instruments.psychometrics.confirmatory.text import number, table
from instruments.psychometrics.estimates import NotEstimated

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Difference:
    """A step against the one before.

    ``chi2``, ``df`` and ``p`` are the plain test (ML), the scaled one of Satorra and Bentler 2001
    (MLR) or the scaled and shifted one of Satorra 2000 (WLSMV), or ``reason`` says why there is
    none. ``cfi``, ``rmsea`` and ``srmr`` are this step's minus the former's; from scaled statistics
    where there are any.
    """

    step: str
    against: str
    chi2: float | None
    df: int | None
    p: float | None
    reason: str
    cfi: float | None
    rmsea: float | None
    srmr: float | None


@dataclass(frozen=True, slots=True)
class Release:
    """What letting groups differ in one item alone would do for a step.

    ``chi2`` tests the item's restriction, ``cfi`` is the gain.
    """

    step: str
    item: str
    chi2: float | None
    df: int | None
    p: float | None
    reason: str
    cfi: float | None


@dataclass(frozen=True, eq=False)
class Invariance:
    """Measurement invariance over the groups of an attribute.

    Attributes
    ----------
    by : str
        The attribute.
    groups : mapping of str to int
        Group -> people; the first is the one that others are compared with.
    steps : mapping of str to Confirmatory or NotEstimated
    differences : tuple of Difference
    released : tuple of (str, str)
        (what, item) in which groups were allowed to differ, as asked.
    releases : tuple of Release
        Items that hold a step back, largest chi2 first; empty unless asked for.
    dmacs : mapping of str to mapping of str to float
        Group -> item -> effect size of its difference from the first group (Nye and Drasgow 2011),
        all other items held equal; empty unless asked for.
    """

    estimator: str
    method: str
    by: str
    groups: Mapping[str, int]
    steps: Mapping[str, Confirmatory | NotEstimated]
    differences: tuple[Difference, ...]
    released: tuple[tuple[str, str], ...]
    releases: tuple[Release, ...]
    dmacs: Mapping[str, Mapping[str, float | NotEstimated]]
    notices: tuple[str, ...]

    def to_frame(self) -> "DataFrame":
        """One row a step: fit, and the difference from the step before."""
        from pandas import DataFrame

        return DataFrame(self._rows()).set_index("step")

    def _rows(self) -> Iterator[dict[str, Any]]:
        against = {one.step: one for one in self.differences}
        for name, step in self.steps.items():
            row: dict[str, Any] = {"step": name}
            if isinstance(step, Confirmatory):
                row |= asdict(step.fit)
            if name in against:
                found = asdict(against[name])
                row |= {f"difference_{key}": found[key] for key in ("chi2", "df", "p")}
                row |= {f"delta_{key}": found[key] for key in ("cfi", "rmsea", "srmr")}
            yield row

    def to_json(self) -> dict[str, Any]:
        """Plain values; figures that do not apply are left out."""
        steps = {
            name: {"not_estimated": step.reason}
            if isinstance(step, NotEstimated)
            else step.to_json()["fit"]
            for name, step in self.steps.items()
        }
        return {
            **steps,
            "estimator": self.estimator,
            "method": self.method,
            "groups": dict(self.groups),
            "differences": [plain(asdict(one)) for one in self.differences],
            "released": [f"{what} of {item}" for what, item in self.released],
            "releases": [plain(asdict(one)) for one in self.releases],
            "dmacs": {
                group: {
                    item: {"not_estimated": value.reason}
                    if isinstance(value, NotEstimated)
                    else value
                    for item, value in items.items()
                }
                for group, items in self.dmacs.items()
            },
            "notices": list(self.notices),
        }

    def __str__(self) -> str:
        lines = [self.method, ""]
        head = ("", "chi2", "df", "CFI", "RMSEA", "SRMR", "diff", "df", "p", "d CFI", "d RMSEA")
        against = {one.step: one for one in self.differences}
        rows = [_row(name, step, against.get(name)) for name, step in self.steps.items()]
        lines += table(head, rows)
        for name, step in self.steps.items():
            if isinstance(step, NotEstimated):
                lines.append(f"{name}: {step.reason}")
        lines += [f"{d.step} against {d.against}: {d.reason}" for d in self.differences if d.reason]
        if self.releases:
            rows = [(f"{r.step}, {r.item}", number(r.chi2), number(r.p)) for r in self.releases]
            lines += ["", *table(("If one item may differ", "chi2", "p"), rows)]
        for group, items in self.dmacs.items():
            rows = [
                (item, "-" if isinstance(value, NotEstimated) else number(value))
                for item, value in items.items()
            ]
            lines += ["", *table((f"dMACS, {group}", ""), rows)]
        lines += [""] * bool(self.notices) + [f"Note: {notice}" for notice in self.notices]
        return "\n".join(lines)


def _row(
    name: str, step: Confirmatory | NotEstimated, against: Difference | None
) -> tuple[str, ...]:
    if isinstance(step, NotEstimated):
        return (name, *["-"] * 10)
    fit = step.fit
    chi2 = fit.chi2 if fit.chi2_scaled is None else fit.chi2_scaled
    shown = [number(chi2), str(fit.df), number(_best(step, "cfi")), number(_best(step, "rmsea"))]
    shown.append(number(fit.srmr))
    if against is None:
        return (name, *shown, *["-"] * 5)
    df = "-" if against.df is None else str(against.df)
    shown += [number(against.chi2), df, number(against.p)]
    return (name, *shown, number(against.cfi), number(against.rmsea))


def _best(step: Confirmatory, name: str) -> float | None:
    """The scaled index where there is one."""
    scaled: float | None = getattr(step.fit, f"{name}_scaled")
    plain_: float | None = getattr(step.fit, name)
    return plain_ if scaled is None else scaled
