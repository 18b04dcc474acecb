"""The promise of one round, in the reader's language and with the round's own words filled in."""

from typing import Any

from survey.models import Round
from survey.promise import PROMISES, Onlooker, Promise, say
from survey.promise_words import NAMED_SCHOOLS, OPEN_WORDS, Addition
from survey.services import open_questions, rounds


def filled(round_: Round) -> dict[str, Any]:
    """The round's promise, with what is added where it names schools or asks open questions."""
    disclosure = rounds.instrument_of(round_).disclosure
    values = {
        "organisation": round_.organisation.short_name,
        "group_n": disclosure.group_n,
        "school_n": disclosure.school_n,
        "n": disclosure.organisation_n,
    }
    promise = PROMISES[round_.mode]
    parts: list[Promise | Addition] = [promise]
    if round_.schools_named:
        parts.append(NAMED_SCHOOLS)
    if open_questions.is_on(round_):
        parts.append(OPEN_WORDS)
    onlookers: dict[str, list[Onlooker]] = {}
    for part in parts:
        for each in part.onlookers:
            onlookers.setdefault(each.who, []).append(each)
    return {
        "opening": say(promise.opening, values),
        "sees": [say(text, values) for part in parts for text in part.sees],
        "never_sees": [say(text, values) for part in parts for text in part.never_sees],
        "limits": [say(text, values) for part in parts for text in part.limits],
        "kept": [
            (say(name, values), say(text, values)) for part in parts for name, text in part.kept
        ],
        "onlookers": [
            {
                "who": say(who, values),
                "while_open": [say(each.while_open, values) for each in said if each.while_open],
                "after_close": [say(each.after_close, values) for each in said],
            }
            for who, said in onlookers.items()
        ],
    }
