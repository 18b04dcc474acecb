"""What is looked at on a page for accessibility, by axe-core and by measuring."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.answering import PHONE

DESK = {"width": 1280, "height": 900}
#: 1280 by 1024 pixels at 400 %
ZOOMED = {"width": 320, "height": 256}

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}

#: WCAG 1.4.12: what a reader may set without loss
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important;"
    " word-spacing: .16em !important } p { margin-bottom: 2em !important }"
)

#: what is wider than its window, cut off, or lies over its neighbour
LOST = """() => {
  const lost = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) lost.push(`the page is ${wide} px too wide`);
  for (const each of document.querySelectorAll("body *")) {
    const style = getComputedStyle(each);
    if (each.closest(".visually-hidden, svg, select") || style.position === "absolute") continue;
    const cuts = ["hidden", "clip"];
    if (cuts.includes(style.overflowX) && each.scrollWidth > each.clientWidth + 1
        || cuts.includes(style.overflowY) && each.scrollHeight > each.clientHeight + 1)
      lost.push(`cut off: ${each.outerHTML.slice(0, 120)}`);
  }
  const boxes = Array.from(document.querySelectorAll("main label, main button, .buttons a"))
    .map(each => [each, each.getBoundingClientRect()]).filter(([, box]) => box.width > 2);
  for (let i = 1; i < boxes.length; i++) {
    const [a, one] = boxes[i - 1], [b, two] = boxes[i];
    if (one.bottom - two.top > 2 && two.bottom - one.top > 2
        && one.right - two.left > 2 && two.right - one.left > 2)
      lost.push(`overlap: ${a.outerHTML.slice(0, 80)} and ${b.outerHTML.slice(0, 80)}`);
  }
  return lost;
}"""

#: controls smaller than 44 px either way; links within a sentence may be as high as its line
SMALL = """() => Array.from(document.querySelectorAll(
    "main .option label, main button, main .buttons a, main select, main input:not([type=radio])"))
  .filter(each => each.offsetParent !== null && each.type !== "hidden"
    && !each.matches(".default-button"))
  .map(each => [each, each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 43.5 || box.height < 43.5)
  .map(([each, box]) => `${each.outerHTML.slice(0, 80)}: ${box.width} x ${box.height}`)"""

#: colours and lines by which a person tells things apart where the system chooses the colours
FORCED = """() => {
  const line = each => { const s = getComputedStyle(each);
    return [s.borderTopStyle, s.borderTopWidth, s.borderTopColor, s.backgroundColor].join(" "); };
  const of = selector => Array.from(document.querySelectorAll(selector));
  return {
    chosen: of(".option input:checked + label").map(line),
    others: of(".option input:not(:checked) + label").map(line),
    appearance: of(".option input").map(each => getComputedStyle(each).appearance),
  };
}"""


#: a style of the reader's own
SHEET = """text => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  document.adoptedStyleSheets = [sheet];
}"""
UNDO = "document.adoptedStyleSheets = []; document.documentElement.style.fontSize = ''"
#: how people see a page -> (window, what they change)
WAYS: dict[str, tuple[Any, str]] = {
    "320 px": ({"width": 320, "height": 640}, ""),
    "200 %": ({"width": 640, "height": 450}, ""),
    "400 %": (ZOOMED, ""),
    "text at 200 %": (DESK, "document.documentElement.style.fontSize = '200%'"),
    "wide spaces": (PHONE, f"({SHEET})({SPACING!r})"),
}


def find_nothing(page: Page) -> None:
    """Assert that axe finds nothing here."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def lose_nothing(page: Page, *, ways: tuple[str, ...] = ()) -> None:
    """Assert that narrow, zoomed, with large text and with wide spaces all of it is there.

    ``ways``: of these alone, where another walk looks at the others.
    """
    for what, (viewport, change) in WAYS.items():
        if ways and what not in ways:
            continue
        page.set_viewport_size(viewport)
        if change:
            page.evaluate(change)
        lost = page.evaluate(LOST)
        assert lost == [], f"{page.url}, {what}: {lost}"
        if viewport["width"] == 320:
            small = page.evaluate(SMALL)
            assert small == [], f"{page.url}, {what}: {small}"
        if change:
            page.evaluate(UNDO)
    page.set_viewport_size(PHONE)


def tree(page: Page) -> list[dict[str, Any]]:
    """The accessibility tree: role, name, description, properties and parent of each node."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        {
            "id": node["nodeId"],
            "parent": node.get("parentId"),
            "role": "" if node["ignored"] else node["role"]["value"],
            "name": node.get("name", {}).get("value", ""),
            "description": node.get("description", {}).get("value", ""),
            "value": node.get("value", {}).get("value"),
            **{each["name"]: each["value"].get("value") for each in node.get("properties", ())},
        }
        for node in nodes
    ]
