"""What assistive technology is told, and what is seen where the system chooses the colours."""

import random
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import tree
from tests.browser.answering import begin, checked, choose, come_back, follow, go_on, say_place
from tests.browser.staging import speak

pytestmark = pytest.mark.browser

#: what stands on the page
QUESTIONS = """() => Array.from(document.querySelectorAll("fieldset.question")).map(each => {
  const of = (selector, value) => Array.from(each.querySelectorAll(selector)).map(value);
  return {
    id: each.id, stem: each.querySelector("legend").innerText,
    labels: of("label", one => one.innerText),
    values: of("input[type=radio]", one => one.value),
    names: of("input[type=radio]", one => one.name),
  };
})"""
#: the ring round what has focus, and every line and colour of the options
OPTIONS = """() => {
  const line = each => { const s = getComputedStyle(each);
    return [s.borderTopStyle, s.borderTopWidth, s.borderTopColor].join(" "); };
  const of = selector => Array.from(document.querySelectorAll(selector)).map(line);
  return {
    chosen: of(".option input:checked + label"),
    others: of(".option:not(.option-apart) input:not(:checked) + label"),
    apart: of(".option-apart input:not(:checked) + label"),
    appearance: Array.from(document.querySelectorAll(".option input"))
      .map(each => getComputedStyle(each).appearance),
  };
}"""
RING = """() => {
  const has = document.activeElement;
  const style = getComputedStyle(has.type === "radio" ? has.nextElementSibling : has);
  return [style.outlineStyle, parseFloat(style.outlineWidth), style.outlineColor];
}"""
#: how each part of the progress bar is filled
SEGMENTS = """() => Array.from(document.querySelectorAll(".segments li")).map(each => {
  const style = getComputedStyle(each);
  return [style.backgroundColor, style.backgroundImage === "none", style.borderTopStyle].join(" ");
})"""


def groups_of(nodes):
    """Name of each group -> its radio buttons in order, each with its node."""
    by_id = {node["id"]: node for node in nodes}
    found = {node["name"]: [] for node in nodes if node["role"] == "group"}
    for node in nodes:
        above = node
        while node["role"] == "radio" and above["role"] != "group":
            above = by_id[above["parent"]]
        if node["role"] == "radio":
            found[above["name"]].append(node)
    return found


def test_each_question_is_a_group_named_by_it_whose_answers_say_name_state_and_place(device, stage):
    page = device()
    begin(page, stage.link)
    say_place(page)
    draw = random.Random(3)
    sections = 0
    while "/s/" in page.url:
        sections += 1
        chosen = choose(page, draw)
        told = groups_of(tree(page))
        questions = page.evaluate(QUESTIONS)
        assert list(told) == [question["stem"] for question in questions]
        for question, radios in zip(questions, told.values(), strict=True):
            assert [radio["name"] for radio in radios] == question["labels"]
            states = [radio["checked"] == "true" for radio in radios]
            assert states == [value == chosen[question["id"]] for value in question["values"]]
            # the browser counts places from the order in the tree: one set, and all of it
            assert set(question["names"]) == {question["id"]}
        go_on(page)
    assert sections > 5


def test_to_say_that_one_cannot_tell_is_the_last_answer_of_its_question_and_set_apart(
    device, stage
):
    page = device()
    begin(page, stage.link)
    say_place(page)
    for radios in groups_of(tree(page)).values():
        assert radios[-1]["name"].replace("\u2019", "'") == "I can't tell from my role"
    for question in page.locator("fieldset.question").all():
        tops = question.locator("label").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect()).map(box => [box.top, box.bottom])"
        )
        gaps = [below[0] - above[1] for above, below in pairwise(tops)]
        assert all(gap < 0 for gap in gaps[:-1])  # joined rows
        assert gaps[-1] >= 12
        assert len({bottom - top for top, bottom in tops}) == 1  # as large as the others


def test_progress_is_told_in_words_and_its_picture_is_not_told(device, stage):
    page = device()
    begin(page, stage.link)
    say_place(page)
    segments = page.locator(".segments li").count()
    words = " ".join(page.locator(".progress-words").inner_text().split())
    assert words.startswith(f"Section 1 of {segments} · about ")
    nodes = tree(page)
    texts = [node["name"] for node in nodes if node["role"] == "StaticText"]
    assert f"Section 1 of {segments}" in texts
    assert any(text.strip().startswith("· about") for text in texts)
    assert [node for node in nodes if node["role"] in ("list", "listitem")] == []
    headings = [node["level"] for node in nodes if node["role"] == "heading"]
    assert headings[0] == 1
    assert len([node for node in nodes if node["role"] == "main"]) == 1


def test_that_answers_are_not_saved_is_told_when_it_comes_about(device, stage):
    page = device()
    begin(page, stage.link)
    say_place(page)
    (status,) = [node for node in tree(page) if node["role"] == "status"]
    assert (status["live"], status["atomic"]) == ("polite", True)
    assert page.get_by_role("status").inner_text() == ""
    page.context.set_offline(True)
    page.locator("fieldset.question input").first.check()
    expect(page.get_by_role("status")).to_contain_text("Not saved yet")
    nodes = tree(page)
    (after,) = [node for node in nodes if node["role"] == "status"]
    assert after["id"] == status["id"]  # the same node: only then is a change told
    inside = [node["name"] for node in nodes if node["parent"] == after["id"]]
    assert inside == [page.get_by_role("status").inner_text()]
    page.context.set_offline(False)


