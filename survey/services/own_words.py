"""What a person writes to open questions, while it stands in their draft."""

import unicodedata
from collections.abc import Collection, Mapping

from survey.models import Draft

MOST_CHARACTERS = 800


def clean(text: str) -> str:
    """The words as they are kept: one kind of line break, no control characters."""
    lines = "\n".join(text.splitlines())
    return "".join(
        each for each in lines if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs")
    ).strip()


def seen(draft: Draft, *, is_own: bool = True) -> dict[str, str]:
    """The words that a device may show: those that ``answers.seen`` would show of answers."""
    if not is_own:
        return {}
    return {code: text for code, text in draft.written.items() if code not in draft.unseen}


def ticked(draft: Draft, *, is_own: bool = True) -> set[str]:
    """The questions whose tick a device may show: where its words may be, or none are written."""
    hidden = set(draft.unseen) if is_own else set(draft.written)
    return {code for code in draft.quotable if code not in hidden}


def has_answer(draft: Draft, code: str) -> bool:
    """Whether a question has an answer, chosen or written."""
    return code in draft.answers or code in draft.written


def save(
    draft: Draft,
    *,
    words: Mapping[str, str],
    ticks: Mapping[str, bool],
    clear: Collection[str] = (),
    is_own: bool = True,
) -> None:
    """Write what came of a page into the draft; empty words take the answer and its tick back.

    A tick belongs to the words that stood on the page where it was set. Words that take the place
    of what was written with the link alone, or the other way round, start without one.
    """
    written, quotable, unseen = dict(draft.written), set(draft.quotable), set(draft.unseen)
    for code, text in words.items():
        if code in written and (code not in unseen) is not is_own:
            quotable.discard(code)
        written[code] = text
        unseen = unseen - {code} if is_own else unseen | {code}
    for code, is_ticked in ticks.items():
        if code in written and (code not in unseen) is not is_own:
            continue
        quotable = quotable | {code} if is_ticked else quotable - {code}
    for code in {*clear, *(code for code, text in words.items() if not text)}:
        written.pop(code, None)
        unseen.discard(code)
        if code in clear or code not in ticks:
            quotable.discard(code)
    draft.written, draft.quotable, draft.unseen = written, sorted(quotable), sorted(unseen)
