"""What simulated staff answer: attentive answers, then gaps, then careless sheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.definition import Instrument, Item, Scale
from instruments.measures import DESIGNED
from instruments.responses import CANT_TELL, DOES_NOT_APPLY, NOT_SHOWN, SKIPPED
from instruments.routing import shown
from instruments.simulate import latent
from instruments.simulate.latent import Floats, Place, Staff

#: score of the lived group on the instrument's scales of a block, in order, and again
_MEANS = {
    "capability": (3.7, 3.6, 3.1, 2.8, 3.2),
    "companion": (3.4, 2.5, 3.0),
    "pressure": (3.4, 3.3, 3.0, 4.1, 2.6, 3.9, 3.1, 2.9, 2.4),
    "support": (3.0,),
    "other": (3.4,),
}
#: how much more the designed group reports, per capability scale
_CENTRE_MORE = (0.1, 0.15, 0.3, 0.9, 0.8)
#: how much more often than on average people cannot tell, per capability scale
_CANT_TELL = (0.6, 0.5, 2.4, 0.7, 0.9)
_PLACES = (
    Place(4.1),
    Place(3.1, 0.8),
    Place(4.75, 0.8),
    Place(3.8, 0.85),
    Place(3.75, 0.85),
    Place(3.1, 0.95, "schools"),
    Place(1.95, 0.8),
    Place(2.2, 1.35),
    Place(3.15, 0.95, "people"),
    Place(2.85, 0.8),
)
#: how much further right than schools the centre places a decision
_CENTRE_RIGHT = 0.35
#: chances of wanting more school choice, as now, more common, per decision
_WISHES = ((0.2, 0.6, 0.2), (0.37, 0.27, 0.36), (0.3, 0.6, 0.1), (0.25, 0.5, 0.25))


def usual_means(instrument: Instrument, given: Mapping[str, float]) -> dict[str, float]:
    """Mean of each scale on options 1 to 5, among those who live with it."""
    found: dict[str, float] = {}
    seen: dict[str, int] = {}
    for scale in instrument.scales:
        place = seen.setdefault(scale.block, 0)
        seen[scale.block] += 1
        usual = _MEANS[scale.block]
        found[scale.code] = given.get(scale.code, usual[place % len(usual)])
    return found


def usual_places(instrument: Instrument, given: Mapping[str, Place | float]) -> dict[str, Place]:
    found = {}
    for place, decision in enumerate(instrument.position.decisions if instrument.position else ()):
        usual = given.get(decision.code, _PLACES[place % len(_PLACES)])
        found[decision.code] = usual if isinstance(usual, Place) else Place(float(usual))
    return found


@dataclass
class World:
    """Staff in front of an instrument's items."""

    instrument: Instrument
    staff: Staff
    form: str
    modules: tuple[str, ...]
    rng: np.random.Generator

    def __post_init__(self) -> None:
        roles = self.instrument.roles or ("",)
        seen = [
            set(shown(self.instrument, role=role, form=self.form, modules=self.modules))
            for role in roles
        ]
        self.rows = [
            item
            for item in self.instrument.items
            if item.kind in ("rated", "choice") and any(item.code in each for each in seen)
        ]
        self.items = tuple(item.code for item in self.rows)
        self.place = {code: column for column, code in enumerate(self.items)}
        asked = np.array([[code in each for code in self.items] for each in seen])
        self.asked: NDArray[np.bool_] = asked[self.staff.role]
        self.scale_of = {code: scale for scale in self.instrument.scales for code in scale.items}

    def options(self, item: Item) -> tuple[int, ...]:
        return self.instrument.response_scales[item.response].options

    def answers(
        self, means: Mapping[str, float], places: Mapping[str, Place], icc: float
    ) -> tuple[NDArray[np.int8], dict[str, Floats], dict[str, Floats]]:
        """Everybody's attentive answers; chances per decision; expected answers per item."""
        codes = np.full((self.staff.role.size, len(self.items)), NOT_SHOWN, dtype=np.int8)
        expectations = self._rate(codes, means, icc)
        chances = self._place(codes, places, icc)
        for item in self.rows:  # conditions last: all that they depend on is drawn
            if item.asked_if and item.asked_if.item in self.place:
                before = codes[:, self.place[item.asked_if.item]]
                unasked = ~np.isin(before, item.asked_if.options)
                codes[unasked, self.place[item.code]] = NOT_SHOWN
        return codes, chances, expectations

    def _set(self, codes: NDArray[np.int8], item: Item, rank: NDArray[np.intp]) -> None:
        """Write answers given as places among the item's options (0 ...)."""
        column = self.place[item.code]
        answers = np.array(self.options(item), dtype=np.int8)[rank]
        codes[:, column] = np.where(self.asked[:, column], answers, NOT_SHOWN)

    def _rate(
        self, codes: NDArray[np.int8], means: Mapping[str, float], icc: float
    ) -> dict[str, Floats]:
        decided = {
            code
            for each in (self.instrument.position.decisions if self.instrument.position else ())
            for code in (each.item, each.preferred, each.remembered)
        }
        scales = list(self.instrument.scales)
        blocks = [str(scale.block) for scale in scales] + ["other"]
        scores = latent.factors(self.staff, blocks, icc=icc, rng=self.rng)
        more, designed = self._centre_more(), self._designed()
        expectations = {}
        for item in self.rows:
            options = self.options(item)
            if item.kind == "choice":
                self._set(codes, item, self.rng.integers(0, len(options), len(codes)))
                continue
            if item.code in decided:
                continue
            if item.expected is not None:
                self._attend(codes, item)
                continue
            scale = self.scale_of.get(item.code)
            factor = scores[:, scales.index(scale) if scale else -1]
            mean = (means[scale.code] if scale else 3.3) + self._item_offset(item)
            centre = np.where(
                designed,
                self._centre(mean + (more.get(scale.code, 0.0) if scale else 0.0), options),
                self._centre(mean, options),
            )
            thresholds = latent.cuts(len(options))
            loading = self._loading(scale)
            pull, noise = loading * factor, float(np.sqrt(1 - loading**2))
            expectations[item.code] = (
                latent.expected(centre, pull, noise, thresholds) + options[0] - 1
            )
            rank = latent.draw(centre, pull, noise, thresholds, self.rng) - 1
            self._set(codes, item, len(options) - 1 - rank if item.reverse else rank)
        return expectations

    def _centre(self, mean: float, options: Sequence[int]) -> float:
        """Centre of the latent answer for a mean on options 1 to 5, stretched to these options."""
        stretched = 1 + (mean - 1) * (len(options) - 1) / 4
        return latent.centre_of(float(np.clip(stretched, 1.15, len(options) - 0.15)), len(options))

    def _loading(self, scale: Scale | None) -> float:
        if scale is None:
            return latent.LOADING
        averaged = self.instrument.core_items(scale) or scale.items
        return latent.LOADING_SHORT if len(averaged) <= 3 else latent.LOADING

    def _item_offset(self, item: Item) -> float:
        """Items of one scale differ in how readily they are endorsed, by up to a quarter."""
        scale = self.scale_of.get(item.code)
        if scale is None or len(scale.items) < 2:
            return 0.0
        wanted = self.instrument.core_items(scale) or scale.items
        if item.code not in wanted or len(wanted) < 2:
            return 0.0
        return float(np.linspace(-0.25, 0.25, len(wanted))[wanted.index(item.code)])

    def _centre_more(self) -> dict[str, float]:
        scales = self.instrument.scales_in("capability")
        return {
            scale.code: _CENTRE_MORE[place % len(_CENTRE_MORE)]
            for place, scale in enumerate(scales)
        }

    def _designed(self) -> NDArray[np.bool_]:
        roles = self.instrument.groups.get(DESIGNED, ())
        places = [place for place, code in enumerate(self.instrument.roles) if code in roles]
        return np.isin(self.staff.role, places)

    def _attend(self, codes: NDArray[np.int8], item: Item) -> None:
        options = np.array(self.options(item))
        right = int(np.flatnonzero(options == item.expected)[0])
        slips = self.rng.random(len(codes)) < 0.02
        rank = np.where(slips, (right + 1) % len(options), right)
        self._set(codes, item, rank.astype(np.intp))

    def _place(
        self, codes: NDArray[np.int8], places: Mapping[str, Place], icc: float
    ) -> dict[str, Floats]:
        chances: dict[str, Floats] = {}
        rules = self.instrument.position
        for number, decision in enumerate(rules.decisions if rules else ()):
            if decision.item not in self.place:
                continue
            item = self.instrument.item(decision.item)
            stops = len(self.options(item))
            mine = latent.propensities(
                places[decision.code],
                self.staff,
                stops,
                icc=icc,
                centre=_CENTRE_RIGHT,
                rng=self.rng,
            )
            chances[decision.code] = mine
            now = latent.choose(mine, self.rng)
            self._set(codes, item, now)
            wish = np.array(_WISHES[number % len(_WISHES)])
            step = latent.choose(np.tile(wish, (len(now), 1)), self.rng) - 1
            back = latent.choose(np.tile([0.5, 0.4, 0.1], (len(now), 1)), self.rng) - 1
            for code, move in ((decision.preferred, step), (decision.remembered, back)):
                if code in self.place:
                    moved = np.clip(now + move, 0, stops - 1)
                    self._set(codes, self.instrument.item(code), moved)
        return chances

    def leave_gaps(self, codes: NDArray[np.int8], *, cant_tell: float, missing: float) -> None:
        """Put "can't tell", "does not apply" and skipped questions in place of answers."""
        capability = [scale.code for scale in self.instrument.scales_in("capability")]
        # the largest role in schools sees least of the whole
        first = self.staff.role[~self.staff.is_central].min()
        reach = np.where(self.staff.role == first, 1.15, 0.7)
        for item in self.rows:
            response = self.instrument.response_scales[item.response]
            column = codes[:, self.place[item.code]]
            given = column >= 0
            scale = self.scale_of.get(item.code)
            often = 1.0
            if scale and scale.code in capability:
                often = _CANT_TELL[capability.index(scale.code) % len(_CANT_TELL)]
            chance = self.rng.random((3, len(column)))
            if response.cant_tell and item.expected is None:
                column[given & (chance[0] < cant_tell * often * reach)] = CANT_TELL
            if response.does_not_apply:
                column[given & (chance[1] < 0.01)] = DOES_NOT_APPLY
            column[given & (chance[2] < missing)] = SKIPPED

    def answer_carelessly(self, codes: NDArray[np.int8], share: float) -> None:
        """Replace whole sheets: half one option throughout, half options at random."""
        chosen = np.flatnonzero(self.rng.random(len(codes)) < share)
        straight = self.rng.random(chosen.size) < 0.5
        favourite = self.rng.random(chosen.size)
        for item in self.rows:
            if item.kind != "rated":
                continue
            options = np.array(self.options(item), dtype=np.int8)
            rank = np.where(straight, favourite, self.rng.random(chosen.size)) * len(options)
            column = codes[:, self.place[item.code]]
            answers = options[rank.astype(np.intp)]
            column[chosen] = np.where(column[chosen] == NOT_SHOWN, NOT_SHOWN, answers)
