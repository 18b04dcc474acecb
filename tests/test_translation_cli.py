"""``midtier translation``: out to a translator and back again, on files alone."""

import tomllib

import pytest
from babel.messages import pofile

from instruments import registry, translations
from instruments.pseudo import PSEUDO
from survey import catalogs, translating
from tests.test_cli import failure, run

PROFILE = "mto-learning-profile"


def export(tmp_path, name, locale="fr-FR"):
    out = tmp_path / f"{name.partition('@')[0]}.{locale}.po"
    done = run(
        "translation", "export", name, "--locale", locale, "--out", out, "--into", tmp_path / "t"
    )
    assert done.exit_code == 0, done.output
    return out


def translate(path, change=PSEUDO["en-XA"], **replaced):
    """Do a translator's work on an exported file; ``replaced``: msgctxt -> other words."""
    path.write_bytes(translating.filled(path.read_bytes(), change))
    if replaced:
        with path.open("rb") as file:
            catalog = pofile.read_po(file)
        for message in catalog:
            if message.context in replaced:
                message.string = replaced[message.context]
        with path.open("wb") as file:
            pofile.write_po(file, catalog)
    return path


@pytest.mark.parametrize("name", [PROFILE, f"{PROFILE}@0.1", "bfi25"])
@pytest.mark.parametrize("locale", ["fr-FR", "en-XA", "ar-XB"])
def test_an_instrument_goes_out_and_comes_back_identical(tmp_path, name, locale):
    change = PSEUDO.get(locale, PSEUDO["en-XA"])
    path = translate(export(tmp_path, name, locale), change)
    done = run("translation", "import", path, "--into", tmp_path / "t")
    assert done.exit_code == 0, done.output
    instrument = registry.resolve(name)
    source = translations.source_entries(instrument, locale)
    (found,) = translations.find(instrument, tmp_path / "t")
    assert dict(found.entries) == {key: change(text) for key, text in source.items()}
    assert (found.status, found.faults) == ("unverified", ())
    text = translations.translated(instrument, [found]).texts[locale]
    ours = instrument.texts["en"]
    for item in instrument.items:
        assert text.items[item.code]["stem"] == change(ours.items[item.code]["stem"])
    assert text.responses == {
        code: {option: change(label) for option, label in labels.items()}
        for code, labels in ours.responses.items()
    }
    assert text.prompts == tuple(change(prompt) for prompt in ours.prompts)


def test_what_is_translated_already_goes_out_again(tmp_path):
    path = translate(export(tmp_path, "bfi25"))
    run("translation", "import", path, "--into", tmp_path / "t")
    with export(tmp_path, "bfi25").open("rb") as file:
        again = pofile.read_po(file)
    messages = catalogs.messages(again)
    assert messages
    assert all(message.string == PSEUDO["en-XA"](message.id) for message in messages)


def test_the_interface_goes_out_and_comes_back(tmp_path):
    path = translate(export(tmp_path, "interface", "pl-PL"))
    assert run("translation", "import", path, "--into", tmp_path / "t").exit_code == 0
    found = catalogs.interface("pl-PL", tmp_path / "t")
    assert (found.status, found.faults) == ("unverified", ())
    words = catalogs.translations("pl-PL", tmp_path / "t")
    assert words.ugettext("Our promise to you") == PSEUDO["en-XA"]("Our promise to you")
    several = words.ungettext("about a minute left", "about %(num)s minutes left", 5)
    assert several == PSEUDO["en-XA"]("about %(num)s minutes left")


def test_who_vouches_for_a_translation_is_written_down(tmp_path):
    path = translate(export(tmp_path, "bfi25"))
    run("translation", "import", path, "--into", tmp_path / "t", "--verified-by", "A. Translator")
    (found,) = translations.find(registry.load("bfi25"), tmp_path / "t")
    assert (found.status, found.by) == ("verified", "A. Translator")
    raw = tomllib.loads((tmp_path / "t/bfi25/1.0/fr-FR.toml").read_text("utf-8"))
    assert raw["translation"]["on"]
    assert raw["translation"]["checksum"] == found.checksum


