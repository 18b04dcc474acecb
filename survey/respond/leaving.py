"""Pages on the way out: thanks, forgetting this device, withdrawing."""

from typing import Any

from flask import g, redirect, render_template, url_for

from survey.database import db
from survey.respond.forms import ButtonForm
from survey.respond.visit import bp, forget, with_draft, with_own_draft
from survey.services import drafts


@bp.get("/thanks")
@with_draft
def thanks() -> Any:
    if not g.draft.sent:
        return redirect(url_for("respond.go_on"), 303)
    return render_template("respond/thanks.html", form=ButtonForm())


@bp.route("/leave", methods=["POST"])
def leave() -> Any:
    """Take the resume words and the personal link off this device; what was saved stays."""
    return forget(redirect(url_for("respond.left"), 303), link_too=True)


@bp.get("/left")
def left() -> str:
    return render_template("respond/left.html")


@bp.route("/withdraw", methods=["GET", "POST"])
@with_own_draft
def withdraw() -> Any:
    """Delete this person's answers, after asking once more."""
    form = ButtonForm()
    if form.validate_on_submit():
        drafts.withdraw(db.session, g.round, g.draft, now=g.now)
        db.session.commit()
        return forget(redirect(url_for("respond.withdrawn"), 303))
    return render_template("respond/withdraw.html", form=form)


@bp.get("/withdrawn")
def withdrawn() -> str:
    return render_template("respond/withdrawn.html")
