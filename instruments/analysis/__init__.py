"""From answers to psychometrics: which items, which people, which rule; the estimators do the rest.

``analyse`` returns values, ``to_json`` the file of ``docs/analysis-json.md``, ``tables`` the text
for a terminal.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from instruments.analysis.as_json import to_json
from instruments.analysis.as_text import tables
from instruments.analysis.confirming import Confirming, confirming_json, confirming_text
from instruments.analysis.confirming import confirm as _confirm
from instruments.analysis.marks import marks, own_factors
from instruments.analysis.results import (
    Analysis,
    Group,
    ItemDistribution,
    Structure,
)
from instruments.analysis.scales import agreement, columns, formative, reliability, turned
from instruments.definition import Instrument, MissingRule, Scale
from instruments.psychometrics import adequacy, counting, exploratory, retention
from instruments.psychometrics.estimates import CannotEstimate, NotEstimated, or_reason
from instruments.psychometrics.polychorics import polychoric
from instruments.psychometrics.validity import factor_correlations, htmt
from instruments.responses import CANT_TELL, DOES_NOT_APPLY, NOT_SHOWN, SKIPPED, Responses

__all__ = [
    "Analysis",
    "AnalysisError",
    "Confirming",
    "analyse",
    "confirm",
    "confirming_json",
    "confirming_text",
    "tables",
    "to_json",
]

#: more values of an attribute than this are no groups but, say, identifiers
MOST_GROUPS = 60
SEED = 20260101


class AnalysisError(ValueError):
    """Answers or options that cannot be analysed; one line that says what to do."""


def analyse(
    instrument: Instrument,
    responses: Responses,
    *,
    missing: MissingRule | None = None,
    by: str | None = None,
    seed: int = SEED,
    factors: int | None = None,
) -> Analysis:
    """Item distributions, reliability of each reflective scale, and factor structure.

    Parameters
    ----------
    instrument : Instrument
    responses : Responses
        Answers as given; reversed items are turned round here (lowest + highest option - answer).
        Can't tell, does not apply, skipped and not shown are all missing.
    missing : {"pairwise", "listwise"}, optional
        Rule for the structure; the instrument's own where None.
    by : str, optional
        An attribute (``role``, ``school``, ...) or a closed item: reliability for each of its
        values as well.
    seed : int
        For the random matrices of the parallel analysis and the rotation's random starts.
    factors : int, optional
        How many to extract; the number of scales in the structure where None.

    Raises
    ------
    AnalysisError
        Where nobody answered a rated item, or ``by`` names no column of the file, or one with more
        than 60 values.

    Notes
    -----
    Items compared are a scale's core items, so that all roles count; a scale with fewer than two is
    taken whole. The structure takes the scales of block ``capability``, or of block ``other``
    where the instrument has none.
    """
    if factors is not None and factors < 1:
        raise AnalysisError(f"factors must be 1 or more, not {factors}")
    rated = [i.code for i in instrument.items if i.kind == "rated" and i.code in responses.items]
    answered = np.any(columns(responses, rated) >= 0, axis=1)
    if not answered.any():
        raise AnalysisError(
            f"nobody answered an item of {instrument.slug}: check the file and the instrument"
        )
    notices = list(responses.notices)
    if not answered.all():
        notices.append(f"{_people((~answered).sum())} without a single answer left out.")
    kept = responses.rows(answered)
    usable = _usable_items(instrument, kept, notices)
    scales = {
        scale.code: _compared(instrument, scale, usable, notices)
        for scale in instrument.scales
        if scale.kind == "reflective"
    }
    found = reliability(instrument, kept, scales, seed)
    rule = missing or instrument.scoring.missing
    structure = or_reason(_structure, instrument, kept, scales, rule, factors, seed)
    distributions = _distributions(instrument, kept, rated)
    return Analysis(
        instrument=instrument.slug,
        version=instrument.version,
        midtier=version("midtier"),
        simulated=responses.simulated,
        n=kept.n,
        seed=seed,
        missing=rule,
        distributions=distributions,
        scales=found,
        structure=structure,
        agreement=agreement(instrument, kept, scales),
        formative=formative(instrument, kept, usable),
        by=by,
        groups=_groups(instrument, kept, scales, by, notices, seed) if by else (),
        marks=marks(found, structure, distributions),
        notices=tuple(notices),
    )


def confirm(instrument: Instrument, responses: Responses, analysis: Analysis) -> Confirming:
    """Confirmatory models of the items and scales of an analysis' structure.

    Apart from ``analyse``, because it takes the longer the more people there are. Groups are those
    that the analysis was asked for.
    """
    if isinstance(analysis.structure, NotEstimated):
        models = dict.fromkeys(("ML", "MLR", "FIML", "WLSMV"), analysis.structure)
        return Confirming(models, analysis.by, analysis.structure if analysis.by else None)
    items = analysis.structure.items
    answers = dict(zip(items, turned(instrument, responses, items).T, strict=True))
    labels = _labels(responses, analysis.by) if analysis.by else None
    return _confirm(answers, analysis.structure.scale_of, analysis.by, labels)


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _usable_items(
    instrument: Instrument, responses: Responses, notices: list[str]
) -> frozenset[str]:
    """Scale items that at least two people answered differently; the others are named."""
    unanswered, constant, usable = [], [], []
    for code in dict.fromkeys(code for scale in instrument.scales for code in scale.items):
        answers = columns(responses, [code]) if code in responses.items else np.empty((0, 1))
        given = answers[answers >= 0]
        if not given.size:
            unanswered.append(code)
        elif (given == given[0]).all():
            constant.append(f"{code} ({_people(given.size)}, all {int(given[0])})")
        else:
            usable.append(code)
    if unanswered:
        notices.append(f"Left out, because nobody answered: {', '.join(unanswered)}.")
    if constant:
        notices.append(f"Left out, because everybody gave one answer: {', '.join(constant)}.")
    return frozenset(usable)


def _compared(
    instrument: Instrument, scale: Scale, usable: frozenset[str], notices: list[str]
) -> tuple[str, ...]:
    core = tuple(code for code in instrument.core_items(scale) if code in usable)
    if len(core) >= 2:
        return core
    everything = tuple(code for code in scale.items if code in usable)
    if core and len(everything) > len(core):
        notices.append(
            f"{scale.code} has one item that everybody is asked: it is taken whole, on the people"
            " who were asked all of it."
        )
    return everything


def _groups(
    instrument: Instrument,
    responses: Responses,
    scales: Mapping[str, tuple[str, ...]],
    by: str,
    notices: list[str],
    seed: int,
) -> tuple[Group, ...]:
    labels = _labels(responses, by)
    unknown = int((labels == "").sum())
    if unknown:
        notices.append(f"{_people(unknown)} without a value of {by} are in no group.")
    values = [str(value) for value in np.unique(labels) if value]
    if len(values) > MOST_GROUPS:
        raise AnalysisError(
            f"column {by} has {len(values):,} different values; choose one with {MOST_GROUPS} or"
            " fewer"
        )
    groups = []
    for value in values:
        rows = responses.rows(labels == value)
        groups.append(Group(value, rows.n, reliability(instrument, rows, scales, seed)))
    return tuple(groups)


def _labels(responses: Responses, by: str) -> NDArray[np.str_]:
    """Each person's value of an attribute or option of an item; empty where there is none."""
    if by in responses.attributes:
        return responses.attributes[by]
    if by in responses.items:
        codes = columns(responses, [by])[:, 0]
        return np.where(codes >= 0, codes.astype(np.str_), "")
    known = ", ".join(sorted(responses.attributes)) or "none"
    raise AnalysisError(f"the file has no column {by}; its columns besides items: {known}")


