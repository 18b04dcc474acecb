"""The interface's words in other languages: gettext catalogs, read as ``.po``, without a build.

The source is British English. ``translations/<locale>/LC_MESSAGES/messages.po`` come with the
program; an installation's own are ``<translations>/interface/<locale>.po``, each beside a
``<locale>.toml`` that says who vouches for it. Knows nothing of Flask.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.support import NullTranslations, Translations

from instruments.folder import Fault
from instruments.translations import Status, checksum

SHIPPED = Path(__file__).parent / "translations"
TEMPLATE = SHIPPED / "messages.pot"
#: the language of the source, and its locale
SOURCE_LANGUAGE, SOURCE = "en", "en-GB"
#: an installation's folder for catalogs, under that for translations
INTERFACE = "interface"

_FIELD = re.compile(r"%\((\w+)\)[a-z]")
_TAG = re.compile(r"<[^>]*>|&[a-z]+;")
#: messages of rooms that staff who answer never see
_ROOMS = ("survey/lead/", "survey/research/", "survey/account/", "survey/room.py")


@dataclass(frozen=True, slots=True)
class Interface:
    """The interface in one locale. With ``faults`` it cannot be offered."""

    locale: str
    status: Status
    by: str
    on: str
    checksum: str
    faults: tuple[Fault, ...] = ()


@cache
def template() -> Catalog:
    """Every message of the interface, in the source's words."""
    return read_catalog(TEMPLATE)


def read_catalog(path: Path, locale: str | None = None) -> Catalog:
    """A catalog; ``ValueError`` with one line if the file cannot be read."""
    try:
        with path.open("rb") as file:
            return pofile.read_po(file, locale=po_code(locale) if locale else None)
    except (ValueError, pofile.PoFileError) as error:
        line = " ".join(str(error).split())
        raise ValueError(f"{path.name}: not readable as PO: {line}; correct it") from error


def po_code(locale: str) -> str | None:
    """How gettext writes a locale: ``en_GB``."""
    return locale.replace("-", "_")


def is_source(locale: str) -> bool:
    """Whether the interface's own words serve in this locale, as far as no catalog changes them."""
    language, _, country = locale.partition("-")
    return language == SOURCE_LANGUAGE and country not in ("XA", "XB")


def path_of(locale: str, folder: Path | None) -> Path | None:
    """The catalog of a locale: the installation's under ``folder``, else the program's."""
    code = po_code(locale) or ""
    own = [folder / INTERFACE / f"{locale}.po"] if folder else []
    for path in (*own, SHIPPED / code / "LC_MESSAGES" / "messages.po"):
        if path.is_file():
            return path
    return None


#: path -> (time and size, catalog)
_read: dict[Path, tuple[object, NullTranslations]] = {}


def translations(locale: str, folder: Path | None) -> NullTranslations:
    """The catalog of a locale, ready for use; read again when its file changes."""
    path = path_of(locale, folder)
    if path is None:
        return NullTranslations()
    seen = _seen(path)
    kept = _read.get(path)
    if kept is None or kept[0] != seen:
        compiled = BytesIO()
        write_mo(compiled, read_catalog(path, locale))
        compiled.seek(0)
        kept = seen, Translations(compiled)
        _read[path] = kept
    return kept[1]


def _seen(*paths: Path) -> object:
    return tuple(
        (path.stat().st_mtime_ns, path.stat().st_size) if path.is_file() else None for path in paths
    )


#: path -> (times and sizes of both files, what was found)
_checked: dict[Path, tuple[object, Interface]] = {}


def interface(locale: str, folder: Path | None) -> Interface:
    """What may be said of the interface in a locale: whether it is complete, who vouches for it."""
    path = path_of(locale, folder)
    if path is None:
        return _without_catalog(locale)
    about = path.with_suffix(".toml")
    seen = _seen(path, about)
    kept = _checked.get(path)
    if kept is None or kept[0] != seen:
        kept = seen, _look_into(path, about, locale)
        _checked[path] = kept
    return kept[1]


def _without_catalog(locale: str) -> Interface:
    if is_source(locale):
        return Interface(locale, "verified", "", "", "")
    what = "the interface is not translated"
    mend = f"midtier translation export interface --locale {locale} writes the file to translate"
    fault = Fault(f"{INTERFACE}/{locale}.po", "", what, mend)
    return Interface(locale, "unverified", "", "", "", (fault,))


