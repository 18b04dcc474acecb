"""Drawings of ours, straight onto WeasyPrint's page.

WeasyPrint draws SVG node by node, its text letter by letter, each in an object of its own: half of
the time that a profile takes. Our drawings are made of a handful of shapes in points with literal
attributes, so they are read once and written as page operators, text as whole runs. WeasyPrint
finds them ready in its image cache. A drawing that holds anything else is left to WeasyPrint.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from math import inf
from typing import Any, Final

_NAMESPACE: Final = "{http://www.w3.org/2000/svg}"
#: distance of a control point that makes four curves a circle
_ROUND: Final = 0.5522847498
_KNOWN: Final = {
    "svg": {"width", "height", "viewBox", "role", "class", "font-family"},
    "title": set[str](),
    "g": {"transform"},
    "rect": {"x", "y", "width", "height", "rx", "fill", "stroke", "stroke-width"},
    "line": {"x1", "y1", "x2", "y2", "stroke", "stroke-width", "stroke-dasharray"},
    "circle": {"cx", "cy", "r", "fill", "stroke", "stroke-width"},
    "polyline": {
        "points", "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin",
    },
    "polygon": {"points", "fill", "stroke", "stroke-width"},
    "path": {"d", "fill", "stroke", "stroke-width"},
    "text": {"x", "y", "font-size", "font-weight", "font-style", "fill"},
}  # fmt: skip


def read_drawing(markup: str, font_config: Any) -> "Drawing | None":
    """The drawing, or None where it holds a shape that this module does not know."""
    root = ET.fromstring(markup)  # noqa: S314 - the markup is our own
    for node in root.iter():
        known = _KNOWN.get(_tag(node))
        if known is None or not set(node.attrib) <= known:
            return None
        if _tag(node) == "path" and set(node.get("d", "")) & set("CQSTAHVZcqstahvzml"):
            return None
        if _tag(node) == "g" and not node.get("transform", "").startswith("translate("):
            return None
        if _tag(node) == "text" and not node.get("font-weight", "400").isdigit():
            return None
    box = root.get("viewBox", "").split()
    return Drawing(root, (float(box[2]), float(box[3])), font_config) if len(box) == 4 else None


def _tag(node: ET.Element) -> str:
    return node.tag.removeprefix(_NAMESPACE)


def _number(node: ET.Element, name: str) -> float:
    return float(node.get(name, 0))


def _points(words: str) -> list[tuple[float, float]]:
    """Points of a polygon ("1,2 3,4") or of a path of moves and lines ("M1 2L3 4")."""
    numbers = [float(word) for word in words.replace(",", " ").split()]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


class Drawing:
    """An image to WeasyPrint: has a size, and draws itself on a page."""

    def __init__(self, root: ET.Element, size: tuple[float, float], font_config: Any) -> None:
        self.root, self.size, self.font_config = root, size, font_config
        self._runs: dict[tuple[str, str, str], Any] = {}

    def get_intrinsic_size(self, _resolution: Any, _font_size: Any) -> tuple[float, float, float]:
        """Width and height in CSS pixels, and their ratio."""
        width, height = (
            float(self.root.get(name, "").removesuffix("pt") or own)
            for name, own in zip(("width", "height"), self.size, strict=True)
        )
        return width * 4 / 3, height * 4 / 3, width / height

    def draw(self, stream: Any, width: float, height: float, _style: Any) -> None:
        """Write the operators of every shape."""
        stream.push_state()
        stream.transform(a=width / self.size[0], d=height / self.size[1])
        for node in self.root:
            self._draw(stream, node)
        stream.pop_state()

    def _draw(self, stream: Any, node: ET.Element) -> None:
        tag = _tag(node)
        if tag == "title":
            return
        if tag == "text":
            self._text(stream, node)
            return
        if tag == "g":
            x, y = node.get("transform", "")[len("translate(") : -1].split()
            stream.push_state()
            stream.transform(e=float(x), f=float(y))
            for child in node:
                self._draw(stream, child)
            stream.pop_state()
            return
        fill, stroke = node.get("fill", "none"), node.get("stroke", "none")
        filled, stroked = fill != "none" and tag != "line", stroke != "none"
        if not (filled or stroked):
            return
        dash = node.get("stroke-dasharray")
        if filled:
            stream.set_color_rgb(*_colour(fill))
        if stroked:
            stream.set_color_rgb(*_colour(stroke), stroke=True)
            stream.set_line_width(float(node.get("stroke-width", 1)))
            stream.set_line_join(1 if node.get("stroke-linejoin") == "round" else 0)
            stream.set_dash([float(part) for part in dash.split()] if dash else [], 0)
        _SHAPES[tag](stream, node)
        if filled and stroked:
            stream.fill_and_stroke()
        elif filled:
            stream.fill()
        else:
            stream.stroke()

    def _text(self, stream: Any, node: ET.Element) -> None:
        """One label as one run that starts at its x and stands on its y."""
        from weasyprint.draw.text import draw_first_line
        from weasyprint.matrix import Matrix

        words = node.text or ""
        if not words.strip():
            return
        run = self._run(node)
        run.pango_layout.set_text(words)
        stream.set_color_rgb(*_colour(node.get("fill", "#000000")))
        stream.begin_text()
        at = Matrix(d=-1, e=_number(node, "x"), f=_number(node, "y"))
        draw_first_line(stream, run, "none", "none", at)
        stream.end_text()

    def _run(self, node: ET.Element) -> Any:
        """A Pango layout for the face and size of a label, made once a drawing."""
        from weasyprint.css.properties import INITIAL_VALUES
        from weasyprint.svg.text import Style, TextBox
        from weasyprint.text.line_break import create_layout

        size, weight = node.get("font-size", "12"), node.get("font-weight", "400")
        slant = node.get("font-style", "normal")
        if (size, weight, slant) not in self._runs:
            style = Style()
            style.update(INITIAL_VALUES)
            style.font_config = self.font_config
            style["font_family"] = [self.root.get("font-family", "sans-serif")]
            style["font_style"], style["font_weight"] = slant, int(weight)
            style["font_size"] = float(size)
            layout = create_layout("", style, None, inf, 0)
            self._runs[size, weight, slant] = TextBox(layout, style)
        return self._runs[size, weight, slant]


def _colour(words: str) -> tuple[float, float, float]:
    red, green, blue = (int(words[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _rect(stream: Any, node: ET.Element) -> None:
    x, y, width, height, rx = (_number(node, key) for key in ("x", "y", "width", "height", "rx"))
    radius = min(rx, width / 2, height / 2)
    if not radius:
        stream.rectangle(x, y, width, height)
        return
    right, foot, near = x + width, y + height, radius * (1 - _ROUND)
    stream.move_to(x + radius, y)
    stream.line_to(right - radius, y)
    stream.curve_to(right - near, y, right, y + near, right, y + radius)
    stream.line_to(right, foot - radius)
    stream.curve_to(right, foot - near, right - near, foot, right - radius, foot)
    stream.line_to(x + radius, foot)
    stream.curve_to(x + near, foot, x, foot - near, x, foot - radius)
    stream.line_to(x, y + radius)
    stream.curve_to(x, y + near, x + near, y, x + radius, y)
    stream.close()


def _circle(stream: Any, node: ET.Element) -> None:
    x, y, r = (_number(node, key) for key in ("cx", "cy", "r"))
    near = r * _ROUND
    stream.move_to(x + r, y)
    stream.curve_to(x + r, y + near, x + near, y + r, x, y + r)
    stream.curve_to(x - near, y + r, x - r, y + near, x - r, y)
    stream.curve_to(x - r, y - near, x - near, y - r, x, y - r)
    stream.curve_to(x + near, y - r, x + r, y - near, x + r, y)
    stream.close()


def _line(stream: Any, node: ET.Element) -> None:
    stream.move_to(_number(node, "x1"), _number(node, "y1"))
    stream.line_to(_number(node, "x2"), _number(node, "y2"))


def _polyline(stream: Any, node: ET.Element) -> None:
    first, *others = _points(node.get("points", ""))
    stream.move_to(*first)
    for point in others:
        stream.line_to(*point)


def _polygon(stream: Any, node: ET.Element) -> None:
    _polyline(stream, node)
    stream.close()


def _path(stream: Any, node: ET.Element) -> None:
    for stroke in node.get("d", "").split("M")[1:]:
        first, *others = _points(stroke.replace("L", " "))
        stream.move_to(*first)
        for point in others:
            stream.line_to(*point)


_SHAPES: Final[dict[str, Callable[[Any, ET.Element], None]]] = {
    "rect": _rect,
    "circle": _circle,
    "line": _line,
    "polyline": _polyline,
    "polygon": _polygon,
    "path": _path,
}
