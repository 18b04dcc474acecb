"""The figures of schools side by side in tables: one row a school, one column a scale."""

from collections.abc import Callable

from reports.disclosure import Withheld
from reports.profile.content import Mark, Table
from reports.profile.content_schools import SchoolPanel, Schools
from reports.words import upper_first


def school_tables(page: Schools) -> list[Table]:
    """Figures with their likely ranges; the what-if with numbers of answers in bands."""
    panels = [panel for panel in page.panels if panel.rows]
    if not panels:
        return []
    refused = [f"{panel.name}: {panel.refused}" for panel in page.panels if panel.refused]
    said = [f"{panel.name}. {panel.sentence}" for panel in panels]
    return [
        _table(
            page,
            panels,
            key="schools",
            title=f"{page.heading} (likely\u00a0range)",
            cell=_figure,
            note=" ".join([*said, *refused]),
        ),
        _table(
            page,
            panels,
            key="schools-what-if",
            title=f"{page.heading}: what if those who did not answer differ (answers)",
            cell=_what_if,
        ),
    ]


def _table(
    page: Schools,
    panels: list[SchoolPanel],
    *,
    key: str,
    title: str,
    cell: Callable[[Mark], str],
    note: str = "",
) -> Table:
    def text(mark: Mark | Withheld) -> str:
        return mark.reason if isinstance(mark, Withheld) else cell(mark)

    whole = (upper_first(page.organisation), *(text(panel.reference) for panel in panels))
    rows = [
        (row.label, *(text(panel.rows[place].mark) for panel in panels))
        for place, row in enumerate(panels[0].rows)
    ]
    shown = [whole, *rows] if any(map(any, (row[1:] for row in rows))) else []
    return Table(
        key=key,
        title=title,
        columns=("School", *(panel.short for panel in panels)),
        rows=tuple(shown),
        note=note,
    )


def figure_text(mark: Mark | Withheld | None) -> str:
    """A figure with its likely range, or why it is not shown."""
    if mark is None:
        return ""
    return mark.reason if isinstance(mark, Withheld) else _figure(mark)


def _figure(mark: Mark) -> str:
    return f"{mark.text} ({mark.likely.removeprefix('likely ')})"


def _what_if(mark: Mark) -> str:
    outer = mark.what_if.removeprefix("could lie between ").replace(" and ", " to ")
    return f"{outer} ({mark.n_band})".strip()
