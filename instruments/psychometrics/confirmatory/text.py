"""Results as text for a terminal."""

from collections.abc import Iterator, Sequence

from instruments.psychometrics.confirmatory.indices import Fit, Index
from instruments.psychometrics.confirmatory.standardise import Parameter

SECTIONS = (
    ("=~", "Loadings"),
    ("|", "Thresholds"),
    ("~", "Intercepts and means"),
    ("~~", "Variances and covariances"),
)


def parameter_lines(parameters: Sequence[Parameter], group: str) -> list[str]:
    """The parameters of a group, kind by kind."""
    lines: list[str] = []
    for op, title in SECTIONS:
        own = [one for one in parameters if one.op == op and one.group == group]
        if own:
            lines += ["", f"{title}, {group}" if group else title]
            head = ("", "estimate", "se", "std", "se of std")
            lines += table(head, [_row(one) for one in own])
    return lines


def _row(one: Parameter) -> tuple[str, ...]:
    error = number(one.se) if one.free or one.se else "fixed"
    return one.name, number(one.estimate), error, number(one.std), number(one.std_se)


def index_lines(modification: Sequence[Index]) -> list[str]:
    """Modification indices."""
    if not modification:
        return []
    rows = [
        (f"{one.lhs} {one.op} {one.rhs}", one.group, number(one.chi2), number(one.change))
        for one in modification
    ]
    return ["", "Modification indices", *table(("", "group", "chi2", "change"), rows)]


def fit_lines(fit: Fit) -> Iterator[str]:
    """The fit in a few lines."""
    yield f"chi2({fit.df}) = {number(fit.chi2)}{_p(fit.p)}"
    if fit.chi2_scaled is not None:
        yield f"scaled chi2({fit.df}) = {number(fit.chi2_scaled)}{_p(fit.p_scaled)}"
    for name in ("", "_scaled", "_robust"):
        if getattr(fit, f"cfi{name}") is None:
            continue
        low, high = getattr(fit, f"rmsea_low{name}", None), getattr(fit, f"rmsea_high{name}", None)
        within = "" if low is None else f" (90 % {number(low)} to {number(high)})"
        yield (
            f"CFI {number(getattr(fit, f'cfi{name}'))}, TLI {number(getattr(fit, f'tli{name}'))},"
            f" RMSEA {number(getattr(fit, f'rmsea{name}'))}{within}{name.replace('_', ', ')}"
        )
    if fit.srmr is not None:
        yield f"SRMR {number(fit.srmr)}"
    if fit.loglik is not None:
        yield f"log likelihood {fit.loglik:.2f}, AIC {number(fit.aic)}, BIC {number(fit.bic)}"


def _p(p: float | None) -> str:
    if p is None:
        return ""
    return ", p < .001" if p < 0.001 else f", p = {p:.3f}"


def number(value: float | None) -> str:
    """Three decimals, one above 100; a dash where there is none."""
    if value is None:
        return "-"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as they need to be: the first flush left, the others flush right."""
    widths = [max(len(row[k]) for row in (head, *rows)) for k in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]
