"""Notices of an analysis as a report may print them."""

import re

from instruments.analysis.results import Analysis

#: "(312 people, all 5)" behind an item that everybody answered alike: it names everybody's answer
_EVERYBODYS_ANSWER = re.compile(r" \([\d,]+ (?:people|person), all -?\d+\)")


def notices(analysis: Analysis) -> tuple[str, ...]:
    """Plain sentences that a reader must know, without what would disclose an answer."""
    found = (_EVERYBODYS_ANSWER.sub("", notice) for notice in analysis.notices)
    return tuple(dict.fromkeys(found))
