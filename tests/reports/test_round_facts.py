"""A round's facts are read from a file, and every fault is one clear line."""

from datetime import date
from pathlib import Path

import measures_factory as made
import pytest

from instruments import registry
from reports.round_facts import RoundFactsError, facts_from, read_round

WHOLE = """
organisation = "Harbour Reach Schools Trust"
short_name = "Harbour Reach"
locale = "en-GB"
opens_on = 2026-05-04
closes_on = 2026-05-22
mode = "confidential"
form = "full"
simulated = true

[placeholders]
mto = "the office"

[admin]
schools_now = 12
budget = "down a little"

[formal]
ONE = 5
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "round.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_round_file_is_read(tmp_path: Path) -> None:
    facts = read_round(write(tmp_path, WHOLE), made.instrument())

    assert (facts.organisation, facts.short_name) == (
        "Harbour Reach Schools Trust",
        "Harbour Reach",
    )
    assert (facts.opens_on, facts.closes_on) == (date(2026, 5, 4), date(2026, 5, 22))
    assert (facts.mode, facts.form, facts.simulated) == ("confidential", "full", True)
    assert facts.placeholders == {"mto": "the office"}
    assert facts.admin == {"schools_now": "12", "budget": "down a little"}
    assert facts.formal == {"ONE": 5}


def test_three_lines_are_enough() -> None:
    facts = facts_from(
        {"organisation": "A", "opens_on": date(2026, 5, 4), "closes_on": date(2026, 5, 4)},
        made.instrument(),
    )

    assert (facts.short_name, facts.locale, facts.mode, facts.form) == (
        "A", "en-GB", "anonymous", "full",
    )  # fmt: skip
    assert facts.placeholders == {"mto": "A"}
    assert facts.simulated is False


def test_facts_cannot_be_changed() -> None:
    facts = facts_from(
        {"organisation": "A", "opens_on": date(2026, 5, 4), "closes_on": date(2026, 5, 4)},
        made.instrument(),
    )

    with pytest.raises(TypeError):
        facts.placeholders["mto"] = "B"  # type: ignore[index] # that it fails is the point


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ('organisation = "Harbour Reach Schools Trust"', "", "organisation is missing: add a line"),
        ('organisation = "Harbour Reach Schools Trust"', "organisation = 3", "must be text"),
        ("opens_on = 2026-05-04", "", "opens_on is missing: add a line opens_on = 2026-05-04"),
        ("opens_on = 2026-05-04", 'opens_on = "4 May"', "opens_on must be a date"),
        ("opens_on = 2026-05-04", "opens_on = 2026-05-04T08:00:00", "opens_on must be a date"),
        ("closes_on = 2026-05-22", "closes_on = 2026-05-01", "is before opens_on"),
        ('locale = "en-GB"', 'locale = "fr-FR"', "locale 'fr-FR' is not one of en-GB"),
        ('mode = "confidential"', 'mode = "secret"', "not one of anonymous, confidential"),
        ('form = "full"', 'form = "tiny"', "form 'tiny' is not one of full"),
        ('form = "full"', 'modules = ["x"]', "modules: 'x' is unknown"),
        ('form = "full"', 'modules = ["open"]', "modules: 'open' is unknown"),
        ("schools_now = 12", "schools_now = nan", "admin.schools_now must be text or a number"),
        ("[placeholders]", "[placeholders]\nfocuss = 'x'", "placeholders.focuss is unknown: "),
        ('form = "full"', 'modules = "x"', "modules must be a list"),
        ("simulated = true", 'simulated = "yes"', "simulated must be true or false"),
        ("simulated = true", "simulate = true", "unknown key 'simulate'; known keys are"),
        ("ONE = 5", "ONE = 6", "formal.ONE must be a stop from 1 to 5, not 6"),
        ("ONE = 5", "ONE = true", "formal.ONE must be a stop"),
        ("ONE = 5", "XXX = 5", "formal.XXX is no decision; known: ONE, TWO, TRI"),
        ("schools_now = 12", "schools_now = [12]", "admin.schools_now must be text or a number"),
        ("[admin]", "[[admin]]", "admin must be a table"),
        ("[admin]", "[admin", "is not a TOML file"),
    ],
)
def test_each_fault_names_the_file_the_key_and_the_mend(
    tmp_path: Path, was: str, becomes: str, message: str
) -> None:
    assert was in WHOLE
    path = write(tmp_path, WHOLE.replace(was, becomes))

    with pytest.raises(RoundFactsError) as error:
        read_round(path, made.instrument())

    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RoundFactsError, match=r"nowhere\.toml: cannot be read"):
        read_round(tmp_path / "nowhere.toml", made.instrument())


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "round.toml"
    path.write_bytes('organisation = "École"'.encode("latin-1"))

    with pytest.raises(RoundFactsError, match="is not UTF-8 text; save it as UTF-8"):
        read_round(path, made.instrument())


def test_an_instrument_without_position_takes_no_formal_rules() -> None:
    values = {
        "organisation": "A",
        "opens_on": date(2026, 5, 4),
        "closes_on": date(2026, 5, 4),
        "formal": {"ONE": 3},
    }

    with pytest.raises(RoundFactsError, match="asks no position"):
        facts_from(values, made.instrument(position=False))


def test_a_byte_order_mark_makes_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "round.toml"
    path.write_text(WHOLE, encoding="utf-8-sig")

    assert read_round(path, made.instrument()).organisation == "Harbour Reach Schools Trust"


def test_silhouettes_are_off_and_need_reference_cases() -> None:
    least = {"organisation": "A", "opens_on": date(2026, 5, 4), "closes_on": date(2026, 5, 4)}
    shipped = registry.load("mto-learning-profile")

    assert not facts_from(least, shipped).silhouettes
    assert facts_from({**least, "silhouettes": True}, shipped).silhouettes
    with pytest.raises(RoundFactsError, match="tiny has no reference cases; delete the line"):
        facts_from({**least, "silhouettes": True}, made.instrument())
    with pytest.raises(RoundFactsError, match="silhouettes must be true or false"):
        facts_from({**least, "silhouettes": "yes"}, shipped)
