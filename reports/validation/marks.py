"""Which items lie on the wrong side of which conventional mark, and what the marks are worth."""

from instruments.analysis.results import MARKS, Analysis, Mark, MarkName
from instruments.definition import Instrument, Words
from reports.disclosure import Withheld, fewer_than, share
from reports.validation.content import Column, MarkCell, MarkRow, Marks, Table
from reports.validation.figures import beside, coefficient, marked
from reports.validation.items import answer_floor
from reports.validation.reliability import verdicts
from reports.words import upper_first

NAMES: dict[MarkName, str] = {
    "loading": f"Loading (≥\N{NO-BREAK SPACE}{coefficient(MARKS['loading'])})",
    "gap": f"Gap (≥\N{NO-BREAK SPACE}{coefficient(MARKS['gap'])})",
    "item_rest": f"Item–rest (≥\N{NO-BREAK SPACE}{coefficient(MARKS['item_rest'])})",
    "floor": f"Floor (≤\N{NO-BREAK SPACE}{round(100 * MARKS['floor'])}%)",
    "ceiling": f"Ceiling (≤\N{NO-BREAK SPACE}{round(100 * MARKS['ceiling'])}%)",
}
NONE = "–"

CONVENTIONS = (
    (
        "Omega, alpha ≥ .70; ≥ .80",
        "Nunnally and Bernstein 1994",
        "Said for research on groups, often quoted without that. Very high values may only mean "
        "that items repeat each other. Never enough for a statement about one person.",
    ),
    (
        "Loading ≥ .40, gap ≥ .20",
        "common practice",
        "Depend on how many items and factors there are; a weak item may still be needed for what "
        "it covers.",
    ),
    (
        "Item–rest ≥ .30",
        "common practice",
        "Falls with few options and skewed answers; reversed items lie lower.",
    ),
    (
        "KMO ≥ .60",
        "Kaiser 1974",
        "A rule of thumb about shared variance; it rises with the number of items.",
    ),
    (
        "RMSR ≤ .08, RMSEA ≤ .06, TLI ≥ .95",
        "Hu and Bentler 1999",
        "Come from one design with fifteen items and three factors; scales that hang together "
        "less look better on them.",
    ),
    (
        "Correlation of factors < .80",
        "Rönkkö and Cho 2022",
        "Meant for the upper limit of its interval, in a confirmatory model; here it stands alone.",
    ),
    (
        "Floor, ceiling ≤ 50%",
        "this program",
        "Says only that an item cannot tell many people apart at that end.",
    ),
)


def marks(instrument: Instrument, words: Words, analysis: Analysis) -> Marks:
    """The page on marks."""
    by_item: dict[str, dict[MarkName, Mark]] = {}
    for mark in analysis.marks:
        by_item.setdefault(mark.item, {})[mark.mark] = mark
    floor = answer_floor(instrument, analysis)
    rows = []
    for item, own in by_item.items():
        cells = tuple(_cell(own.get(name), analysis, floor) for name in NAMES)
        if any(cell.fails for cell in cells):
            text = upper_first(words.short(item))
            scale = next(iter(own.values())).scale
            rows.append(MarkRow(marked(instrument, item), text, scale, cells))
    return Marks(
        sentence=_sentence(len(rows), len(by_item)),
        columns=tuple(NAMES.values()),
        rows=tuple(rows),
        legend=(
            f"× in bold: on the wrong side of the mark. {NONE} no figure: not part of a factor "
            "solution, or too few answered. Gap: the loading less the item’s next largest."
        ),
        scales=verdicts(analysis),
        conventions=Table(
            key="conventions",
            title="What the marks are worth",
            columns=(Column("Mark"), Column("From"), Column("Read it with this in mind")),
            rows=CONVENTIONS,
        ),
    )


def _sentence(failing: int, all_items: int) -> str:
    if all_items == 0:
        return "No item of a reflective scale has a figure to lay beside a mark."
    if failing == 0:
        return f"None of {all_items} items of reflective scales lies on the wrong side of a mark."
    verb = "lies" if failing == 1 else "lie"
    return (
        f"{failing} of {all_items} items of reflective scales {verb} on the wrong side of at least "
        "one mark. Marks are conventions, not gates: they say where to look."
    )


def _cell(mark: Mark | None, analysis: Analysis, floor: int) -> MarkCell:
    if mark is None:
        return MarkCell(NONE, fails=False)
    if mark.mark in ("floor", "ceiling"):
        n = analysis.distributions[mark.item].n
        shown = fewer_than(floor) if n < floor else share(mark.value, n)
        text = NONE if isinstance(shown, Withheld) else shown.text
        fails = not mark.holds and not isinstance(shown, Withheld)
    else:
        fails = not mark.holds
        text = beside(mark.value, mark.limit) if fails else coefficient(mark.value)
    return MarkCell(f"× {text}" if fails else text, fails)
