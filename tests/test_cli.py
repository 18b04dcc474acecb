"""The command line: files in, files out, one clear line where something is wrong."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from instruments import registry
from instruments.simulate import simulate, write
from survey.cli import main

BFI = Path(__file__).parent / "reference" / "bfi.csv"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    instrument = registry.load("mto-learning-profile")
    write(simulate(instrument, seed=3, schools=4, staff=160), folder, instrument)
    return folder


def run(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def failure(*arguments: object) -> str:
    """The one line on stderr of a command that must end with exit code 1."""
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    lines = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert "Traceback" not in result.output
    return lines[0].removeprefix("Error: ")


def profile_of(drawn: Path, file: Path, out: Path) -> list[object]:
    files = ["--round", drawn / "round.toml", "--roster", drawn / "roster.csv"]
    return ["profile", file, "--instrument", "mto-learning-profile", *files, "--out", out]


def test_help_starts_without_the_heavy_libraries():
    code = (
        "import sys; sys.argv = ['midtier', '--help']\n"
        "from survey.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'scipy', 'pingouin', 'factor_analyzer', 'weasyprint', 'flask'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for command in ("analyse", "demo", "instrument", "profile", "run", "simulate", "validate"):
        assert command in done.stdout


def test_answers_on_file_become_a_profile_without_a_database(drawn, tmp_path):
    out = tmp_path / "profile.pdf"
    result = run(*profile_of(drawn, drawn / "responses.csv", out))
    assert result.exit_code == 0, result.output
    text = subprocess.run(["pdftotext", out, "-"], capture_output=True, text=True).stdout
    assert "Harbour Reach" in text
    assert text.count("Simulated data") >= 8
    assert sorted(path.name for path in tmp_path.iterdir()) == ["profile.pdf"]


def test_a_profile_is_compared_with_an_earlier_round(drawn, tmp_path):
    before = tmp_path / "before"
    instrument = registry.load("mto-learning-profile")
    write(simulate(instrument, seed=4, schools=4, staff=160), before, instrument)
    about = (before / "round.toml").read_text("utf-8")
    (before / "round.toml").write_text(about.replace("2026-05-", "2025-05-"), "utf-8")
    out = tmp_path / "profile.pdf"
    result = run(*profile_of(drawn, drawn / "responses.csv", out), "--earlier", before)
    assert result.exit_code == 0, result.output
    text = subprocess.run(["pdftotext", "-layout", out, "-"], capture_output=True, text=True).stdout
    assert "Since May 2025" in text
    assert "too close to tell apart" in text
    (before / "round.toml").unlink()
    said = failure(*profile_of(drawn, drawn / "responses.csv", out), "--earlier", before)
    assert said.endswith("there is no round.toml; put it there")


def test_the_instrument_is_found_beside_the_file(drawn, tmp_path):
    result = run("analyse", drawn / "responses.csv", "--json", tmp_path / "a.json")
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert figures["instrument"] == "mto-learning-profile@0.1"
    assert figures["simulated"] is True


def test_without_an_instrument_the_library_is_listed(tmp_path):
    shutil.copy(BFI, tmp_path / "bfi.csv")
    result = run("analyse", tmp_path / "bfi.csv")
    assert result.exit_code == 2
    assert "which instrument?" in result.stderr
    assert "bfi25@1.0" in result.stderr


def test_real_answers_are_analysed_and_not_called_simulated(tmp_path):
    result = run("analyse", BFI, "--instrument", "bfi25", "--json", tmp_path / "a.json")
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert figures["n"] == 2800
    assert figures["simulated"] is False


def test_an_instrument_without_a_continuum_has_no_profile(drawn, tmp_path):
    facts = tmp_path / "round.toml"
    facts.write_text(
        'organisation = "A trust"\nshort_name = "A trust"\nlocale = "en-GB"\n'
        "opens_on = 2026-05-04\ncloses_on = 2026-05-22\n"
    )
    line = failure(
        *["profile", BFI, "--instrument", "bfi25", "--round", facts],
        *["--out", tmp_path / "profile.pdf"],
    )
    assert "bfi25" in line
    assert "asks no position" in line
    assert not (tmp_path / "profile.pdf").exists()


def test_checking_an_instrument_names_every_fault_and_ends_with_1(tmp_path):
    good = Path(__file__).parent / "instruments_data" / "tiny"
    assert run("instrument", "check", good).exit_code == 0
    folder = tmp_path / "tiny"
    shutil.copytree(good, folder)
    items = folder / "items.toml"
    items.write_text(re.sub(r'response = "\w+"', 'response = "NOSUCH"', items.read_text("utf-8")))
    result = run("instrument", "check", folder)
    assert result.exit_code == 1
    assert "NOSUCH" in result.stderr
    assert "items.toml" in result.stderr


def edited(drawn: Path, tmp_path: Path, change) -> Path:
    """A copy of the simulated answers, with its lines changed."""
    lines = (drawn / "responses.csv").read_text("utf-8").splitlines()
    file = tmp_path / "answers.csv"
    file.write_text("\n".join(change(lines)) + "\n", "utf-8")
    return file


def with_cell(lines: list[str], row: int, column: str, value: str) -> list[str]:
    at = lines[0].split(",").index(column)
    cells = lines[row - 1].split(",")
    cells[at] = value
    return [*lines[: row - 1], ",".join(cells), *lines[row:]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: with_cell(lines, 7, "SCF1", "9"), ["row 7", "SCF1", "9"]),
        (lambda lines: with_cell(lines, 7, "SCF1", "often"), ["row 7", "SCF1", "often"]),
        (lambda lines: with_cell(lines, 9, "CRT1", "NA"), ["row 9", "CRT1", "NA"]),
        (lambda lines: with_cell(lines, 4, "role", "X"), ["row 4", "role", "X"]),
        (lambda lines: [lines[0].replace("SCF1", "scf1"), *lines[1:]], ["scf1", "SCF1"]),
        (lambda lines: lines[:1], ["has a header and no answers"]),
        (lambda lines: [*lines[:3], lines[3] + ",1", *lines[4:]], ["row 4"]),
    ],
    ids=["out of range", "unreadable", "NA", "role", "column", "no rows", "ragged"],
)
def test_a_response_file_with_a_fault_gets_one_line(drawn, tmp_path, change, said):
    file = edited(drawn, tmp_path, change)
    line = failure(*profile_of(drawn, file, tmp_path / "profile.pdf"))
    for part in said:
        assert part in line
    assert not (tmp_path / "profile.pdf").exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16"])
def test_encodings_and_line_ends_make_no_difference(drawn, tmp_path, encoding):
    text = (drawn / "responses.csv").read_text("utf-8")
    file = tmp_path / "answers.csv"
    file.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    named = ["--instrument", "mto-learning-profile"]
    for path, out in ((drawn / "responses.csv", "a.json"), (file, "b.json")):
        assert run("analyse", path, *named, "--json", tmp_path / out).exit_code == 0
    figures = [json.loads((tmp_path / name).read_text("utf-8")) for name in ("a.json", "b.json")]
    assert figures[0]["scales"] == figures[1]["scales"]


def test_below_the_floors_the_profile_says_what_it_cannot_show_and_why(drawn, tmp_path):
    file = edited(drawn, tmp_path, lambda lines: lines[:21])
    out = tmp_path / "profile.pdf"
    assert run(*profile_of(drawn, file, out)).exit_code == 0
    text = subprocess.run(["pdftotext", out, "-"], capture_output=True, text=True).stdout
    assert "30" in text
    assert re.search(r"cannot|not shown|too few", text, re.IGNORECASE)
    assert "Around" not in text


def test_few_people_get_reasons_in_place_of_figures(drawn, tmp_path):
    file = edited(drawn, tmp_path, lambda lines: lines[:13])
    result = run(
        "analyse", file, "--instrument", "mto-learning-profile", "--json", tmp_path / "a.json"
    )
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert figures["efa"]["not_estimated"]
    assert "nan" not in result.output.lower().split()


def test_the_folder_of_the_figures_is_made(tmp_path):
    out = tmp_path / "new" / "a.json"
    assert run("analyse", BFI, "--instrument", "bfi25", "--json", out).exit_code == 0
    assert json.loads(out.read_text("utf-8"))["n"] == 2800


@pytest.mark.parametrize("about", ["instrument = ", "instrument = 5", "version = 1.0"])
def test_a_sidecar_that_cannot_be_used_is_named(tmp_path, about):
    shutil.copy(BFI, tmp_path / "bfi.csv")
    (tmp_path / "bfi.csv.toml").write_text(about)
    assert "bfi.csv.toml: " in failure("analyse", tmp_path / "bfi.csv")


def test_a_school_that_only_the_answers_name_is_said(drawn, tmp_path):
    lines = (drawn / "roster.csv").read_text("utf-8").splitlines()
    school = lines[1].split(",")[0]
    roster = tmp_path / "roster.csv"
    roster.write_text("\n".join(line for line in lines if not line.startswith(school)), "utf-8")
    arguments = profile_of(drawn, drawn / "responses.csv", tmp_path / "p.pdf")
    arguments[arguments.index("--roster") + 1] = roster
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert f"roster.csv does not list schools that answers name: {school}." in result.stderr


def test_a_database_that_does_not_answer_gets_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("MIDTIER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MIDTIER_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/x.sqlite")
    line = failure("upgrade")
    assert "nowhere/x.sqlite does not answer" in line
    assert "MIDTIER_DATABASE_URL" in line
