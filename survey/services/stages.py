"""What of a round may change when: one table, which every service asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from survey.marked import N_
from survey.models import Round
from survey.services import rounds

#: planned: being set up. ready: may be asked, and nobody has begun. begun: somebody has begun to
#: answer, under what was promised. closed: responses are born
Stage = Literal["planned", "ready", "begun", "closed"]
STAGES: tuple[Stage, ...] = ("planned", "ready", "begun", "closed")

#: what -> the stages in which it may change (docs/setting-up.md holds the same table)
CHANGES: Mapping[str, tuple[Stage, ...]] = {
    "name": ("planned", "ready", "begun"),
    "instrument": ("planned",),
    "form": ("planned",),
    "opening": ("planned",),
    "closing": ("planned", "ready", "begun"),
    "mode": ("planned", "ready"),
    "roster": ("planned", "ready", "begun"),
    "words": ("planned",),
    "modules": ("planned",),
    "languages": ("planned", "ready", "begun"),
    "facts": ("planned", "ready", "begun"),
    "shown": ("planned", "ready", "begun"),
    "naming": ("planned", "ready"),
    "letters": ("planned", "ready", "begun"),
    "readiness": ("planned", "ready"),
}

#: stage -> why something cannot change in it any more
REASONS: Mapping[Stage, str] = {
    "planned": "",
    "ready": N_(
        "The round is ready, and this stays as it is. You can take the round back first, as long "
        "as nobody has begun to answer."
    ),
    "begun": N_("Somebody has begun to answer. This can no longer change in this round."),
    "closed": N_("The round has closed. Nothing of it changes any more."),
}


def stage(session: Session, round_: Round, now: datetime) -> Stage:
    """How far a round is; derived, never stored."""
    state = rounds.state(round_, now)
    if state in ("closed", "planned"):
        return "closed" if state == "closed" else "planned"
    return "begun" if rounds.has_begun(session, round_) else "ready"


def seen(round_: Round, now: datetime) -> Stage:
    """How far a round is, as a page shows it.

    Whether somebody has begun is told only to a leader who tries what that no longer allows, so
    that a page that is loaded again and again does not tell when the first person began.
    """
    state = rounds.state(round_, now)
    return "closed" if state == "closed" else "planned" if state == "planned" else "ready"


def why_not(what: str, stage_: Stage) -> str:
    """Why something cannot change in a stage; empty where it can."""
    return "" if stage_ in CHANGES[what] else REASONS[stage_]
