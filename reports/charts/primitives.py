"""The few shapes that every drawing is made of, as SVG markup in points.

Presentation attributes only: no inline style, no custom properties, no patterns. Shape carries the
meaning and colour repeats it: solid round for people in schools, hollow diamond for the centre,
square for pressures, solid tint for chance, hatch for the what-if.
"""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from reports.charts import tokens as t
from reports.charts.metrics import Weight, text_width


def num(value: float) -> str:
    """A coordinate with at most two decimals, without trailing zeros or a negative zero."""
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short in ("-0", "") else short


def svg(parts: Iterable[str], *, width: float, height: float, title: str, name: str = "") -> Markup:
    """A whole drawing. ``title`` is the full sentence that a listener gets in its place.

    The title is a direct child: that is where page and PDF both look for alternative text.
    """
    if not title.strip():
        raise ValueError("A drawing needs its alternative text in title.")
    marker = f' class="chart chart-{escape(name)}"' if name else ' class="chart"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img"{marker}'
        f' width="{num(width)}pt" height="{num(height)}pt"'
        f' viewBox="0 0 {num(width)} {num(height)}" font-family="{t.FONT}">'
    )
    return Markup(f"{head}<title>{escape(title)}</title>{''.join(parts)}</svg>")  # noqa: S704 - every text part is escaped by text()


def height_of(drawing: Markup) -> float:
    """Height in points of a drawing that ``svg`` made."""
    found = re.search(r' height="([\d.]+)pt"', drawing)
    if found is None:
        raise ValueError("This is no drawing of ours: it has no height in points.")
    return float(found[1])


def line(
    x1: float, y1: float, x2: float, y2: float, *, stroke: str, width: float = 0.6, dash: str = ""
) -> str:
    """A straight stroke."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}"'
        f' stroke="{stroke}" stroke-width="{num(width)}"{dashes}/>'
    )


def polyline(
    points: Iterable[tuple[float, float]], *, stroke: str, width: float, dash: str = ""
) -> str:
    """Straight strokes through points, not filled."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    path = " ".join(f"{num(x)},{num(y)}" for x, y in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{stroke}"'
        f' stroke-width="{num(width)}" stroke-linejoin="round"{dashes}/>'
    )


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str = "none",
    stroke: str = "",
    line_width: float = 0.8,
    radius: float = 0,
) -> str:
    """A rectangle; a negative width is drawn as none."""
    edge = f' stroke="{stroke}" stroke-width="{num(line_width)}"' if stroke else ""
    corner = f' rx="{num(radius)}"' if radius else ""
    return (
        f'<rect x="{num(x)}" y="{num(y)}" width="{num(max(width, 0))}" height="{num(height)}"'
        f' fill="{fill}"{edge}{corner}/>'
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: float = t.LABEL,
    weight: Weight = 400,
    fill: str = t.INK,
    anchor: str = "start",
    italic: bool = False,
    halo: bool = False,
) -> str:
    """One line of text on its baseline, with a paper rectangle behind it if ``halo``.

    ``anchor`` says what stands at ``x``: the text's start, middle or end. The start is written
    out from the face's own widths: WeasyPrint wraps every other anchor in an object of its own.
    """
    wide = text_width(words, size, weight, italic=italic)
    x -= {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    attributes = f'x="{num(x)}" y="{num(y)}" font-size="{num(size)}" fill="{fill}"'
    if weight != 400:
        attributes += f' font-weight="{weight}"'
    if italic:
        attributes += ' font-style="italic"'
    behind = ""
    if halo:
        behind = rect(x - 2, y - size * 0.78, wide + 4, size * 1.02, fill=t.PAPER)
    return f"{behind}<text {attributes}>{escape(words)}</text>"


def dot(x: float, y: float, *, radius: float = 3.2, fill: str = t.SCHOOLS, ring: float = 1) -> str:
    """Solid round mark (people in schools) with a paper ring."""
    return (
        f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(radius + ring / 2)}" fill="{fill}"'
        f' stroke="{t.PAPER}" stroke-width="{num(ring)}"/>'
    )


def open_dot(x: float, y: float, *, radius: float = 3, stroke: str = t.SCHOOLS) -> str:
    """Hollow round mark."""
    return (
        f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(radius)}" fill="{t.PAPER}"'
        f' stroke="{stroke}" stroke-width="1.3"/>'
    )


def diamond(x: float, y: float, *, radius: float = 5, width: float = 1.6) -> str:
    """Hollow diamond (the centre), filled with paper so that it reads on its band."""
    points = f"{num(x)},{num(y - radius)} {num(x + radius)},{num(y)}"
    points += f" {num(x)},{num(y + radius)} {num(x - radius)},{num(y)}"
    return (
        f'<polygon points="{points}" fill="{t.PAPER}" stroke="{t.CENTRE}"'
        f' stroke-width="{num(width)}"/>'
    )


def square(x: float, y: float, *, side: float = 6, fill: str = t.PRESS, ring: float = 1) -> str:
    """Solid square mark with a paper ring."""
    half = (side + ring) / 2
    return (
        f'<rect x="{num(x - half)}" y="{num(y - half)}" width="{num(2 * half)}"'
        f' height="{num(2 * half)}" fill="{fill}" stroke="{t.PAPER}" stroke-width="{num(ring)}"/>'
    )


def open_square(x: float, y: float, *, side: float = 5, stroke: str = t.PRESS) -> str:
    """Hollow square mark."""
    return (
        f'<rect x="{num(x - side / 2)}" y="{num(y - side / 2)}" width="{num(side)}"'
        f' height="{num(side)}" fill="{t.PAPER}" stroke="{stroke}" stroke-width="1.3"/>'
    )


def hatch(x1: float, x2: float, y: float, height: float, *, gap: float = 2.5) -> str:
    """The what-if band: 45-degree strokes clipped to the frame, in one path, and the frame.

    Nothing is drawn where the band has no width to speak of.
    """
    if x2 - x1 < 0.4:
        return ""
    strokes: list[str] = []
    start = x1 - height + gap * 0.7
    while start < x2:
        # A stroke climbs from (start, bottom) to (start + height, top); keep what is inside.
        left, right = max(start, x1), min(start + height, x2)
        if right - left > 0.05:
            low, high = y + height - (left - start), y + height - (right - start)
            strokes.append(f"M{num(left)} {num(low)}L{num(right)} {num(high)}")
        start += gap
    path = (
        f'<path d="{"".join(strokes)}" stroke="{t.WHATIF}" stroke-width=".55" fill="none"/>'
        if strokes
        else ""
    )
    return (
        rect(x1, y, x2 - x1, height, fill=t.PAPER)
        + path
        + rect(x1, y, x2 - x1, height, stroke=t.WHATIF, line_width=0.55)
    )
