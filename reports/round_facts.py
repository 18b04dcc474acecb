"""What a document says of a round: read from ``round.toml``, or filled by the application."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from instruments.definition import Instrument

Mode = Literal["anonymous", "confidential"]

_TEXT_KEYS = ("organisation", "short_name", "locale", "mode", "form")
_DATE_KEYS = ("opens_on", "closes_on")
_TABLE_KEYS = ("placeholders", "admin", "formal")
_KEYS = (
    *_TEXT_KEYS, *_DATE_KEYS, "modules", "simulated", "silhouettes", "schools_named", *_TABLE_KEYS,
)  # fmt: skip


class RoundFactsError(ValueError):
    """A round's facts that cannot be used; the message names file and key and says what to do."""


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_stops() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True)
class RoundFacts:
    """The facts of one round.

    ``placeholders`` fill the instrument's words, and always hold ``mto`` (the short name).
    ``admin`` are the organisation's own facts, printed beside perceptions. ``formal`` is where
    rules put a decision: decision code -> stop. ``silhouettes`` asks for the page of reference
    cases: off unless somebody wants it, since cases may anchor a reader. ``schools_named``: every
    head agreed beforehand that schools stand under their names where they stand side by side;
    else they get letters.
    """

    organisation: str
    short_name: str
    locale: str
    opens_on: date
    closes_on: date
    mode: Mode = "anonymous"
    form: str = "full"
    modules: tuple[str, ...] = ()
    simulated: bool = False
    silhouettes: bool = False
    schools_named: bool = False
    placeholders: Mapping[str, str] = field(default_factory=_nothing)
    admin: Mapping[str, str] = field(default_factory=_nothing)
    formal: Mapping[str, int] = field(default_factory=_no_stops)


def read_round(path: Path, instrument: Instrument) -> RoundFacts:
    """Read and check a round file against its instrument.

    Parameters
    ----------
    path : Path
        A TOML file. ``organisation``, ``opens_on`` and ``closes_on`` must stand in it.
    instrument : Instrument
        The instrument that the round asks; its locales, forms, modules and decisions are allowed.

    Raises
    ------
    RoundFactsError
        With one line that names the file and the key, and what to write instead.
    """
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))  # Notepad writes the mark
    except OSError as error:
        raise RoundFactsError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise RoundFactsError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise RoundFactsError(f"{path}: is not a TOML file ({error}); correct it") from error
    try:
        return facts_from(values, instrument)
    except RoundFactsError as error:
        raise RoundFactsError(f"{path}: {error}") from error


def facts_from(values: Mapping[str, object], instrument: Instrument) -> RoundFacts:
    """A round's facts from plain values, checked against its instrument."""
    unknown = [key for key in values if key not in _KEYS]
    if unknown:
        raise RoundFactsError(f"unknown key {unknown[0]!r}; known keys are {', '.join(_KEYS)}")
    organisation = _text(values, "organisation", required=True)
    short_name = _text(values, "short_name") or organisation
    opens_on, closes_on = _date(values, "opens_on"), _date(values, "closes_on")
    if closes_on < opens_on:
        raise RoundFactsError(f"closes_on ({closes_on}) is before opens_on ({opens_on})")
    placeholders = {"mto": short_name, **_placeholders(values, instrument)}
    return RoundFacts(
        organisation=organisation,
        short_name=short_name,
        locale=_one_of(values, "locale", instrument.locale, tuple(instrument.locales)),
        opens_on=opens_on,
        closes_on=closes_on,
        mode=_mode(values),
        form=_one_of(values, "form", _default_form(instrument), tuple(instrument.forms)),
        modules=_modules(values, instrument),
        simulated=_flag(values, "simulated"),
        silhouettes=_silhouettes(values, instrument),
        schools_named=_flag(values, "schools_named"),
        placeholders=MappingProxyType(placeholders),
        admin=MappingProxyType(_texts(values, "admin")),
        formal=MappingProxyType(_formal(values, instrument)),
    )