def test_an_incomplete_file_is_refused_line_by_line_and_nothing_is_written(tmp_path):
    path = translate(export(tmp_path, PROFILE), title="", **{"roles.T.option": "No pupils here"})
    result = run("translation", "import", path, "--into", tmp_path / "t")
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert lines[0].startswith(f"{path.name}: title: the translation is empty; translate '")
    assert lines[1] == (
        f"{path.name}: roles.T.option: {{pupils}} is missing; put {{pupils}} where it belongs"
    )
    assert lines[2] == f"Error: {path}: 2 to mend"
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("<strong>", "<script>", "its tags are not those of the source; keep each tag"),
        ("%(low)s", "", "%(low)s is missing; put %(low)s where it belongs"),
        ("%(low)s", "%(low)s %(lower)s", "the source has no %(lower)s; remove or correct it"),
        ("%(low)s", "%(low)s 5 %", "a % stands alone; write %% for the sign itself"),
    ],
)
def test_a_message_that_lost_its_field_or_its_tag_is_refused(tmp_path, old, new, line):
    def change(text: str) -> str:
        return PSEUDO["en-XA"](text).replace(old, new)

    path = translate(export(tmp_path, "interface"), change)
    result = run("translation", "import", path, "--into", tmp_path / "t")
    assert result.exit_code == 1
    assert line in result.stderr
    assert not (tmp_path / "t").exists()


def test_a_fuzzy_text_is_refused(tmp_path):
    path = translate(export(tmp_path, "bfi25"))
    text = path.read_text("utf-8")
    path.write_text(text.replace('msgctxt "title"', '#, fuzzy\nmsgctxt "title"'), "utf-8")
    result = run("translation", "import", path, "--into", tmp_path / "t")
    assert "title: it is marked as fuzzy; look at it again and take the mark off" in result.stderr


def test_a_file_of_another_source_is_refused(tmp_path):
    path = translate(export(tmp_path, "bfi25"))
    text = path.read_text("utf-8")
    path.write_text(text.replace('msgid "Very inaccurate"', 'msgid "Most inaccurate"'), "utf-8")
    result = run("translation", "import", path, "--into", tmp_path / "t")
    assert "responses.ACC6.1: its source is not what it was; export the file once more" in (
        result.stderr
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("Project-Id-Version: bfi25 1.0", "Project-Id-Version: bfi25 9.9", "bfi25 9.9"),
        ("Language: fr_FR", "Language: french", "its header says Language: french"),
    ],
)
def test_a_header_that_names_nothing_known_is_refused(tmp_path, old, new, line):
    path = translate(export(tmp_path, "bfi25"))
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    result = run("translation", "import", path, "--into", tmp_path / "t")
    assert result.exit_code == 1
    assert line in result.stderr
    assert "Traceback" not in result.output


def test_a_file_that_is_no_po_is_refused_in_one_line(tmp_path):
    path = tmp_path / "broken.po"
    path.write_text('msgid "a\nnothing', "utf-8")
    assert failure("translation", "import", path, "--into", tmp_path / "t")


def test_wrong_names_are_refused_in_one_line(tmp_path):
    out = ("--out", tmp_path / "x.po", "--into", tmp_path)
    assert "not the code of a locale" in failure(
        "translation", "export", PROFILE, "--locale", "french", *out
    )
    assert "no such instrument" in failure(
        "translation", "export", "unknown", "--locale", "fr-FR", *out
    )


def test_checking_names_what_is_missing(tmp_path):
    into = ("--into", tmp_path / "t")
    missing = run("translation", "check", "bfi25", "--locale", "fr-FR", *into)
    assert missing.exit_code == 1
    assert "fr-FR.toml: there is no such translation; midtier translation export bfi25" in (
        missing.stderr
    )
    translated = translate(export(tmp_path, "bfi25"))
    run("translation", "import", translated, *into)
    done = run("translation", "check", "bfi25", "--locale", "fr-FR", *into)
    assert done.stdout == "bfi25 in fr-FR: nothing to mend\n"
    assert run("translation", "check", "interface", "--locale", "fr-FR", *into).exit_code == 1


def test_pseudo_locales_are_installed_by_the_same_path(tmp_path):
    assert run("translation", "pseudo", "--into", tmp_path).exit_code == 0
    for locale in PSEUDO:
        assert catalogs.interface(locale, tmp_path).faults == ()
        assert catalogs.interface(locale, tmp_path).status == "unverified"
        for slug, version in registry.available():
            found = translations.find(registry.load(slug, version), tmp_path)
            assert {each.locale for each in found} == set(PSEUDO)
            assert all(each.faults == () for each in found)


def test_no_database_and_no_keys_are_made(tmp_path, monkeypatch):
    monkeypatch.setenv("MIDTIER_DATA_DIR", str(tmp_path / "data"))
    path = translate(export(tmp_path, "bfi25"))
    assert run("translation", "import", path).exit_code == 0
    written = {p.name for p in (tmp_path / "data").rglob("*") if p.is_file()}
    assert written == {"fr-FR.toml"}
