"""A new leader with nothing but the README, up to documents whose every figure is right.

The way is in ``leaders_way``; here each figure that the documents print is worked out once more
from the answers that were sent, by a few lines of pandas (``by_hand``).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser

from tests.browser import by_hand
from tests.browser.answering import PHONE
from tests.browser.leaders_way import ANSWERING, LISTED, SCHOOLS, STAFF, Journey, travel
from tests.browser.sites import Site, make_site

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation in which there is nobody yet."""
    site = make_site(tmp_path_factory.mktemp("trust"))
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def journey(browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    context = browser.new_context(
        viewport=PHONE, java_script_enabled=False, locale="en-GB", accept_downloads=True
    )
    context.set_default_timeout(30_000)
    found = travel(context.new_page(), site, tmp_path_factory.mktemp("downloads"))
    context.close()
    return found


@dataclass(frozen=True)
class Figures:
    """The answers of one informant group or role, with the staff that they stand for."""

    people: pd.DataFrame
    staff: pd.DataFrame

    def asked(self, items: list[str]) -> "Figures":
        """The same of those of whom one of these questions is asked."""
        asked = {role for code in items for role in by_hand.ITEMS[code]["roles"]}
        return Figures(*(each[each["role"].isin(asked)] for each in (self.people, self.staff)))


def of(journey: Journey, roles: str, school: str = "") -> Figures:
    return Figures(
        *(
            each[each["role"].isin(list(roles)) & ((each["school"] == school) | (not school))]
            for each in (journey.answers, STAFF)
        )
    )


#: in the place of a figure from which, with all else that is printed, a few answers would follow
HIDDEN = "not shown, to protect"


def check_shares(
    found: list[str], each: Figures, x: pd.Series, options: Sequence[int] = range(1, 6)
) -> np.ndarray:
    """Shares as printed in a row, rounded together; returns them unrounded."""
    chose = each.people[x.isin(options)]
    expected = by_hand.shares(each.people, each.staff, x, options)
    heaviest = by_hand.weights(chose, each.staff).max()
    assert by_hand.agree(found, expected, len(chose), heaviest), (found, expected, len(chose))
    return expected


DECISIONS = {
    "Curriculum": "CUR",
    "Lesson": "MAT",
    "Tests and exam": "ASM",
    "How lessons are": "PED",
    "Professional": "PDC",
    "Hiring": "STF",
    "Staff time": "TIM",
    "School budget": "BUD",
    "When results": "DAT",
    "Improvement": "PRI",
}


@pytest.mark.parametrize(("name", "code"), DECISIONS.items())
def test_where_a_decision_sits_and_is_wanted(journey: Journey, name: str, code: str):
    now, wish = f"LOC_{code}_NOW", f"LOC_{code}_PREF"
    line = by_hand.row(by_hand.table(journey.profile, "Where decisions sit today (trial)"), name)
    found = by_hand.printed(line)
    lived, centre = of(journey, "TL").asked([now]), of(journey, "BH").asked([now])
    numbers = [by_hand.numbers(each.people, [now])[now] for each in (lived, centre)]
    stops = [
        check_shares(found[:5], lived, numbers[0]),
        by_hand.shares(centre.people, centre.staff, numbers[1], range(1, 6)),
    ]
    for figure, each in zip(found[5:7], stops, strict=True):
        assert by_hand.is_mean(figure, by_hand.median(each))

    here, there = (pd.to_numeric(lived.people[each], errors="coerce") for each in (now, wish))
    line = by_hand.row(by_hand.table(journey.profile, "Today and preferred (trial)"), name)
    found = by_hand.printed(line)
    assert by_hand.is_mean(found[0], by_hand.median(stops[0]))
    if HIDDEN not in line:
        check_shares(found[1:4], lived, np.sign(there - here), (-1, 0, 1))


SCALES = {
    "Shared conceptual": "SCF",
    "Codified routines": "CRT",
    "Boundary spanning": "BSR",
    "Shared sensemaking": "SSM",
    "Measurement system": "MSY",
}


@pytest.mark.parametrize(("name", "code"), SCALES.items())
def test_a_dimension_as_lived_and_as_designed(journey: Journey, name: str, code: str):
    line = by_hand.row(by_hand.table(journey.profile, "Five learning dimensions (trial)"), name)
    found, items = by_hand.printed(line), by_hand.core(code)
    for (mean, cannot_tell), roles in zip((found[:2], found[2:4]), ("TL", "BH"), strict=True):
        each = of(journey, roles)
        assert by_hand.is_mean(mean, by_hand.scale_mean(each.people, each.staff, items))
        told = by_hand.told(each.people, each.staff, items)
        assert by_hand.agree([cannot_tell], [told], len(each.people))


def check_questions(text: str, heading: str, each: Figures) -> None:
    """The table of single questions: three of each dimension, with all their shares."""
    part = by_hand.table(text, heading)
    checked = 0
    for code in (code for scale in SCALES.values() for code in by_hand.SCALES[scale]["items"]):
        lines = [line for line in part.splitlines() if f": {short(code)} " in line]
        for line in lines:
            asked = each.asked([code])
            x = pd.to_numeric(asked.people[code], errors="coerce")
            if HIDDEN not in line:
                check_shares(by_hand.printed(line), asked, x)
            checked += 1
    assert checked == 15


def short(code: str) -> str:
    """The short name of a question."""
    return str(by_hand.TEXT["items"][code]["short"])


def test_single_questions(journey: Journey):
    heading = "Five learning dimensions: single questions, schools (trial)"
    check_questions(journey.profile, heading, of(journey, "TL"))


@pytest.mark.parametrize("scale", ["CME", "VOI"])
def test_commitment_and_say_by_role(journey: Journey, scale: str):
    """Some of the twelve coaches left questions out: the roles of the centre stand as one."""
    items = by_hand.core(scale)
    part = by_hand.table(journey.profile, "Commitment and say (trial)")
    part = by_hand.after(part, by_hand.TEXT["scales"][scale]["name"])
    roles = by_hand.TEXT["roles"]
    names = {"T": roles["T"]["name"], "L": roles["L"]["name"], "BH": "The centre"}
    for of_roles, name in names.items():
        found = by_hand.printed(by_hand.row(part, name))
        each = of(journey, of_roles)
        assert by_hand.is_mean(found[0], by_hand.scale_mean(each.people, each.staff, items))
        told = by_hand.told(each.people, each.staff, items)
        assert by_hand.agree([found[1]], [told], len(each.people))


PRESSURES = {
    "Scale and growth": "GRO",
    "Rigour of standards": "RIG",
    "Equity demands": "EQU",
    "Accountability": "ACC",
    "Competition": "CMP",
    "Scarce resources": "RES",
    "Changing rules": "TRB",
    "Clashing guidance": "INC",
    "Proving our worth": "LEG",
}


@pytest.mark.parametrize(("name", "code"), PRESSURES.items())
def test_a_pressure_over_all_who_are_asked(journey: Journey, name: str, code: str):
    line = by_hand.row(by_hand.table(journey.profile, "What presses and what helps (trial)"), name)
    found, items = by_hand.printed(line), by_hand.core(code)
    each = of(journey, "TLBH").asked(items)
    assert by_hand.is_mean(found[0], by_hand.scale_mean(each.people, each.staff, items))
    assert by_hand.agree(
        [found[1]], [by_hand.told(each.people, each.staff, items)], len(each.people)
    )


@pytest.mark.parametrize("code", ["GRO1", "GRO2", "RES1", "RES2", "RES3", "ENV1", "ENV2"])
def test_a_question_about_the_environment_with_its_likely_range(journey: Journey, code: str):
    name = short(code)
    line = by_hand.row(
        by_hand.table(journey.profile, name[0].upper() + name[1:]), name.capitalize()
    )
    each = of(journey, "TLBH").asked([code])
    x = pd.to_numeric(each.people[code], errors="coerce")
    printed = re.findall(r"(\d\.\d) \((\d\.\d) to (\d\.\d)\)", line)[0]
    for figure, value in zip(printed, by_hand.interval(each.people, each.staff, x), strict=True):
        assert by_hand.is_mean(figure, value)


def test_all_answers_stop_by_stop(journey: Journey):
    pooled, n = np.zeros(5), 0
    for code in DECISIONS.values():
        each = of(journey, "TL").asked([f"LOC_{code}_NOW"])
        x = pd.to_numeric(each.people[f"LOC_{code}_NOW"], errors="coerce")
        answers = int(x.notna().sum())
        pooled += answers * by_hand.shares(each.people, each.staff, x, range(1, 6))
        n += answers
    part = by_hand.table(journey.profile, "All answers, stop by stop (trial)")
    lines = [by_hand.row(part, f"{stop} ") for stop in range(1, 6)]
    assert by_hand.agree([by_hand.printed(line)[-1] for line in lines], pooled / n, n)


def test_the_line_over_all_decisions(journey: Journey):
    for name, roles in (("Overall", "TL"), ("The centre’s view", "BH")):
        medians, counts = [], []
        for code in DECISIONS.values():
            item = f"LOC_{code}_NOW"
            each = of(journey, roles).asked([item])
            x = pd.to_numeric(each.people[item], errors="coerce")
            medians.append(by_hand.median(by_hand.shares(each.people, each.staff, x, range(1, 6))))
            counts.append(x.notna().sum())
        line = by_hand.row(
            by_hand.table(journey.profile, "Where decisions sit, on one line (trial)"), name
        )
        assert min(counts) >= 10
        assert by_hand.is_mean(by_hand.printed(line)[0], float(np.median(medians)))


def test_who_answered(journey: Journey):
    for role, name in by_hand.TEXT["roles"].items():
        line = next(each for each in journey.profile.splitlines() if name["name"] in each)
        rate = ANSWERING[role] / LISTED[role]
        assert by_hand.agree([by_hand.printed(line)[0]], [rate], LISTED[role])
    assert "60% of staff answered" in journey.profile


@pytest.mark.parametrize("name", SCALES)
def test_schools_side_by_side(journey: Journey, name: str):
    """The letters hide which school is which: as many figures, and the same ones."""
    part = by_hand.table(journey.profile, "Schools side by side (likely range)")
    head = by_hand.row(part, "School ")
    short = by_hand.TEXT["scales"][SCALES[name]]["short"]
    columns = re.split(r"\s{2,}", head.strip())[1:]
    if short not in columns:
        assert "do not separate schools reliably" in part
        return
    lines = [line for line in part.splitlines() if re.match(r"[A-N] ", line)][:12]
    found = sorted(by_hand.printed(line)[columns.index(short)] for line in lines)
    items = by_hand.core(SCALES[name])
    schools = [of(journey, "TL", school) for school in SCHOOLS]
    means = [by_hand.scale_mean(each.people, each.staff, items) for each in schools]
    for figure, mean in zip(found, sorted(means), strict=True):
        assert by_hand.is_mean(figure, mean)


@pytest.mark.parametrize("school", SCHOOLS)
def test_a_schools_own_report(journey: Journey, school: str):
    text, here = journey.schools[school], of(journey, "TL", school)
    assert school in text
    one_line = " ".join(text.split())
    part = by_hand.table(text, "Where decisions sit today (trial)")
    for code in ("CUR", "MAT", "ASM", "PED", "PDC", "TIM", "DAT"):
        item = f"LOC_{code}_NOW"
        name = by_hand.TEXT["decisions"][code]["name"]
        line = by_hand.row(by_hand.after(part, name), "This school")
        if HIDDEN in line:
            assert "hidden, since answers of fewer than ten people could be worked" in one_line
            continue
        found, x = by_hand.printed(line), pd.to_numeric(here.people[item], errors="coerce")
        stops = check_shares(found[:5], here, x)
        assert by_hand.is_mean(found[5], by_hand.median(stops))
    part = by_hand.table(text, "Lived here (trial)")
    for code in SCALES.values():
        name, items = by_hand.TEXT["scales"][code]["name"], by_hand.core(code)
        found = by_hand.printed(by_hand.row(by_hand.after(part, name), "This school"))
        assert by_hand.is_mean(found[0], by_hand.scale_mean(here.people, here.staff, items))
        told = by_hand.told(here.people, here.staff, items)
        assert by_hand.agree([found[1]], [told], len(here.people))
    check_questions(text, "Lived here: single questions (trial)", here)


def test_few_figures_are_hidden(journey: Journey):
    texts = (journey.profile, *journey.schools.values())
    hidden = sum(text.count(HIDDEN) for text in texts)
    assert 0 < hidden < sum(len(by_hand.printed(text)) for text in texts) / 50


def test_the_slides_say_the_same(journey: Journey):
    for code in SCALES.values():
        for roles in ("TL", "BH"):
            each = of(journey, roles)
            mean = by_hand.scale_mean(each.people, each.staff, by_hand.core(code))
            assert f"{mean:.1f}" in journey.slides
