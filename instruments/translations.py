"""Translations of an instrument, one file a locale, beside a published folder that never changes.

``<folder>/<slug>/<version>/<locale>.toml`` holds every word of that version in another language,
each under the key of the word that it translates (``items.SCF1.stem``), the locale's ``terms`` and
``placeholders``, and who vouches for them. A locale of a language that the instrument speaks
already (``en-AU``) holds terms and placeholders only. ``docs/translation.md`` describes the files.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from instruments.definition import Instrument, Locale, Text, Words
from instruments.folder import Fault
from instruments.routing import fields

Status = Literal["verified", "unverified"]
LOCALE = re.compile(r"[a-z]{2,3}-([A-Z][a-z]{3}-)?([A-Z]{2}|[0-9]{3})")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ABOUT = ("locale", "name", "translation")


@dataclass(frozen=True, slots=True)
class Translation:
    """One locale's words for one version of an instrument. With ``faults`` it cannot be used."""

    locale: str
    name: str
    status: Status
    by: str
    on: str
    #: SHA-256 over locale, keys and words
    checksum: str
    entries: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


def source_entries(instrument: Instrument, locale: str) -> dict[str, str]:
    """Key -> the source's words, for everything that a translation into ``locale`` must hold."""
    pack = instrument.locales[instrument.locale]
    text = {} if _own_language(instrument, locale) else _flat_text(instrument.texts[pack.language])
    return text | _flat({"terms": pack.terms, "placeholders": pack.placeholders})


def checksum(locale: str, entries: Mapping[str, str]) -> str:
    """SHA-256 over the locale and each key with its words, in order of key."""
    digest = hashlib.sha256(locale.encode())
    for key in sorted(entries):
        digest.update(f"\0{key}\0{entries[key]}".encode())
    return digest.hexdigest()


def check_entries(
    instrument: Instrument, locale: str, entries: Mapping[str, object], file: str
) -> list[Fault]:
    """What is missing, unknown, empty, or names other placeholders than its source does."""
    faults = list(_locale_faults(instrument, locale, file))
    source = source_entries(instrument, locale)
    for key, original in source.items():
        if key not in entries:
            faults.append(Fault(file, key, "the translation is missing", f"translate {original!r}"))
        else:
            faults += _entry_faults(file, key, original, entries[key])
    for key in entries:
        if key not in source:
            what = f"{instrument.slug} {instrument.version} has no such text"
            faults.append(Fault(file, key, what, "remove it or correct the key"))
    return faults


def _locale_faults(instrument: Instrument, locale: str, file: str) -> Iterable[Fault]:
    if not LOCALE.fullmatch(locale):
        what = f"{locale!r} is not the code of a locale"
        yield Fault(file, "locale", what, "write language and country, such as fr-FR")
    elif locale in instrument.locales:
        what = f"{instrument.slug} {instrument.version} speaks {locale} itself"
        yield Fault(file, "locale", what, "a published version's words change in a new version")


def _entry_faults(file: str, key: str, original: str, given: object) -> Iterable[Fault]:
    if not isinstance(given, str):
        yield Fault(file, key, "it is not a text", "put it in quotation marks")
        return
    if not given.strip():
        yield Fault(file, key, "the translation is empty", f"translate {original!r}")
        return
    is_word = key.startswith(("terms.", "placeholders."))
    if is_word and ("{" in given or "}" in given):
        what = "a word is filled in as it stands: it must not hold braces"
        yield Fault(file, key, what, "write the word itself")
        return
    try:
        names = set(fields(given))
    except ValueError:
        yield Fault(file, key, "its braces do not match", "close each brace")
        return
    wanted = set(fields(original))
    for name in sorted(wanted - names):
        yield Fault(file, key, f"{{{name}}} is missing", f"put {{{name}}} where it belongs")
    for name in sorted(names - wanted):
        yield Fault(file, key, f"the source has no {{{name}}}", "remove it or correct its name")


def read(path: Path, instrument: Instrument) -> Translation:
    """The translation in a file, with everything that is wrong with it."""
    locale, file = path.stem, path.name
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        return _unusable(locale, Fault(file, "", "not UTF-8 text", "save it as UTF-8"))
    except tomllib.TOMLDecodeError as error:
        what = f"not readable as TOML: {str(error)[:1].lower()}{str(error)[1:]}"
        return _unusable(locale, Fault(file, "", what, "correct it"))
    about = raw.get("translation")
    about = about if isinstance(about, dict) else {}
    given = _flat({key: value for key, value in raw.items() if key not in _ABOUT})
    faults = check_entries(instrument, locale, given, file)
    if raw.get("locale") != locale:
        what = f"it says {raw.get('locale')!r}, its name says {locale!r}"
        faults.append(Fault(file, "locale", what, "make the two agree"))
    if about.get("status") not in ("verified", "unverified"):
        what = f"it says {about.get('status')!r}"
        mend = 'write "verified" or "unverified"'
        faults.append(Fault(file, "translation.status", what, mend))
    entries = {key: str(value) for key, value in given.items()}
    found = checksum(locale, entries)
    # words that somebody changed after they were vouched for are vouched for by nobody
    is_vouched = about.get("status") == "verified" and about.get("checksum") == found
    return Translation(
        locale=locale,
        name=str(raw.get("name", locale)),
        status="verified" if is_vouched else "unverified",
        by=str(about.get("by", "")),
        on=str(about.get("on", "")),
        checksum=found,
        entries=entries,
        faults=tuple(faults),
    )


