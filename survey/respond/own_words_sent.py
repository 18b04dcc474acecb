"""Open words on a page of answers: what it shows of them, and what was sent of them."""

from collections.abc import Mapping, Sequence

from flask import g, request
from flask_babel import gettext as _

from survey.respond import forms
from survey.respond.visit import wants_json
from survey.services import answers, own_words


def _codes(items: Sequence[str]) -> list[str]:
    return [code for code in items if answers.is_open_words(g.round, code)]


def shown(items: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The words that a page shows, by code, and the names of the ticks that are set."""
    codes = _codes(items)
    words = own_words.seen(g.draft, is_own=g.is_own)
    ticked = own_words.ticked(g.draft, is_own=g.is_own)
    return (
        {code: words[code] for code in codes if code in words},
        [forms.quote_name(code) for code in codes if code in ticked],
    )


def fields(items: Sequence[str]) -> dict[str, str]:
    """Fields and values of a page, as its script knows them."""
    words, ticks = shown(items)
    told = {forms.field_name(code): text for code, text in words.items()}
    for code in _codes(items):
        name = forms.quote_name(code)
        told[name] = "yes" if name in ticks else "no"
    return told


def given(
    items: Sequence[str], before: Mapping[str, object]
) -> tuple[dict[str, str], dict[str, bool]]:
    """The words and ticks that were sent, by code.

    The script sends what was touched. A form without it sends everything: what stands there as it
    was shown takes nothing back that another device saved meanwhile.
    """
    words, ticks = {}, {}
    for code in _codes(items):
        text = request.form.get(forms.field_name(code))
        if text is not None:
            text = own_words.clean(text)
            if wants_json() or text != before.get(code, ""):
                words[code] = text
        name = forms.quote_name(code)
        is_ticked = request.form.get(name) == "yes"
        if wants_json():
            is_said = name in request.form
        else:
            is_said = not g.is_own or is_ticked is not bool(before.get(name))
        if is_said:
            ticks[code] = is_ticked
    return words, ticks


def too_long(items: Sequence[str]) -> list[dict[str, str]]:
    """A line for each box with too many characters, with the box that it is about."""
    found = []
    for code in _codes(items):
        more = len(own_words.clean(request.form.get(forms.field_name(code), "")))
        more -= own_words.MOST_CHARACTERS
        if more > 0:
            message = _(
                "Shorten your words by %(more)d characters: %(most)d are kept. Nothing of this "
                "page is saved yet.",
                more=more,
                most=own_words.MOST_CHARACTERS,
            )
            found.append({"message": message, "target": forms.field_name(code)})
    return found
