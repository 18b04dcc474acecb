"""Items for the validation report: how each was answered, and how it sits in its scale.

Shares pass ``reports.disclosure``; so do numbers of people below a hundred.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from instruments.analysis.results import MARKS, Analysis, ItemDistribution
from instruments.definition import Instrument, Words
from instruments.measures import Measures
from instruments.psychometrics.estimates import NotEstimated
from instruments.psychometrics.reliability import ItemStatistics
from reports.disclosure import (
    N_BANDS,
    Withheld,
    distribution,
    fewer_than,
    floors,
    nearly_all,
    people,
)
from reports.disclosure import share as shown_share
from reports.validation.content import Figure, ItemGroup, ItemRow, Items, Share
from reports.validation.figures import Reasons, figure, fixed, marked, notes
from reports.words import upper_first

#: a full bar is at least this many percent
LEAST_TOP = 50
NOT_OFFERED = "–"
#: blocks of which a profile prints no figure of one informant group
POOLED_BLOCKS = ("pressure", "support")
BESIDE_THE_PROFILE = "not shown: less the profile's figures, it would give a small group away"


@dataclass(frozen=True)
class _Source:
    """What every row is made from; ``reasons`` collects what narrow cells cannot hold."""

    instrument: Instrument
    words: Words
    analysis: Analysis
    statistics: Mapping[str, ItemStatistics]
    floor: int
    #: items whose figures, less those of a profile, would rest on few people
    tied: frozenset[str]
    reasons: Reasons

    def withheld(self, reason: str) -> Figure:
        return figure(NotEstimated(reason), self.reasons)


def items(
    instrument: Instrument, words: Words, analysis: Analysis, measures: Measures | None = None
) -> Items:
    """Every rated item, scale by scale in the instrument's order, then those of no scale."""
    source = _Source(
        instrument=instrument,
        words=words,
        analysis=analysis,
        statistics={each.item: each for scale in analysis.scales.values() for each in scale.items},
        floor=answer_floor(instrument, analysis),
        tied=tied(instrument, measures) if measures else frozenset(),
        reasons={},
    )
    groups = _groups(source)
    every = [row for group in groups for row in group.rows]
    return Items(
        groups=groups,
        top=_top(every),
        has_cant_tell=any(row.cant_tell.text != NOT_OFFERED for row in every),
        options=max((len(each.options) for each in analysis.distributions.values()), default=5),
        notes=notes(source.reasons),
        legend=_legend(every),
    )


def _groups(source: _Source) -> tuple[ItemGroup, ...]:
    held, words = source.analysis.distributions, source.words
    groups = []
    for scale in source.instrument.scales:
        is_scale = scale.code in source.analysis.scales
        codes = [code for code in scale.items if code in held]
        name = words.fill(words.text.scales.get(scale.code, {}).get("name", scale.code))
        rows = tuple(_row(source, held[code], is_scale=is_scale) for code in codes)
        groups.append(ItemGroup(scale.code, name, is_scale, rows))
    loose = [found for code, found in held.items() if code not in source.instrument.scale_of]
    rows = tuple(_row(source, found, is_scale=False) for found in loose)
    groups.append(ItemGroup("", "Items of no scale", False, rows))
    return tuple(sorted((g for g in groups if g.rows), key=lambda group: not group.is_scale))


def answer_floor(instrument: Instrument, analysis: Analysis) -> int:
    """Fewest answers to an item of which shares, mean and spread are shown.

    Where fewer people than the organisation's floor are in the figures, none are: everybody's
    number is printed exactly, and with it coarse shares would give exact counts.
    """
    rules = floors(instrument.disclosure)
    is_small = analysis.n < rules.organisation_n
    return rules.organisation_n if is_small else rules.group_n


def tied(instrument: Instrument, measures: Measures) -> frozenset[str]:
    """Items that a profile prints for one informant group while another is too small to show.

    Here they would stand for both together; the difference is the small group's answers.
    """
    floor = floors(instrument.disclosure).group_n
    pooled = {
        item for scale in instrument.scales if scale.block in POOLED_BLOCKS for item in scale.items
    }
    found = set()
    for code, measure in measures.items.items():
        held = [
            measure.distributions[group].n
            for group in instrument.groups
            if group in measure.distributions
        ]
        if code not in pooled and max(held, default=0) >= floor:
            found |= {code for n in held if 0 < n < floor}
    return frozenset(found)


def _row(source: _Source, found: ItemDistribution, *, is_scale: bool) -> ItemRow:
    shares, alt = _shares(source, found)
    mean, sd = _mean_and_sd(source, found)
    rest, dropped = _beside_the_rest(source, found) if is_scale else (Figure(), Figure())
    return ItemRow(
        code=marked(source.instrument, found.item),
        text=upper_first(source.words.short(found.item)),
        n=people_words(found.n, floor=source.floor),
        shares=shares,
        shares_alt=alt,
        mean=mean,
        sd=sd,
        cant_tell=_cant_tell(source, found),
        item_rest=rest,
        alpha_if_dropped=dropped,
        at_an_end="" if found.item in source.tied else at_an_end(found, floor=source.floor),
    )


