"""Rosters: read, written, and refused in one line."""

from pathlib import Path

import pytest

from instruments import registry
from instruments.definition import Instrument
from instruments.roster import (
    Roster,
    RosterFileError,
    RosterRow,
    read_roster,
    unlisted_schools,
    write_roster,
)

TINY = Path(__file__).parents[1] / "instruments_data" / "tiny"
GOOD = "school,role,headcount\nElm,T,20\nElm,L,3\nOak,T,10\n,H,8\n"


@pytest.fixture(scope="module")
def tiny() -> Instrument:
    return registry.load_folder(TINY)


def test_a_roster_is_read_and_counted(tmp_path: Path, tiny: Instrument) -> None:
    (tmp_path / "roster.csv").write_text(GOOD, encoding="utf-8")
    roster = read_roster(tmp_path / "roster.csv", tiny)
    assert roster.headcount() == 41
    assert roster.headcount(school="Elm") == 23
    assert roster.headcount(roles=["T", "L"]) == 33
    assert roster.schools == ("Elm", "Oak")


def test_a_roster_round_trips(tmp_path: Path, tiny: Instrument) -> None:
    roster = Roster((RosterRow("École", "T", 0), RosterRow("", "H", 4)))
    write_roster(roster, tmp_path / "r.csv")
    assert read_roster(tmp_path / "r.csv", tiny) == roster


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Ash,T,-4", "row 6, column headcount: '-4' is not a number of people"),
        ("Ash,T,many", "'many' is not a number of people"),
        ("Ash,T,2.5", "'2.5' is not a number of people"),
        ("Ash,T,100001", "'100001' is not a number of people; give a whole number from 0 to"),
        ("Ash,T," + "9" * 5000, "999...' is not a number of people"),
        ("Ash,T,", "'' is not a number of people"),
        ("Elm,T,4", "row 6: school 'Elm', role T stands in row 2 already"),
        ("Ash,Q,4", "row 6, column role: 'Q' is not one of T, L, B, H"),
        ("Ash,H,4", "role H is central and belongs to no school"),
        (",T,4", "row 6, column school: is empty; name the school of role T"),
    ],
)
def test_a_bad_row_of_a_roster_is_refused(
    tmp_path: Path, tiny: Instrument, line: str, said: str
) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(GOOD + line + "\n", encoding="utf-8")
    with pytest.raises(RosterFileError) as caught:
        read_roster(path, tiny)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("school,role\nElm,T\n", "there is no column headcount"),
        ("school,role,headcount\n", "lists nobody"),
        ("school,role,headcount\nElm,T,0\n", "lists nobody"),
        ("", "the file is empty"),
    ],
)
def test_a_roster_of_nobody_is_refused(
    tmp_path: Path, tiny: Instrument, text: str, said: str
) -> None:
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RosterFileError, match=said):
        read_roster(tmp_path / "r.csv", tiny)


def test_schools_of_the_answers_that_the_roster_lacks_are_named() -> None:
    roster = Roster((RosterRow("Elm", "T", 5), RosterRow("", "H", 4)))
    assert unlisted_schools(roster, ["Elm", "Ash", "", "Ash"], name="roster.csv") == ("Ash",)


@pytest.mark.parametrize("school", ["elm  Lane", "ELM LANE"])
def test_a_school_spelled_in_two_ways_is_refused(school: str) -> None:
    roster = Roster((RosterRow("Elm Lane", "T", 5),))
    with pytest.raises(RosterFileError, match=r"roster\.csv: school 'Elm Lane' is written"):
        unlisted_schools(roster, [school], name="roster.csv")
