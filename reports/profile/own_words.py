"""In their own words: what several people write about, as a reader handed it over.

Themes come with their bands from ``reports.disclosure_themes``: five people in two schools or
more. Nothing is counted here, and no sentence that anybody wrote stands here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.profile.content import OwnWords, Table
from reports.profile.context import Context

HEADING = "In their own words"


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told of one open question: how many wrote, and themes with their people."""

    item: str
    #: a band, or the words in its place
    wrote: str
    themes: tuple[tuple[str, str], ...]


def own_words_block(context: Context, told: Sequence[Told]) -> OwnWords | None:
    """The block; None where no theme may be told."""
    tables = tuple(
        Table(
            key=f"own-words-{each.item}",
            title=context.words.stem(each.item),
            columns=("Theme", "People"),
            rows=each.themes,
            note=f"People who wrote: {each.wrote}.",
        )
        for each in told
        if each.themes
    )
    if not tables:
        return None
    return OwnWords(
        heading=HEADING,
        intro=(
            "What at least five people in at least two schools write about, as one reader named "
            "it. One person may speak of several themes. What fewer people write about, or people "
            "of one school, is not shown."
        ),
        tables=tables,
    )
