"""The two drawings of the cover: the bare line, and how to read a mark."""

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.line import axis_with_caps
from reports.charts.metrics import wrap
from reports.profile.content import Cover, Line


def draw_bare_line(*, left: str, right: str, stops: int) -> Markup:
    """The line without marks: an ornament, hence one plain phrase as its alternative."""
    unit = t.MEASURE / stops
    ticks = [unit * (index + 0.5) for index in range(stops)]
    parts = [
        _bare_axis(ticks),
        p.text(0, 40, left, size=9.4, weight=600),
        p.text(t.MEASURE, 40, right, size=9.4, weight=600, anchor="end"),
    ]
    title = f"A line with two equal ends: {left} and {right}."
    return p.svg(parts, width=t.MEASURE, height=46, title=title, name="bare-line")


def bare_line_of(line: Line) -> Markup:
    """The bare line in the words of a profile's own."""
    return draw_bare_line(left=line.left, right=line.right, stops=len(line.stops))


def _bare_axis(ticks: list[float]) -> str:
    return f'<g transform="translate(0 13)">{axis_with_caps(ticks, 0)}</g>'


def draw_how_to(cover: Cover, *, width: float = 232) -> Markup:
    """One mark of each kind with both bands, and what they are called."""
    outer = cover.outer_label
    parts = [
        p.text(92, 9, cover.lived_label, size=8.4, weight=600, fill=t.SCHOOLS, anchor="middle"),
        p.line(92, 13, 92, 26, stroke=t.SCHOOLS, width=1.1),
        p.hatch(36, 148, 31, 9.6) if outer else "",
        p.rect(72, 28, 40, 15.6, fill=t.SCHOOLS_BAND),
        p.dot(92, 35.8, radius=4.6),
        p.line(104, 44.5, 104, 50, stroke=t.INK2, width=0.7),
        p.text(101, 58, cover.inner_label, size=t.NOTE, fill=t.INK2),
    ]
    said = [f"How to read a mark. Solid dot: {cover.lived_label}."]
    if cover.designed_label:
        parts += [
            p.text(
                120, 78, cover.designed_label, size=8.4, weight=600, fill=t.CENTRE, anchor="middle"
            ),
            p.line(120, 82, 120, 92, stroke=t.CENTRE, width=1.1),
            p.hatch(58, 182, 97, 9.6) if outer else "",
            p.rect(94, 94, 52, 15.6, fill=t.CENTRE_BAND),
            p.diamond(120, 101.8, radius=6),
        ]
        said.append(f"Hollow diamond: {cover.designed_label}.")
    if outer and cover.designed_label:
        parts.append(p.line(62, 110, 62, 117, stroke=t.INK2, width=0.7))
    lines = wrap(outer, width - 36, t.NOTE)
    parts += [
        p.text(36, 125 + index * 10.4, words, size=t.NOTE, fill=t.INK2)
        for index, words in enumerate(lines)
    ]
    said.append(f"Around each, a solid band ({cover.inner_label})")
    said[-1] += f" and behind it a hatched band ({outer})." if outer else "."
    title = " ".join(said)
    height = 118.6 + len(lines) * 10.4
    return p.svg(parts, width=width, height=height, title=title, name="how-to")
