"""Simulated rounds: staff drawn from a stated latent model, for demonstration and for checking.

Everything made here is marked as simulated, and so is every document made from it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from instruments.definition import Instrument
from instruments.measures import EVERYBODY
from instruments.responses import Responses
from instruments.responses import write as write_responses
from instruments.roster import Roster, RosterRow, write_roster
from instruments.scoring.positions import quantile
from instruments.simulate.answers import World, usual_means, usual_places
from instruments.simulate.latent import Floats, Place, Staff

_TREES = ("Alder", "Birch", "Cedar", "Elm", "Hazel", "Holly", "Larch", "Maple", "Oak", "Rowan")
_LANDS = ("Lane", "Field", "Bank", "Grove", "Hill", "Green")


@dataclass(frozen=True, slots=True)
class Truth:
    """What the whole staff would say on average, answering attentively again and again.

    Informant group -> scale or decision -> figure; and the model's parameters.
    """

    scores: Mapping[str, Mapping[str, float]]
    positions: Mapping[str, Mapping[str, float]]
    overall: Mapping[str, float]
    parameters: Mapping[str, object]


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
    truth : Truth
        The figures that bands should cover.
    """

    instrument: str
    version: str
    seed: int
    responses: Responses
    roster: Roster
    round: Mapping[str, object]
    truth: Truth


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
    means = usual_means(instrument, {**(capability or {}), **(pressure or {})})
    places = usual_places(instrument, position or {})
    world = World(instrument, people, form, tuple(modules), rng)
    codes, chances, expectations = world.answers(means, places, icc)
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
        truth=_truth(instrument, people, expectations, chances, parameters),
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
    hub_role = np.repeat(
        np.array(hub, dtype=np.intp), _parts(in_hub, np.linspace(0.9, 1.1, len(hub)))
    )
    sizes = 6 + _parts(staff - in_hub - 6 * schools, rng.uniform(0.5, 1.6, schools))
    school, role = [np.full(in_hub, -1)], [hub_role]
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
    if not sizes.size:
        return np.empty(0, dtype=np.intp)
    exact = total * sizes / sizes.sum()
    parts: NDArray[np.intp] = np.floor(exact).astype(np.intp)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts


def _school_name(place: int) -> str:
    trees, lands = len(_TREES), len(_LANDS)
    turn, place = divmod(place, trees * lands)
    name = f"{_TREES[place % trees]} {_LANDS[(place + place // trees) % lands]}"
    return f"{name} {turn + 1}" if turn else name


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
    parameters: Mapping[str, object],
) -> Truth:
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
    return Truth(scores, positions, overall, parameters)


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
    truth = json.dumps({"simulated": True, **asdict(simulation.truth)}, indent=2)
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