def _look_into(path: Path, about: Path, locale: str) -> Interface:
    try:
        catalog = read_catalog(path, locale)
        signed = tomllib.loads(about.read_text("utf-8")) if about.is_file() else {}
    except ValueError as error:
        what, mend = f"it cannot be read ({error})", "import the translation again"
        return Interface(locale, "unverified", "", "", "", (Fault(path.name, "", what, mend),))
    found = catalog_checksum(locale, catalog)
    faults = tuple(check_catalog(catalog, path.name, is_partial=is_source(locale)))
    is_vouched = signed.get("status") == "verified" and signed.get("checksum") == found
    is_shipped = path.is_relative_to(SHIPPED)
    return Interface(
        locale,
        status="verified" if is_vouched or is_shipped else "unverified",
        by=str(signed.get("by", "")),
        on=str(signed.get("on", "")),
        checksum=found,
        faults=faults,
    )


def catalog_checksum(locale: str, catalog: Catalog) -> str:
    """SHA-256 over the locale and every message with its translation."""
    return checksum(
        locale,
        {"\0".join(several(m.id)): "\0".join(several(m.string)) for m in catalog if m.id},
    )


def messages(catalog: Catalog) -> list[Message]:
    """The messages without the header."""
    return [message for message in catalog if message.id]


def for_staff(message: Message) -> bool:
    """Whether staff who answer may see the message."""
    return not all(str(file).startswith(_ROOMS) for file, _line in message.locations)


def check_catalog(catalog: Catalog, file: str, *, is_partial: bool = False) -> list[Fault]:
    """What is missing, unknown, empty, or holds other fields or tags than its source.

    ``is_partial``: where a message is missing, the source's words serve.
    """
    faults: list[Fault] = []
    known = template()
    for message in messages(known):
        given = catalog.get(message.id, message.context)
        where = _quote(message)
        if given is None or not all(part.strip() for part in several(given.string)):
            if is_partial:
                continue
            faults.append(Fault(file, where, "the translation is missing", "translate it"))
        elif given.fuzzy:
            what = "it is marked as fuzzy"
            faults.append(Fault(file, where, what, "look at it again and take the mark off"))
        else:
            faults += _message_faults(file, where, message, given)
    for message in messages(catalog):
        if known.get(message.id, message.context) is None:
            what = "the interface has no such message"
            faults.append(Fault(file, _quote(message), what, "remove it, or export once more"))
    return faults


def _message_faults(file: str, where: str, source: Message, given: Message) -> Iterable[Fault]:
    sources = several(source.id)
    may = {name for part in sources for name in _FIELD.findall(part)}
    must = set.intersection(*(set(_FIELD.findall(part)) for part in sources))
    for text in several(given.string):
        names = set(_FIELD.findall(text))
        for name in sorted(must - names):
            yield Fault(file, where, f"%({name})s is missing", f"put %({name})s where it belongs")
        for name in sorted(names - may):
            yield Fault(file, where, f"the source has no %({name})s", "remove or correct it")
        if may and _FIELD.sub("", text).replace("%%", "").count("%"):
            yield Fault(file, where, "a % stands alone", "write %% for the sign itself")
        if sorted(_TAG.findall(text)) != sorted(_TAG.findall(sources[-1])):
            yield Fault(file, where, "its tags are not those of the source", "keep each tag")


def several(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The forms of a message: one, or one for each plural form of the language."""
    return (text,) if isinstance(text, str) else tuple(text)


def _quote(message: Message) -> str:
    text = " ".join(several(message.id)[0].split())
    return f"“{text if len(text) <= 60 else text[:57] + '...'}”"


def complete(folder: Path) -> list[str]:
    """Locales that the whole interface can be shown in."""
    found = {SOURCE, *(p.parent.parent.name.replace("_", "-") for p in _shipped())}
    found |= {path.stem for path in (folder / INTERFACE).glob("*.po")}
    return sorted(locale for locale in found if not interface(locale, folder).faults)


def _shipped() -> list[Path]:
    return sorted(SHIPPED.glob("*/LC_MESSAGES/messages.po"))


def beside_source(locale: str, folder: Path) -> list[tuple[str, str]]:
    """(source, translation) of each message that staff who answer may see."""
    path = path_of(locale, folder)
    given = read_catalog(path, locale) if path else Catalog()
    pairs = []
    for message in messages(template()):
        if not for_staff(message):
            continue
        found = given.get(message.id, message.context)
        texts = several(found.string) if found else ("",)
        pairs.append((" / ".join(several(message.id)), " / ".join(dict.fromkeys(texts))))
    return pairs
