"""Responses: one int8 row a respondent, one column an item, and attributes beside them."""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from instruments.definition import Instrument, Item
from instruments.tables import Table, TableError, read_table, write_table

SKIPPED = -1
CANT_TELL = -2
DOES_NOT_APPLY = -3
NOT_SHOWN = -4

#: columns that may hold a respondent's identifier, in any spelling; a value twice is refused
IDENTIFIERS = ("respondent", "respondent_id", "response_id", "row_id", "id")
#: a column that marks simulated answers, so that the mark travels with the file
SIMULATED = "simulated"
#: what people write for "missing" where the file should have an empty cell
_MISSING_WORDS = frozenset(
    {"na", "n/a", "#n/a", "nan", "null", "none", "nil", ".", "-", "?", "missing"}
)
_WORDS = {CANT_TELL: "CT", DOES_NOT_APPLY: "DNA", SKIPPED: "", NOT_SHOWN: ""}


class ResponseFileError(TableError):
    """A response file that cannot be used; one line naming row, column, value and the mend."""


@dataclass(frozen=True)
class Responses:
    """Answers of one round, frozen.

    Attributes
    ----------
    items : tuple of str
        Item codes, in column order.
    codes : ndarray of int8, shape (n, len(items))
        Option numbers; SKIPPED, CANT_TELL, DOES_NOT_APPLY, NOT_SHOWN where there is none.
    attributes : mapping of str to ndarray of str, shape (n,)
        ``role`` and ``school`` are known by name; empty string where unknown. Others are kept.
    simulated : bool
        Whether the answers were drawn by a program. Every document made from them says so.
    notices : tuple of str
        Plain sentences about how a file was read (encoding, columns kept as attributes).
    """

    items: tuple[str, ...]
    codes: NDArray[np.int8]
    attributes: Mapping[str, NDArray[np.str_]]
    simulated: bool = False
    notices: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of respondents."""
        return int(self.codes.shape[0])

    def attribute(self, name: str) -> NDArray[np.str_]:
        """One attribute of every respondent; empty strings where the file has no such column."""
        missing = np.full(self.n, "", dtype=np.str_)
        return self.attributes.get(name, missing)

    def rows(self, keep: NDArray[np.bool_]) -> "Responses":
        """Only the respondents where ``keep`` (bool, shape (n,)) is true, in the same order."""
        return Responses(
            items=self.items,
            codes=self.codes[keep],
            attributes={name: values[keep] for name, values in self.attributes.items()},
            simulated=self.simulated,
            notices=self.notices,
        )


def read(path: str | Path, instrument: Instrument) -> Responses:
    """Read a response file (CSV, Parquet or SPSS .sav): one row a respondent, one column an item.

    Cells are option numbers (``3`` or ``3.0``), ``CT``, ``DNA``, or empty for skipped or not
    shown. An empty cell is *not shown* where the person's role is not asked the item, where its
    condition is not met, and where nobody in the file answered it; else *skipped*.

    Columns: ``school`` and ``role`` are known by name (a column named as the role question counts
    as ``role``). A column that reads like an item (same letters and digits in another spelling,
    or an item's letters with a number that no item has) is refused. All others are kept as
    attributes and named in ``notices``.

    Raises
    ------
    ResponseFileError
        Anything that cannot be read with certainty, with row (header = 1), column and value.
    """
    path = Path(path)
    closed = {item.code: item for item in instrument.items if item.kind in ("rated", "choice")}
    try:
        table = read_table(path, header=tuple(closed))
        _check_columns(table, instrument, closed)
        items = tuple(name for name in table.columns if name in closed)
        attributes = _attributes(table, instrument, closed)
        codes = np.column_stack([_codes(table, closed[code], instrument) for code in items])
        _mark_not_shown(codes, items, attributes, table, instrument)
    except ResponseFileError:
        raise
    except TableError as error:
        raise ResponseFileError(str(error)) from error
    marks = attributes.pop(SIMULATED, np.array([], dtype=np.str_))
    extra = [n for n in attributes if n not in ("role", "school") and not _is_identifier(n)]
    kept = (f"Columns kept as attributes: {', '.join(extra)}.",) if extra else ()
    return Responses(
        items=items,
        codes=codes,
        attributes=attributes,
        simulated=read_sidecar(path).simulated
        or any(mark.casefold() in ("yes", "true", "1") for mark in marks.tolist()),
        notices=table.notices + kept,
    )


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What the file ``FILE.toml`` beside a response file says; empty where it says nothing."""

    instrument: str = ""
    version: str = ""
    simulated: bool = False


def read_sidecar(path: Path) -> Sidecar:
    """What stands beside the response file ``path``, checked.

    Raises
    ------
    ResponseFileError
        It is not TOML in UTF-8, or a key holds another kind of value.
    """
    sidecar = path.with_name(path.name + ".toml")
    if not sidecar.is_file():
        return Sidecar()
    try:
        about = tomllib.loads(sidecar.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ResponseFileError(
            f"{sidecar.name}: is not valid TOML in UTF-8; mend or remove it"
        ) from error
    for key, kind, example in (
        ("instrument", str, '"bfi25"'),
        ("version", str, '"1.0"'),
        ("simulated", bool, "true"),
    ):
        if not isinstance(about.get(key, kind()), kind):
            raise ResponseFileError(
                f"{sidecar.name}: key {key} is {about[key]!r}; write it as in {key} = {example}"
            )
    return Sidecar(
        **{key: about[key] for key in ("instrument", "version", "simulated") if key in about}
    )


def _spelling(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _is_identifier(name: str) -> bool:
    return _spelling(name) in {_spelling(known) for known in IDENTIFIERS}


def _stem(name: str) -> str | None:
    """The letters of a name that is letters followed by a number."""
    match = re.fullmatch(r"([a-z]+)\d+", _spelling(name))
    return match[1] if match else None


def _check_columns(table: Table, instrument: Instrument, closed: Mapping[str, Item]) -> None:
    spellings = {_spelling(code): code for code in closed}
    stems = {_stem(code) for code in closed} - {None}
    texts = {item.code for item in instrument.items if item.kind == "text"}
    for name in table.columns:
        if name in closed or name == instrument.role_item:
            continue
        if name in texts:
            raise table.fail(f"column {name} holds open answers; keep them in a file of their own")
        if _spelling(name) in spellings:
            raise table.fail(f"column {name} reads like {spellings[_spelling(name)]}; rename it")
        if _stem(name) in stems and not _is_identifier(name):
            raise table.fail(
                f"column {name} reads like an item, but {instrument.slug} {instrument.version} "
                "has none of that code; rename it or take it out"
            )
    if not any(name in closed for name in table.columns):
        raise table.fail(
            f"no column is an item of {instrument.slug} {instrument.version}; "
            f"columns are named by item codes such as {next(iter(closed))}"
        )
    if not table.rows:
        raise table.fail("has a header and no answers; add one row for each respondent")
    _check_identifiers(table)


def _check_identifiers(table: Table) -> None:
    for name in filter(_is_identifier, table.columns):
        first: dict[str, int] = {}
        for row, value in zip(table.rows, table.columns[name], strict=True):
            if value and value in first:
                raise table.fail(
                    f"row {row}, column {name}: '{value}' stands in row {first[value]} already; "
                    "keep one row for each respondent"
                )
            first[value] = row


def _attributes(
    table: Table, instrument: Instrument, closed: Mapping[str, Item]
) -> dict[str, NDArray[np.str_]]:
    role_item = instrument.role_item
    attributes = {
        name: np.array(cells, dtype=np.str_)
        for name, cells in table.columns.items()
        if name not in closed and name != role_item
    }
    if role_item in table.columns and role_item is not None and "role" not in attributes:
        attributes["role"] = np.array(table.columns[role_item], dtype=np.str_)
    if not instrument.roles:
        return attributes
    for name in ("role", "school"):
        if name not in attributes:
            raise table.fail(f"there is no column {name}, which {instrument.slug} needs; add it")
    for row, value in zip(table.rows, attributes["role"].tolist(), strict=True):
        if value not in instrument.roles:
            raise table.fail(
                f"row {row}, column role: '{value}' is not one of {', '.join(instrument.roles)}"
                "; give each respondent one of these roles"
            )
    return attributes


def _codes(table: Table, item: Item, instrument: Instrument) -> NDArray[np.int8]:
    scale = instrument.response_scales[item.response]
    known = {"": SKIPPED, **{str(option): option for option in scale.options}}
    if scale.cant_tell:
        known["CT"] = CANT_TELL
    if scale.does_not_apply:
        known["DNA"] = DOES_NOT_APPLY
    cells = table.columns[item.code]
    for value in set(cells) - known.keys():
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if number not in scale.options or "_" in value:
            row = table.rows[cells.index(value)]
            raise table.fail(
                f"row {row}, column {item.code}: {_complaint(value, scale.options, known)}"
            )
        known[value] = int(number)
    return np.fromiter(map(known.__getitem__, cells), dtype=np.int8, count=len(cells))


def _complaint(value: str, options: Sequence[int], known: Mapping[str, int]) -> str:
    words = [word for word in ("CT", "DNA") if word in known]
    allowed = f"{', '.join(map(str, options))}{''.join(f', {word}' for word in words)}"
    if value.casefold() in _MISSING_WORDS:
        return f"'{value}' is not read as missing; leave the cell empty where there is no answer"
    if value.upper() in known:
        return f"'{value}' must be written {value.upper()}"
    shown = value if len(value) <= 40 else value[:37] + "..."
    return f"'{shown}' is not one of {allowed}; correct it or leave the cell empty"


def _mark_not_shown(
    codes: NDArray[np.int8],
    items: Sequence[str],
    attributes: Mapping[str, NDArray[np.str_]],
    table: Table,
    instrument: Instrument,
) -> None:
    """Turn empty into not shown where the person was not asked; refuse answers nobody asked for."""
    place = {code: column for column, code in enumerate(items)}
    for code, column in place.items():
        item = instrument.item(code)
        answers = codes[:, column]
        if instrument.roles:
            outside = ~np.isin(attributes["role"], item.roles)
            if (wrong := np.flatnonzero(outside & (answers != SKIPPED))).size:
                row = int(wrong[0])
                raise table.fail(
                    f"row {table.rows[row]}, column {code}: role {attributes['role'][row]} is not "
                    f"asked this; correct the role or empty the cell "
                    f"('{table.columns[code][row]}')"
                )
            answers[outside] = NOT_SHOWN
        if item.asked_if is not None and item.asked_if.item in place:
            asked = np.isin(codes[:, place[item.asked_if.item]], item.asked_if.options)
            answers[~asked & (answers == SKIPPED)] = NOT_SHOWN
        if not (answers >= 0).any() and not np.isin(answers, (CANT_TELL, DOES_NOT_APPLY)).any():
            answers[:] = NOT_SHOWN


def write(responses: Responses, path: str | Path, instrument: Instrument) -> None:
    """Write a response file (CSV, Parquet or SPSS .sav, by its ending) that ``read`` reads back.

    Attributes come first, then items. Simulated answers carry a column ``simulated``.
    """
    unknown = set(responses.items) - {item.code for item in instrument.items}
    if unknown:
        raise ResponseFileError(f"{Path(path).name}: no such items: {', '.join(sorted(unknown))}")
    columns: dict[str, Sequence[str]] = {
        name: values.tolist() for name, values in responses.attributes.items()
    }
    if responses.simulated:
        columns[SIMULATED] = ["yes"] * responses.n
    words = {code: str(code) for code in range(128)} | _WORDS
    for column, code in enumerate(responses.items):
        columns[code] = [words[answer] for answer in responses.codes[:, column].tolist()]
    write_table(Path(path), columns, responses.items)


def fingerprint(responses: Responses, instrument: Instrument) -> str:
    """SHA-256 (hex) of the frozen dataset: instrument, items, answers and attributes, in row order.

    The same rows in another order are another dataset. Order of attribute columns does not count.
    """
    return _digest("midtier responses 1", responses, instrument)


def order_secret(responses: Responses, instrument: Instrument) -> str:
    """What the order of schools is drawn from: as fixed as the fingerprint, and never printed."""
    return _digest("midtier order of schools 1", responses, instrument)


def _digest(purpose: str, responses: Responses, instrument: Instrument) -> str:
    digest = hashlib.sha256()

    def feed(*parts: str) -> None:
        for part in parts:
            content = part.encode()
            digest.update(len(content).to_bytes(8, "big") + content)

    feed(purpose, instrument.slug, instrument.version, str(responses.simulated))
    feed(str(responses.n), *responses.items)
    digest.update(np.ascontiguousarray(responses.codes).tobytes())
    for name in sorted(responses.attributes):
        feed(name, *responses.attributes[name].tolist())
    return digest.hexdigest()
