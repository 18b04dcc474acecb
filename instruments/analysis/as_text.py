"""An analysis as text for a terminal: three decimals, reasons in place of figures."""

from collections.abc import Mapping, Sequence

from instruments.analysis.results import Analysis, SchoolAgreement, Structure
from instruments.psychometrics.estimates import Estimate, NotEstimated
from instruments.psychometrics.scales import ScaleReliability


def tables(analysis: Analysis) -> str:
    """Reliability, item statistics, structure, failing marks and notices, as aligned columns."""
    head = f"{analysis.instrument}@{analysis.version}: {analysis.n:,} people"
    if analysis.simulated:
        head += " - SIMULATED DATA"
    blocks = [head, _reliability("Reliability, complete cases of each scale", analysis.scales)]
    blocks += [
        _reliability(f"{analysis.by} = {group.name}, {group.n:,} people", group.scales)
        for group in analysis.groups
    ]
    blocks.append(_models(analysis.scales))
    blocks.append(_items(analysis.scales))
    if not isinstance(analysis.agreement, NotEstimated):
        blocks.append(_agreement(analysis.agreement))
    if isinstance(analysis.structure, NotEstimated):
        blocks.append(f"Structure\n  not estimated: {analysis.structure.reason}")
    else:
        blocks.append(_factors(analysis.structure, analysis.missing))
        blocks.append(_loadings(analysis.structure))
    failing = [
        (mark.item, mark.scale, mark.mark, _number(mark.value), _limit(mark.mark, mark.limit))
        for mark in analysis.failing()
    ]
    if failing:
        header = ("item", "scale", "mark", "value", "conventional")
        blocks.append("Items off a conventional mark\n" + _columns([header, *failing]))
    if analysis.notices:
        blocks.append("Notices\n" + "\n".join(f"  {notice}" for notice in analysis.notices))
    return "\n\n".join(block for block in blocks if block)


def _limit(mark: str, limit: float) -> str:
    return f"{'at most' if mark in ('floor', 'ceiling') else 'at least'} {limit:.2f}"


def _number(value: float | NotEstimated | None) -> str:
    return "-" if value is None or isinstance(value, NotEstimated) else f"{value:.3f}"


def _estimate(figure: Estimate | NotEstimated) -> str:
    if isinstance(figure, NotEstimated):
        return "-"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _reliability(title: str, scales: Mapping[str, ScaleReliability]) -> str:
    rows: list[Sequence[str]] = [
        ("scale", "n", "items", "alpha [95 %]", "omega total [95 %]", "average r [95 %]")
    ]
    reasons = []
    for code, scale in scales.items():
        figures = (scale.alpha, scale.omega_total, scale.average_r)
        size = str(len(scale.items)) if scale.items else "-"
        rows.append((code, f"{scale.n:,}", size, *map(_estimate, figures)))
        found = {
            figure.reason: name
            for name, figure in zip(("average r", "omega", "alpha"), figures[::-1], strict=True)
            if isinstance(figure, NotEstimated)
        }
        if isinstance(scale.spearman_brown, Estimate):
            reasons.append(f"  {code}, two items: Spearman-Brown {_estimate(scale.spearman_brown)}")
        else:
            reasons += [f"  {code}, {name}: {reason}" for reason, name in found.items()]
    return "\n".join([title, _columns(rows), *reasons])


def _models(scales: Mapping[str, ScaleReliability]) -> str:
    """Figures that rest on a model of the answers or of a general factor."""
    rows: list[Sequence[str]] = [
        ("scale", "categorical omega", "ordinal alpha", "omega hierarchical", "ave")
    ]
    for code, scale in scales.items():
        figures = (scale.omega_categorical, scale.ordinal_alpha, scale.omega_hierarchical)
        rows.append((code, *map(_estimate, figures), _estimate(scale.ave)))
    return "Reliability from models, [95 %]\n" + _columns(rows)


