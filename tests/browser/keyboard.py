"""A person who uses nothing but the keyboard, and what they can see of where they are."""

from typing import Any

from playwright.sync_api import Page, expect

#: what has focus; whether it is drawn, and whether anything lies over it
FOCUS = """() => {
  const focused = document.activeElement;
  const isRadio = focused.type === "radio";
  const drawn = isRadio ? focused.nextElementSibling : focused;
  const style = getComputedStyle(drawn);
  const box = drawn.getBoundingClientRect();
  const points = [[.5, .5], [.02, .1], [.98, .1], [.02, .9], [.98, .9]].map(([x, y]) =>
    document.elementFromPoint(box.left + box.width * x, box.top + box.height * y));
  return {
    id: focused.id, class: focused.className, name: focused.name, type: focused.type,
    value: focused.value, tag: focused.tagName,
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    top: box.top, bottom: box.bottom, height: innerHeight,
    uncovered: points.filter(each => each && (drawn.contains(each) || focused.contains(each)
      || each.contains(drawn))).length
  };
}"""


def check_focus(page: Page, place: str = "") -> dict[str, Any]:
    """What has focus, after making sure that it can be seen: its ring, in the window, on top.

    ``place`` is what shall have it by itself, because an address or a link leads there: Chromium
    moves focus to it a moment after the page has loaded or the key was pressed.
    """
    if place:
        expect(page.locator(place)).to_be_focused()
    found: dict[str, Any] = page.evaluate(FOCUS)
    assert found["tag"] != "BODY", "nothing has focus"
    assert found["outline"] >= 2, found
    is_tall = found["bottom"] - found["top"] > found["height"]
    assert is_tall or (found["top"] > -1 and found["bottom"] < found["height"] + 1), found
    assert is_tall or found["uncovered"] >= 3, found
    return found


def tab_to(page: Page, selector: str, *, most: int = 120) -> None:
    """Press Tab until this has focus; wherever it is on the way can be seen."""
    target = page.locator(selector).first
    for _ in range(most):
        if target.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
        if not page.evaluate("document.activeElement === document.body"):
            check_focus(page)
    raise AssertionError(f"Tab does not lead to {selector} on {page.url}")


def press_until(page: Page, key: str, address: str | None) -> None:
    """Press a key that leads to another page, whose address holds this."""
    here = page.url
    with page.expect_navigation(url=lambda url: url != here and (address or "") in url):
        page.keyboard.press(key)
