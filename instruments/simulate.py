"""Simulated rounds: staff drawn from a stated latent model, for demonstration and for checking.

Everything made here is marked as simulated, and so is every document made from it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from instruments import latent
from instruments.definition import Instrument, Item, Scale
from instruments.latent import Floats, Place, Staff
from instruments.measures import DESIGNED, EVERYBODY
from instruments.positions import quantile
from instruments.responses import (
    CANT_TELL,
    DOES_NOT_APPLY,
    NOT_SHOWN,
    SKIPPED,
    Responses,
)
from instruments.responses import (
    write as write_responses,
)
from instruments.roster import Roster, RosterRow, write_roster
from instruments.routing import shown

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
    Place(3.05, 0.6, "schools"),
    Place(1.95, 0.8),
    Place(2.2, 1.35),
    Place(3.1, 0.7, "people"),
    Place(2.85, 0.8),
)
#: how much further right than schools the centre places a decision
_CENTRE_RIGHT = 0.35
#: chances of wanting more school choice, as now, more common, per decision
_WISHES = ((0.2, 0.6, 0.2), (0.37, 0.27, 0.36), (0.3, 0.6, 0.1), (0.25, 0.5, 0.25))
_TREES = ("Alder", "Birch", "Cedar", "Elm", "Hazel", "Holly", "Larch", "Maple", "Oak", "Rowan")
_LANDS = ("Lane", "Field", "Bank", "Grove", "Hill", "Green")


@dataclass(frozen=True)
class Simulation:
    """A simulated round.

    Attributes
    ----------
    responses : Responses
        Marked as simulated.
    roster : Roster
        The whole staff.
    round : mapping
        What ``round.toml`` holds.
    truth : mapping
        ``scores`` (group -> scale), ``positions`` (group -> decision), ``overall`` (group): the
        figures that the whole staff would give on average if everybody answered attentively,
        again and again; and ``parameters``, the model's.
    """

    instrument: str
    version: str
    seed: int
    responses: Responses
    roster: Roster
    round: Mapping[str, object]
    truth: Mapping[str, object]


def simulate(
    instrument: Instrument,
    *,
    seed: int,
    schools: int = 12,
    staff: int = 600,
    response_rate: float = 0.66,
    cant_tell: float = 0.06,
    careless: float = 0.03,
    missing: float = 0.02,
    icc: float = 0.10,
    central: float = 62 / 600,
    capability: Mapping[str, float] | None = None,
    pressure: Mapping[str, float] | None = None,
    position: Mapping[str, Place | float] | None = None,
    form: str = "full",
    modules: Sequence[str] = (),
) -> Simulation:
    """Draw one round from the latent model of docs/simulation.md.

    Parameters
    ----------
    seed : int
        The same seed and settings give the same round.
    schools, staff : int
        How many; ``central`` of the staff (a share) has central roles.
    response_rate, cant_tell, careless, missing : float
        Shares of staff who answer, of answers "I can't tell" (where it is offered; more for some
        scales), of answer sheets filled in without reading, of questions skipped.
    icc : float
        Share of the differences between people that lies between schools.
    capability, pressure : mapping of str to float
        Mean of a scale among those who live with it (any scale may be named in either).
    position : mapping of str to float or Place
        Where a decision sits.

    Raises
    ------
    ValueError
        A share outside 0 to 1, fewer staff than schools can hold, an unknown scale or decision.
    """
    shares = {
        "response_rate": response_rate,
        "cant_tell": cant_tell,
        "careless": careless,
        "missing": missing,
        "icc": icc,
        "central": central,
    }
    _check(instrument, shares, schools, staff, {**(capability or {}), **(pressure or {})}, position)
    rng = np.random.default_rng(seed)
    people = _staff(instrument, schools, staff, central, rng)
    means = _means(instrument, {**(capability or {}), **(pressure or {})})
    places = _places(instrument, position or {})
    world = _World(instrument, people, form, tuple(modules), rng)
    codes, chances, expectations = world.answers(means, places, icc)
    truth = _truth(instrument, people, expectations, chances)
    world.leave_gaps(codes, cant_tell=cant_tell, missing=missing)
    world.answer_carelessly(codes, careless)
    here = _answering(people, response_rate, rng)
    here = rng.permutation(np.flatnonzero(here))
    names = [_school_name(place) for place in range(schools)]
    roles = instrument.roles or ("",)
    attributes = {
        "school": np.array([names[s] if s >= 0 else "" for s in people.school[here]], dtype=np.str_)
    }
    if instrument.roles:
        attributes["role"] = np.array([roles[r] for r in people.role[here]], dtype=np.str_)
    parameters = {
        **shares,
        "schools": schools,
        "staff": staff,
        "means": means,
        "places": {code: place.at for code, place in places.items()},
    }
    return Simulation(
        instrument=instrument.slug,
        version=instrument.version,
        seed=seed,
        responses=Responses(world.items, codes[here], attributes, simulated=True),
        roster=_roster(people, names, roles),
        round=_round(instrument, schools, staff, form, modules),
        truth={**truth, "parameters": parameters},
    )


def _check(
    instrument: Instrument,
    shares: Mapping[str, float],
    schools: int,
    staff: int,
    means: Mapping[str, float],
    position: Mapping[str, Place | float] | None,
) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} must lie between 0 and 1, not {share}")
    if schools < 1 or staff < 8 * schools:
        raise ValueError(f"{staff} staff cannot fill {schools} schools: give 8 a school or more")
    unknown = set(means) - {scale.code for scale in instrument.scales}
    decisions = instrument.position.decisions if instrument.position else ()
    unknown |= set(position or {}) - {decision.code for decision in decisions}
    if unknown:
        raise ValueError(f"{instrument.slug} has no {', '.join(sorted(unknown))}")


def _staff(
    instrument: Instrument, schools: int, staff: int, central: float, rng: np.random.Generator
) -> Staff:
    """Everybody: the centre's roles first, then schools of unequal size."""
    roles = instrument.roles or ("",)
    hub = [place for place, code in enumerate(roles) if code in instrument.central_roles]
    local = [place for place in range(len(roles)) if place not in hub]
    in_hub = round(central * staff) if hub else 0
    hub_role = np.repeat(hub, _parts(in_hub, np.linspace(0.9, 1.1, len(hub)))) if hub else []
    sizes = 6 + _parts(staff - in_hub - 6 * schools, rng.uniform(0.5, 1.6, schools))
    school, role = [np.full(in_hub, -1)], [np.array(hub_role, dtype=np.intp)]
    # of the roles in schools the first is the largest, each other about one in eight
    others = len(local) - 1
    for place, size in enumerate(sizes.tolist()):
        few = max(2, round(0.13 * size)) if others else 0
        counts = [size - few * others, *([few] * others)]
        school.append(np.full(size, place))
        role.append(np.repeat(local, counts))
    of_school = np.concatenate(school).astype(np.intp)
    return Staff(of_school, np.concatenate(role).astype(np.intp), of_school < 0)


