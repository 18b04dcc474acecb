"""Faults in an instrument's words: texts that are missing, placeholders that nobody fills."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from instruments.definition import NOT_ASKED, Instrument, Locale, Text
from instruments.folder import Fault
from instruments.routing import fields

#: table of a text file -> (what one entry is called, keys it must hold, keys it may hold)
_ENTRIES: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "roles": ("role", ("name", "option"), ()),
    "groups": ("group", ("name", "who", "mark"), ()),
    "sections": ("section", ("title",), ("intro",)),
    "items": ("item", ("stem",), ("short",)),
    "scales": ("scale", ("name", "short", "definition"), ()),
    "decisions": ("decision", ("name", "short", "shorter", "asks"), ()),
    "patterns": ("pattern", ("name", "says", "counter", "ask"), ()),
    "forms": ("form", ("name",), ("about",)),
    "modules": ("module", ("name",), ("about",)),
}
_ENDS = ("left", "left_note", "right", "right_note")


def check_words(instrument: Instrument) -> list[Fault]:
    """Faults in the text files and locale packs."""
    faults = list(_languages(instrument))
    used: set[str] = set()
    for language, text in instrument.texts.items():
        faults += _missing(instrument, text, f"text.{language}.toml")
        packs = [pack for pack in instrument.locales.values() if pack.language == language]
        for where, template in templates(text):
            names = _fields(template)
            if names is None:
                mend = "close each brace; write {{ for a brace itself"
                faults.append(
                    Fault(f"text.{language}.toml", where, "its braces do not match", mend)
                )
                continue
            used.update(names)
            faults += _unfilled(instrument, packs, f"text.{language}.toml", where, names)
    faults += _packs(instrument)
    for name in instrument.placeholders:
        if name not in used:
            what, mend = "no text uses it", "remove it or use it in a text"
            faults.append(Fault("instrument.toml", f"placeholder {name}", what, mend))
    return faults


def _languages(instrument: Instrument) -> Iterable[Fault]:
    if instrument.language not in instrument.texts:
        what = f"there is no text.{instrument.language}.toml"
        yield Fault("instrument.toml", "key language", what, "add the file or correct the key")
    if instrument.locale not in instrument.locales:
        what = f"there is no locale.{instrument.locale}.toml"
        yield Fault("instrument.toml", "key locale", what, "add the file or correct the key")
    for language, text in instrument.texts.items():
        if text.language != language:
            what = f"it says {text.language!r}, its name says {language!r}"
            yield Fault(f"text.{language}.toml", "key language", what, "make the two agree")
    for code, pack in instrument.locales.items():
        file = f"locale.{code}.toml"
        if pack.code != code:
            what = f"it says {pack.code!r}, its name says {code!r}"
            yield Fault(file, "key code", what, "make the two agree")
        if pack.language not in instrument.texts:
            what = f"there is no text.{pack.language}.toml"
            yield Fault(file, "key language", what, "add the file or correct the key")


def _missing(instrument: Instrument, text: Text, file: str) -> Iterable[Fault]:
    """Texts that the instrument needs and the file lacks, and texts for codes it does not have."""
    if not text.title.strip():
        yield Fault(file, "key title", "the text is missing", "add it")
    for table, codes in _needed(instrument).items():
        entry, required, optional = _ENTRIES[table]
        given: Mapping[str, Mapping[str, str]] = getattr(text, table)
        for code in codes:
            for key in required:
                if not given.get(code, {}).get(key, "").strip():
                    what = f"its {key} is missing"
                    mend = f"add {key} under [{table}.{code}]"
                    yield Fault(file, f"{entry} {code}", what, mend)
        known = (*codes, NOT_ASKED) if table == "modules" else codes
        for code in given:
            if code not in known:
                what, mend = (
                    f"the instrument has no {entry} {code}",
                    "correct the code or remove it",
                )
                yield Fault(file, f"{entry} {code}", what, mend)
            for key in given[code]:
                if key not in (*required, *optional):
                    mend = f"use one of: {', '.join((*required, *optional))}"
                    yield Fault(file, f"{entry} {code}", f"the key {key} is unknown", mend)
    yield from _missing_labels(instrument, text, file)
    yield from _missing_names(instrument, text, file)


def _needed(instrument: Instrument) -> dict[str, Sequence[str]]:
    modules = {m for f in instrument.forms.values() for m in (*f.modules, *f.optional_modules)}
    position = instrument.position
    return {
        "roles": instrument.roles,
        "groups": list(instrument.groups),
        "sections": [section.code for section in instrument.sections],
        "items": [item.code for item in instrument.items],
        "scales": [scale.code for scale in instrument.scales],
        "decisions": [decision.code for decision in position.decisions] if position else [],
        "patterns": [pattern.id for pattern in instrument.patterns],
        "forms": list(instrument.forms),
        "modules": sorted(modules - {NOT_ASKED}),
    }


def _missing_labels(instrument: Instrument, text: Text, file: str) -> Iterable[Fault]:
    """Option labels, and the two answers that stand apart from the options."""
    scales = instrument.response_scales
    for response in scales.values():
        given = text.responses.get(response.code, {})
        for option in response.options:
            if not given.get(option, "").strip():
                mend = f"add {option} under [responses.{response.code}]"
                what = f"the label of option {option} is missing"
                yield Fault(file, f"response {response.code}", what, mend)
        for option in given:
            if option not in response.options:
                what = f"a label for option {option}, which does not exist"
                yield Fault(file, f"response {response.code}", what, "remove it")
    for code in text.responses:
        if code not in scales:
            what, mend = f"the instrument has no response {code}", "correct the code or remove it"
            yield Fault(file, f"response {code}", what, mend)
    for key, label in (("cant_tell", text.cant_tell), ("does_not_apply", text.does_not_apply)):
        if any(getattr(scale, key) for scale in scales.values()) and not label.strip():
            what = "the text is missing, and a response scale offers it"
            yield Fault(file, f"key {key}", what, "add it")


def _missing_names(instrument: Instrument, text: Text, file: str) -> Iterable[Fault]:
    """Facets, stops, ends, headings of decisions, and the words beside reference cases."""
    facets = {item.facet for item in instrument.items if item.code in instrument.scale_of} - {""}
    needed: list[tuple[str, str, Collection[Any], Mapping[Any, str]]] = [
        ("facet", "facets", sorted(facets), text.facets),
    ]
    if instrument.position is not None:
        response = instrument.response_scales.get(instrument.position.response)
        groups = dict.fromkeys(decision.group for decision in instrument.position.decisions)
        needed += [
            ("stop", "stops", response.options if response else (), text.stops),
            ("end", "ends", _ENDS, text.ends),
            ("decision group", "decision_groups", groups, text.decision_groups),
        ]
    for entry, table, codes, given in needed:
        for code in codes:
            if not given.get(code, "").strip():
                what, mend = "the text is missing", f"add {code} under [{table}]"
                yield Fault(file, f"{entry} {code}", what, mend)
        for code in given:
            if code not in codes:
                what, mend = (
                    f"the instrument has no {entry} {code}",
                    "correct the code or remove it",
                )
                yield Fault(file, f"{entry} {code}", what, mend)
    if instrument.cases and not text.case_label.strip():
        what = "the text is missing, and cases.toml holds cases"
        yield Fault(file, "key case_label", what, "say where their codes come from")


def templates(text: Text) -> Iterable[tuple[str, str]]:
    """(where, template) for every text of a language."""
    for key in ("title", "cant_tell", "does_not_apply", "case_label"):
        yield f"key {key}", getattr(text, key)
    for table, (entry, _, _) in _ENTRIES.items():
        for code, keys in getattr(text, table).items():
            for key, template in keys.items():
                yield f"{entry} {code}, {key}", template
    for code, labels in text.responses.items():
        for option, template in labels.items():
            yield f"response {code}, option {option}", template
    plain: list[tuple[str, Mapping[Any, str]]] = [
        ("facet", text.facets),
        ("stop", text.stops),
        ("end", text.ends),
        ("decision group", text.decision_groups),
    ]
    for entry, names in plain:
        for name, template in names.items():
            yield f"{entry} {name}", template
    for number, template in enumerate(text.prompts, 1):
        yield f"prompt {number}", template
    for block, words in text.rubric.items():
        for level, template in words.items():
            yield f"rubric {block}, {level}", template


def _fields(template: str) -> tuple[str, ...] | None:
    try:
        return fields(template)
    except ValueError:
        return None


def _unfilled(
    instrument: Instrument, packs: Sequence[Locale], file: str, where: str, names: Iterable[str]
) -> Iterable[Fault]:
    for name in names:
        if name in instrument.placeholders or any(name in pack.terms for pack in packs):
            continue  # a term that only some packs have is reported against the pack
        mend = "declare it in instrument.toml, or add it to [terms] in every locale pack"
        yield Fault(file, where, f"nobody fills the placeholder {{{name}}}", mend)


def _packs(instrument: Instrument) -> Iterable[Fault]:
    for code, pack in instrument.locales.items():
        file = f"locale.{code}.toml"
        for other in instrument.locales.values():
            if other.language == pack.language:
                for name in other.terms:
                    if name not in pack.terms:
                        what = f"the term is missing, and {other.code} has it"
                        yield Fault(file, f"term {name}", what, "add it under [terms]")
        for name in pack.placeholders:
            if name not in instrument.placeholders:
                what = "instrument.toml does not declare it"
                mend = "declare it there or remove it"
                yield Fault(file, f"placeholder {name}", what, mend)
        for name in pack.terms:
            if name in instrument.placeholders:
                what = "a placeholder has the same name"
                yield Fault(file, f"term {name}", what, "give the term another name")
        fills = {**{f"term {n}": w for n, w in pack.terms.items()}}
        fills |= {f"placeholder {n}": w for n, w in pack.placeholders.items()}
        for where, word in fills.items():
            if not word.strip() or "{" in word or "}" in word:
                what = "a word is filled in as it stands: it must not be empty nor hold braces"
                yield Fault(file, where, what, "write the word itself")
