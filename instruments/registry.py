"""Finds, reads and trusts instruments: (slug, version) or a folder in, an ``Instrument`` out."""

from functools import cache
from pathlib import Path

from instruments import check as checks
from instruments.definition import Instrument
from instruments.folder import LIBRARY, Fault, InstrumentError, checksum, read_folder

__all__ = ["Fault", "InstrumentError", "available", "checksum", "load", "load_folder", "resolve"]


def available() -> list[tuple[str, str]]:
    """(slug, version) of every instrument in the library, by slug, oldest version first."""
    found = [
        (path.parent.parent.name, path.parent.name) for path in LIBRARY.glob("*/*/instrument.toml")
    ]
    return sorted(found, key=lambda pair: (pair[0], _order(pair[1])))


@cache
def load(slug: str, version: str | None = None) -> Instrument:
    """An instrument of the library, its newest version if none is named.

    Raises
    ------
    InstrumentError
        If the library has no such instrument or version, or if its files are not sound: a
        published version whose checksum differs from the pinned one is refused.
    """
    versions = [known for name, known in available() if name == slug]
    if not versions:
        names = ", ".join(sorted({name for name, _ in available()}))
        what, mend = "the library has no such instrument", f"choose one of: {names}"
        raise InstrumentError([Fault(f"instrument {slug!r}", "", what, mend)])
    if version is not None and version not in versions:
        what, mend = f"there is no version {version!r}", f"choose one of: {', '.join(versions)}"
        raise InstrumentError([Fault(f"instrument {slug!r}", "", what, mend)])
    return load_folder(LIBRARY / slug / (version or versions[-1]))


def load_folder(path: Path | str) -> Instrument:
    """The instrument in a folder; ``InstrumentError`` if ``check`` finds a fault in it."""
    folder = Path(path)
    reading = read_folder(folder)
    faults = list(reading.faults)
    if reading.instrument is not None:
        faults += checks.check_published(reading.instrument, folder)
        if not checks.is_pinned(reading.instrument):
            faults += checks.check_instrument(reading.instrument)
    if reading.instrument is None or faults:
        raise InstrumentError(faults)
    return reading.instrument


def resolve(name: str) -> Instrument:
    """The instrument that ``SLUG``, ``SLUG@VERSION`` or a folder's path names."""
    slug, _, version = name.partition("@")
    if any(slug == known for known, _ in available()) or not _looks_like_a_path(name):
        return load(slug, version or None)
    return load_folder(Path(name))


def _looks_like_a_path(name: str) -> bool:
    return "/" in name or "\\" in name or name in (".", "..") or Path(name).is_dir()


def _order(version: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key: numbers by size, before words ("0.9" < "0.10")."""
    parts = version.split(".")
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
