"""Watching a round that is open: how many have answered, in bands, and how wide figures will be.

Everything here comes from the day's tally, which holds only what may be told; nothing is counted
when the page is opened.
"""

from dataclasses import dataclass
from math import ceil

from flask import redirect, render_template, url_for
from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from instruments.scoring.expected import ASSUMED_SD, Widths, expected_widths
from reports.charts.watch import draw_answered, draw_expected
from survey import answered, figures, i18n, room
from survey.account import requires
from survey.database import db
from survey.lead.views import bp
from survey.models import Round
from survey.services import progress, rounds
from survey.services.progress import Line, Progress

#: rates at which the width of bands is told where they are above today's, in percent
HIGHER = (40, 60, 80, 95)
#: from so many schools on the table scrolls under its head
MANY = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A group as the page shows it; no picture where nothing is told."""

    name: str
    answered: str
    share: str
    enough: str
    is_short: bool
    picture: Markup


@dataclass(frozen=True, slots=True)
class Precision:
    """How wide the bands will be at one rate."""

    at: str
    chance: str
    what_if: str
    picture: Markup


@bp.get("/rounds/<round_id>/answered")
@requires("leader")
def watch(round_id: str) -> str | Response:
    """How many have answered, by school and by role, as the day began."""
    round_ = room.get_round_or_404(round_id)
    state = rounds.state(round_, room.now())
    if state == "closed":
        return redirect(url_for(".show", round_id=round_id), 303)
    found = progress.of(db.session, round_)
    widths = _widths(round_, found)
    return render_template(
        "lead/watch.html",
        round=round_,
        line=room.line(round_),
        state=state,
        summary=answered.summary(found),
        counted_on=i18n.day(found.on) if found else "",
        schools=[_row(line) for line in found.schools] if found else [],
        roles=[_row(line) for line in found.roles] if found else [],
        is_long=bool(found and len(found.schools) > MANY),
        precision=_precision(widths, found),
        reach=_decimal(reach_of(widths), 1),
        sd=_decimal(ASSUMED_SD, 1),
        silent_sd=_decimal(rounds.instrument_of(round_).scoring.silent_differ_sd, 1),
        confidence=round(100 * rounds.instrument_of(round_).scoring.confidence),
        simulated=round_.simulated,
    )


def _row(line: Line) -> Row:
    share, picture = "", Markup("")
    if line.low is not None and line.high is not None:
        share = _("%(low)s to %(high)s%% of staff", low=round(line.low), high=round(line.high))
        title = _("%(name)s: %(share)s.", name=line.name, share=share)
        if line.least is not None:
            title += " " + _("Minimum for a row: %(n)s%%.", n=round(line.least))
        picture = draw_answered(line.low, line.high, line.least, title=title)
    return Row(
        name=line.name,
        answered=figures.shown(line.answered),
        share=share,
        enough=figures.shown(line.enough),
        is_short=line.enough.endswith("to go"),
        picture=picture,
    )


def _widths(round_: Round, found: Progress | None) -> list[Widths]:
    """Widths today, as far as today's rate is told, and at two rates above it."""
    instrument = rounds.instrument_of(round_)
    lived = instrument.groups.get("lived", instrument.roles)
    headcounts = [row.headcount for row in round_.roster if not lived or row.role in lived]
    if not sum(headcounts):
        return []
    today = _today(found)
    higher = [rate for rate in HIGHER if rate > today + 5]
    scoring = instrument.scoring
    return [
        expected_widths(
            headcounts,
            rate=rate / 100,
            omega=scoring.omega_fallback,
            confidence=scoring.confidence,
            silent_differ_sd=scoring.silent_differ_sd,
        )
        for rate in ([today] if today else []) + higher[: 2 if today else 3]
    ]


def _today(found: Progress | None) -> int:
    """Today's rate to the nearest ten percent, from what is told of it; 0 where too little is."""
    if found is None or found.total.low is None or found.total.high is None:
        return 0
    return 10 * round((found.total.low + found.total.high) / 20)


def reach_of(widths: list[Widths]) -> float:
    """How far the axis goes to either side: the widest band, up to the next tenth."""
    return ceil(10 * max((width.what_if for width in widths), default=0.1)) / 10


def _precision(widths: list[Widths], found: Progress | None) -> list[Precision]:
    reach = reach_of(widths)
    today = _today(found) / 100
    rows = []
    for width in widths:
        rate = round(100 * width.rate)
        at = (
            _("If you closed today, at about %(rate)s%%", rate=rate)
            if width.rate == today
            else _("At %(rate)s%% answered", rate=rate)
        )
        chance, what_if = _decimal(width.chance, 2), _decimal(width.what_if, 2)
        title = _(
            "%(at)s: %(chance)s to either side by chance, %(what_if)s if those who are silent "
            "differ.",
            at=at,
            chance=chance,
            what_if=what_if,
        )
        picture = draw_expected(width.chance, width.what_if, reach=reach, title=title)
        rows.append(Precision(at, chance, what_if, picture))
    return rows


def _decimal(value: float, places: int) -> str:
    return str(format_decimal(round(value, places), format=f"0.{'0' * places}"))