def test_an_error_is_told_at_its_question_and_takes_focus(device, stage):
    page = device()
    begin(page, stage.link)
    follow(page.locator("form#where .buttons button"))
    expect(page.locator(".error-summary")).to_be_focused()
    assert page.title().startswith("Error:")
    nodes = tree(page)
    (alert,) = [node for node in nodes if node["role"] == "alert"]
    assert alert["name"] == "There is a problem"
    (group,) = [node for node in nodes if node["role"] == "group"]
    assert group["description"] == "Error: Choose your role."
    page.locator("#role-T").check()
    follow(page.locator("form#where .buttons button"))
    (school,) = [node for node in tree(page) if node["role"] == "combobox"]
    assert school["name"] == "Your school"
    assert school["description"].endswith("Error: Choose your school.")
    assert school["invalid"] == "true"


def test_wrong_words_are_told_at_their_field(device, stage):
    page = device()
    come_back(page, stage.link, "five words of nobody ever")
    (field,) = [node for node in tree(page) if node["role"] == "textbox"]
    assert field["name"] == "Your resume words"
    assert field["invalid"] == "true"
    assert "Error: No answers were found for these words." in field["description"]


def test_parts_in_another_language_say_so(device, house, stage):
    speak(stage, "ar-XB")
    page = device(locale="ar-XB")
    page.goto(stage.link)
    html = page.locator("html")
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == ("ar-XB", "rtl")
    switch = page.locator(".languages li")
    spoken = {each.get_attribute("lang"): each.inner_text() for each in switch.all()}
    assert spoken == {"ar-XB": "العربية", "en-GB": "English"}
    assert page.locator(".languages [aria-current]").inner_text() == "العربية"
    follow(page.locator("form[action$='/start'] button"))
    words = page.locator(".resume-words")
    assert (words.get_attribute("lang"), words.get_attribute("dir")) == ("en", "ltr")
    page.goto(f"{stage.link}/resume")
    field = page.locator("#words")
    assert (field.get_attribute("lang"), field.get_attribute("dir")) == ("en", "ltr")


# --- where the system chooses the colours --------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_the_system_chooses_the_colours_the_chosen_and_the_focused_are_still_told_apart(
    device, stage, scheme
):
    page = device(forced_colors="active", color_scheme=scheme)
    begin(page, stage.link)
    say_place(page)
    questions = page.locator("fieldset.question")
    questions.nth(0).locator("input").nth(1).check()
    found = page.evaluate(OPTIONS)
    assert set(found["appearance"]) == {"auto"}  # the system draws the circles itself
    (chosen,) = found["chosen"]
    assert chosen not in found["others"]
    assert not set(found["apart"]) & set(found["others"])  # dashed
    questions.nth(1).locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    style, width, colour = page.evaluate(RING)
    assert (style, width >= 3) == ("solid", True)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour != paper
    assert len(checked(page)) == 2


def test_where_the_system_chooses_the_colours_progress_notes_and_buttons_are_still_told_apart(
    device, stage
):
    page = device(forced_colors="active")
    begin(page, stage.link)
    say_place(page)
    choose(page, random.Random(1))
    go_on(page)
    done, here, ahead, *more = page.evaluate(SEGMENTS)
    assert len({done, here, ahead}) == 3
    assert set(more) == {ahead}
    assert "none" not in {each.rpartition(" ")[2] for each in (done, here, ahead)}  # an edge
    first, second = page.locator("main .buttons button").evaluate_all(
        "all => all.map(each => getComputedStyle(each).backgroundColor)"
    )
    assert first != second
    page.context.set_offline(True)
    page.locator("fieldset.question input").first.check()
    note = page.locator(".unsaved-wrong")
    expect(note).not_to_be_empty()
    assert note.evaluate("each => getComputedStyle(each).borderTopStyle") == "solid"
    page.context.set_offline(False)


def test_where_the_system_chooses_the_colours_an_error_is_told_by_line_and_word(device, stage):
    page = device(forced_colors="active")
    begin(page, stage.link)
    follow(page.locator("form#where .buttons button"))
    summary, question, other = (
        page.locator(selector).evaluate(
            "each => { const s = getComputedStyle(each);"
            " return [s.borderInlineStartStyle, parseFloat(s.borderInlineStartWidth)]; }"
        )
        for selector in (".error-summary", ".question-wrong", "div.question")
    )
    assert summary == ["solid", 3]
    assert question == ["solid", 5]
    assert other[1] == 0
    assert page.locator(".field-error").inner_text().split() == "Error: Choose your role.".split()


def test_nothing_moves_for_those_who_asked_for_it_nor_for_anybody_else(device, stage):
    for wish in ("reduce", "no-preference"):
        page = device(reduced_motion=wish)
        begin(page, stage.link)
        say_place(page)
        page.locator("fieldset.question input").first.check()
        page.locator("main .buttons button").first.hover()
        assert page.evaluate("document.getAnimations().length") == 0
