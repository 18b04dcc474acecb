"""Translations beside a published instrument: read, checked, merged, without touching it."""

from dataclasses import replace
from pathlib import Path

import pytest

from instruments import pseudo, registry, translations
from instruments.routing import fields
from instruments.translations import Translation

TINY = Path(__file__).parent.parent / "instruments_data" / "tiny"


@pytest.fixture
def tiny():
    return registry.load_folder(TINY)


def made(instrument, locale="fr-FR", **changes) -> Translation:
    """A complete translation: each text in capitals, its fields left as they are."""
    source = translations.source_entries(instrument, locale)
    entries = {key: pseudo.mirrored(text) for key, text in source.items()} | changes
    entries = {key: text for key, text in entries.items() if text is not None}
    return Translation(
        locale=locale,
        name="Français",
        status="verified",
        by="A. Translator",
        on="2026-05-11",
        checksum=translations.checksum(locale, entries),
        entries=entries,
    )


def install(instrument, folder, translation) -> Path:
    place = translations.folder_of(instrument, folder)
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{translation.locale}.toml"
    path.write_text(translations.as_toml(translation, about="made for a test"), "utf-8")
    return path


def test_what_is_written_is_read_again_word_for_word(tiny, tmp_path):
    written = made(tiny, title='Quotation " marks \\ and a \x7f', cant_tell="two\nlines\ttab")
    path = install(tiny, tmp_path, written)
    assert translations.read(path, tiny) == written


def test_a_translation_adds_a_locale_and_leaves_the_pinned_checksum_alone(tmp_path):
    instrument = registry.load("mto-learning-profile")
    install(instrument, tmp_path, made(instrument))
    merged = translations.translated(instrument, translations.find(instrument, tmp_path))
    assert set(merged.locales) == {*instrument.locales, "fr-FR"}
    assert merged.checksum == instrument.checksum
    assert merged.words("en-GB") == instrument.words("en-GB")
    stem = merged.words("fr-FR", {"mto": "Harbour Reach"}).stem("SCF1")
    expected = pseudo.mirrored(instrument.texts["en"].items["SCF1"]["stem"])
    assert stem == expected.replace("{mto}", "Harbour Reach")


def test_every_text_of_the_instrument_is_among_the_entries():
    instrument = registry.load("mto-learning-profile")
    entries = translations.source_entries(instrument, "fr-FR")
    for item in instrument.items:
        assert entries[f"items.{item.code}.stem"] == instrument.texts["en"].items[item.code]["stem"]
    assert entries["responses.LOC5.4"] == instrument.texts["en"].responses["LOC5"][4]
    assert entries["prompts.1"] == instrument.texts["en"].prompts[0]
    assert entries["terms.pupils"] == "pupils"
    assert entries["placeholders.hub"] == "the central team"


def test_a_locale_of_a_language_that_is_there_brings_only_its_own_terms(tiny, tmp_path):
    entries = translations.source_entries(tiny, "en-AU")
    assert {key.split(".")[0] for key in entries} == {"terms", "placeholders"}
    install(tiny, tmp_path, made(tiny, "en-AU"))
    words = translations.words(tiny, "en-AU", folder=tmp_path)
    assert words.text == tiny.texts["en"]
    assert words.fills["pupils"] == pseudo.mirrored("pupils")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"title": None}, "fr-FR.toml: title: the translation is missing; translate '"),
        ({"title": "  "}, "fr-FR.toml: title: the translation is empty; translate '"),
        ({"roles.T.name": "{pupils}"}, "the source has no {pupils}; remove it or correct its name"),
        ({"roles.T.nam": "x"}, "fr-FR.toml: roles.T.nam: tiny 0.1 has no such text; remove it"),
        ({"title": "a { brace"}, "fr-FR.toml: title: its braces do not match; close each brace"),
        ({"terms.pupils": "{x}"}, "terms.pupils: a word is filled in as it stands"),
    ],
)
def test_each_fault_is_one_line_with_file_key_and_mend(tiny, tmp_path, changes, line):
    found = translations.read(install(tiny, tmp_path, made(tiny, **changes)), tiny)
    assert len(found.faults) == 1
    assert line in str(found.faults[0])
    assert "\n" not in str(found.faults[0])