def _structure(
    instrument: Instrument,
    responses: Responses,
    scales: Mapping[str, tuple[str, ...]],
    rule: MissingRule,
    factors: int | None,
    seed: int,
) -> Structure:
    reflective = [scale for scale in instrument.scales if scale.code in scales]
    chosen = [s for s in reflective if s.block == "capability"]
    chosen = chosen or [s for s in reflective if s.block == "other"]
    chosen = [s for s in chosen if len(scales[s.code]) >= 2]
    if not chosen:
        raise CannotEstimate("no reflective scale with two usable items")
    scale_of = {item: s.code for s in chosen for item in scales[s.code]}
    items = tuple(scale_of)
    summed = counting.from_codes(
        columns(responses, items),
        items,
        [instrument.options(code) for code in items],
        rule,
        reverse=[code for code in items if instrument.item(code).reverse],
    )
    if rule == "listwise" and summed.n < 2:
        raise CannotEstimate(f"{_people(summed.n)} answered all {len(items)} items")
    r, n = summed.correlations(), summed.smallest_n
    count = len(chosen) if factors is None else factors
    of_scales = {s.code: scales[s.code] for s in chosen}
    efa = or_reason(exploratory.explore, summed, factors=count, seed=seed)
    return Structure(
        items=items,
        scale_of=scale_of,
        n=summed.n,
        smallest_n=n,
        largest_n=summed.largest_n,
        correlations=r,
        polychoric=or_reason(polychoric, summed),
        htmt=or_reason(htmt, summed, of_scales),
        factor_correlations=or_reason(factor_correlations, summed, of_scales),
        kmo=or_reason(adequacy.kmo, summed),
        bartlett=or_reason(adequacy.bartlett, summed),
        eigenvalues=retention.eigenvalues(summed),
        parallel_analysis=or_reason(retention.parallel_analysis, summed, seed=seed),
        map=or_reason(retention.minimum_average_partial, summed),
        efa=efa,
        own_factor={} if isinstance(efa, NotEstimated) else own_factors(efa, scale_of),
    )


def _distributions(
    instrument: Instrument, responses: Responses, rated: Sequence[str]
) -> dict[str, ItemDistribution]:
    scale_of = {code: scale.code for scale in instrument.scales for code in scale.items}
    found = {}
    for code in rated:
        codes = columns(responses, [code])[:, 0]
        options, given = instrument.options(code), codes[codes >= 0]
        found[code] = ItemDistribution(
            item=code,
            scale=scale_of.get(code, ""),
            options=options,
            counts=tuple(int((given == option).sum()) for option in options),
            n=given.size,
            cant_tell=int((codes == CANT_TELL).sum()),
            does_not_apply=int((codes == DOES_NOT_APPLY).sum()),
            skipped=int((codes == SKIPPED).sum()),
            not_shown=int((codes == NOT_SHOWN).sum()),
            mean=float(given.mean()) if given.size else None,
            sd=float(given.std(ddof=1)) if given.size > 1 else None,
        )
    return found