def _parts(total: int, sizes: Floats) -> NDArray[np.intp]:
    """``total`` shared out by ``sizes``, in whole numbers (largest remainders)."""
    exact = total * sizes / sizes.sum()
    parts = np.floor(exact).astype(np.intp)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts


def _school_name(place: int) -> str:
    trees, lands = len(_TREES), len(_LANDS)
    turn, place = divmod(place, trees * lands)
    name = f"{_TREES[place % trees]} {_LANDS[(place + place // trees) % lands]}"
    return f"{name} {turn + 1}" if turn else name


def _means(instrument: Instrument, given: Mapping[str, float]) -> dict[str, float]:
    """Mean of each scale on options 1 to 5, among those who live with it."""
    found: dict[str, float] = {}
    seen: dict[str, int] = {}
    for scale in instrument.scales:
        place = seen.setdefault(scale.block, 0)
        seen[scale.block] += 1
        usual = _MEANS[scale.block]
        found[scale.code] = given.get(scale.code, usual[place % len(usual)])
    return found


def _places(instrument: Instrument, given: Mapping[str, Place | float]) -> dict[str, Place]:
    found = {}
    for place, decision in enumerate(instrument.position.decisions if instrument.position else ()):
        usual = given.get(decision.code, _PLACES[place % len(_PLACES)])
        found[decision.code] = usual if isinstance(usual, Place) else Place(float(usual))
    return found


@dataclass
class _World:
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
        more = self._centre_more()
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
            mean += np.where(self._designed(), more.get(scale.code, 0.0) if scale else 0.0, 0.0)
            unit = (len(options) - 1) / 4
            target = np.clip(1 + (mean - 1) * unit, 1.15, len(options) - 0.15)
            thresholds = latent.cuts(len(options))
            levels, at = np.unique(target, return_inverse=True)
            centre = latent.centre_of(levels, thresholds)[at]
            loading = self._loading(scale)
            pull, noise = loading * factor, float(np.sqrt(1 - loading**2))
            expectations[item.code] = (
                latent.expected(centre, pull, noise, thresholds) + options[0] - 1
            )
            rank = latent.draw(centre, pull, noise, thresholds, self.rng) - 1
            self._set(codes, item, len(options) - 1 - rank if item.reverse else rank)
        return expectations

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


