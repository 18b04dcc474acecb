"""Languages of a round: offered, read and confirmed; and the leader's pages for it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from instruments import registry, translations
from instruments.pseudo import PSEUDO
from survey import translating
from survey.models import AuditEntry, Round
from survey.services import languages, reporting, rounds
from survey.services.languages import LanguageError
from tests.survey import rooms
from tests.survey.respond_kit import make_round

PROFILE = "mto-learning-profile"


def install(folder, locale="en-XA", *, name=PROFILE, verified_by="", change=None):
    """Translate and import as an operator would."""
    po = folder.parent / "translated.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    exported = translating.export(name, locale, folder)
    po.write_bytes(translating.filled(exported, change or PSEUDO.get(locale, PSEUDO["en-XA"])))
    return translating.take_in(po, folder, verified_by=verified_by, on="2026-05-11")


def install_both(folder, locale="en-XA", *, instrument=PROFILE, **more):
    install(folder, locale, name=instrument, **more)
    install(folder, locale, name="interface", **more)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "translations"


@pytest.fixture
def round_(session, now):
    return make_round(session, now=now)


@pytest.fixture
def leader(session, round_):
    made = rooms.account(session, round_.organisation)
    session.commit()
    return made


def of(round_, folder, locale):
    return next(each for each in languages.of_round(round_, folder) if each.locale == locale)


def confirm(session, round_, folder, leader, now, locale="en-XA", checksum=None):
    languages.confirm(
        session,
        round_,
        locale,
        checksum=checksum or of(round_, folder, locale).checksum,
        by=leader,
        now=now,
        folder=folder,
    )


def actions(session):
    return [(entry.action, entry.object) for entry in session.scalars(sa.select(AuditEntry))]


def test_a_round_speaks_its_own_locale_until_another_is_offered(round_, folder):
    assert languages.spoken(round_, folder) == ("en-GB",)
    assert {each.locale for each in languages.of_round(round_, folder)} == {"en-GB", "en-US"}


def test_the_instruments_own_locales_may_be_offered_at_once(session, round_, folder, leader, now):
    languages.offer(session, round_, ["en-US"], by=leader, now=now, folder=folder)
    assert languages.spoken(round_, folder) == ("en-GB", "en-US")
    assert actions(session) == [("offer_languages", f"round {round_.round_id}")]


def test_the_rounds_own_locale_stays_offered(session, round_, folder, leader, now):
    languages.offer(session, round_, [], by=leader, now=now, folder=folder)
    assert languages.spoken(round_, folder) == ("en-GB",)
    assert actions(session) == []


def test_an_unverified_translation_is_offered_only_when_it_was_confirmed(
    session, round_, folder, leader, now
):
    install_both(folder)
    assert not of(round_, folder, "en-XA").may_be_offered
    with pytest.raises(LanguageError, match="Read and confirm it first"):
        languages.offer(session, round_, ["en-XA"], by=leader, now=now, folder=folder)
    confirm(session, round_, folder, leader, now)
    languages.offer(session, round_, ["en-XA"], by=leader, now=now, folder=folder)
    session.commit()
    assert languages.spoken(round_, folder) == ("en-GB", "en-XA")
    assert not languages.is_verified(round_, "en-XA", folder)
    assert ("confirm_translation", f"round {round_.round_id}, en-XA") in actions(session)


def test_a_verified_translation_needs_no_confirmation(session, round_, folder, leader, now):
    install_both(folder, verified_by="A. Translator")
    languages.offer(session, round_, ["en-XA"], by=leader, now=now, folder=folder)
    assert languages.spoken(round_, folder) == ("en-GB", "en-XA")
    assert languages.is_verified(round_, "en-XA", folder)


@pytest.mark.parametrize("part", [PROFILE, "interface"])
def test_a_confirmation_counts_no_longer_when_a_word_changes(
    session, round_, folder, leader, now, part
):
    install_both(folder)
    confirm(session, round_, folder, leader, now)
    languages.offer(session, round_, ["en-XA"], by=leader, now=now, folder=folder)
    install(folder, name=part, change=lambda text: PSEUDO["en-XA"](text) + "!")
    assert languages.spoken(round_, folder) == ("en-GB",)
    assert not of(round_, folder, "en-XA").is_confirmed
    confirm(session, round_, folder, leader, now)
    assert languages.spoken(round_, folder) == ("en-GB", "en-XA")


def test_a_translation_that_changed_while_it_was_read_is_not_confirmed(
    session, round_, folder, leader, now
):
    install_both(folder)
    read = of(round_, folder, "en-XA").checksum
    install(folder, change=lambda text: PSEUDO["en-XA"](text) + "!")
    with pytest.raises(LanguageError, match="has changed"):
        confirm(session, round_, folder, leader, now, checksum=read)
    assert round_.confirmed_translations == {}


@pytest.mark.parametrize("part", [PROFILE, "interface"])
def test_half_a_language_can_be_neither_confirmed_nor_offered(
    session, round_, folder, leader, now, part
):
    install(folder, name=part)
    with pytest.raises(LanguageError):
        languages.confirm(session, round_, "en-XA", checksum="x", by=leader, now=now, folder=folder)
    with pytest.raises(LanguageError):
        languages.offer(session, round_, ["en-XA"], by=leader, now=now, folder=folder)


def test_an_unknown_language_cannot_be_offered(session, round_, folder, leader, now):
    with pytest.raises(LanguageError):
        languages.offer(session, round_, ["tlh-QO"], by=leader, now=now, folder=folder)


def test_nothing_changes_once_the_round_has_closed(session, round_, folder, leader, now):
    install_both(folder)
    late = now + timedelta(days=4)
    with pytest.raises(LanguageError, match="has closed"):
        languages.offer(session, round_, ["en-US"], by=leader, now=late, folder=folder)
    with pytest.raises(LanguageError, match="has closed"):
        confirm(session, round_, folder, leader, late)


def test_words_come_in_the_chosen_locale_and_fall_back_where_it_is_gone(round_, folder):
    path = install(folder)
    key = "SCF1"
    source = registry.load(PROFILE).texts["en"].items[key]["stem"]
    words = rounds.words_of(round_, locale="en-XA", translations=folder)
    assert words.stem(key) == PSEUDO["en-XA"](source).replace("{mto}", "Harbour Reach")
    path.unlink()
    words = rounds.words_of(round_, locale="en-XA", translations=folder)
    assert words.stem(key) == rounds.words_of(round_).stem(key)


def test_what_is_read_is_every_unverified_word_beside_its_source(round_, folder):
    install_both(folder)
    instrument, interface = languages.reading(round_, "en-XA", folder)
    source = translations.source_entries(registry.load(PROFILE), "en-XA")
    assert len(instrument.passages) == len(source)
    assert instrument.passages[0].source == "Midtier learning profile"
    assert instrument.passages[0].translation == PSEUDO["en-XA"]("Midtier learning profile")
    sources = {passage.source for passage in interface.passages}
    assert "Our promise to you" in sources
    assert "Close the round now?" not in sources  # staff who answer never see it


def test_what_a_round_fills_in_can_be_said_in_each_language(session, round_, folder, leader, now):
    install_both(folder, verified_by="A. Translator")
    fills = {"before@en-XA": " ļå ŕéṽûé ", "mto@en-XA": "", "nothing@en-XA": "x", "mto@tlh-QO": "x"}
    languages.offer(session, round_, ["en-XA"], fills=fills, by=leader, now=now, folder=folder)
    session.commit()
    theirs = rounds.words_of(round_, locale="en-XA", translations=folder)
    assert (theirs.fill("{before}"), theirs.fill("{mto}")) == ("ļå ŕéṽûé", "Harbour Reach")
    assert rounds.words_of(round_).fill("{before}") == "the review"
    assert set(round_.placeholders) == {"mto", "before", "before@en-XA"}
    assert set(reporting.facts(round_).placeholders) == {"mto", "before"}
    languages.offer(
        session, round_, ["en-XA"], fills={"before@en-XA": ""}, by=leader, now=now, folder=folder
    )
    assert set(round_.placeholders) == {"mto", "before"}


def test_words_to_fill_in_may_not_be_endless(session, round_, folder, leader, now):
    with pytest.raises(LanguageError, match="200 letters"):
        languages.offer(
            session,
            round_,
            [],
            fills={"before@en-US": "x" * 201},
            by=leader,
            now=now,
            folder=folder,
        )


def test_a_variant_of_the_rounds_language_needs_no_words_of_its_own(round_):
    assert languages.needs_fills(round_, "en-US") == {}
    assert languages.needs_fills(round_, "fr-FR") == {
        "mto": "Harbour Reach",
        "before": "the review",
    }


# The leader's pages


@pytest.fixture
def site(app, settings):
    """(client of a signed-in leader, the round's id, the folder of translations)."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.account(session, trust, email="leader@trust.example")
        round_id = rooms.round_(session, trust).round_id
    client = app.test_client()
    rooms.sign_in(client, "leader@trust.example")
    return client, round_id, settings.translations_dir


def send(client, path, **data):
    page = client.get(path)
    sent = {"csrf_token": rooms.token(page), **data}
    return client.post(path, data=sent, follow_redirects=True)


def test_a_leader_reads_confirms_and_offers_a_translation(app, site):
    client, round_id, folder = site
    install_both(folder, "ar-XB")
    path = f"/lead/rounds/{round_id}/languages"
    assert "Languages that staff may choose" in client.get(f"/lead/rounds/{round_id}").text
    page = client.get(path)
    assert "Read and confirm it before you offer it." in page.text
    reading = client.get(f"{path}/ar-XB")
    assert PSEUDO["ar-XB"]("Midtier learning profile") in reading.text
    assert '<td lang="ar-XB" dir="rtl">' in reading.text
    checksum = reading.text.split('name="checksum" value="')[1].split('"')[0]
    done = send(client, f"{path}/ar-XB", checksum=checksum)
    assert "The translation is confirmed." in done.text
    assert "You have read and confirmed it as it stands." in done.text
    done = send(client, path, locale=["ar-XB", "en-US"], **{"mto@ar-XB": "An Arabic name"})
    assert "The languages are saved." in done.text
    assert 'id="mto@ar-XB" lang="ar-XB"' in done.text
    assert 'value="An Arabic name"' in done.text
    with rooms.store(app) as session:
        assert session.get(Round, round_id).locales == ["en-GB", "ar-XB", "en-US"]


def test_a_leader_sees_what_keeps_a_translation_from_use(site):
    client, round_id, folder = site
    path = f"/lead/rounds/{round_id}/languages"
    install(folder)
    assert "Incomplete: there is one text to mend." in client.get(path).text
    page = client.get(f"{path}/en-XA")
    assert "the interface is not translated" in page.text
    assert "I have read it and confirm it" not in page.text


def test_a_forged_choice_is_refused_kindly(app, site):
    client, round_id, _folder = site
    page = send(client, f"/lead/rounds/{round_id}/languages", locale=["fr-FR"])
    assert page.status_code == 200
    assert "That language cannot be offered. Read and confirm it first." in page.text
    with rooms.store(app) as session:
        assert session.get(Round, round_id).locales == ["en-GB"]


def test_a_forged_confirmation_is_refused_kindly(site):
    client, round_id, folder = site
    install_both(folder)
    page = send(client, f"/lead/rounds/{round_id}/languages/en-XA", checksum="0" * 64)
    assert "The translation has changed since you opened the page." in page.text


def test_a_closed_round_shows_its_languages_and_changes_none(app, site):
    client, round_id, _folder = site
    path = f"/lead/rounds/{round_id}/languages"
    token = rooms.token(client.get(path))
    with rooms.store(app) as session:
        rounds.close(session, session.get(Round, round_id), by=None, now=rooms.NOW)
    page = client.get(path)
    assert "This round has closed. Its languages no longer change." in page.text
    assert "Save the languages" not in page.text
    client.post(path, data={"csrf_token": token, "locale": "en-US"})
    with rooms.store(app) as session:
        assert session.get(Round, round_id).locales == ["en-GB"]


def test_leaders_pages_speak_the_organisations_locale(app, site):
    client, round_id, folder = site
    with rooms.store(app) as session:
        session.get(Round, round_id).organisation.locale = "en-US"
    page = client.get(f"/lead/rounds/{round_id}", headers={"Accept-Language": "en-GB"})
    assert '<html lang="en-US" dir="ltr">' in page.text
    opens = rooms.NOW - timedelta(days=9)
    assert f"{opens:%b} {opens.day}" in page.text
    install_both(folder, "ar-XB")
    with rooms.store(app) as session:
        session.get(Round, round_id).organisation.locale = "ar-XB"
    page = client.get(f"/lead/rounds/{round_id}")
    assert '<html lang="ar-XB" dir="rtl">' in page.text
    assert PSEUDO["ar-XB"]("Close the round now") in page.text


def test_an_organisations_locale_that_the_interface_lacks_is_shown_in_english(app, site):
    client, round_id, _folder = site
    with rooms.store(app) as session:
        session.get(Round, round_id).organisation.locale = "fr-FR"
    assert '<html lang="en-GB" dir="ltr">' in client.get(f"/lead/rounds/{round_id}").text


def test_the_first_page_speaks_what_the_browser_accepts(client):
    page = client.get("/", headers={"Accept-Language": "en-US,en;q=0.8"})
    assert '<html lang="en-US" dir="ltr">' in page.text
    assert "organizations that learn" in page.text
    assert "organisations that learn" in client.get("/").text


def test_a_missing_page_speaks_the_same_language(client):
    page = client.get("/nowhere", headers={"Accept-Language": "en-US"})
    assert page.status_code == 404
    assert '<html lang="en-US" dir="ltr">' in page.text
