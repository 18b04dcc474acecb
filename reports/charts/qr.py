"""QR codes as pictures in a page."""

from itertools import groupby

import segno
from markupsafe import Markup, escape

#: light modules that a reader needs around the code
QUIET = 4

_SVG = Markup(
    '<svg class="qr" role="img" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
    '<title>{title}</title><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
    '<path fill="#000" d="{modules}"/></svg>'
)


def draw(address: str, *, title: str) -> Markup:
    """An SVG of the QR code for an address: black on white whatever the page's colours are.

    Error correction is M (15 % may be dirty or torn), or better where that costs no space.
    """
    code = segno.make_qr(address, error="m")
    modules = []
    for y, row in enumerate(code.matrix_iter(border=QUIET)):
        x = 0
        for is_dark, run in groupby(row):
            width = len(list(run))
            if is_dark:
                modules.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    size = code.symbol_size(border=QUIET)[0]
    return _SVG.format(size=size, title=escape(title), modules="".join(modules))
