"""Pages on which a leader reads and confirms translations, and says which languages staff get."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey import i18n, locales, room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.views import bp
from survey.services import languages, rounds

__all__ = ["bp"]


@bp.route("/rounds/<round_id>/languages", methods=["GET", "POST"])
@requires("leader")
def choose_languages(round_id: str) -> str | Response:
    """The languages of a round, and which of them staff may choose."""
    round_ = room.get_round_or_404(round_id)
    form = room.ConfirmForm()
    if form.validate_on_submit():
        begin_writing(db.session)
        try:
            languages.offer(
                db.session,
                room.get_round_or_404(round_id),
                request.form.getlist("locale"),
                fills={name: text for name, text in request.form.items() if "@" in name},
                by=current_user._get_current_object(),
                now=room.now(),
                folder=i18n.translations_dir(),
            )
        except languages.LanguageError as error:
            db.session.rollback()
            flash(_(str(error)))
        else:
            db.session.commit()
            flash(_("The languages are saved."))
        return redirect(url_for(".choose_languages", round_id=round_id))
    found = languages.of_round(round_, i18n.translations_dir())
    return render_template(
        "lead/languages.html",
        round=round_,
        line=room.line(round_),
        languages=found,
        fills={each.locale: languages.needs_fills(round_, each.locale) for each in found},
        is_closed=rounds.state(round_, room.now()) == "closed",
        form=form,
        simulated=round_.simulated,
    )


@bp.route("/rounds/<round_id>/languages/<locale>", methods=["GET", "POST"])
@requires("leader")
def read_translation(round_id: str, locale: str) -> str | Response:
    """All words of an unverified translation beside their source, to read and to confirm."""
    folder = i18n.translations_dir()
    round_ = room.get_round_or_404(round_id)
    found = {language.locale: language for language in languages.of_round(round_, folder)}
    language = found.get(locale)
    if language is None or language.is_verified:
        abort(404)
    form = room.ConfirmForm()
    if form.validate_on_submit():
        begin_writing(db.session)
        try:
            languages.confirm(
                db.session,
                room.get_round_or_404(round_id),
                locale,
                checksum=request.form.get("checksum", ""),
                by=current_user._get_current_object(),
                now=room.now(),
                folder=folder,
            )
        except languages.LanguageError as error:
            db.session.rollback()
            flash(_(str(error)))
            return redirect(url_for(".read_translation", round_id=round_id, locale=locale))
        db.session.commit()
        flash(_("The translation is confirmed. You can offer it to staff now."))
        return redirect(url_for(".choose_languages", round_id=round_id))
    return render_template(
        "lead/read_translation.html",
        round=round_,
        line=room.line(round_),
        language=language,
        language_dir=locales.direction(locale),
        source_lang=rounds.instrument_of(round_).locale,
        parts=languages.reading(round_, locale, folder),
        is_closed=rounds.state(round_, room.now()) == "closed",
        form=form,
        simulated=round_.simulated,
    )
