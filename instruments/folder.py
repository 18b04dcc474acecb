"""Reads an instrument folder: TOML files in, an ``Instrument`` or a list of faults out.

Only what a single file can show is judged here (syntax, keys, types); ``check`` judges how the
files fit together. ``docs/instrument-format.md`` describes the files.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from instruments import definition

#: the instruments that come with the program
LIBRARY = Path(__file__).parent / "library"
REQUIRED = (
    "instrument.toml",
    "responses.toml",
    "sections.toml",
    "items.toml",
    "scales.toml",
    "forms.toml",
    "scoring.toml",
)
OPTIONAL = (
    "disclosure.toml",
    "evidence.toml",
    "position.toml",
    "patterns.toml",
    "cases.toml",
)

#: field of Instrument -> (file, name of its tables, key that names a table, model)
_TABLES: Mapping[str, tuple[str, str, str, type[BaseModel]]] = {
    "response_scales": ("responses.toml", "response", "code", definition.ResponseScale),
    "sections": ("sections.toml", "section", "code", definition.Section),
    "items": ("items.toml", "item", "code", definition.Item),
    "scales": ("scales.toml", "scale", "code", definition.Scale),
    "forms": ("forms.toml", "form", "code", definition.Form),
    "patterns": ("patterns.toml", "pattern", "id", definition.Pattern),
    "cases": ("cases.toml", "case", "id", definition.Case),
}
#: field -> (file, model); tables inside it -> (their name in the file, their name in the model)
_PLAIN: Mapping[str, tuple[str, type[BaseModel]]] = {
    "scoring": ("scoring.toml", definition.Scoring),
    "disclosure": ("disclosure.toml", definition.Disclosure),
    "evidence": ("evidence.toml", definition.Evidence),
    "position": ("position.toml", definition.Position),
}
_INSIDE = {"evidence.toml": ("study", "studies"), "position.toml": ("decision", "decisions")}
_KEYED = ("response_scales", "forms")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an instrument folder, where, and how to mend it."""

    file: str
    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.where}" if self.where else self.file
        return f"{place}: {self.what}; {self.mend}"


class InstrumentError(ValueError):
    """An instrument that cannot be used: the message is the first fault, ``faults`` holds all."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(str(faults[0]))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Reading:
    """A folder as read: an instrument where its files are sound, and the faults found so far."""

    instrument: definition.Instrument | None
    faults: tuple[Fault, ...]


def checksum(folder: Path) -> str:
    """SHA-256 over the folder's TOML files in order of name: each one's name, length and bytes."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.toml")):
        data = path.read_bytes()
        digest.update(f"{path.name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def read_folder(folder: Path) -> Reading:
    """The instrument in ``folder``, or the faults that keep its files from being read."""
    if not folder.is_dir():
        mend = "name the folder that holds instrument.toml"
        return Reading(None, (Fault(str(folder), "", "there is no such folder", mend),))
    faults: list[Fault] = []
    files = _read_files(folder, faults)
    raw: dict[str, Any] = {"checksum": checksum(folder)}
    _take_instrument(files, raw, faults)
    _take_tables(files, raw, faults)
    for row in raw.get("items", ()):  # an item that names no roles is asked of everybody
        row.setdefault("roles", raw.get("roles", ()))
    for field, (file, _) in _PLAIN.items():
        if file in files:
            raw[field] = _renamed(file, files[file])
    for field, kind in (("texts", "text"), ("locales", "locale")):
        raw[field] = {
            name.split(".")[1]: table
            for name, table in files.items()
            if name.startswith(f"{kind}.")
        }
    if faults:
        return Reading(None, tuple(faults))
    try:
        return Reading(definition.Instrument.model_validate(raw), ())
    except ValidationError as error:
        return Reading(None, tuple(_translate(found, raw) for found in error.errors()))


def _read_files(folder: Path, faults: list[Fault]) -> dict[str, dict[str, Any]]:
    """Every TOML file of the folder, parsed; faults for those missing, unknown or unreadable."""
    present = {path.name: path for path in sorted(folder.glob("*.toml"))}
    for name in REQUIRED:
        if name not in present:
            faults.append(Fault(name, "", "the file is missing", "add it to the folder"))
    for kind, example in (("text", "text.en.toml"), ("locale", "locale.en-GB.toml")):
        if not any(_is_words(name, kind) for name in present):
            mend = f"add one for each, such as {example}"
            faults.append(Fault(f"{kind}.*.toml", "", "no such file in the folder", mend))
    files = {}
    for name, path in present.items():
        if name not in (*REQUIRED, *OPTIONAL) and not (
            _is_words(name, "text") or _is_words(name, "locale")
        ):
            near = get_close_matches(name, (*REQUIRED, *OPTIONAL), 1)
            mend = f"rename it {near[0]}" if near else "remove it"
            faults.append(Fault(name, "", "no instrument has a file of this name", mend))
            continue
        try:
            files[name] = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            faults.append(Fault(name, f"line {line}", "not UTF-8 text", "save it as UTF-8"))
        except tomllib.TOMLDecodeError as error:
            faults.append(_unreadable(name, str(error), path))
    return files


def _is_words(name: str, kind: str) -> bool:
    parts = name.split(".")
    return len(parts) == 3 and parts[0] == kind and bool(parts[1])


def _unreadable(name: str, message: str, path: Path) -> Fault:
    """The fault for TOML that cannot be parsed; tomllib puts the line at the end in brackets."""
    what, _, place = message.partition(" (at ")
    lines = path.read_text("utf-8-sig").count("\n") + 1
    where = place.rstrip(")") if place.startswith("line") else f"line {lines}"
    return Fault(name, where, f"not readable as TOML: {what[:1].lower()}{what[1:]}", "correct it")


def _take_instrument(
    files: Mapping[str, dict[str, Any]], raw: dict[str, Any], faults: list[Fault]
) -> None:
    """Move instrument.toml's keys into ``raw``; keys that belong to another file are faults."""
    elsewhere = {*_TABLES, *_PLAIN, "texts", "locales", "checksum"}
    known = [name for name in definition.Instrument.model_fields if name not in elsewhere]
    for key, value in files.get("instrument.toml", {}).items():
        if key in known:
            raw[key] = value
        else:
            faults.append(Fault("instrument.toml", f"key {key}", *_unknown(key, known)))


def _take_tables(
    files: Mapping[str, dict[str, Any]], raw: dict[str, Any], faults: list[Fault]
) -> None:
    """Move the files that hold a list of tables into ``raw``; the keyed ones as mappings."""
    for field, (file, table, key, _) in _TABLES.items():
        if file not in files:
            continue
        for other in files[file]:
            if other != table:
                faults.append(Fault(file, f"key {other}", *_unknown(other, [table])))
        rows = files[file].get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            mend = f"write each one under [[{table}]], in double brackets"
            faults.append(Fault(file, f"key {table}", "not a list of tables", mend))
            continue
        faults.extend(_repeated(file, table, key, rows))
        raw[field] = rows
        if field in _KEYED:
            raw[field] = {str(row.get(key, index)): row for index, row in enumerate(rows)}


def _repeated(file: str, table: str, key: str, rows: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Faults for codes that two tables of one file share, or that differ only by case."""
    faults = []
    seen: dict[str, str] = {}
    for row in rows:
        code = row.get(key)
        if not isinstance(code, str):
            continue
        earlier = seen.setdefault(code.casefold(), code)
        if seen[code.casefold()] is code:
            continue
        where = f"{table} {code}"
        mend = "give one of them a new code"
        if earlier == code:
            faults.append(Fault(file, where, "the code is used twice", mend))
        else:
            what = f"the code differs from {earlier} only by capital letters"
            faults.append(Fault(file, where, what, mend))
    return faults


def _renamed(file: str, table: dict[str, Any]) -> dict[str, Any]:
    """The table with its inner list under the model's name: [[decision]] becomes decisions."""
    if file not in _INSIDE:
        return table
    name, field = _INSIDE[file]
    plain = {key: value for key, value in table.items() if key != name}
    return {**plain, field: table.get(name, [])} if field not in plain else plain


def _unknown(key: str, known: Sequence[str]) -> tuple[str, str]:
    near = get_close_matches(key, known, 1)
    mend = f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(known))}"
    return "the key is unknown", f"remove it or correct its name ({mend})"


