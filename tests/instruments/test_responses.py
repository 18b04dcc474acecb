"""Response files: what is read, what is refused, and in which words."""

from pathlib import Path

import numpy as np
import pandas
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments import registry
from instruments.definition import Instrument
from instruments.responses import (
    CANT_TELL,
    DOES_NOT_APPLY,
    NOT_SHOWN,
    SKIPPED,
    ResponseFileError,
    Responses,
    fingerprint,
    read,
    write,
)

TINY = Path(__file__).parents[1] / "instruments_data" / "tiny"
HEADER = "respondent,school,role,IDE1,IDE2,TOO3,FOOD_NOW"
ROWS = (
    "a,Elm,T,1,2,,3",
    "b,Elm,L,CT,5,4,DNA",
    "c,,H,3.0,,2,1",
)


@pytest.fixture(scope="module")
def tiny() -> Instrument:
    return registry.load_folder(TINY)


def save(folder: Path, *lines: str, name: str = "answers.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join((*lines, "")).encode(encoding))
    return path


def message(path: Path, instrument: Instrument) -> str:
    with pytest.raises(ResponseFileError) as caught:
        read(path, instrument)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_codes_and_the_kinds_of_missing_are_told_apart(tmp_path: Path, tiny: Instrument) -> None:
    found = read(save(tmp_path, HEADER, *ROWS), tiny)
    assert found.items == ("IDE1", "IDE2", "TOO3", "FOOD_NOW")
    assert found.codes.dtype == np.int8
    assert found.codes.tolist() == [
        [1, 2, NOT_SHOWN, 3],
        [CANT_TELL, 5, 4, DOES_NOT_APPLY],
        [3, SKIPPED, 2, 1],
    ]
    assert found.attribute("role").tolist() == ["T", "L", "H"]
    assert found.attribute("school").tolist() == ["Elm", "Elm", ""]
    assert not found.simulated


def test_a_question_that_nobody_answered_was_not_shown(tmp_path: Path, tiny: Instrument) -> None:
    found = read(save(tmp_path, "school,role,IDE1,IDE2", "Elm,T,1,", "Elm,T,2,"), tiny)
    assert found.codes[:, 1].tolist() == [NOT_SHOWN, NOT_SHOWN]


def test_a_condition_decides_between_skipped_and_not_shown(
    tmp_path: Path, tiny: Instrument
) -> None:
    lines = ("school,role,HERE,FOOD_PAST", "Elm,T,1,", "Elm,T,2,", "Elm,T,1,4")
    found = read(save(tmp_path, *lines), tiny)
    assert found.codes[:, 1].tolist() == [SKIPPED, NOT_SHOWN, 4]


@pytest.mark.parametrize("name", ["answers.csv", "answers.parquet", "answers.sav"])
def test_every_format_round_trips(tmp_path: Path, tiny: Instrument, name: str) -> None:
    found = read(save(tmp_path, HEADER, *ROWS, name="first.csv"), tiny)
    marked = Responses(found.items, found.codes, found.attributes, simulated=True)
    write(marked, tmp_path / name, tiny)
    again = read(tmp_path / name, tiny)
    assert again.codes.tolist() == found.codes.tolist()
    assert {k: v.tolist() for k, v in again.attributes.items()} == {
        k: v.tolist() for k, v in found.attributes.items()
    }
    assert again.simulated


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_names_survive_every_usual_encoding(
    tmp_path: Path, tiny: Instrument, encoding: str
) -> None:
    lines = ("school,role,IDE1", "École Zoë,T,4")
    found = read(save(tmp_path, *lines, encoding=encoding), tiny)
    assert found.attribute("school").tolist() == ["École Zoë"]
    assert bool(found.notices) == (encoding in ("utf-16", "cp1252"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_windows_line_ends_and_other_delimiters_are_read(
    tmp_path: Path, tiny: Instrument, delimiter: str
) -> None:
    text = "school,role,IDE1\r\nElm,T,4\r\n\r\nOak,T,5\r\n".replace(",", delimiter)
    (tmp_path / "w.csv").write_bytes(text.encode())
    assert read(tmp_path / "w.csv", tiny).codes[:, 0].tolist() == [4, 5]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,Elm,T,NA,2,,3", "row 3, column IDE1: 'NA' is not read as missing; leave the cell"),
        ("a,Elm,T,n/a,2,,3", "'n/a' is not read as missing"),
        ("a,Elm,T,.,2,,3", "'.' is not read as missing"),
        ("a,Elm,T,1,6,,3", "row 3, column IDE2: '6' is not one of 1, 2, 3, 4, 5, CT; correct it"),
        ("a,Elm,T,1,3.5,,3", "column IDE2: '3.5' is not one of"),
        ("a,Elm,T,1,-1,,3", "column IDE2: '-1' is not one of"),
        ("a,Elm,T,1,DNA,,3", "column IDE2: 'DNA' is not one of"),
        ("a,Elm,T,1,ct,,3", "column IDE2: 'ct' must be written CT"),
        ("a,Elm,T,1,2,4,3", "row 3, column TOO3: role T is not asked this"),
        ("a,Elm,X,1,2,,3", "row 3, column role: 'X' is not one of T, L, B, H"),
        ("a,Elm,,1,2,,3", "row 3, column role: '' is not one of"),
        ("z,Elm,T,1,2,,3", "row 3, column respondent: 'z' stands in row 2 already"),
        ("a,Elm,T,1,2", "row 3 has 5 cells where the header has 7"),
        ("a,Elm,T,1,2,,3,4", "row 3 has 8 cells where the header has 7"),
        ('a,"Elm,T,1,2,,3', "is not a readable CSV file"),
    ],
)
def test_a_bad_row_is_refused_in_one_line(
    tmp_path: Path, tiny: Instrument, row: str, said: str
) -> None:
    text = message(save(tmp_path, HEADER, "z,Elm,T,1,2,,3", row), tiny)
    assert text.startswith("answers.csv: ")
    assert said in text


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("school,role,ide1", "column ide1 reads like IDE1; rename it"),
        ("school,role,IDE 1", "column IDE 1 reads like IDE1"),
        ("school,role,IDE1,IDE7", "column IDE7 reads like an item"),
        ("school,role,IDE1,IDE1", "column IDE1 stands twice in row 1"),
        ("school,role,IDE1,", None),
        ("school,role,,IDE1", "column 3 has no name in row 1"),
        ("school,role,colour", "no column is an item of tiny"),
        ("school,IDE1", "there is no column role"),
        ("role,IDE1", "there is no column school"),
        ("school,role,IDE1,STORY", "column STORY holds open answers"),
    ],
)
def test_a_bad_header_is_refused_in_one_line(
    tmp_path: Path, tiny: Instrument, header: str, said: str | None
) -> None:
    cells = {"school": "Elm", "role": "T", "": ""}
    row = ",".join(cells.get(name, "1") for name in header.split(","))
    path = save(tmp_path, header, row)
    if said is None:  # a trailing delimiter in every line
        assert read(path, tiny).n == 1
    else:
        assert said in message(path, tiny)


