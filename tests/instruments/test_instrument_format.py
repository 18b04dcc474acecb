"""docs/instrument-format.md describes every file and key, and its example is an instrument."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from instruments import definition, registry, routing
from instruments.check import check
from instruments.check.patterns import PREDICATES
from instruments.folder import OPTIONAL, REQUIRED

PAGE = (Path(__file__).parents[2] / "docs" / "instrument-format.md").read_text("utf-8")
EXAMPLE = dict(re.findall(r"```toml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))
#: fields that are put together by the program, not written in a file
BUILT = {
    "response_scales", "sections", "items", "scales", "forms", "scoring", "disclosure",
    "position", "patterns", "cases", "evidence", "texts", "locales", "checksum",
    "decisions", "studies",
}  # fmt: skip


def test_the_example_is_a_sound_instrument(tmp_path: Path) -> None:
    for name, text in EXAMPLE.items():
        (tmp_path / name).write_text(text, "utf-8")

    assert [str(fault) for fault in check(tmp_path)] == []
    canteen = registry.load_folder(tmp_path)
    guest = routing.shown(canteen, role="C", form="full")
    cook = routing.shown(canteen, role="K", form="full")
    assert set(guest) - set(cook) == {"VEG_CHOICE"}
    assert canteen.words("en-US").stem("TASTE").endswith("the flavor of the food at the cafeteria?")


@pytest.mark.parametrize("file", [*REQUIRED, *OPTIONAL])
def test_every_file_is_described(file: str) -> None:
    assert f"| `{file}` |" in PAGE
    assert f"\n## {file}" in PAGE


@pytest.mark.parametrize(
    "model",
    [
        definition.Instrument,
        definition.ResponseScale,
        definition.Section,
        definition.Item,
        definition.Condition,
        definition.Scale,
        definition.Form,
        definition.Scoring,
        definition.Disclosure,
        definition.Position,
        definition.Decision,
        definition.Pattern,
        definition.Case,
        definition.CaseCode,
        definition.Evidence,
        definition.Study,
        definition.Text,
        definition.Locale,
    ],
    ids=lambda model: model.__name__,
)
def test_every_key_is_described(model: type[BaseModel]) -> None:
    described = "\n".join(re.findall(r"`[^`\n]+`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))
    missing = [
        key
        for key in model.model_fields
        if key not in BUILT and not re.search(rf"\b{key}\b", described)
    ]

    assert missing == []


@pytest.mark.parametrize("predicate", ["all", "any", "at_least", "low", "high", *PREDICATES])
def test_every_predicate_is_described(predicate: str) -> None:
    assert f"`{{ {predicate} = " in PAGE


def test_the_floors_are_those_of_the_program() -> None:
    for key, floor in definition.FLOORS.items():
        (row,) = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{key}`" in line]
        keys = re.findall(r"`(\w+)`", row.split("|")[1])
        floors = [float(number) for number in row.split("|")[2].split(",")]
        assert floors[keys.index(key)] == floor