def missing(instrument: Instrument, locale: str) -> Translation:
    """Stands for a translation that is not there."""
    mend = f"midtier translation export {instrument.slug} --locale {locale} writes the file for it"
    return _unusable(locale, Fault(f"{locale}.toml", "", "there is no such translation", mend))


def _unusable(locale: str, fault: Fault) -> Translation:
    return Translation(locale, locale, "unverified", "", "", "", {}, (fault,))


def as_toml(translation: Translation, *, about: str) -> str:
    """The file that ``read`` reads: one line a text, after a first line that says what it is."""
    signed = {
        "status": translation.status,
        "by": translation.by,
        "on": translation.on,
        "checksum": translation.checksum,
    }
    lines = [
        f"# {about}",
        f"locale = {quoted(translation.locale)}",
        f"name = {quoted(translation.name)}",
        *(f"translation.{key} = {quoted(value)}" for key, value in signed.items()),
        "",
        *(f"{_toml_key(key)} = {quoted(text)}" for key, text in translation.entries.items()),
    ]
    return "\n".join(lines) + "\n"


#: folder and checksum of the instrument -> (the files' names, times and sizes, what they hold)
_found: dict[tuple[Path, str], tuple[object, tuple[Translation, ...]]] = {}

#: checksums of an instrument and a translation -> the instrument with the translation's words
_translated: dict[tuple[str, str], Instrument] = {}


def folder_of(instrument: Instrument, folder: Path) -> Path:
    """Where the translations of this version lie under an installation's ``folder``."""
    return folder / instrument.slug / instrument.version


def find(instrument: Instrument, folder: Path) -> tuple[Translation, ...]:
    """Every translation of this version under ``folder``, by locale; read again when it changes."""
    place = folder_of(instrument, folder)
    paths = sorted(place.glob("*.toml"))
    seen = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
    kept = _found.get((place, instrument.checksum))
    if kept is None or kept[0] != seen:
        kept = seen, tuple(read(path, instrument) for path in paths)
        _found[place, instrument.checksum] = kept
    return kept[1]


def words(
    instrument: Instrument,
    locale: str,
    placeholders: Mapping[str, str] | None = None,
    *,
    folder: Path | None = None,
) -> Words:
    """The words in a locale, of the instrument itself or of a translation under ``folder``.

    Where there is no such locale (any more), or its translation cannot be used: those of the
    instrument's own locale, so that a page is never without words.
    """
    if locale not in instrument.locales and folder is not None:
        for each in find(instrument, folder):
            if each.locale == locale and not each.faults:
                key = (instrument.checksum, each.checksum)
                if key not in _translated:
                    _translated[key] = translated(instrument, [each])
                instrument = _translated[key]
    known = locale if locale in instrument.locales else instrument.locale
    return instrument.words(known, placeholders)


def translated(instrument: Instrument, found: Sequence[Translation]) -> Instrument:
    """The instrument with the words of these translations too, except of those with faults."""
    usable = [translation for translation in found if not translation.faults]
    source = instrument.texts[instrument.locales[instrument.locale].language]
    texts = {
        each.locale: _text(source, each.locale, each.entries)
        for each in usable
        if not _own_language(instrument, each.locale)
    }
    packs = {each.locale: _pack(instrument, each) for each in usable}
    return instrument.model_copy(
        update={
            "texts": {**instrument.texts, **texts},
            "locales": {**instrument.locales, **packs},
        }
    )


def _pack(instrument: Instrument, translation: Translation) -> Locale:
    locale = translation.locale
    taken = {
        table: {
            key.partition(".")[2]: text
            for key, text in translation.entries.items()
            if key.startswith(f"{table}.")
        }
        for table in ("terms", "placeholders")
    }
    language = _own_language(instrument, locale) or locale
    return Locale(code=locale, language=language, name=translation.name, **taken)


def _own_language(instrument: Instrument, locale: str) -> str:
    """The language of the instrument's own that a locale is a variant of; empty for others."""
    language, _, country = locale.partition("-")
    is_pseudo = country in ("XA", "XB")
    return language if language in instrument.texts and not is_pseudo else ""


def _text(source: Text, language: str, entries: Mapping[str, str]) -> Text:
    filled = _fill(source.model_dump(exclude={"language"}), entries, ())
    return Text.model_validate({**filled, "language": language})


def _fill(node: Any, entries: Mapping[str, str], path: tuple[str, ...]) -> Any:
    """The source's structure with each text replaced by its translation."""
    if isinstance(node, Mapping):
        return {key: _fill(value, entries, (*path, str(key))) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_fill(value, entries, (*path, str(n))) for n, value in enumerate(node, 1)]
    return entries.get(".".join(path), "")


def _flat_text(text: Text) -> dict[str, str]:
    found = _flat(text.model_dump(exclude={"language"}))
    return {key: value for key, value in found.items() if value.strip()}


def _flat(node: object) -> dict[str, Any]:
    return {".".join(path): value for path, value in _leaves(node, ())}


def _leaves(node: object, path: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], Any]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, (*path, str(key)))
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node, 1):
            yield from _leaves(value, (*path, str(number)))
    else:
        yield path, node


def _toml_key(key: str) -> str:
    parts = key.split(".")
    return ".".join(part if _BARE.fullmatch(part) else quoted(part) for part in parts)


def quoted(text: str) -> str:
    """A TOML string: JSON's, which leaves only DEL as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