def test_other_columns_are_kept_as_attributes_and_named(tmp_path: Path, tiny: Instrument) -> None:
    found = read(save(tmp_path, "school,role,phase,IDE1", "Elm,T,primary,1"), tiny)
    assert found.attribute("phase").tolist() == ["primary"]
    assert found.notices == ("Columns kept as attributes: phase.",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"school,role,IDE1\n", "has a header and no answers"),
        (b"PK\x03\x04rest", "is an Excel workbook"),
        (b"\x00\x01\x02\x03", "is not a text file"),
        (b"school,role,IDE1\nElm\x00,T,1\n", "is not a text file"),
    ],
)
def test_what_is_no_table_is_refused(
    tmp_path: Path, tiny: Instrument, content: bytes, said: str
) -> None:
    (tmp_path / "bad.csv").write_bytes(content)
    assert said in message(tmp_path / "bad.csv", tiny)


@pytest.mark.parametrize("name", ["junk.sav", "junk.parquet"])
def test_junk_in_other_formats_is_refused(tmp_path: Path, tiny: Instrument, name: str) -> None:
    (tmp_path / name).write_bytes(b"not a table at all, whatever its name says")
    assert "is not a readable" in message(tmp_path / name, tiny)


def test_a_missing_file_or_another_kind_is_refused(tmp_path: Path, tiny: Instrument) -> None:
    assert "cannot be opened" in message(tmp_path / "no.csv", tiny)
    assert "files of kind '.xlsx' are not read" in message(tmp_path / "no.xlsx", tiny)


def test_a_sidecar_marks_simulated_answers(tmp_path: Path, tiny: Instrument) -> None:
    path = save(tmp_path, "school,role,IDE1", "Elm,T,1")
    save(tmp_path, "simulated = true", name="answers.csv.toml")
    assert read(path, tiny).simulated
    save(tmp_path, "simulated = ", name="answers.csv.toml")
    assert "is not valid TOML" in message(path, tiny)


