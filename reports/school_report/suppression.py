"""What of one school may be shown, beside everything else that is published of the round."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from instruments.measures import Band
from reports.disclosure import TO_PROTECT, complement_allows
from reports.disclosure_rows import schools_showing
from reports.profile.content import CapabilityRow, DecisionRow, Lane, Strip
from reports.profile.context import Context
from reports.profile.figures import NOT_ASKED, ONE_BY_ONE, schools_allowed

HIDDEN: Final = "Not shown, to protect people"


@dataclass(frozen=True, slots=True)
class Fence:
    """One school of a round whose context is the whole organisation's."""

    whole: Context
    school: str

    def is_asked_alike(self, item: str) -> bool:
        """Whether every role of the school was asked: roles within a school are never shown."""
        roles = self.whole.instrument.groups.get(self.whole.lived, self.whole.instrument.roles)
        return set(roles) <= set(self.whole.asked_roles(item)) or not roles

    def may_show(self, item: str) -> bool:
        """Whether the school's answers to one question may be shown."""
        return self.is_asked_alike(item) and self._stands(
            {name: each.answers.get(item, 0) for name, each in self.whole.measures.schools.items()}
        )

    def may_show_told(self, items: Sequence[str]) -> bool:
        """Whether the share who could not tell of these questions may be shown."""
        schools = self.whole.measures.schools
        return all(
            self.is_asked_alike(item)
            and self._stands({name: each.shown.get(item, 0) for name, each in schools.items()})
            for item in items
        )

    def may_show_scale(self, scale: str, items: Sequence[str]) -> bool:
        """Whether the school's figure on a scale may be shown."""
        counts = {}
        for name, each in self.whole.measures.schools.items():
            band = each.scales.get(scale)
            counts[name] = band.n if isinstance(band, Band) else 1
        whole = self.whole.measures.scales[scale].scores[self.whole.lived]
        mine = counts.get(self.school, 0)
        total = whole.n if isinstance(whole, Band) else None
        return (
            all(map(self.is_asked_alike, items))
            and self._stands(counts)
            and complement_allows(mine, published_n=total, floor=self.whole.floors.group_n)
        )

    def _stands(self, counts: dict[str, int]) -> bool:
        allowed = schools_allowed(self.whole.measures, self.whole.floors)
        return self.school in schools_showing(counts, allowed.shown, self.whole.floors)


def decision(fence: Fence, row: DecisionRow, item: str, published_n: int) -> DecisionRow:
    """A decision's row as it may be shown for one school."""
    mine = fence.whole.measures.schools[fence.school].answers.get(item, 0)
    floor = fence.whole.floors.group_n
    if row.n_band != NOT_ASKED and not fence.may_show(item):
        return replace(
            row, n_band=TO_PROTECT, bars=TO_PROTECT, lived=TO_PROTECT, kind="withheld",
            heading=HIDDEN, detail="", explanation="",
        )  # fmt: skip
    if not complement_allows(mine, published_n=published_n, floor=floor):
        return replace(row, lived=TO_PROTECT)
    return row


def scale(fence: Fence, row: CapabilityRow, items: Sequence[str]) -> CapabilityRow:
    """A scale's row as it may be shown for one school."""
    lane = replace(row.lived, who="here")
    told = fence.may_show_told(items)
    if lane.mark != ONE_BY_ONE and not fence.may_show_scale(row.scale, items):
        lane = replace(lane, mark=TO_PROTECT)
    if not told:
        lane = replace(lane, cant_tell=TO_PROTECT)
    return replace(
        row,
        lived=lane,
        designed=Lane("", "", "", TO_PROTECT, TO_PROTECT),
        notice=row.notice if told else "",
        strips=_strips(fence, row.strips),
        items=_strips(fence, row.items),
    )


def _strips(fence: Fence, strips: Sequence[Strip]) -> tuple[Strip, ...]:
    return tuple(
        strip if fence.may_show(strip.item) else replace(strip, bars=TO_PROTECT)
        for strip in strips
        if fence.is_asked_alike(strip.item)
    )
