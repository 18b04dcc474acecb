"""Pictures of the pages of four profiles, at 40 dots an inch in grey, and how they are compared.

``make pictures`` draws them anew after a change that is meant; look at what it changed before you
commit it. Pages are named by their running heads, so that a new page moves no other's picture; the
foot, with its number, is left out, and so are the tables, whose text other tests read.
"""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
import pypdfium2
import sample_rounds as rounds
from numpy.typing import NDArray
from PIL import Image

FOLDER: Final = Path(__file__).parent / "pictures"
SCALE: Final = 40 / 72
#: of a page's height: where the foot begins
FOOT: Final = 0.945
LEFT_OUT: Final = "the figures in tables"
#: side of the squares whose mean greys are compared, dots: a line of text is about six high
SQUARE: Final = 4
#: how far a square may differ, of 255, before an eye would see it
DIFFERENCE: Final = 40
#: a page is looked at band by band, so that one chart that moved is not lost in a page
BANDS: Final = 12
#: the share of a band's squares that may differ. Poppler in PDFium's place, which draws every
#: letter thinner, stays below it (0.022); a chart that moved by nine points does not
MOST: Final = 0.026

Picture = NDArray[np.uint8]


def pictures_of(pdf: bytes) -> Iterator[tuple[str, Picture]]:
    """Name and picture of every page but those of tables."""
    seen: dict[str, int] = {}
    for page in pypdfium2.PdfDocument(pdf):
        words = _name(page)
        if words == LEFT_OUT:
            continue
        seen[words] = seen.get(words, 0) + 1
        name = re.sub("[^a-z]+", "-", words)
        yield name if seen[words] == 1 else f"{name}-{seen[words]}", picture(page)


def picture(page: pypdfium2.PdfPage, *, finer: int = 1) -> Picture:
    """A page without its foot, drawn ``finer`` times as large and made small again."""
    drawn = page.render(scale=SCALE * finer, grayscale=True).to_numpy().squeeze()
    if finer > 1:
        high, wide = (side // finer for side in drawn.shape)
        parts = drawn[: high * finer, : wide * finer].reshape(high, finer, wide, finer)
        drawn = parts.mean(axis=(1, 3))
    drawn = drawn[: int(drawn.shape[0] * FOOT)]
    # sixteen greys are enough to see by, and a third of the bytes
    return np.asarray(drawn // 16 * 17, dtype=np.uint8)


def _name(page: pypdfium2.PdfPage) -> str:
    """The section in the running head: "Midtier · NAME"."""
    width, height = page.get_size()
    head = page.get_textpage().get_text_bounded(0, height - 68, width * 0.75, height)
    return str(head).rpartition("Midtier · ")[2].strip()


def kept(name: str) -> dict[str, Picture]:
    """The pictures that are kept of one sample."""
    return {
        path.name.removeprefix(f"{name}.").removesuffix(".png"): np.asarray(
            Image.open(path).convert("L")
        )
        for path in sorted(FOLDER.glob(f"{name}.*.png"))
    }


def squares(picture: Picture) -> NDArray[np.float64]:
    """Mean grey of each square: what a page looks like from a step away."""
    high, wide = (side // SQUARE * SQUARE for side in picture.shape)
    cut = picture[:high, :wide].astype(np.float64)
    parts = cut.reshape(high // SQUARE, SQUARE, wide // SQUARE, SQUARE)
    return np.asarray(parts.mean(axis=(1, 3)))


def unlike(one: Picture, other: Picture) -> float:
    """The share of squares that differ, in the band where most do; 1 for another size.

    Each band may lie a dot to either side: rasterisers round to dots differently.
    """
    if one.shape != other.shape:
        return 1.0
    shares = []
    for shift in product((-1, 0, 1), repeat=2):
        near = squares(np.roll(other, shift, axis=(0, 1)))
        seen = np.abs(squares(one) - near) > DIFFERENCE
        shares.append([float(band.mean()) for band in np.array_split(seen, BANDS)])
    return max(min(band) for band in zip(*shares, strict=True))


def renew() -> None:
    """Draw every picture again."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.png"):
        path.unlink()
    for name in rounds.KEPT:
        for page, picture in pictures_of(rounds.pdf_of(name)):
            image = Image.fromarray(picture).quantize(16)
            image.save(FOLDER / f"{name}.{page}.png", optimize=True, bits=4)


if __name__ == "__main__":
    renew()