def test_a_placeholder_that_was_lost_is_named(tiny, tmp_path):
    source = translations.source_entries(tiny, "fr-FR")
    key = next(key for key, text in source.items() if fields(text))
    found = translations.read(install(tiny, tmp_path, made(tiny, **{key: "plain"})), tiny)
    names = sorted(set(fields(source[key])))
    assert [str(fault) for fault in found.faults] == [
        f"fr-FR.toml: {key}: {{{name}}} is missing; put {{{name}}} where it belongs"
        for name in names
    ]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("fr-FR.toml", "x = ", "not readable as TOML"),
        ("fr-FR.toml", "\xff", "not UTF-8 text"),
        ("french.toml", "", "'french' is not the code of a locale"),
        ("en-GB.toml", "", "tiny 0.1 speaks en-GB itself"),
    ],
)
def test_a_file_that_cannot_be_a_translation_says_so(tiny, tmp_path, name, text, line):
    path = tmp_path / name
    path.write_bytes(text.encode("latin-1"))
    assert any(line in str(fault) for fault in translations.read(path, tiny).faults)


def test_an_incomplete_translation_is_not_used(tiny, tmp_path):
    install(tiny, tmp_path, made(tiny, title=None))
    merged = translations.translated(tiny, translations.find(tiny, tmp_path))
    assert set(merged.locales) == set(tiny.locales)
    assert translations.words(tiny, "fr-FR", folder=tmp_path) == tiny.words(tiny.locale)


def test_words_changed_after_somebody_vouched_for_them_are_unverified(tiny, tmp_path):
    path = install(tiny, tmp_path, made(tiny))
    (before,) = translations.find(tiny, tmp_path)
    path.write_text(path.read_text("utf-8").replace("title = ", 'title = "changed" # '), "utf-8")
    (after,) = translations.find(tiny, tmp_path)
    assert (before.status, after.status) == ("verified", "unverified")
    assert before.checksum != after.checksum
    assert after.faults == ()


def test_the_checksum_covers_locale_keys_and_words(tiny):
    entries = made(tiny).entries
    whole = translations.checksum("fr-FR", entries)
    assert whole != translations.checksum("fr-CA", entries)
    assert whole != translations.checksum("fr-FR", {**entries, "title": "x"})
    assert whole == translations.checksum("fr-FR", dict(reversed(entries.items())))


def test_a_translation_of_an_older_version_is_not_found(tiny, tmp_path):
    install(tiny, tmp_path, made(tiny))
    later = tiny.model_copy(update={"version": "0.2"})
    assert translations.find(later, tmp_path) == ()


def test_accents_leave_fields_tags_and_signs_as_they_are():
    given = "<strong>Of %(n)s pupils</strong> in {mto} 40%% &amp; more"
    made = pseudo.accented(given)
    assert pseudo.KEPT.findall(made) == pseudo.KEPT.findall(given)
    assert made.startswith("[<strong>Öƒ %(n)s þûþîļš</strong>")
    assert made.endswith("]")
    assert len(made) >= 1.4 * len(given) - 10


def test_mirrored_words_are_turned_round_one_by_one():
    assert pseudo.mirrored("I can't see {hub}") == (
        "\u202eI\u202c \u202ecan't\u202c \u202esee\u202c {hub}"
    )


def test_a_published_text_of_another_version_keeps_what_it_says(tiny, tmp_path):
    first = made(tiny)
    install(tiny, tmp_path, first)
    words = translations.words(tiny, "fr-FR", folder=tmp_path)
    install(tiny, tmp_path, replace(first, entries={**first.entries, "title": "Encore"}))
    assert translations.words(tiny, "fr-FR", folder=tmp_path).text.title == "Encore"
    assert words.text.title == first.entries["title"]
