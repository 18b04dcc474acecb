"""The pages of four profiles look as they did when somebody last looked at them.

After a change that is meant: ``make pictures``, look at what changed, commit it with the change.
"""

import numpy as np
import pictures
import pypdfium2
import pytest
import sample_rounds as rounds


@pytest.fixture(params=rounds.KEPT)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_page_looks_as_it_did(name: str) -> None:
    drawn = dict(pictures.pictures_of(rounds.pdf_of(name)))
    kept = pictures.kept(name)
    assert set(drawn) == set(kept), "pages came or went: make pictures, and look at them"
    unlike = {page: pictures.unlike(picture, kept[page]) for page, picture in drawn.items()}
    changed = {page: round(share, 3) for page, share in unlike.items() if share > pictures.MOST}
    assert changed == {}, "these pages changed: make pictures, and look at them"


def test_the_four_organisations_differ_where_they_should() -> None:
    """Pictures of rounds that all look alike would keep nothing."""
    kept = {name: pictures.kept(name)["the-profile-on-one-page"] for name in rounds.KEPT}
    for one in kept:
        for other in kept:
            assert one == other or pictures.unlike(kept[one], kept[other]) > pictures.MOST


def test_another_rasteriser_is_no_change() -> None:
    """Drawn twice as large and made small: other edges to every letter and line."""
    document = pypdfium2.PdfDocument(rounds.pdf_of("gathered"))
    for page in document:
        one, other = pictures.picture(page), pictures.picture(page, finer=2)
        high = min(one.shape[0], other.shape[0])
        wide = min(one.shape[1], other.shape[1])
        assert pictures.unlike(one[:high, :wide], other[:high, :wide]) <= pictures.MOST


@pytest.mark.parametrize("page", ["the-profile-on-one-page", "today-remembered-preferred"])
@pytest.mark.parametrize(("down", "across"), [(5, 0), (0, 5), (-5, 0)])
def test_a_chart_that_moves_is_a_change(page: str, down: int, across: int) -> None:
    whole = pictures.kept("gathered")[page]
    high = whole.shape[0]
    chart = whole[high // 4 : high // 2]
    moved = whole.copy()
    moved[high // 4 : high // 2] = np.roll(chart, (down, across), axis=(0, 1))
    assert pictures.unlike(whole, moved) > pictures.MOST