def _answering(staff: Staff, rate: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Who answers: more often in roles with few people, unequally by school, never by opinion."""
    if rate in (0, 1):
        return np.full(staff.role.size, rate == 1)
    first = staff.role[~staff.is_central].min()
    by_school = rng.normal(0, 0.25, int(staff.school.max()) + 1)
    ease = np.where(staff.role == first, 0.0, 0.4)
    ease = ease + np.where(staff.is_central, 0.3, by_school[staff.school])
    low, high = -12.0, 12.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = float((1 / (1 + np.exp(-(middle + ease)))).mean())
        low, high = (middle, high) if mean < rate else (low, middle)
    return np.asarray(rng.random(staff.role.size) < 1 / (1 + np.exp(-(low + ease))))


def _truth(
    instrument: Instrument,
    staff: Staff,
    expectations: Mapping[str, Floats],
    chances: Mapping[str, Floats],
) -> dict[str, object]:
    """Figures over the whole staff of each group, free of chance."""
    roles = instrument.roles or ("",)
    groups: dict[str, Collection[str]] = {**instrument.groups, EVERYBODY: roles}
    scores: dict[str, dict[str, float]] = {}
    positions: dict[str, dict[str, float]] = {}
    overall: dict[str, float] = {}
    for name, of_group in groups.items():
        scores[name], positions[name] = {}, {}
        for scale in instrument.scales:
            wanted = instrument.core_items(scale) or scale.items
            items = [code for code in wanted if code in expectations]
            if scale.kind == "items" or not items:
                continue
            asked = np.array(
                [
                    [r in of_group and instrument.item(code).asked_of(r) for code in items]
                    for r in roles
                ]
            )[staff.role]
            some = asked.any(axis=1)
            if some.any():
                x = np.column_stack([expectations[code] for code in items])
                own = (x * asked).sum(axis=1)[some] / asked.sum(axis=1)[some]
                scores[name][scale.code] = float(own.mean())
        for decision in instrument.position.decisions if instrument.position else ():
            item = instrument.item(decision.item)
            people = np.array([r in of_group and item.asked_of(r) for r in roles])[staff.role]
            if decision.code in chances and people.any():
                mean = chances[decision.code][people].mean(axis=0)
                first = instrument.options(decision.item)[0]
                positions[name][decision.code] = float(quantile(mean, 0.5, first=first))
        if positions[name]:
            overall[name] = float(np.median(list(positions[name].values())))
    return {"scores": scores, "positions": positions, "overall": overall}


def _roster(staff: Staff, names: Sequence[str], roles: Sequence[str]) -> Roster:
    pairs, counts = np.unique(
        np.column_stack([staff.school, staff.role]), axis=0, return_counts=True
    )
    rows = [
        RosterRow(names[school] if school >= 0 else "", roles[role], count)
        for (school, role), count in zip(pairs.tolist(), counts.tolist(), strict=True)
    ]
    # schools first, then the centre
    return Roster(tuple(sorted(rows, key=lambda row: not row.school)))


def _round(
    instrument: Instrument, schools: int, staff: int, form: str, modules: Sequence[str]
) -> dict[str, object]:
    """What ``round.toml`` holds for the demonstration."""
    fills = {
        "mto": "Harbour Reach",
        "hub": "the central team",
        "before": "the merger in September 2024",
        "threat": "a takeover by another trust",
        "focus": "mathematics",
    }
    return {
        "organisation": "Harbour Reach Schools Trust",
        "short_name": "Harbour Reach",
        "locale": instrument.locale,
        "opens_on": date(2026, 5, 4),
        "closes_on": date(2026, 5, 22),
        "mode": "anonymous",
        "form": form,
        "modules": list(dict.fromkeys([*instrument.forms[form].modules, *modules])),
        "simulated": True,
        "placeholders": {
            name: text for name, text in fills.items() if name in instrument.placeholders
        },
        "admin": {"schools now": str(schools), "staff now": str(staff)},
    }


def write(simulation: Simulation, folder: str | Path, instrument: Instrument) -> None:
    """Write responses.csv with its sidecar, roster.csv, round.toml and truth.json to a folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_responses(simulation.responses, folder / "responses.csv", instrument)
    write_roster(simulation.roster, folder / "roster.csv")
    sidecar = {
        "instrument": simulation.instrument,
        "version": simulation.version,
        "simulated": True,
        "seed": simulation.seed,
    }
    (folder / "responses.csv.toml").write_text(_toml(sidecar), encoding="utf-8")
    (folder / "round.toml").write_text(_toml(simulation.round), encoding="utf-8")
    truth = json.dumps({"simulated": True, **simulation.truth}, indent=2)
    (folder / "truth.json").write_text(truth + "\n", encoding="utf-8")


def _toml(values: Mapping[str, object]) -> str:
    """TOML of text, numbers, truth values, dates, lists of text and one level of tables."""
    lines = [f"{key} = {_literal(v)}" for key, v in values.items() if not isinstance(v, Mapping)]
    for key, table in values.items():
        if isinstance(table, Mapping):
            lines += [
                "",
                f"[{key}]",
                *(f"{json.dumps(k)} = {_literal(v)}" for k, v in table.items()),
            ]
    return "\n".join(lines) + "\n"


def _literal(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
