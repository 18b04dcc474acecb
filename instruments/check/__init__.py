"""Says what is wrong with an instrument folder: every fault with its file, place and mend."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from instruments.check.rules import check_rules
from instruments.check.structure import check_structure
from instruments.check.words import check_words
from instruments.definition import Instrument
from instruments.folder import LIBRARY, Fault, read_folder


def check(folder: Path | str) -> list[Fault]:
    """Every fault of the instrument in ``folder``; empty if it can be used.

    Files that cannot be read, or whose keys are wrong, are reported alone: how the files fit
    together is judged once each of them is sound.
    """
    path = Path(folder)
    reading = read_folder(path)
    if reading.instrument is None:
        return list(reading.faults)
    return check_published(reading.instrument, path) + check_instrument(reading.instrument)


def check_instrument(instrument: Instrument) -> list[Fault]:
    """Faults in how an instrument's files fit together."""
    faults = check_structure(instrument)
    faults += check_words(instrument)
    faults += check_rules(instrument)
    return list(dict.fromkeys(faults))


def pins() -> Mapping[str, Mapping[str, str]]:
    """Slug -> version -> checksum of the published instruments."""
    return tomllib.loads((LIBRARY / "checksums.toml").read_text("utf-8"))


def is_pinned(instrument: Instrument) -> bool:
    """Whether this is, byte for byte, a published version of the library."""
    pinned = pins().get(instrument.slug, {}).get(instrument.version)
    return instrument.status == "published" and instrument.checksum == pinned


def check_published(instrument: Instrument, folder: Path) -> list[Fault]:
    """Faults of a published version: changed since, not pinned, or in the wrong folder."""
    pinned = pins().get(instrument.slug, {}).get(instrument.version)
    where = f"version {instrument.version}"
    if pinned is not None and instrument.checksum != pinned:
        what = (
            f"the folder differs from the published version (checksum {instrument.checksum[:12]}, "
            f"published {pinned[:12]})"
        )
        mend = "a published version never changes: undo the change or give it a new version"
        return [Fault("instrument.toml", where, what, mend)]
    parent = folder.resolve().parent
    if parent.parent != LIBRARY.resolve():
        return []
    if (parent.name, folder.resolve().name) != (instrument.slug, instrument.version):
        what = f"the library's folder is {parent.name}/{folder.resolve().name}"
        mend = f"rename the folder {instrument.slug}/{instrument.version}, or correct the keys"
        return [Fault("instrument.toml", f"slug {instrument.slug}, {where}", what, mend)]
    if pinned is None and instrument.status == "published":
        mend = f"add it to library/checksums.toml as {instrument.checksum}"
        return [Fault("instrument.toml", where, "published, but its checksum is not pinned", mend)]
    return []