@pytest.mark.parametrize("line", ['simulated = "yes"', "instrument = 5", "version = 1.0"])
def test_a_sidecar_with_another_kind_of_value_is_refused(
    tmp_path: Path, tiny: Instrument, line: str
) -> None:
    path = save(tmp_path, "school,role,IDE1", "Elm,T,1")
    save(tmp_path, line, name="answers.csv.toml")
    assert f"answers.csv.toml: key {line.split(' = ')[0]} is " in message(path, tiny)


@pytest.mark.parametrize("mark", ["yes", "TRUE", "True"])
def test_the_mark_of_simulated_answers_survives_a_spreadsheet(
    tmp_path: Path, tiny: Instrument, mark: str
) -> None:
    path = save(tmp_path, "school,role,simulated,IDE1", f"Elm,T,{mark},1")
    assert read(path, tiny).simulated


@pytest.mark.parametrize("name", ["ID", "Respondent ID", "ResponseId"])
def test_a_respondent_twice_is_found_whatever_the_spelling_of_the_column(
    tmp_path: Path, tiny: Instrument, name: str
) -> None:
    path = save(tmp_path, f"{name},school,role,IDE1", "7,Elm,T,1", "7,Elm,T,2")
    assert f"row 3, column {name}: '7' stands in row 2 already" in message(path, tiny)


def test_a_number_in_another_column_of_an_spss_file_is_no_missing_word(
    tmp_path: Path, tiny: Instrument
) -> None:
    frame = pandas.DataFrame(
        {"school": ["Elm"] * 2, "role": ["T"] * 2, "IDE1": [1.0, -2.0], "mood": [-2.0, -3.0]}
    )
    pyreadstat.write_sav(frame, str(tmp_path / "answers.sav"))
    found = read(tmp_path / "answers.sav", tiny)
    assert found.codes.ravel().tolist() == [1, CANT_TELL]
    assert found.attribute("mood").tolist() == ["-2", "-3"]


def test_an_instrument_without_roles_needs_no_school(tmp_path: Path) -> None:
    found = read(save(tmp_path, "id,A1,gender", "1,6,2"), registry.load("bfi25"))
    assert found.codes.tolist() == [[6]]


def test_the_fingerprint_knows_rows_answers_and_attributes(tiny: Instrument) -> None:
    def made(codes: list[list[int]], school: str = "Elm", *, simulated: bool = False) -> Responses:
        attributes = {"school": np.array([school, "Oak"]), "role": np.array(["T", "T"])}
        return Responses(("IDE1",), np.array(codes, dtype=np.int8), attributes, simulated)

    first = fingerprint(made([[1], [2]]), tiny)
    assert first == fingerprint(made([[1], [2]]), tiny)
    assert len(first) == 64
    others = [made([[2], [1]]), made([[1], [3]]), made([[1], [2]], "Ash")]
    others.append(made([[1], [2]], simulated=True))
    assert len({first, *(fingerprint(each, tiny) for each in others)}) == 5


@settings(max_examples=30, deadline=None)
@given(
    codes=st.lists(
        st.tuples(
            st.sampled_from([1, 2, 3, 4, 5, SKIPPED, CANT_TELL]),
            st.sampled_from([1, 5, SKIPPED, CANT_TELL, DOES_NOT_APPLY]),
        ),
        min_size=1,
        max_size=8,
    ),
    school=st.text(alphabet="aé,\";' |", min_size=1, max_size=6).filter(str.strip),
)
def test_any_answers_and_names_survive_a_csv_file(
    tmp_path_factory: pytest.TempPathFactory, codes: list[tuple[int, int]], school: str
) -> None:
    tiny = registry.load_folder(TINY)
    table = np.array(codes, dtype=np.int8)
    attributes = {
        "school": np.array([school.strip()] * len(codes)),
        "role": np.array(["L"] * len(codes)),
    }
    path = tmp_path_factory.mktemp("csv") / "r.csv"
    write(Responses(("IDE1", "FOOD_NOW"), table, attributes), path, tiny)
    again = read(path, tiny)
    asked = ~(table == SKIPPED).all(axis=0)
    assert np.array_equal(again.codes[:, asked], table[:, asked])
    assert again.attribute("school").tolist() == attributes["school"].tolist()
