"""A validation report to HTML: draws every chart once and fills the templates."""

from markupsafe import Markup

from reports.charts import answers
from reports.charts.validation import STRIP_WIDTH, interval_axis, interval_strip
from reports.charts.validation import scree as draw_scree
from reports.render import environment
from reports.validation_content import ItemRow, ReliabilityRow, Scree, Validation


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
            strip_width=STRIP_WIDTH,
            bars_width=answers.BAR_STEP * validation.items.options,
            draw_bars=bars,
            draw_strip=strip,
            draw_scree=scree,
        )
    )
