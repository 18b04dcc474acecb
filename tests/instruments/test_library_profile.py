"""The learning profile says what its source says, in the words of either country."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from instruments import registry, routing
from instruments.check.words import templates
from instruments.definition import FLOORS, Instrument
from instruments.folder import LIBRARY

SOURCE = json.loads(
    (Path(__file__).parent.parent / "reference" / "instrument_items.json").read_text("utf-8")
)
FOLDER = LIBRARY / "mto-learning-profile" / "0.1"
#: as the source writes them
OPEN = {name: f"{{{name}}}" for name in ("mto", "hub", "before", "threat", "focus")}


@pytest.fixture(scope="module")
def profile() -> Instrument:
    return registry.load("mto-learning-profile", "0.1")


def test_it_holds_the_110_items_of_the_source_and_no_others(profile: Instrument) -> None:
    assert len(SOURCE) == 110
    assert {item.code for item in profile.items} == {row["code"] for row in SOURCE}


@pytest.mark.parametrize("row", SOURCE, ids=[row["code"] for row in SOURCE])
def test_an_item_equals_its_source(profile: Instrument, row: dict[str, Any]) -> None:
    item = profile.item(row["code"])

    assert item.facet == row["facet"]
    assert item.reverse is row["reverse"]
    assert list(item.roles) == row["roles"]
    assert item.core is row["core"]
    assert item.referent == row["referent"]
    assert item.expected == row["expected"]
    assert (item.code in profile.forms["short"].items) is row["short"]
    assert profile.words("en-GB", OPEN).stem(item.code) == row["stem"]
    if row["scale"] == "text":
        assert item.kind == "text"
    elif row["scale"] != "categorical":
        assert (item.kind, item.response) == ("rated", row["scale"])
    else:
        assert item.kind == ("role" if item.code == profile.role_item else "choice")


@pytest.mark.parametrize("row", SOURCE, ids=[row["code"] for row in SOURCE])
def test_an_item_stands_in_the_scale_of_its_construct(
    profile: Instrument, row: dict[str, Any]
) -> None:
    construct = row["construct"]
    scale = profile.scale_of.get(row["code"], "")

    if not row["scored"] or construct.startswith("LOC"):
        assert scale == ""
    else:
        assert scale == construct.removeprefix("PRS.")


def test_its_scales_stand_in_their_blocks(profile: Instrument) -> None:
    blocks = {
        block: " ".join(scale.code for scale in profile.scales_in(block))
        for block in ("capability", "companion", "pressure", "support")
    }

    assert blocks == {
        "capability": "SCF CRT BSR SSM MSY",
        "companion": "CME VOI XLN",
        "pressure": "GRO RIG EQU ACC CMP RES TRB INC LEG",
        "support": "ENV",
    }
    kinds = {scale.code: scale.kind for scale in profile.scales}
    assert {code for code in kinds if kinds[code] == "formative"} == {"GRO", "CMP", "RES"}
    assert {code for code in kinds if kinds[code] == "items"} == {"XLN", "ENV"}


def test_twelve_rated_response_scales_offer_cant_tell(profile: Instrument) -> None:
    offered = [r.code for r in profile.response_scales.values() if r.cant_tell]

    assert len(offered) == 12
    rated = {item.response for item in profile.items if item.kind == "rated"}
    assert set(offered) == rated
    apart = [r.code for r in profile.response_scales.values() if r.does_not_apply]
    assert profile.position is not None
    assert apart == [profile.position.response]


def test_each_role_is_asked_as_many_questions_as_the_source_counts(profile: Instrument) -> None:
    def count(role: str, modules: list[str]) -> int:
        return len(routing.shown(profile, role=role, form="full", modules=modules))

    # the source counts the gate and the focus question in both figures
    with_then = {role: count(role, ["remembered", "focus"]) for role in profile.roles}
    assert with_then == {"T": 71, "L": 107, "B": 102, "H": 105}
    plain = {role: count(role, []) + 2 for role in profile.roles}
    assert plain == {"T": 64, "L": 97, "B": 93, "H": 95}


def test_the_short_form_asks_everybody_the_same_25_rated_questions(profile: Instrument) -> None:
    for role in profile.roles:
        shown = routing.shown(profile, role=role, form="short")
        assert len([code for code in shown if profile.item(code).kind == "rated"]) == 25
        assert not any(profile.item(code).reverse for code in shown)


def test_pressure_comes_after_capability_and_what_should_be_after_what_is(
    profile: Instrument,
) -> None:
    for order in range(routing.orders(profile)):
        pages = routing.pages(
            profile, role="L", form="full", modules=["remembered", "focus"], order=order
        )
        place = {code: number for number, page in enumerate(pages) for code in page.items}

        def last(codes: list[str], at: dict[str, int] = place) -> int:
            return max(at[code] for code in codes if code in at)

        def first(codes: list[str], at: dict[str, int] = place) -> int:
            return min(at[code] for code in codes if code in at)

        assert profile.position is not None
        now = [decision.item for decision in profile.position.decisions]
        wish = [decision.preferred or "" for decision in profile.position.decisions]
        then = [decision.remembered or "" for decision in profile.position.decisions]
        blocks = {
            block: [code for scale in profile.scales_in(block) for code in scale.items]
            for block in ("capability", "companion", "pressure", "support")
        }
        assert profile.role_item is not None
        assert place[profile.role_item] == 0
        assert last(blocks["capability"]) < first(blocks["companion"])
        assert last(blocks["companion"]) < first(now)
        assert last(now) < first(blocks["pressure"])
        assert last(blocks["pressure"] + blocks["support"]) < first(wish)
        assert last(wish) < first(then) - 1  # the gate stands between them


def test_the_attention_item_stands_among_rated_items(profile: Instrument) -> None:
    (attention,) = [item for item in profile.items if item.expected is not None]
    for role in profile.roles:
        (page,) = [
            page
            for page in routing.pages(profile, role=role, form="full")
            if attention.code in page.items
        ]
        at = page.items.index(attention.code)
        assert 0 < at < len(page.items) - 1
        assert profile.item(page.items[at - 1]).response == attention.response
    option = profile.words("en-GB").option(attention.response, attention.expected or 0)
    assert f"'{option}'" in profile.words("en-GB").stem(attention.code)


def test_the_open_questions_are_in_the_data_and_asked_by_no_form(profile: Instrument) -> None:
    texts = {item.code for item in profile.items if item.kind == "text"}

    assert len(texts) == 2
    for form in profile.forms.values():
        assert not texts & set(
            routing.asked(profile, form=form.code, modules=form.optional_modules)
        )


def test_ten_decisions_stand_in_three_groups(profile: Instrument) -> None:
    position = profile.position
    assert position is not None
    assert " ".join(d.code for d in position.decisions) == "CUR MAT ASM PED PDC STF TIM BUD DAT PRI"
    assert [d.group for d in position.decisions] == (
        ["teaching"] * 5 + ["running"] * 3 + ["improving"] * 2
    )
    assert " ".join(position.share_decisions) == "CUR MAT ASM PED PDC"
    assert " ".join(position.case_decisions) == "CUR MAT ASM PED PDC DAT PRI"
    for decision in position.decisions:
        asks = profile.words("en-GB").fill(profile.texts["en"].decisions[decision.code]["asks"])
        assert asks in profile.words("en-GB", OPEN).stem(decision.item)


def test_fourteen_readings_end_with_the_default(profile: Instrument) -> None:
    assert [pattern.id for pattern in profile.patterns] == [
        *(f"P{number:02}" for number in range(1, 14)),
        "P00",
    ]
    assert len(profile.texts["en"].prompts) == 14
    questions = [words["ask"] for words in profile.texts["en"].patterns.values()]
    assert all(question.endswith("?") for question in questions)


def test_seven_cases_hold_both_readings_and_their_known_averages(profile: Instrument) -> None:
    averages = {}
    assert profile.position is not None
    for case in profile.cases:
        codes = [case.position[code].code for code in profile.position.case_decisions]
        coded = [code for code in codes if code is not None]
        averages[case.id] = (round(sum(coded) / len(coded), 2), len(coded))

    assert averages == {
        "izone_before": (1.0, 6),
        "izone_after": (4.57, 7),
        "regional_before": (1.5, 6),
        "regional_interim": (2.17, 6),
        "regional_after": (4.0, 7),
        "upward_before": (2.0, 7),
        "upward_after": (3.0, 7),
    }
    cells = [
        cell
        for case in profile.cases
        for block in (case.position, case.dimensions, case.pressures)
        for cell in block.values()
    ]
    assert len(cells) == 168
    both = [c for c in cells if c.first_reading is not None and c.second_reading is not None]
    assert len(both) == 119
    assert sum(cell.first_reading == cell.second_reading for cell in both) == 88
    lived = {c.id: (set(c.position_lived), set(c.dimensions_lived)) for c in profile.cases}
    assert lived["izone_after"] == ({"PED", "MAT"}, {"SCF", "CRT"})


def test_it_ships_at_stage_0_on_the_programs_floors(profile: Instrument) -> None:
    assert profile.evidence.stage == 0
    assert profile.evidence.studies == ()
    assert profile.disclosure.model_dump() == dict(FLOORS)
    assert profile.status == "published"


#: words that only one of the two countries uses so; each must come from a locale pack
ONE_COUNTRY = re.compile(
    r"\b(pupils?|students?|terms?|semesters?|trusts?|districts?|head ?teachers?|principals?|"
    r"primary|secondary|elementary|high school|programmes?|programs?|judge?ments?|cent(re|er)s?|"
    r"rigou?r|organi[sz]ations?|standardi[sz]ation|behaviou?rs?|colou?rs?|maths?|labou?r|"
    r"neighbou?r\w*|grade|year group|head of year|"
    r"favou?r\w*|recogni[sz]\w*|organi[sz]e\w*|analy[sz]e\w*|licen[cs]e\w*|practi[sz]e\w*|"
    r"timetables?|academ(y|ies)|staffroom|inset|faculty|fulfil\w*|learnt|whilst)\b",
    re.IGNORECASE,
)


def test_no_word_of_one_country_is_hard_coded_in_a_text() -> None:
    found = []
    for line in (FOLDER / "text.en.toml").read_text("utf-8").splitlines():
        if line.startswith("#") or line.startswith("["):
            continue
        words = re.sub(r"\{\w+\}", "", line.partition("=")[2] or line)
        found += [(line, match.group()) for match in ONE_COUNTRY.finditer(words)]

    assert found == []


def _all_texts(instrument: Instrument, locale: str) -> dict[str, str]:
    words = instrument.words(locale, {"before": "the merger", "focus": "reading"})
    return {where: words.fill(template) for where, template in templates(words.text)}


def test_the_two_countries_really_differ(profile: Instrument) -> None:
    british, american = _all_texts(profile, "en-GB"), _all_texts(profile, "en-US")
    differ = {key for key in british if british[key] != american[key]}

    stems = {f"item {code}, stem" for code in ("SCF2", "MSY1", "MSY7", "ENV3", "LOC_ASM_NOW")}
    assert stems <= differ
    assert british["response FRQ5, option 3"] == "Once or twice a term"
    assert american["response FRQ5, option 3"] == "Once or twice a semester"
    assert american["item ACC1, stem"].endswith("outside judgments, such as tests or inspections?")
    assert american["item LOC_CUR_NOW, stem"].endswith(
        "what content is taught, semester by semester?"
    )
    assert british["end right"] == "Standardisation"
    assert american["end right"] == "Standardization"
    packs = [
        tomllib.loads((FOLDER / f"locale.{code}.toml").read_text("utf-8"))["terms"]
        for code in ("en-GB", "en-US")
    ]
    assert set(packs[0]) == set(packs[1])
    assert all(packs[0][term] != packs[1][term] for term in packs[0])


def test_neither_country_reads_a_word_of_the_other(profile: Instrument) -> None:
    british_only = re.compile(
        r"pupil|\bterms?\b|\btrusts?\b|headteach|organis|programme|judgem|centre"
    )
    american_only = re.compile(
        r"student|semester|district|principal|organiz|program\b|judgm|center"
    )

    assert not [t for t in _all_texts(profile, "en-US").values() if british_only.search(t)]
    assert not [t for t in _all_texts(profile, "en-GB").values() if american_only.search(t)]


@pytest.mark.parametrize("locale", ["en-GB", "en-US"])
def test_no_text_keeps_a_brace_once_filled(profile: Instrument, locale: str) -> None:
    assert not [text for text in _all_texts(profile, locale).values() if "{" in text]


def test_a_default_round_has_every_placeholder_filled(profile: Instrument) -> None:
    for locale in profile.locales:
        for form in profile.forms:
            assert routing.unfilled(profile, locale=locale, form=form) == ()
        assert routing.unfilled(
            profile, locale=locale, form="full", modules=["remembered", "focus"]
        ) == ("before", "focus")
