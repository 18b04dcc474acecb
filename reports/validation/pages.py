"""A validation report to HTML: draws every chart once and fills the templates."""

from markupsafe import Markup

from reports.charts import answers
from reports.charts.metrics import text_width
from reports.charts.validation import STRIP_WIDTH, interval_axis, interval_strip
from reports.charts.validation import scree as draw_scree
from reports.render import environment
from reports.validation.content import ItemRow, ReliabilityRow, Scree, Validation

#: widest code that gets a column of its own width; longer ones break
_WIDEST_CODE = 84.0


def pt(points: float) -> str:
    """A column's width in the pixels that HTML counts in."""
    return f"{points * 4 / 3:.1f}"


def _code_width(validation: Validation, *, is_scale: bool) -> float:
    codes = [
        row.code
        for group in validation.items.groups
        if group.is_scale == is_scale
        for row in group.rows
    ]
    widest = max((text_width(code, 8.4, 600) for code in codes), default=30.0)
    return min(widest, _WIDEST_CODE) + 8


def html(validation: Validation) -> str:
    """The whole document."""
    identity = validation.identity
    top = validation.items.top

    def bars(row: ItemRow) -> Markup:
        if isinstance(row.shares, str):
            raise ValueError(f"{row.code} has no shares to draw")
        drawn = [share.drawn for share in row.shares]
        texts = [share.text for share in row.shares]
        return answers.answer_bars(drawn, texts, top=top, title=row.shares_alt)

    def strip(row: ReliabilityRow) -> Markup:
        if row.drawn is None:
            raise ValueError(f"{row.code} has no figure to draw")
        return interval_strip(*row.drawn, words=row.omega.text, title=row.strip_alt)

    def scree(found: Scree) -> Markup:
        return draw_scree(
            found.observed,
            found.random,
            retain=found.retain,
            above_label=found.above,
            random_label=found.below,
            title=found.alt,
        )

    steps = [(step.name, step.count, step.text) for step in validation.sample.steps]
    return str(
        environment()
        .get_template("validation/report.html")
        .render(
            v=validation,
            lang=identity.locale,
            title=identity.title,
            description="Reliability and structure of a survey instrument, for researchers.",
            tag=identity.simulated,
            foot=identity.foot,
            flow=answers.flow(steps, title=validation.sample.flow_alt),
            strip_axis=interval_axis(),
            strip_width=STRIP_WIDTH + 6,
            bars_width=answers.BAR_STEP * validation.items.options + 4,
            factor_width=42 if len(validation.structure.factors) < 8 else 30,
            code_widths={
                is_scale: _code_width(validation, is_scale=is_scale) for is_scale in (True, False)
            },
            pt=pt,
            draw_bars=bars,
            draw_strip=strip,
            draw_scree=scree,
        )
    )
