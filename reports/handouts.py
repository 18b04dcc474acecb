"""Posters and slips of an anonymous round: the way in, on paper, for each place.

Their words are ready when they come here: they are the site's own, in the round's language. A code
belongs to a place and to no person, so everything on a page may hang on a wall.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reports.charts import qr
from reports.document import render_pdf
from reports.render import environment

Kind = Literal["posters", "slips"]
#: slips on a page: two columns
SLIPS: Final = 10


@dataclass(frozen=True, slots=True)
class Place:
    """A school, or the centre: its name, and where its code leads."""

    name: str
    #: as people read it: "K7M QZS"
    code: str
    #: where the picture leads
    address: str
    #: what a listener hears in the picture's place
    picture_words: str


@dataclass(frozen=True, slots=True)
class Handout:
    """What is the same for all places, in the round's language."""

    locale: str
    title: str
    organisation: str
    headline: str
    promise: str
    scan: str
    open_this: str
    #: the site's address without its scheme
    site: str
    type_this: str
    #: (what, more of it): until when, how long, that one may choose
    facts: tuple[tuple[str, str], ...]
    #: on each slip: that the code is everybody's
    alike: str
    #: the tag of simulated data, or empty
    tag: str


def render(kind: Kind, handout: Handout, places: Sequence[Place]) -> bytes:
    """One tagged PDF with a page for each place; A4, or Letter where that is what is in printers.

    Raises
    ------
    DocumentError
        If the system cannot make a PDF.
    """
    html = (
        environment()
        .get_template(f"handouts/{kind}.html")
        .render(
            lang=handout.locale,
            title=handout.title,
            handout=handout,
            # an address breaks after a dot, never after a hyphen
            site=handout.site.replace(".", ".\n").split("\n"),
            places=[(place, qr.draw(place.address, title=place.picture_words)) for place in places],
            slips=SLIPS,
        )
    )
    is_letter = handout.locale.rpartition("-")[2] in ("US", "CA", "MX", "PH")
    return render_pdf(
        html,
        title=handout.title,
        lang=handout.locale,
        identifier=hashlib.sha256(html.encode()).hexdigest(),
        stylesheets=("handouts.css", "letter.css" if is_letter else "a4.css"),
    )
