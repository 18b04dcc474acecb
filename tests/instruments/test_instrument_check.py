"""Each fault of an instrument folder is named: file, place, what is wrong and how to mend it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from instruments.check import check
from instruments.folder import LIBRARY, Fault
from instruments.registry import InstrumentError, load_folder

TINY = Path(__file__).parent.parent / "instruments_data" / "tiny"

Edit = tuple[str, str, str]
Break = Callable[..., list[Fault]]


@pytest.fixture
def faults_of(tmp_path: Path) -> Break:
    """Copy the tiny instrument, make the edits (file, old, new), and check it."""

    def broken(*edits: Edit, add: tuple[str, str] | None = None, remove: str = "") -> list[Fault]:
        folder = tmp_path / "broken"
        shutil.copytree(TINY, folder)
        for file, old, new in edits:
            text = (folder / file).read_text("utf-8")
            assert old in text, f"{file} does not hold {old!r}"
            (folder / file).write_text(text.replace(old, new, 1), "utf-8")
        if add:
            (folder / add[0]).write_text(add[1], "utf-8")
        if remove:
            (folder / remove).unlink()
        return check(folder)

    return broken


def test_the_tiny_instrument_and_the_library_have_no_fault() -> None:
    folders = [TINY, *(path.parent for path in LIBRARY.glob("*/*/instrument.toml"))]

    assert len(folders) >= 3
    assert [fault for folder in folders for fault in check(folder)] == []


#: (edit: file, old, new), then the whole line that check prints
FAULTS: list[tuple[str, Edit, str]] = [
    (
        "duplicate item code",
        ("items.toml", 'code = "IDE2"', 'code = "IDE1"'),
        "items.toml: item IDE1: the code is used twice; give one of them a new code",
    ),
    (
        "code that differs only by case",
        ("items.toml", 'code = "IDE2"', 'code = "ide1"'),
        "items.toml: item ide1: the code differs from IDE1 only by capital letters; "
        "give one of them a new code",
    ),
    (
        "duplicate response scale",
        ("responses.toml", 'code = "STOP"', 'code = "EXT"'),
        "responses.toml: response EXT: the code is used twice; give one of them a new code",
    ),
    (
        "scale code that an item has",
        ("scales.toml", 'code = "PRE"', 'code = "PRE1"'),
        "scales.toml: scale PRE1: item PRE1 has the same code; "
        "give one of them a new code, so that a reading can tell them apart",
    ),
    (
        "item named like a column of its own",
        ("items.toml", 'code = "PRE1"', 'code = "School"'),
        "items.toml: item School: response files use this name for a column of their own; "
        "give it another code",
    ),
    (
        "unknown response scale",
        ("items.toml", 'response = "EXT"', 'response = "EXTRA"'),
        "items.toml: item IDE1: response scale EXTRA is unknown; use one of: EXT, STOP, YES",
    ),
    (
        "rated item without response scale",
        ("items.toml", 'response = "EXT"\n', ""),
        "items.toml: item IDE1: no response scale; use one of: EXT, STOP, YES",
    ),
    (
        "unknown section",
        ("items.toml", 'section = "outside"', 'section = "inside"'),
        "items.toml: item PRE1: section inside is unknown; "
        "use one of: who, ideas, tools, now, outside, wish, past, memory, words",
    ),
    (
        "unknown role of an item",
        ("items.toml", 'roles = ["L", "H"]', 'roles = ["L", "X"]'),
        "items.toml: item BUS_NOW: role X is unknown; use one of: T, L, B, H",
    ),
    (
        "unknown role of a group",
        ("instrument.toml", 'lived = ["T", "L"]', 'lived = ["T", "X"]'),
        "instrument.toml: group lived: role X is unknown; use one of: T, L, B, H",
    ),
    (
        "role in two groups",
        ("instrument.toml", 'lived = ["T", "L"]', 'lived = ["T", "B"]'),
        "instrument.toml: group designed: role B stands in group lived too; "
        "leave each role in one group",
    ),
    (
        "unknown central role",
        ("instrument.toml", 'central_roles = ["B", "H"]', 'central_roles = ["Z"]'),
        "instrument.toml: key central_roles: role Z is unknown; use one of: T, L, B, H",
    ),
    (
        "role question that does not exist",
        ("instrument.toml", 'role_item = "WHO"', 'role_item = "WHOM"'),
        "instrument.toml: key role_item: WHOM is not an item of kind role; "
        "name the item that asks for the role",
    ),
    (
        "module of no form",
        ("items.toml", 'module = "preferred"', 'module = "wished"'),
        "items.toml: item FOOD_WISH: module wished belongs to no form; "
        "use one of: preferred, remembered; or name it in forms.toml",
    ),
    (
        "core item that some role does not see",
        ("items.toml", 'roles = ["L", "B", "H"]', 'roles = ["L", "B", "H"]\ncore = true'),
        "items.toml: item TOO3: a core item, but not asked of T; ask every role, or remove core",
    ),
    (
        "item with an empty list of roles",
        ("items.toml", 'roles = ["L", "B", "H"]', "roles = []"),
        "items.toml: item TOO3: no role sees it: its list of roles is empty; "
        "name the roles, or remove the key to ask everybody",
    ),
    (
        "item that no form asks",
        ("forms.toml", 'code = "full"', 'code = "full"\nitems = ["WHO", "IDE1"]'),
        'items.toml: item IDE2: no form asks it; add it to a form, or keep it with module = "open"',
    ),
    (
        "item whose condition nobody can meet",
        ("items.toml", "options = [1] }", "options = [] }"),
        "items.toml: item FOOD_PAST: no role sees it: its condition names no option; "
        "name an option of that item",
    ),
    (
        "condition on an unknown item",
        ("items.toml", 'asked_if = { item = "HERE"', 'asked_if = { item = "THERE"'),
        "items.toml: item FOOD_PAST: its condition names item THERE, which is unknown; "
        "name an item that is asked earlier",
    ),
    (
        "condition on an unknown option",
        ("items.toml", "options = [1] }", "options = [3] }"),
        "items.toml: item FOOD_PAST: its condition names option 3, which HERE does not have; "
        "name an option of that item",
    ),
    (
        "condition on the same page",
        ("items.toml", 'code = "HERE"\nsection = "past"', 'code = "HERE"\nsection = "memory"'),
        "items.toml: item FOOD_PAST: its condition rests on HERE, which is not asked on an "
        "earlier page; move it to a section after memory",
    ),
    (
        "reversed item on a nominal scale",
        ("items.toml", 'response = "YES"', 'response = "YES"\nreverse = true'),
        "items.toml: item HERE: reversed, but YES is nominal: it has no direction; remove reverse",
    ),
    (
        "expected answer that is no option",
        ("items.toml", "expected = 2", "expected = 6"),
        "items.toml: item CHECK: the expected answer 6 is not an option; use one of: 1, 2, 3, 4, 5",
    ),
    (
        "options that do not rise",
        ("responses.toml", "options = [1, 2, 3, 4, 5]", "options = [1, 2, 5, 4, 3]"),
        "responses.toml: response EXT: the options of an ordinal scale do not rise; "
        "order them, or make it nominal",
    ),
    (
        "scale with one item",
        ("scales.toml", 'items = ["PRE1", "PRE2"]', 'items = ["PRE1"]'),
        "scales.toml: scale PRE: one item, but a formative scale needs two; "
        'add an item, or make it kind = "items"',
    ),
    (
        "scale with an unknown item",
        ("scales.toml", '"PRE2"', '"PRE3"'),
        "scales.toml: scale PRE: item PRE3 is unknown; "
        "correct the code or add the item to items.toml",
    ),
    (
        "item in two scales",
        ("scales.toml", '"TOO3"]', '"IDE1"]'),
        "scales.toml: scale TOO: item IDE1 stands in IDE too; leave it in one place",
    ),
    (
        "item twice in a scale",
        ("scales.toml", '"PRE1", "PRE2"', '"PRE1", "PRE1"'),
        "scales.toml: scale PRE: item PRE1 stands twice in it; leave it in one place",
    ),
    (
        "scale with a question of another kind",
        ("scales.toml", '"PRE2"', '"HERE"'),
        "scales.toml: scale PRE: item HERE is not rated on an ordinal scale; "
        "remove it from the scale",
    ),
    (
        "form with an unknown item",
        ("forms.toml", '"TOO1"', '"TOO9"'),
        "forms.toml: form short: item TOO9 is unknown; correct the code or remove it",
    ),
    (
        "form without the role question",
        ("forms.toml", '"WHO", ', ""),
        "forms.toml: form short: it does not ask the role question; add WHO to its items",
    ),
    (
        "form that asks what is not asked yet",
        ("forms.toml", 'modules = ["preferred"]', 'modules = ["preferred", "open"]'),
        "forms.toml: form full: module open is kept in the data and asked by no form; "
        "remove it from the form",
    ),
    (
        "section without items",
        (
            "sections.toml",
            '[[section]]\ncode = "now"',
            '[[section]]\ncode = "a"\n\n[[section]]\ncode = "now"',
        ),
        "sections.toml: section a: no item stands in it; remove it or put an item in it",
    ),
    (
        "missing stem",
        ("text.en.toml", 'stem = "To what extent are tools used?"\n', ""),
        "text.en.toml: item TOO3: its stem is missing; add stem under [items.TOO3]",
    ),
    (
        "empty stem",
        ("text.en.toml", 'stem = "To what extent are tools used?"', 'stem = " "'),
        "text.en.toml: item TOO3: its stem is missing; add stem under [items.TOO3]",
    ),
    (
        "missing option label",
        ("text.en.toml", '2 = "No"\n', ""),
        "text.en.toml: response YES: the label of option 2 is missing; add 2 under [responses.YES]",
    ),
    (
        "missing role name",
        ("text.en.toml", '[roles.T]\nname = "Teachers"\n', "[roles.T]\n"),
        "text.en.toml: role T: its name is missing; add name under [roles.T]",
    ),
    (
        "missing section title",
        ("text.en.toml", 'title = "Outside"\n', ""),
        "text.en.toml: section outside: its title is missing; add title under [sections.outside]",
    ),
    (
        "missing scale definition",
        ("text.en.toml", 'definition = "What presses from outside."\n', ""),
        "text.en.toml: scale PRE: its definition is missing; add definition under [scales.PRE]",
    ),
    (
        "missing facet name",
        ("text.en.toml", 'have = "In place"\n', ""),
        "text.en.toml: facet have: the text is missing; add have under [facets]",
    ),
    (
        "missing stop name",
        ("text.en.toml", '3 = "Set menu"\n', ""),
        "text.en.toml: stop 3: the text is missing; add 3 under [stops]",
    ),
    (
        "missing name of an end",
        ("text.en.toml", 'left = "School autonomy"\n', ""),
        "text.en.toml: end left: the text is missing; add left under [ends]",
    ),
    (
        "missing words of a decision",
        ("text.en.toml", 'asks = "who decides on school buses"\n', ""),
        "text.en.toml: decision BUS: its asks is missing; add asks under [decisions.BUS]",
    ),
    (
        "missing heading of decisions",
        ("text.en.toml", 'daily = "Daily life"\n', ""),
        "text.en.toml: decision group daily: the text is missing; "
        "add daily under [decision_groups]",
    ),
    (
        "missing words of a pattern",
        ("text.en.toml", 'ask = "What are the tools for?"\n', ""),
        "text.en.toml: pattern P1: its ask is missing; add ask under [patterns.P1]",
    ),
    (
        "missing can't tell",
        ("text.en.toml", 'cant_tell = "I can\'t tell from my role"\n', ""),
        "text.en.toml: key cant_tell: the text is missing, and a response scale offers it; add it",
    ),
    (
        "text for an item that does not exist",
        ("text.en.toml", "[items.STORY]", '[items.STORIES]\nstem = "?"\n\n[items.STORY]'),
        "text.en.toml: item STORIES: the instrument has no item STORIES; "
        "correct the code or remove it",
    ),
    (
        "misspelt key of a text",
        ("text.en.toml", 'short = "a story"', 'shrt = "a story"'),
        "text.en.toml: item STORY: the key shrt is unknown; use one of: stem, short",
    ),
    (
        "placeholder that nobody fills",
        ("text.en.toml", "Tell us a story.", "Tell us a story of {place}."),
        "text.en.toml: item STORY, stem: nobody fills the placeholder {place}; "
        "declare it in instrument.toml, or add it to [terms] in every locale pack",
    ),
    (
        "braces that do not match",
        ("text.en.toml", "Tell us a story.", "Tell us a {story."),
        "text.en.toml: item STORY, stem: its braces do not match; "
        "close each brace; write {{ for a brace itself",
    ),
    (
        "placeholder used nowhere",
        ("instrument.toml", 'before = "an event"', 'before = "an event"\nafter = "another"'),
        "instrument.toml: placeholder after: no text uses it; remove it or use it in a text",
    ),
    (
        "term missing in one pack",
        ("locale.en-US.toml", 'pupils = "students"\n', ""),
        "locale.en-US.toml: term pupils: the term is missing, and en-GB has it; "
        "add it under [terms]",
    ),
    (
        "pack that fills an undeclared placeholder",
        ("locale.en-US.toml", 'mto = "the district"', 'mto = "the district"\nhub = "us"'),
        "locale.en-US.toml: placeholder hub: instrument.toml does not declare it; "
        "declare it there or remove it",
    ),
    (
        "pack for a language without texts",
        ("locale.en-US.toml", 'language = "en"', 'language = "fr"'),
        "locale.en-US.toml: key language: there is no text.fr.toml; "
        "add the file or correct the key",
    ),
    (
        "locale without a pack",
        ("instrument.toml", 'locale = "en-GB"', 'locale = "en-AU"'),
        "instrument.toml: key locale: there is no locale.en-AU.toml; "
        "add the file or correct the key",
    ),
    (
        "no minimum for the longest scale",
        ("scoring.toml", "3 = 2\n", ""),
        "scoring.toml: minimum_answered, 3: no minimum for 3 items, and a scale has 3; "
        "add 3 = ... under [minimum_answered]",
    ),
    (
        "minimum above the number of items",
        ("scoring.toml", "3 = 2\n", "3 = 4\n"),
        "scoring.toml: minimum_answered, 3: of 3 items, 4 must be answered; "
        "use a number from 1 to 3",
    ),
    (
        "disclosure rule below the floor",
        ("disclosure.toml", "group_n = 10", "group_n = 9"),
        "disclosure.toml: key group_n: 9 lies below the program's floor of 10; "
        "use 10 or more: an instrument may raise a floor, never lower it",
    ),
    (
        "a rate that is no number",
        ("disclosure.toml", "group_n = 10", "school_response_rate = nan"),
        "disclosure.toml: key school_response_rate: input should be a finite number (given: nan); "
        "correct it",
    ),
    (
        "rate below the floor",
        ("disclosure.toml", "group_n = 10", "school_response_rate = 0.4"),
        "disclosure.toml: key school_response_rate: 0.4 lies below the program's floor of 0.5; "
        "use 0.5 or more: an instrument may raise a floor, never lower it",
    ),
    (
        "continuum on an unknown response scale",
        ("position.toml", 'response = "STOP"', 'response = "STOPS"'),
        "position.toml: key response: STOPS is not an ordinal response scale of three or more "
        "options; name the scale whose options are the stops",
    ),
    (
        "decision with an unknown item",
        ("position.toml", 'preferred = "BUS_WISH"', 'preferred = "BUS_WISHED"'),
        "position.toml: decision BUS: preferred: item BUS_WISHED is unknown; correct the code",
    ),
    (
        "share over an unknown decision",
        ("position.toml", 'share_decisions = ["FOOD"]', 'share_decisions = ["FEED"]'),
        "position.toml: key share_decisions: decision FEED is unknown; use one of: FOOD, BUS",
    ),
    (
        "pattern that names an unknown code",
        ("patterns.toml", 'high = "TOO"', 'high = "TOOL"'),
        "patterns.toml: pattern P1: high names TOOL, which is no scale and no item; "
        "correct the code",
    ),
    (
        "pattern with an unknown predicate",
        ("patterns.toml", 'high = "TOO"', 'higher = "TOO"'),
        "patterns.toml: pattern P1: the predicate higher is unknown; use one of: "
        "all, any, at_least, low, high, share, position, modal, gap, wants",
    ),
    (
        "pattern with an unknown decision",
        ("patterns.toml", 'decision = "FOOD"', 'decision = "FEED"'),
        "patterns.toml: pattern P3: decision FEED is unknown; use one of: FOOD, BUS",
    ),
    (
        "pattern with a stop off the line",
        ("patterns.toml", "stops = [4, 5]", "stops = [4, 6]"),
        "patterns.toml: pattern P1: stop 6 is not on the line; use one of: 1, 2, 3, 4, 5",
    ),
    (
        "pattern with an unknown key",
        ("patterns.toml", "modal = { stop = 2 }", "modal = { stops = 2, stop = 2 }"),
        "patterns.toml: pattern P3: modal does not know the key stops; use one of: stop",
    ),
    (
        "pattern with a share above one",
        ("patterns.toml", "at_least = 0.6", "at_least = 60"),
        "patterns.toml: pattern P1: share, at_least: 60 is no share; "
        "use a number above 0 and up to 1",
    ),
    (
        "pattern that counts too many dimensions",
        ("patterns.toml", "dimensions = 2", "dimensions = 3"),
        "patterns.toml: pattern P2: gap asks for 3 of 2 dimensions; use 0 to 2",
    ),
    (
        "no default pattern",
        ("patterns.toml", 'id = "P0"', 'id = "P0"\nwhen = { gap = { dimensions = 0 } }'),
        "patterns.toml: the default pattern is missing; "
        "end the list with a pattern that has no when: it holds when no other does",
    ),
    (
        "default pattern before others",
        ("patterns.toml", "when = { gap = { dimensions = 2 } }", ""),
        "patterns.toml: pattern P0: a second default; "
        "give it a condition: one pattern alone is the default",
    ),
    (
        "case with an unknown decision",
        ("cases.toml", "BUS = {", "BUSES = {"),
        "cases.toml: case somewhere, position, BUSES: the code is unknown; use one of: FOOD, BUS",
    ),
    (
        "case code off the scale",
        ("cases.toml", "PRE = { code = 5 }", "PRE = { code = 6 }"),
        "cases.toml: case somewhere, pressures, PRE: code 6 lies outside 1 to 5; use 1 to 5",
    ),
    (
        "case code outside its own range",
        ("cases.toml", "code = 4, range = [3, 5]", "code = 2, range = [3, 5]"),
        "cases.toml: case somewhere, position, FOOD: code 2 lies outside its own range, 3 to 5; "
        "widen the range or correct the code",
    ),
    (
        "evidence without a study",
        ("evidence.toml", "stage = 0", "stage = 2"),
        "evidence.toml: key stage: stage 2, but no study; "
        "list the study that shows it, or set stage = 0",
    ),
    (
        "missing key",
        ("items.toml", 'section = "who"\n', ""),
        "items.toml: item WHO: the key section is missing; add it",
    ),
    (
        "unknown key",
        ("items.toml", "core = true", "cor = true"),
        "items.toml: item WHO, key cor: the key is unknown; "
        "remove it or correct its name (did you mean core?)",
    ),
    (
        "unknown key of a decision",
        ("position.toml", 'remembered = "FOOD_PAST"', 'remembred = "FOOD_PAST"'),
        "position.toml: decision FOOD, key remembred: the key is unknown; "
        "remove it or correct its name (did you mean remembered?)",
    ),
    (
        "unknown key of the instrument",
        ("instrument.toml", 'licence = "CC0"', 'licence = "CC0"\nlicense = "CC0"'),
        "instrument.toml: key license: the key is unknown; "
        "remove it or correct its name (did you mean licence?)",
    ),
    (
        "unknown table",
        ("scales.toml", "[[scale]]", "[[scales]]"),
        "scales.toml: key scales: the key is unknown; "
        "remove it or correct its name (did you mean scale?)",
    ),
    (
        "wrong type",
        ("items.toml", "core = true", 'core = "perhaps"'),
        "items.toml: item WHO, key core: input should be a valid boolean, unable to interpret "
        "input (given: 'perhaps'); correct it",
    ),
    (
        "code with a space",
        ("scales.toml", 'code = "PRE"', 'code = "P RE"'),
        "scales.toml: scale P RE, key code: string should match pattern "
        "'^[A-Za-z][A-Za-z0-9_]{0,31}$' (given: 'P RE'); correct it",
    ),
    (
        "unreadable TOML",
        ("sections.toml", 'code = "ideas"', 'code = "ideas'),
        "sections.toml: line 5, column 14: not readable as TOML: illegal character '\\n'; "
        "correct it",
    ),
]


@pytest.mark.parametrize(("edit", "line"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_fault_is_named_with_its_file_its_place_and_its_mend(
    faults_of: Break, edit: Edit, line: str
) -> None:
    assert line in [str(fault) for fault in faults_of(edit)]


def test_sections_of_a_rotation_must_follow_one_another(faults_of: Break) -> None:
    faults = faults_of(("sections.toml", 'code = "past"', 'code = "past"\nrotation = "capability"'))

    assert [str(fault) for fault in faults] == [
        "sections.toml: rotation capability: its sections do not follow one another; "
        "move them together: they change places as a run"
    ]


def test_the_default_pattern_must_stand_last(faults_of: Break) -> None:
    text = (TINY / "patterns.toml").read_text("utf-8")
    default = '[[pattern]]\nid = "P0"\n'

    faults = faults_of(("patterns.toml", text, default + text.replace(default, "")))

    assert [fault.what for fault in faults] == ["the default pattern does not stand last"]


def test_a_missing_file_is_named(faults_of: Break) -> None:
    faults = faults_of(remove="scoring.toml")

    assert [str(fault) for fault in faults] == [
        "scoring.toml: the file is missing; add it to the folder"
    ]


def test_a_missing_language_is_named(faults_of: Break) -> None:
    faults = faults_of(remove="text.en.toml")

    assert "text.*.toml" in [fault.file for fault in faults]


def test_a_file_of_an_unknown_name_is_named(faults_of: Break) -> None:
    faults = faults_of(add=("item.toml", ""))

    assert [str(fault) for fault in faults] == [
        "item.toml: no instrument has a file of this name; rename it items.toml"
    ]


def test_a_second_language_must_hold_every_text(faults_of: Break) -> None:
    faults = faults_of(add=("text.fr.toml", 'language = "fr"\ntitle = "Tout petit"\n'))

    missing = {(fault.file, fault.where) for fault in faults if "missing" in fault.what}
    assert {
        ("text.fr.toml", "item IDE1"),
        ("text.fr.toml", "response EXT"),
        ("text.fr.toml", "role T"),
        ("text.fr.toml", "stop 1"),
        ("text.fr.toml", "pattern P0"),
    } <= missing
    assert {fault.file for fault in faults} == {"text.fr.toml"}


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "latin"
    shutil.copytree(TINY, folder)
    data = (folder / "text.en.toml").read_bytes()
    (folder / "text.en.toml").write_bytes(data.replace(b"A tiny", "Un été".encode("latin-1")))

    assert [str(fault) for fault in check(folder)] == [
        "text.en.toml: line 2: not UTF-8 text; save it as UTF-8"
    ]


def test_a_folder_that_does_not_exist_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    (fault,) = check(tmp_path / "nowhere")

    assert "there is no such folder" in str(fault)


def test_several_faults_are_all_found_and_loading_tells_the_first(
    tmp_path: Path, faults_of: Break
) -> None:
    faults = faults_of(
        ("scales.toml", '"PRE2"', '"PRE3"'), ("disclosure.toml", "group_n = 10", "group_n = 2")
    )

    assert [fault.file for fault in faults] == ["scales.toml", "disclosure.toml"]
    with pytest.raises(InstrumentError) as error:
        load_folder(tmp_path / "broken")
    assert str(error.value) == str(faults[0])
    assert "\n" not in str(error.value)
    assert error.value.faults == tuple(faults)


@pytest.mark.parametrize("file", sorted(path.name for path in TINY.glob("*.toml")))
def test_no_line_that_goes_missing_ends_in_a_traceback(tmp_path: Path, file: str) -> None:
    lines = (TINY / file).read_text("utf-8").splitlines(keepends=True)
    folder = tmp_path / "cut"
    shutil.copytree(TINY, folder)
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        (folder / file).write_text("".join(lines[:number] + lines[number + 1 :]), "utf-8")

        faults = check(folder)

        assert all(fault.file and fault.what and fault.mend for fault in faults), line
        assert all("\n" not in str(fault) for fault in faults), line