def _agreement(agreement: Mapping[str, SchoolAgreement]) -> str:
    rows: list[Sequence[str]] = [
        ("scale", "schools", "ICC(1) [95 %]", "ICC(2) [95 %]", "rwg(j)", "AD")
    ]
    for code, found in agreement.items():
        icc, inside = found.icc, found.consensus
        own = (
            ("-", "-", "-")
            if isinstance(icc, NotEstimated)
            else (str(icc.groups), _estimate(icc.icc1), _estimate(icc.icc2))
        )
        means = ("-", "-")
        if not isinstance(inside, NotEstimated):
            both = (inside.rwgj_uniform, inside.ad_mean)
            means = tuple(f"{values.mean():.3f}" for values in both)  # type: ignore[assignment]
        rows.append((code, *own, *means))
    return "Agreement inside schools, means over schools\n" + _columns(rows)


def _items(scales: Mapping[str, ScaleReliability]) -> str:
    rows: list[Sequence[str]] = [("item", "scale", "n", "mean", "sd", "item-rest", "alpha without")]
    for code, scale in scales.items():
        for item in scale.items:
            figures = (item.mean, item.sd, item.item_rest, item.alpha_if_dropped)
            rows.append((item.item, code, f"{item.n:,}", *map(_number, figures)))
    return "Items, reversed ones turned round\n" + _columns(rows)


def _factors(structure: Structure, rule: str) -> str:
    people = f"{structure.n:,} people"
    if structure.smallest_n != structure.largest_n:
        people += f", {structure.smallest_n:,} to {structure.largest_n:,} a pair"
    lines = [f"Structure of {len(structure.items)} items, Pearson correlations, {rule}, {people}"]
    kmo, bartlett = structure.kmo, structure.bartlett
    parallel, partial = structure.parallel_analysis, structure.map
    lines.append("  KMO: " + (_reason(kmo) or f"{_value(kmo, 'overall'):.3f}"))
    if isinstance(bartlett, NotEstimated):
        lines.append("  Bartlett: " + _reason(bartlett))
    else:
        p = "p < .001" if bartlett.p < 0.001 else f"p = {bartlett.p:.3f}"
        lines.append(f"  Bartlett: chi2 = {bartlett.chi2:,.1f}, df = {bartlett.df}, {p}")
    shown = ", ".join(f"{value:.2f}" for value in structure.eigenvalues[:10])
    lines.append(f"  Eigenvalues: {shown}{' ...' if len(structure.items) > 10 else ''}")
    retain = "" if isinstance(parallel, NotEstimated) else f"retain {parallel.retain}"
    lines.append(f"  Parallel analysis, principal components: {_reason(parallel) or retain}")
    retain = "" if isinstance(partial, NotEstimated) else f"retain {partial.retain}"
    lines.append(f"  Minimum average partial: {_reason(partial) or retain}")
    return "\n".join(lines)


def _reason(figure: object) -> str:
    return f"not estimated: {figure.reason}" if isinstance(figure, NotEstimated) else ""


def _value(figure: object, name: str) -> float:
    return float(getattr(figure, name))


def _loadings(structure: Structure) -> str:
    efa = structure.efa
    if isinstance(efa, NotEstimated):
        return f"Factors\n  {_reason(efa)}"
    names = structure.factor_names()
    of_scale: dict[str, list[str]] = {factor: [] for factor in names}
    for scale, factor in structure.own_factor.items():
        of_scale[factor].append(scale)
    heads = [f"{name} {'/'.join(of_scale[name])}".strip() for name in names]
    rows: list[Sequence[str]] = [("item", *heads, "communality")]
    for item, row, shared in zip(efa.names, efa.loadings, efa.communalities, strict=True):
        rows.append((item, *(f"{x:.3f}" for x in row), f"{shared:.3f}"))
    title = f"Loadings: {efa.extraction}, {efa.rotation}, n = {efa.n:,}"
    fit = [f"rmsr {efa.rmsr:.3f}", f"rmsea {_number(efa.rmsea)}", f"tli {_number(efa.tli)}"]
    lines = [title, _columns(rows), "  " + ", ".join([*fit, f"bic {efa.bic:,.1f}"])]
    if efa.factors > 1:
        rows = [("", *heads)]
        rows += [
            (name, *(f"{x:.3f}" for x in row))
            for name, row in zip(heads, efa.factor_correlations, strict=True)
        ]
        lines += ["", "Factor correlations", _columns(rows)]
    if efa.heywood:
        lines.append(f"  No variance of their own (Heywood): {', '.join(efa.heywood)}")
    return "\n".join(lines)


def _columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows as text, first column to the left, others to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return "\n".join(
        "  "
        + "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
