"""Faults in what an instrument asks: codes, references, roles, forms and who is reached."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from instruments.definition import NOT_ASKED, Instrument, Item, Scale
from instruments.folder import Fault
from instruments.routing import asked

#: columns of a response file that are no items
RESERVED = ("role", "school")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_VERSION = re.compile(r"\d+(\.\d+)*")


def check_structure(instrument: Instrument) -> list[Fault]:
    """Faults in identity, response scales, sections, items, scales and forms."""
    faults = list(_identity(instrument))
    faults += _roles(instrument)
    faults += _codes(instrument)
    faults += _responses(instrument)
    faults += _sections(instrument)
    for item in instrument.items:
        faults += _item(instrument, item)
    for scale in instrument.scales:
        faults += _scale(instrument, scale)
    faults += _memberships(instrument)
    faults += _forms(instrument)
    if not faults:  # who is reached can be told only where every name is known
        faults += _reached(instrument)
    return faults


def _one_of(known: Iterable[str]) -> str:
    names = ", ".join(known)
    return f"use one of: {names}" if names else "remove it: none is defined"


def _identity(instrument: Instrument) -> Iterable[Fault]:
    file = "instrument.toml"
    if not _SLUG.fullmatch(instrument.slug):
        what = f"{instrument.slug!r} is not a slug"
        yield Fault(file, "key slug", what, "use lower-case letters, digits and hyphens")
    if not _VERSION.fullmatch(instrument.version):
        what = f"{instrument.version!r} is not a version"
        yield Fault(file, "key version", what, "use numbers with dots, such as 0.1")


def _roles(instrument: Instrument) -> Iterable[Fault]:
    file, known = "instrument.toml", instrument.roles
    if len(set(known)) < len(known):
        yield Fault(file, "key roles", "a role is listed twice", "list each role once")
    for role in instrument.central_roles:
        if role not in known:
            yield Fault(file, "key central_roles", f"role {role} is unknown", _one_of(known))
    placed: dict[str, str] = {}
    for group, roles in instrument.groups.items():
        for role in roles:
            where = f"group {group}"
            if role not in known:
                yield Fault(file, where, f"role {role} is unknown", _one_of(known))
            elif role in placed:
                what = f"role {role} stands in group {placed[role]} too"
                yield Fault(file, where, what, "leave each role in one group")
            placed[role] = group
    question = instrument.role_item
    if known and question is None:
        yield Fault(file, "key role_item", "roles, but no role question", "name the item that asks")
    if question is not None:
        item = instrument.items_by_code.get(question)
        if item is None or item.kind != "role":
            what = f"{question} is not an item of kind role"
            yield Fault(file, "key role_item", what, "name the item that asks for the role")
        elif instrument.sections and item.section != instrument.sections[0].code:
            what = "the role question does not stand in the first section"
            yield Fault("items.toml", f"item {question}", what, "move it: it decides what follows")
        if not known:
            yield Fault(file, "key roles", "a role question, but no roles", "list the roles")


def _codes(instrument: Instrument) -> Iterable[Fault]:
    items = {item.code.casefold(): item.code for item in instrument.items}
    for scale in instrument.scales:
        if scale.code.casefold() in items:
            what = f"item {items[scale.code.casefold()]} has the same code"
            mend = "give one of them a new code, so that a reading can tell them apart"
            yield Fault("scales.toml", f"scale {scale.code}", what, mend)
    for item in instrument.items:
        if item.code.casefold() in RESERVED:
            what = "response files use this name for a column of their own"
            yield Fault("items.toml", f"item {item.code}", what, "give it another code")


def _responses(instrument: Instrument) -> Iterable[Fault]:
    for response in instrument.response_scales.values():
        where = f"response {response.code}"
        options = response.options
        if len(options) < 2:
            yield Fault("responses.toml", where, "fewer than two options", "add options")
        if len(set(options)) < len(options):
            yield Fault("responses.toml", where, "an option is listed twice", "list each once")
        elif response.kind == "ordinal" and any(a >= b for a, b in pairwise(options)):
            what = "the options of an ordinal scale do not rise"
            mend = "order them, or make it nominal"
            yield Fault("responses.toml", where, what, mend)
        if any(not 0 <= option <= 99 for option in options):
            what = "an option lies outside 0 to 99"
            yield Fault("responses.toml", where, what, "number the options from 0 or 1")


def _sections(instrument: Instrument) -> Iterable[Fault]:
    used = {item.section for item in instrument.items}
    for section in instrument.sections:
        if section.code not in used:
            what, mend = "no item stands in it", "remove it or put an item in it"
            yield Fault("sections.toml", f"section {section.code}", what, mend)
    for rotation in {section.rotation for section in instrument.sections if section.rotation}:
        at = [i for i, section in enumerate(instrument.sections) if section.rotation == rotation]
        if at != list(range(at[0], at[-1] + 1)):
            what = "its sections do not follow one another"
            mend = "move them together: they change places as a run"
            yield Fault("sections.toml", f"rotation {rotation}", what, mend)


def _item(instrument: Instrument, item: Item) -> Iterable[Fault]:
    file, where = "items.toml", f"item {item.code}"
    sections = [section.code for section in instrument.sections]
    if item.section not in sections:
        yield Fault(file, where, f"section {item.section} is unknown", _one_of(sections))
    yield from _item_response(instrument, item)
    for role in item.roles:
        if role not in instrument.roles:
            yield Fault(file, where, f"role {role} is unknown", _one_of(instrument.roles))
    if instrument.roles and not item.roles:
        mend = "name the roles, or remove the key to ask everybody"
        yield Fault(file, where, "no role sees it: its list of roles is empty", mend)
    elif item.core and (left := [r for r in instrument.roles if not item.asked_of(r)]):
        what = f"a core item, but not asked of {', '.join(left)}"
        yield Fault(file, where, what, "ask every role, or remove core")
    offered = {m for f in instrument.forms.values() for m in (*f.modules, *f.optional_modules)}
    if item.module and item.module not in offered | {NOT_ASKED}:
        mend = f"{_one_of(sorted(offered))}; or name it in forms.toml"
        yield Fault(file, where, f"module {item.module} belongs to no form", mend)
    yield from _condition(instrument, item, sections)
    if item.kind == "role" and item.code != instrument.role_item:
        mend = "name it as role_item in instrument.toml, or make it a choice"
        yield Fault(file, where, "a role question that routes nothing", mend)


def _item_response(instrument: Instrument, item: Item) -> Iterable[Fault]:
    file, where = "items.toml", f"item {item.code}"
    response = instrument.response_scales.get(item.response)
    if item.kind in ("role", "text"):
        if item.response:
            what = f"an item of kind {item.kind} takes no response scale"
            yield Fault(file, where, what, "remove the key response")
    elif response is None:
        what = (
            f"response scale {item.response} is unknown" if item.response else "no response scale"
        )
        yield Fault(file, where, what, _one_of(instrument.response_scales))
    elif response.kind == "nominal" and item.reverse:
        what = f"reversed, but {response.code} is nominal: it has no direction"
        yield Fault(file, where, what, "remove reverse")
    elif response.kind == "nominal" and item.kind == "rated":
        what = f"rated, but {response.code} is nominal"
        yield Fault(file, where, what, 'make it kind = "choice", or the scale ordinal')
    if item.expected is not None and item.expected not in (response.options if response else ()):
        what = f"the expected answer {item.expected} is not an option"
        options = [str(option) for option in response.options] if response else []
        yield Fault(file, where, what, _one_of(options))


def _condition(instrument: Instrument, item: Item, sections: Sequence[str]) -> Iterable[Fault]:
    if item.asked_if is None:
        return
    file, where = "items.toml", f"item {item.code}"
    gate = instrument.items_by_code.get(item.asked_if.item)
    if gate is None:
        what = f"its condition names item {item.asked_if.item}, which is unknown"
        yield Fault(file, where, what, "name an item that is asked earlier")
        return
    response = instrument.response_scales.get(gate.response)
    for option in item.asked_if.options:
        if response is None or option not in response.options:
            what = f"its condition names option {option}, which {gate.code} does not have"
            yield Fault(file, where, what, "name an option of that item")
    if not item.asked_if.options:
        what = "no role sees it: its condition names no option"
        yield Fault(file, where, what, "name an option of that item")
    if {gate.section, item.section} <= set(sections) and (
        sections.index(gate.section) >= sections.index(item.section)
    ):
        what = f"its condition rests on {gate.code}, which is not asked on an earlier page"
        yield Fault(file, where, what, f"move it to a section after {gate.section}")
    if gate.module not in ("", item.module):
        what = f"its condition rests on {gate.code}, which belongs to module {gate.module}"
        yield Fault(file, where, what, f"move {gate.code} out of that module")
    roles = instrument.roles
    if roles and not any(item.asked_of(role) and gate.asked_of(role) for role in roles):
        what = f"no role sees it: nobody who could is asked {gate.code}"
        yield Fault(file, where, what, f"ask {gate.code} of its roles")


def _scale(instrument: Instrument, scale: Scale) -> Iterable[Fault]:
    file, where = "scales.toml", f"scale {scale.code}"
    members = [instrument.items_by_code[c] for c in scale.items if c in instrument.items_by_code]
    for code in scale.items:
        if code not in instrument.items_by_code:
            mend = "correct the code or add the item to items.toml"
            yield Fault(file, where, f"item {code} is unknown", mend)
    for item in members:
        response = instrument.response_scales.get(item.response)
        if item.kind != "rated" or (response is not None and response.kind == "nominal"):
            what = f"item {item.code} is not rated on an ordinal scale"
            yield Fault(file, where, what, "remove it from the scale")
    if len(scale.items) < 2 and scale.kind != "items":
        n = "one item" if scale.items else "no items"
        mend = 'add an item, or make it kind = "items"'
        yield Fault(file, where, f"{n}, but a {scale.kind} scale needs two", mend)
    ranges = {
        (min(options), max(options))
        for item in members
        if item.response in instrument.response_scales
        and (options := instrument.response_scales[item.response].options)
    }
    if len(ranges) > 1 and scale.kind != "items":
        what = "its items are answered on scales of different length"
        yield Fault(file, where, what, "an average needs one range: split the scale")


def _memberships(instrument: Instrument) -> Iterable[Fault]:
    placed: dict[str, str] = {}
    for scale in instrument.scales:
        for code in scale.items:
            if code in placed:
                twice = placed[code] == scale.code
                what = f"item {code} stands {'twice in it' if twice else f'in {placed[code]} too'}"
                yield Fault("scales.toml", f"scale {scale.code}", what, "leave it in one place")
            placed[code] = scale.code


def _forms(instrument: Instrument) -> Iterable[Fault]:
    file = "forms.toml"
    if not instrument.forms:
        yield Fault(file, "", "no form", "add one: [[form]] with a code asks everything")
    used = {item.module for item in instrument.items}
    for form in instrument.forms.values():
        where = f"form {form.code}"
        for code in form.items:
            if code not in instrument.items_by_code:
                yield Fault(file, where, f"item {code} is unknown", "correct the code or remove it")
        if len(set(form.items)) < len(form.items):
            yield Fault(file, where, "an item is listed twice", "list each item once")
        if form.items and instrument.role_item and instrument.role_item not in form.items:
            what = "it does not ask the role question"
            yield Fault(file, where, what, f"add {instrument.role_item} to its items")
        for module in (*form.modules, *form.optional_modules):
            if module == NOT_ASKED:
                what = f"module {NOT_ASKED} is kept in the data and asked by no form"
                yield Fault(file, where, what, "remove it from the form")
            elif module not in used:
                yield Fault(file, where, f"module {module} holds no item", "remove it")
        for module in set(form.modules) & set(form.optional_modules):
            what = f"module {module} is both part of the form and optional"
            yield Fault(file, where, what, "list it once")


def _reached(instrument: Instrument) -> Iterable[Fault]:
    reached = {
        code
        for form in instrument.forms.values()
        for code in asked(instrument, form=form.code, modules=form.optional_modules)
    }
    for item in instrument.items:
        if item.code not in reached and item.module != NOT_ASKED:
            mend = f'add it to a form, or keep it with module = "{NOT_ASKED}"'
            yield Fault("items.toml", f"item {item.code}", "no form asks it", mend)