def people_words(n: int, *, floor: int) -> str:
    """A number of people: exact from the highest band on, in its band below, or withheld."""
    if n >= N_BANDS[-1]:
        return f"{n:,}"
    band = people(n, floor=floor)
    return f"under {floor}" if isinstance(band, Withheld) else band


def _proportions(found: ItemDistribution) -> tuple[float, ...]:
    return tuple(count / found.n for count in found.counts)


def _shares(source: _Source, found: ItemDistribution) -> tuple[tuple[Share, ...] | str, str]:
    floor = source.floor
    if found.n < floor:
        return f"Not shown: under {floor}", ""
    if found.item in source.tied:
        return "Not shown", ""
    shown = distribution(_proportions(found), found.n, floor=floor)
    if isinstance(shown, Withheld):
        return upper_first(shown.reason), ""
    shares = tuple(Share(each.text.removesuffix("%"), each.value) for each in shown)
    spoken = ", ".join(
        f"{option}: {each.text}" for option, each in zip(found.options, shown, strict=True)
    )
    return shares, f"{found.item}, share of answers by option. {spoken}."


def _mean_and_sd(source: _Source, found: ItemDistribution) -> tuple[Figure, Figure]:
    if found.mean is None or found.sd is None or found.n < source.floor:
        withheld = source.withheld(fewer_than(source.floor).reason)
        return withheld, withheld
    if found.item in source.tied:
        withheld = source.withheld(BESIDE_THE_PROFILE)
        return withheld, withheld
    if nearly_all(_proportions(found)):
        withheld = source.withheld(
            "not shown: nearly all gave one answer, which these figures would name"
        )
        return withheld, withheld
    return Figure(fixed(found.mean)), Figure(fixed(found.sd))


def _beside_the_rest(source: _Source, found: ItemDistribution) -> tuple[Figure, Figure]:
    own = source.statistics.get(found.item)
    if own is not None:
        reasons = source.reasons
        return figure(own.item_rest, reasons), figure(own.alpha_if_dropped, reasons)
    scale = source.analysis.scales[found.scale]
    if not scale.items and isinstance(scale.alpha, NotEstimated):
        missing = figure(scale.alpha, source.reasons)
    else:
        missing = source.withheld("not among the items that the scale compares")
    return missing, missing


def _cant_tell(source: _Source, found: ItemDistribution) -> Figure:
    response = source.instrument.item(found.item).response
    if not source.instrument.response_scales[response].cant_tell:
        return Figure(NOT_OFFERED)
    if found.item in source.tied:
        return source.withheld(BESIDE_THE_PROFILE)
    shown = found.n + found.cant_tell + found.does_not_apply + found.skipped
    floor = source.floor
    share = (
        fewer_than(floor)
        if shown < floor
        else shown_share(found.cant_tell / shown, shown, floor=floor)
    )
    return source.withheld(share.reason) if isinstance(share, Withheld) else Figure(share.text)


def at_an_end(found: ItemDistribution, *, floor: int) -> str:
    """ "floor" or "ceiling" where more than half of the answers lie at that end."""
    if found.n < floor:
        return ""
    lowest, highest = found.counts[0] / found.n, found.counts[-1] / found.n
    if lowest > MARKS["floor"]:
        return "floor"
    return "ceiling" if highest > MARKS["ceiling"] else ""


def _top(rows: list[ItemRow]) -> float:
    drawn = [share.drawn for row in rows if not isinstance(row.shares, str) for share in row.shares]
    return float(max(LEAST_TOP, 10 * ceil(max(drawn, default=0.0) / 10)))


def _legend(rows: list[ItemRow]) -> tuple[str, ...]:
    found = [
        "Bars: share of answers at each option in percent, lowest option left, as answered. Shares "
        "below 5 and above 90 are not printed exactly; where all others would give away the only "
        "one below 5, all stand to the nearest 5. n: people with an answer."
    ]
    if any(row.cant_tell.text != NOT_OFFERED for row in rows):
        words = "Can’t tell: share of those shown the item"
        not_offered = any(row.cant_tell.text == NOT_OFFERED for row in rows)
        found.append(f"{words}{f' ({NOT_OFFERED} not offered)' if not_offered else ''}.")
    found.append(
        "Item–rest: correlation with the sum of the scale’s other items; alpha without: alpha of "
        "the other items. Both on the scale’s complete cases, reversed items (r) turned round."
    )
    if any(row.at_an_end for row in rows):
        found.append(
            f"Floor, ceiling: more than {round(100 * MARKS['floor'])}% of answers at that end."
        )
    return tuple(found)
