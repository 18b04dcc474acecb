"""The interface's messages: collected, complete in American English, found without a build."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from instruments import registry, translations
from survey import catalogs, locales

ROOT = Path(__file__).resolve().parent.parent.parent

#: how a British word begins -> what stands for it in the United States; whole words end in a space
BRITISH = {
    "organis": "organiz",
    "standardis": "standardiz",
    "recognis": "recogniz",
    "summaris": "summariz",
    "anonymis": "anonymiz",
    "personalis": "personaliz",
    "analyse": "analyze",
    "centre": "center",
    "programme": "program",
    "judgement": "judgment",
    "behaviour": "behavior",
    "colour": "color",
    "favour": "favor",
    "honour": "honor",
    "labour": "labor",
    "neighbour": "neighbor",
    "rigour": "rigor",
    "licence": "license",
    "practise": "practice",
    "catalogue": "catalog",
    "cancelled": "canceled",
    "labelled": "labeled",
    "travelled": "traveled",
    "enrolment": "enrollment",
    "fulfil ": "fulfill",
    "grey": "gray",
    "learnt": "learned",
    "whilst": "while",
    "amongst": "among",
    "afresh": "over",
    "fortnight": "two weeks",
    "timetable": "schedule",
    "headteacher": "principal",
    "head teacher": "principal",
    "pupil": "student",
    "trust ": "district",
    "trusts ": "districts",
    "school term": "semester",
    "by term": "by semester",
    "staff room": "staff lounge",
    "noticeboard": "bulletin board",
    "notice board": "bulletin board",
}


def british_in(text: str) -> list[str]:
    plain = re.sub(r"%\(\w+\)s", " ", text.lower())
    words = re.sub(r"[^\w-]+", " ", plain) + " "
    return [word for word in BRITISH if re.search(rf"(?<!\w){re.escape(word)}", words)]


def test_the_template_is_up_to_date_with_the_code():
    done = subprocess.run(
        [sys.executable, "tools/messages.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def american(message) -> tuple[str, ...]:
    words = catalogs.translations("en-US", None)
    if isinstance(message.id, str):
        return (words.ugettext(message.id),)
    return tuple(words.ungettext(*message.id, n) for n in (1, 2))


def test_american_english_keeps_no_british_word():
    left = {
        text: british_in(text)
        for message in catalogs.messages(catalogs.template())
        for text in american(message)
        if british_in(text)
    }
    assert left == {}


def test_american_english_really_differs_where_the_source_is_british():
    british = [
        message
        for message in catalogs.messages(catalogs.template())
        if any(british_in(text) for text in catalogs.several(message.id))
    ]
    assert len(british) >= 5
    assert all(american(message) != catalogs.several(message.id) for message in british)


@pytest.mark.parametrize("text", ["An organisation.", "the trust, say", "Head teachers", "A pupil"])
def test_the_list_finds_british_words(text):
    assert british_in(text)


def test_the_american_texts_of_the_profile_keep_no_british_word():
    instrument = registry.load("mto-learning-profile", "0.1")
    words = instrument.words("en-US", {"before": "the merger", "focus": "reading"})
    source = translations.source_entries(instrument, "fr-FR")
    texts = [
        text for key, text in source.items() if not key.startswith(("terms.", "placeholders."))
    ]
    # one stands in version 0.1, which is published and changes no more
    assert {word for text in texts for word in british_in(words.fill(text))} == {"travelled"}


def test_every_message_of_a_shipped_catalog_is_one_of_the_interface():
    paths = sorted(catalogs.SHIPPED.glob("*/LC_MESSAGES/messages.po"))
    assert [path.parent.parent.name for path in paths] == ["en_US"]
    for path in paths:
        locale = path.parent.parent.name.replace("_", "-")
        assert catalogs.interface(locale, None).faults == ()
        assert catalogs.interface(locale, None).status == "verified"


def test_catalogs_are_part_of_the_package():
    import tomllib

    data = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "translations/**/*" in data["tool"]["setuptools"]["package-data"]["survey"]


def test_a_catalog_that_changes_is_read_again(tmp_path):
    path = tmp_path / "interface" / "fr-FR.po"
    path.parent.mkdir()
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    path.write_text(head + 'msgid "Thank you"\nmsgstr "Merci"\n', "utf-8")
    assert catalogs.translations("fr-FR", tmp_path).ugettext("Thank you") == "Merci"
    path.write_text(head + 'msgid "Thank you"\nmsgstr "Merci bien"\n', "utf-8")
    assert catalogs.translations("fr-FR", tmp_path).ugettext("Thank you") == "Merci bien"


def test_a_message_of_plural_forms_must_hold_its_field_where_the_language_needs_it():
    catalog = Catalog(locale="pl_PL")
    source = ("about a minute left", "about %(num)s minutes left")
    catalog.add(source, ("minuta", "%(num)s minuty", "%(nom)s minut"))
    faults = catalogs.check_catalog(catalog, "pl-PL.po", is_partial=True)
    assert [fault.what for fault in faults] == ["the source has no %(nom)s"]


@pytest.mark.parametrize(
    ("code", "direction", "name"),
    [
        ("en-GB", "ltr", "English (United Kingdom)"),
        ("fr-FR", "ltr", "Français (France)"),
        ("ar-EG", "rtl", "العربية (مصر)"),
        ("ar-XB", "rtl", "العربية (ar-XB)"),
        ("en-XA", "ltr", "English (en-XA)"),
    ],
)
def test_each_locale_has_a_direction_and_a_name_of_its_own(code, direction, name):
    assert locales.direction(code) == direction
    assert locales.name_of(code) == name


def test_names_are_as_short_as_tells_languages_apart():
    assert list(locales.names_of(["en-GB", "fr-FR"]).values()) == ["English", "Français"]
    assert list(locales.names_of(["en-GB", "en-US"]).values()) == [
        "English (United Kingdom)",
        "English (United States)",
    ]


@pytest.mark.parametrize(
    ("accepted", "suits"),
    [
        ([], "en-GB"),
        ([("*", 1)], "en-GB"),
        ([("fr-FR", 1)], "fr-FR"),
        ([("fr-CA", 1), ("en", 0.5)], "fr-FR"),
        ([("de", 1), ("en-us", 0.5)], "en-US"),
        ([("en", 1)], "en-GB"),
        ([("en-AU", 1)], "en-GB"),
        ([("de-CH", 1), ("en-US", 0.3), ("fr", 0.8)], "fr-FR"),
        ([("fr", 0), ("en-US", 0.1)], "en-US"),
        ([("de", 1)], "en-GB"),
    ],
)
def test_what_a_browser_accepts_picks_the_language(accepted, suits):
    offered = ["en-XA", "en-US", "fr-FR", "en-GB"]
    assert locales.suiting(accepted, offered, "en-GB") == suits
