"""Stored answers and the coded matrix: one person's JSON on one side, int8 rows on the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from instruments import routing
from instruments.definition import Condition, Instrument
from instruments.responses import CANT_TELL, DOES_NOT_APPLY, NOT_SHOWN, SKIPPED, Responses

#: an answer as it is stored: an option's number, or one of these words
Answer = int | str
CANT_TELL_WORD = "CT"
DOES_NOT_APPLY_WORD = "DNA"
_CODES: Mapping[str, int] = {CANT_TELL_WORD: CANT_TELL, DOES_NOT_APPLY_WORD: DOES_NOT_APPLY}
_WORDS: Mapping[int, str] = {code: word for word, code in _CODES.items()}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's answers. ``school`` is empty for central roles."""

    role: str
    school: str
    answers: Mapping[str, Answer]


def options_of(instrument: Instrument, item: str) -> tuple[Answer, ...]:
    """What may be answered to an item, in the order shown; empty where it has no options."""
    code = instrument.item(item).response
    if not code:
        return ()
    scale = instrument.response_scales[code]
    apart = (
        *((CANT_TELL_WORD,) if scale.cant_tell else ()),
        *((DOES_NOT_APPLY_WORD,) if scale.does_not_apply else ()),
    )
    return (*scale.options, *apart)


def chosen(answers: Mapping[str, Answer]) -> dict[str, int | None]:
    """The options chosen by item; None for "can't tell" and "does not apply"."""
    return {code: value if isinstance(value, int) else None for code, value in answers.items()}


def shown_only(
    instrument: Instrument,
    answers: Mapping[str, Answer],
    *,
    role: str,
    form: str,
    modules: Sequence[str],
) -> dict[str, Answer]:
    """The answers to items that a person of this role, with these answers, is shown."""
    shown = routing.shown(
        instrument, role=role, form=form, modules=modules, answers=chosen(answers)
    )
    return {code: answers[code] for code in shown if code in answers}


def as_responses(
    instrument: Instrument,
    sheets: Sequence[Sheet],
    *,
    form: str,
    modules: Sequence[str],
    simulated: bool = False,
) -> Responses:
    """The coded matrix of these sheets, in their order.

    Columns are the closed items that the form asks, in the instrument's order. An item without an
    answer is SKIPPED where the person was shown it, else NOT_SHOWN.
    """
    asked = routing.asked(instrument, form=form, modules=modules)
    items = tuple(code for code in asked if instrument.item(code).response)
    column = {code: number for number, code in enumerate(items)}
    codes = np.full((len(sheets), len(items)), NOT_SHOWN, dtype=np.int8)
    seen: dict[str, list[tuple[str, int, Condition | None]]] = {}
    for row, sheet in enumerate(sheets):
        if sheet.role not in seen:
            shown = routing.shown(instrument, role=sheet.role, form=form, modules=modules)
            seen[sheet.role] = [
                (code, column[code], instrument.item(code).asked_if)
                for code in shown
                if code in column
            ]
        for code, place, condition in seen[sheet.role]:
            if condition and sheet.answers.get(condition.item) not in condition.options:
                continue
            value = sheet.answers.get(code, SKIPPED)
            codes[row, place] = _CODES[value] if isinstance(value, str) else value
    attributes = {
        "role": np.array([sheet.role for sheet in sheets], dtype=np.str_),
        "school": np.array([sheet.school for sheet in sheets], dtype=np.str_),
    }
    return Responses(items=items, codes=codes, attributes=attributes, simulated=simulated)


def as_sheets(responses: Responses) -> list[Sheet]:
    """One sheet a respondent, in their order: skipped and not shown items are absent."""
    roles = responses.attribute("role").tolist()
    schools = responses.attribute("school").tolist()
    return [
        Sheet(
            role=role,
            school=school,
            answers={
                code: _WORDS.get(value, value)
                for code, value in zip(responses.items, row, strict=True)
                if value not in (SKIPPED, NOT_SHOWN)
            },
        )
        for role, school, row in zip(roles, schools, responses.codes.tolist(), strict=True)
    ]
