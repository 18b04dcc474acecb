"""Makes the font of the screen: Source Sans 3, the letters that we need, weights 400 to 700.

Usage: python tools/screen_font.py SourceSans3VF-Upright.ttf OUT.woff2. The same input gives the
same bytes.
"""

import sys

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

#: the licence reserves the name "Source" for fonts as Adobe made them: a cut one has its own name
NAME = "Midtier Sans"
WEIGHTS = (400, 700)
#: as in the fonts of the print: where a line of text stands in its space
ASCENT, DESCENT = 1024, -400

#: ASCII; letters of Western Europe; letters with accents of Central Europe, Romania, Turkey, Wales
#: and the Baltic; typographic marks. Left out: letters of Sami and Maltese, and ligatures
LETTERS = (
    {*range(0x20, 0x7F), *range(0xC0, 0x180), *range(0x218, 0x21C)}
    - set(map(ord, "ĦħĲĳĸĿŀŉŊŋŦŧſĔĕĬĭŎŏ"))
) | set(map(ord, "\u00a0¡¿§©®°·×÷±«»£¢€²½‐‑–—‘’‚“”„•…‹›−≤≥←→"))


def main(source: str, out: str) -> None:
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(
        layout_features=["kern", "locl"], name_IDs=[0, 7, 13, 14], hinting=False, glyph_names=False
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": WEIGHTS})
    for name_id in (1, 4):
        font["name"].setName(NAME, name_id, 3, 1, 0x409)
    font["name"].setName(NAME.replace(" ", ""), 6, 3, 1, 0x409)
    for table, ascent, descent in (
        ("hhea", "ascent", "descent"),
        ("OS/2", "sTypoAscender", "sTypoDescender"),
    ):
        setattr(font[table], ascent, ASCENT)
        setattr(font[table], descent, DESCENT)
    font.flavor = "woff2"
    font.save(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