def _text(values: Mapping[str, object], key: str, *, required: bool = False) -> str:
    value = values.get(key, "")
    if not isinstance(value, str):
        raise RoundFactsError(f"{key} must be text in quotes, not {value!r}")
    if required and not value.strip():
        raise RoundFactsError(f'{key} is missing: add a line {key} = "..."')
    return value.strip()


def _date(values: Mapping[str, object], key: str) -> date:
    if key not in values:
        raise RoundFactsError(f"{key} is missing: add a line {key} = 2026-05-04")
    value = values[key]
    if isinstance(value, datetime) or not isinstance(value, date):
        raise RoundFactsError(f"{key} must be a date such as 2026-05-04, not {value!r}")
    return value


def _flag(values: Mapping[str, object], key: str) -> bool:
    value = values.get(key, False)
    if not isinstance(value, bool):
        raise RoundFactsError(f"{key} must be true or false, not {value!r}")
    return value


def _silhouettes(values: Mapping[str, object], instrument: Instrument) -> bool:
    wanted = _flag(values, "silhouettes")
    if wanted and not instrument.cases:
        raise RoundFactsError(
            f"silhouettes: {instrument.slug} has no reference cases; delete the line"
        )
    return wanted


def _one_of(values: Mapping[str, object], key: str, default: str, allowed: tuple[str, ...]) -> str:
    value = _text(values, key) or default
    if value not in allowed:
        raise RoundFactsError(f"{key} {value!r} is not one of {', '.join(allowed)}")
    return value


def _default_form(instrument: Instrument) -> str:
    return "full" if "full" in instrument.forms else next(iter(instrument.forms), "full")


def _mode(values: Mapping[str, object]) -> Mode:
    value = _text(values, "mode") or "anonymous"
    if value == "anonymous":
        return "anonymous"
    if value == "confidential":
        return "confidential"
    raise RoundFactsError(f"mode {value!r} is not one of anonymous, confidential")


def _modules(values: Mapping[str, object], instrument: Instrument) -> tuple[str, ...]:
    value = values.get("modules", [])
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise RoundFactsError(f"modules must be a list of names in quotes, not {value!r}")
    # items of module "open" are in the data and asked by no form
    known = {item.module for item in instrument.items if item.module} - {"open"}
    for name in value:
        if name not in known:
            allowed = ", ".join(sorted(known)) or "none: this instrument has no modules"
            raise RoundFactsError(f"modules: {name!r} is unknown; allowed are {allowed}")
    return tuple(value)


def _table(values: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = values.get(key, {})
    if not isinstance(value, dict):
        raise RoundFactsError(f"{key} must be a table: a line [{key}] and its keys below it")
    return value


def _texts(values: Mapping[str, object], key: str) -> dict[str, str]:
    texts = {}
    for name, value in _table(values, key).items():
        if isinstance(value, bool | list | dict) or value != value:
            raise RoundFactsError(f"{key}.{name} must be text or a number, not {value!r}")
        texts[name] = str(value)
    return texts


def _placeholders(values: Mapping[str, object], instrument: Instrument) -> dict[str, str]:
    texts = _texts(values, "placeholders")
    known = sorted({"mto", *instrument.placeholders})
    for name in texts:
        if name not in known:
            raise RoundFactsError(
                f"placeholders.{name} is unknown: {instrument.slug} has {', '.join(known)}; "
                "correct its name or delete the line"
            )
    return texts


def _formal(values: Mapping[str, object], instrument: Instrument) -> dict[str, int]:
    table = _table(values, "formal")
    position = instrument.position
    if position is None:
        if table:
            raise RoundFactsError("formal: this instrument asks no position; delete the table")
        return {}
    decisions = [decision.code for decision in position.decisions]
    allowed = instrument.response_scales[position.response].options
    stops: dict[str, int] = {}
    for name, value in table.items():
        if name not in decisions:
            raise RoundFactsError(f"formal.{name} is no decision; known: {', '.join(decisions)}")
        if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
            raise RoundFactsError(
                f"formal.{name} must be a stop from {allowed[0]} to {allowed[-1]}, not {value!r}"
            )
        stops[name] = value
    return stops
