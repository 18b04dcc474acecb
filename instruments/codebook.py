"""The variable dictionary: one list that forms, exports and documents take their words from."""

from collections.abc import Mapping
from dataclasses import dataclass

from instruments.definition import Instrument, Item, Words
from instruments.responses import CANT_TELL, DOES_NOT_APPLY, NOT_SHOWN, SKIPPED

#: codes of response files and of the int8 matrix for what is not an answer
LETTERS: Mapping[int, str] = {SKIPPED: "", CANT_TELL: "CT", DOES_NOT_APPLY: "DNA", NOT_SHOWN: ""}


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of a dataset.

    Attributes
    ----------
    name : str
        The item's code.
    label : str
        The question as asked; a placeholder that nobody filled stands as its name in brackets.
    short : str
        The few words that stand for it in tables and charts.
    kind : str
        "ordinal", "nominal", "role" or "text".
    values : mapping of int or str to str
        What may be chosen -> its label; keyed by role code for the role question, empty for text.
    missing : mapping of int to str
        Code of the matrix for what is not an answer -> its label (``LETTERS``: as in files).
    scale : str
        The scale it belongs to, or empty.
    reverse : bool
        Whether scoring turns it round.
    roles : tuple of str
        Roles that are asked it; empty where the instrument has no roles.
    """

    name: str
    label: str
    short: str
    kind: str
    values: Mapping[int | str, str]
    missing: Mapping[int, str]
    scale: str
    reverse: bool
    roles: tuple[str, ...]


def variables(instrument: Instrument, words: Words) -> list[Variable]:
    """One variable an item, in the instrument's order, in the words of a round."""
    tolerant = _tolerant(instrument, words)
    return [_variable(instrument, tolerant, item) for item in instrument.items]


def _variable(instrument: Instrument, words: Words, item: Item) -> Variable:
    values: dict[int | str, str] = {}
    missing = {SKIPPED: "Skipped", NOT_SHOWN: "Not shown"}
    kind: str = item.kind
    if item.kind == "role":
        for role in instrument.roles:
            text = words.text.roles[role]
            values[role] = words.fill(text.get("option", text["name"]))
    elif item.response:
        response = instrument.response_scales[item.response]
        kind = response.kind
        values.update({option: words.option(response.code, option) for option in response.options})
        if response.cant_tell:
            missing[CANT_TELL] = words.fill(words.text.cant_tell)
        if response.does_not_apply:
            missing[DOES_NOT_APPLY] = words.fill(words.text.does_not_apply)
    return Variable(
        name=item.code,
        label=words.stem(item.code),
        short=words.short(item.code),
        kind=kind,
        values=values,
        missing=missing,
        scale=instrument.scale_of.get(item.code, ""),
        reverse=item.reverse,
        roles=instrument.roles_of(item.code),
    )


def _tolerant(instrument: Instrument, words: Words) -> Words:
    """The words with each unfilled placeholder standing as its name in brackets.

    A codebook also lists items that the round never asked, whose placeholders nobody filled.
    """
    stand_ins = {name: f"[{name}]" for name in instrument.placeholders}
    filled = {name: text for name, text in words.fills.items() if text.strip()}
    return words.model_copy(update={"fills": {**stand_ins, **filled}})