def _translate(error: Any, raw: Mapping[str, Any]) -> Fault:
    """One line of ours for one error of pydantic's."""
    path = [part for part in error["loc"] if part != "[key]"]
    file, where, rest = _place(path, raw)
    key = ".".join(str(part) for part in rest)
    if error["type"] == "missing":
        place = where or f"key {key}"
        return Fault(file, place, f"the key {key} is missing", "add it")
    place = ", ".join(part for part in (where, f"key {key}" if key else "") if part)
    if error["type"] == "extra_forbidden":
        known = _known_keys(path)
        return Fault(file, place, *_unknown(str(rest[-1]), known))
    message = str(error["msg"])
    given = repr(error["input"])
    what = f"{message[:1].lower()}{message[1:]} (given: {given[:60]})"
    return Fault(file, place, what, "correct it")


def _place(path: list[Any], raw: Mapping[str, Any]) -> tuple[str, str, list[Any]]:
    """File, table and remaining keys of a place in ``raw``."""
    field = str(path[0])
    if field in _TABLES:
        file, table, key, _ = _TABLES[field]
        if len(path) == 1:
            return file, "", [table]
        index = path[1]
        row = raw[field][index]
        name = row.get(key) if isinstance(row, dict) else None
        position = index + 1 if isinstance(index, int) else index
        return file, f"{table} {name if isinstance(name, str) else position}", path[2:]
    if field in _PLAIN:
        file = _PLAIN[field][0]
        if len(path) > 2 and file in _INSIDE and path[1] == _INSIDE[file][1]:
            table = _INSIDE[file][0]
            row = raw[field][path[1]][path[2]]
            name = row.get("code") if isinstance(row, dict) else None
            return file, f"{table} {name or path[2] + 1}", path[3:]
        return file, "", path[1:]
    if field in ("texts", "locales") and len(path) > 1:
        return f"{field.rstrip('s')}.{path[1]}.toml", "", path[2:]
    return "instrument.toml", "", path


def _known_keys(path: list[Any]) -> list[str]:
    """Keys that the model at this place knows (for its own level only)."""
    field = str(path[0])
    models: dict[str, type[BaseModel]] = {
        **{name: entry[3] for name, entry in _TABLES.items()},
        **{name: entry[1] for name, entry in _PLAIN.items()},
        "texts": definition.Text,
        "locales": definition.Locale,
    }
    inner: dict[str, type[BaseModel]] = {
        "decisions": definition.Decision,
        "studies": definition.Study,
        "asked_if": definition.Condition,
    }
    for part in path[1:-1]:
        if part in inner:
            return list(inner[str(part)].model_fields)
    if field == "cases" and len(path) > 3:
        return list(definition.CaseCode.model_fields)
    return list(models.get(field, definition.Instrument).model_fields)
