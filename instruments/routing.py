"""Which items a person sees, and on which pages: by role, form, modules and earlier answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from instruments.definition import NOT_ASKED, Form, Instrument, Item


@dataclass(frozen=True, slots=True)
class Page:
    """One section as one person sees it: item codes in the order asked, never none."""

    section: str
    items: tuple[str, ...]


def shown(
    instrument: Instrument,
    *,
    role: str,
    form: str,
    modules: Collection[str] = (),
    answers: Mapping[str, int | None] | None = None,
) -> tuple[str, ...]:
    """Codes of the items that a person is shown, in the instrument's order.

    Parameters
    ----------
    instrument : Instrument
    role : str
        The person's role; empty only for an instrument without roles.
    form : str
        Code of the form that the round asks.
    modules : collection of str
        Optional modules that the round has switched on; those that belong to the form are always
        on and may be named too.
    answers : mapping of str to int, optional
        Option chosen per item so far. Given (even empty), an item with a condition is shown only
        where the condition holds; without it, every item that could come up is listed.

    Raises
    ------
    ValueError
        If the role, the form or a module is unknown.
    """
    on = _modules_on(_form(instrument, form), modules)
    _check_role(instrument, role)
    return tuple(
        item.code
        for item in instrument.items
        if _is_asked(item, instrument.forms[form], on)
        and item.asked_of(role)
        and (answers is None or _condition_holds(item, answers))
    )


def pages(
    instrument: Instrument,
    *,
    role: str,
    form: str,
    modules: Collection[str] = (),
    order: int = 0,
    answers: Mapping[str, int | None] | None = None,
) -> tuple[Page, ...]:
    """The pages of one person's survey; sections of which they see nothing are left out.

    ``order`` is 0 (as the instrument lists its sections) or, where ``orders`` says 2, 1: sections
    that share a rotation name stand in reverse. The other arguments are those of ``shown``.
    """
    if not 0 <= order < orders(instrument):
        last = orders(instrument) - 1
        raise ValueError(f"order {order} is unknown; the instrument has orders 0 to {last}")
    seen = shown(instrument, role=role, form=form, modules=modules, answers=answers)
    by_section: dict[str, list[str]] = {}
    for code in seen:
        by_section.setdefault(instrument.item(code).section, []).append(code)
    return tuple(
        Page(section, tuple(by_section[section]))
        for section in section_order(instrument, order)
        if section in by_section
    )


def orders(instrument: Instrument) -> int:
    """How many orders of sections there are: 2 where two sections share a rotation, else 1."""
    rotations = [section.rotation for section in instrument.sections if section.rotation]
    return 2 if len(rotations) > len(set(rotations)) else 1


def section_order(instrument: Instrument, order: int = 0) -> tuple[str, ...]:
    """Section codes in one order: the places of a rotation are filled forwards or backwards."""
    codes = [section.code for section in instrument.sections]
    if order == 0:
        return tuple(codes)
    for rotation in {section.rotation for section in instrument.sections if section.rotation}:
        places = [
            i for i, section in enumerate(instrument.sections) if section.rotation == rotation
        ]
        for place, source in zip(places, reversed(places), strict=True):
            codes[place] = instrument.sections[source].code
    return tuple(codes)


def asked(instrument: Instrument, *, form: str, modules: Collection[str] = ()) -> tuple[str, ...]:
    """Codes of the items that a form asks of anybody, in the instrument's order."""
    on = _modules_on(_form(instrument, form), modules)
    return tuple(
        item.code for item in instrument.items if _is_asked(item, instrument.forms[form], on)
    )


def open_questions(instrument: Instrument, *, role: str = "") -> tuple[Page, ...]:
    """Pages of the questions for open words that a round may switch on, beside any form.

    They belong to no form and no matrix. ``role`` leaves out what this role is not asked.
    """
    by_section: dict[str, list[str]] = {}
    for item in instrument.items:
        if item.kind == "text" and item.module == NOT_ASKED and (not role or item.asked_of(role)):
            by_section.setdefault(item.section, []).append(item.code)
    return tuple(Page(section, tuple(codes)) for section, codes in by_section.items())


def unfilled(
    instrument: Instrument,
    *,
    locale: str,
    form: str,
    modules: Collection[str] = (),
    placeholders: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Placeholders that a round must still fill before it can ask its form in this locale."""
    words = instrument.words(locale, placeholders)
    items = asked(instrument, form=form, modules=modules)
    sections = {instrument.item(code).section for code in items}
    templates = [words.text.items[code]["stem"] for code in items]
    templates += [text for code in sections for text in words.text.sections[code].values()]
    for code in {instrument.item(code).response for code in items} - {""}:
        templates += words.text.responses[code].values()
    templates += [role.get("option", "") for role in words.text.roles.values()]
    needed = {name for template in templates for name in fields(template)}
    return tuple(
        name
        for name in instrument.placeholders
        if name in needed and not words.fills.get(name, "").strip()
    )


def fields(template: str) -> tuple[str, ...]:
    """Names in braces in a text, in order; ``ValueError`` if its braces do not match."""
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def _form(instrument: Instrument, form: str) -> Form:
    if form not in instrument.forms:
        known = ", ".join(instrument.forms)
        raise ValueError(f"form {form!r} is unknown; {instrument.slug} has: {known}")
    return instrument.forms[form]


def _modules_on(form: Form, modules: Collection[str]) -> frozenset[str]:
    offered: Sequence[str] = (*form.modules, *form.optional_modules)
    for module in modules:
        if module not in offered:
            known = ", ".join(offered) or "none"
            raise ValueError(f"form {form.code!r} has no module {module!r}; it has: {known}")
    return frozenset((*form.modules, *modules)) - {NOT_ASKED}


def _check_role(instrument: Instrument, role: str) -> None:
    if role not in (instrument.roles or ("",)):
        known = ", ".join(instrument.roles) or "no roles: leave it empty"
        raise ValueError(f"role {role!r} is unknown; {instrument.slug} has: {known}")


def _is_asked(item: Item, form: Form, modules: frozenset[str]) -> bool:
    """Whether the form asks the item: its modules' items, and the others unless it lists items."""
    if item.module:
        return item.module in modules
    return not form.items or item.code in form.items


def _condition_holds(item: Item, answers: Mapping[str, int | None]) -> bool:
    return item.asked_if is None or answers.get(item.asked_if.item) in item.asked_if.options
