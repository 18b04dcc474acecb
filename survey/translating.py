"""Translations on their way to a translator and back: PO files out, checked files in.

One file is one locale of one thing: an instrument's words, or the interface's messages. Knows
nothing of Flask and opens no database.
"""

import os
import secrets
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog

from instruments import registry, translations
from instruments.definition import Instrument
from instruments.folder import Fault
from instruments.translations import Status, Translation
from survey import catalogs, locales

#: what the interface's messages are called where an instrument's slug could stand
INTERFACE = catalogs.INTERFACE
#: how a PO file says that it holds the interface's messages
_PROJECT = "midtier-interface"


class TranslationError(ValueError):
    """A file that cannot be imported; ``faults`` says everything that is to be mended in it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(str(self.faults[0]))


def export(name: str, locale: str, folder: Path) -> bytes:
    """The PO file for a translator, with what is translated already.

    ``name`` is ``SLUG``, ``SLUG@VERSION``, an instrument's folder, or ``interface``.
    """
    if not translations.LOCALE.fullmatch(locale):
        what, mend = f"{locale!r} is not the code of a locale", "write one such as fr-FR"
        raise TranslationError([Fault("locale", "", what, mend)])
    if name == INTERFACE:
        return _as_bytes(_interface_catalog(locale, folder))
    return _as_bytes(_words_catalog(registry.resolve(name), locale, folder))


def _words_catalog(instrument: Instrument, locale: str, folder: Path) -> Catalog:
    catalog = Catalog(
        locale=catalogs.po_code(locale),
        project=instrument.slug,
        version=instrument.version,
        fuzzy=False,
        header_comment=(
            f"# {instrument.slug} {instrument.version}, {locale}.\n"
            "# Leave each {word} in braces as it is. docs/translation.md says more."
        ),
    )
    found = translations.find(instrument, folder)
    given = next((each.entries for each in found if each.locale == locale), {})
    for key, source in translations.source_entries(instrument, locale).items():
        catalog.add(source, given.get(key, ""), context=key, auto_comments=_notes(key))
    return catalog


def _notes(key: str) -> list[str]:
    if key.startswith("terms."):
        return ["Stands wherever a text has this word in braces."]
    if key.startswith("placeholders."):
        return ["Stands in a text where a round fills nothing in."]
    return []


def _interface_catalog(locale: str, folder: Path) -> Catalog:
    catalog = Catalog(
        locale=catalogs.po_code(locale),
        project=_PROJECT,
        version="1",
        fuzzy=False,
        header_comment=(
            f"# The interface's messages, {locale}.\n"
            "# Leave each %(word)s and each <tag> as it is. docs/translation.md says more."
        ),
    )
    path = catalogs.path_of(locale, folder)
    known = catalogs.read_catalog(path, locale) if path else Catalog()
    for message in catalogs.messages(catalogs.template()):
        found = known.get(message.id, message.context)
        catalog.add(
            message.id,
            found.string if found else None,
            locations=message.locations,
            auto_comments=message.auto_comments,
            context=message.context,
        )
    return catalog


def take_in(path: Path, folder: Path, *, verified_by: str, on: str) -> Path:
    """Check a translator's PO file and install it under ``folder``; returns what was written.

    Without ``verified_by`` the translation is marked as unverified.

    Raises
    ------
    TranslationError
        If it is incomplete, broken or of unknown purpose; then nothing is written.
    """
    catalog = catalogs.read_catalog(path)
    locale = str(catalog.locale_identifier or "").replace("_", "-")
    if not translations.LOCALE.fullmatch(locale):
        what = f"its header says Language: {catalog.locale_identifier or ''}"
        mend = "write language and country, such as fr_FR"
        raise TranslationError([Fault(path.name, "header", what, mend)])
    status: Status = "verified" if verified_by else "unverified"
    if catalog.project == _PROJECT:
        return _take_interface(path, catalog, locale, folder, (status, verified_by, on))
    return _take_words(path, catalog, locale, folder, (status, verified_by, on))


def _take_words(
    path: Path, catalog: Catalog, locale: str, folder: Path, signed: tuple[Status, str, str]
) -> Path:
    if (catalog.project, catalog.version) not in registry.available():
        what = f"its header says Project-Id-Version: {catalog.project} {catalog.version}"
        mend = "that is no instrument of the library; export the file once more"
        raise TranslationError([Fault(path.name, "header", what, mend)])
    instrument = registry.load(catalog.project, catalog.version)
    source = translations.source_entries(instrument, locale)
    faults, entries = [], {}
    for message in catalogs.messages(catalog):
        key, text = message.context or "", str(message.string or "")
        if message.fuzzy:
            what, mend = "it is marked as fuzzy", "look at it again and take the mark off"
            faults.append(Fault(path.name, key, what, mend))
        if key in source and message.id != source[key]:
            what, mend = "its source is not what it was", "export the file once more"
            faults.append(Fault(path.name, key, what, mend))
        entries[key] = text
    faults += translations.check_entries(instrument, locale, entries, path.name)
    if faults:
        raise TranslationError(faults)
    status, by, on = signed
    ordered = {key: entries[key] for key in source}
    found = Translation(
        locale=locale,
        name=locales.name_of(locale),
        status=status,
        by=by,
        on=on,
        checksum=translations.checksum(locale, ordered),
        entries=ordered,
    )
    about = f"{instrument.slug} {instrument.version} in {locale}, as it was imported."
    out = translations.folder_of(instrument, folder) / f"{locale}.toml"
    _write(out, translations.as_toml(found, about=about).encode())
    return out


def _take_interface(
    path: Path, catalog: Catalog, locale: str, folder: Path, signed: tuple[Status, str, str]
) -> Path:
    faults = catalogs.check_catalog(catalog, path.name, is_partial=catalogs.is_source(locale))
    if faults:
        raise TranslationError(faults)
    status, by, on = signed
    out = folder / INTERFACE / f"{locale}.po"
    about = {
        "status": status,
        "by": by,
        "on": on,
        "checksum": catalogs.catalog_checksum(locale, catalog),
    }
    _write(out, _as_bytes(catalog))
    lines = [f"{key} = {translations.quoted(value)}\n" for key, value in about.items()]
    _write(out.with_suffix(".toml"), "".join(lines).encode())
    return out


def filled(exported: bytes, change: Callable[[str], str]) -> bytes:
    """An exported file as a translator would send it back, each text made by ``change``."""
    catalog = pofile.read_po(BytesIO(exported))
    for message in catalogs.messages(catalog):
        if isinstance(message.id, str):
            message.string = change(message.id)
        else:
            forms = [message.id[0], *[message.id[-1]] * (catalog.num_plurals - 1)]
            message.string = tuple(change(form) for form in forms)
    return _as_bytes(catalog)


def check(name: str, locale: str, folder: Path) -> list[Fault]:
    """What keeps the installed translation of an instrument, or of the interface, from use."""
    if name == INTERFACE:
        return list(catalogs.interface(locale, folder).faults)
    instrument = registry.resolve(name)
    if locale in instrument.locales:
        return []
    found = translations.find(instrument, folder)
    given = next((each for each in found if each.locale == locale), None)
    return list((given or translations.missing(instrument, locale)).faults)


def _as_bytes(catalog: Catalog) -> bytes:
    out = BytesIO()
    pofile.write_po(out, catalog, width=100, ignore_obsolete=True, include_lineno=False)
    return out.getvalue()


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a site that is running may read the file at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        fresh.write_bytes(content)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
