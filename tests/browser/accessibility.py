"""What is looked at on a page for accessibility: by axe-core, by measuring, in the tree."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.answering import PHONE

DESK = {"width": 1280, "height": 900}

#: every rule that axe has for WCAG 2.2 AA, and what it calls good practice
ALL = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
#: those of them that colours and widths can change
SEEN = {
    "runOnly": {
        "type": "rule",
        "values": [
            "color-contrast",
            "link-in-text-block",
            "scrollable-region-focusable",
            "target-size",
        ],
    },
    "resultTypes": ["violations"],
}

#: schemes and screens -> (window, what the person's system asks for, rules)
LOOKS: dict[str, tuple[Any, dict[str, str], Any]] = {
    "phone": (PHONE, {"color_scheme": "light"}, ALL),
    "phone, dark": (PHONE, {"color_scheme": "dark"}, SEEN),
    "desk": (DESK, {"color_scheme": "light"}, SEEN),
    "desk, dark": (DESK, {"color_scheme": "dark"}, SEEN),
    "phone, forced": (PHONE, {"forced_colors": "active"}, SEEN),
    "desk, dark, forced": (DESK, {"color_scheme": "dark", "forced_colors": "active"}, SEEN),
}
#: each scheme and each screen once
EACH_ONCE = ("phone", "desk, dark", "phone, forced")

#: WCAG 1.4.12: what a reader may set without loss
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important;"
    " word-spacing: .16em !important } p { margin-bottom: 2em !important }"
)
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
    "400 %": ({"width": 320, "height": 256}, ""),
    "text at 200 %": (DESK, "document.documentElement.style.fontSize = '200%'"),
    "text at 200 %, phone": (PHONE, "document.documentElement.style.fontSize = '200%'"),
    "wide spaces": (PHONE, f"({SHEET})({SPACING!r})"),
}

#: what a person can see, and what they can press
COMMON = """
  const hidden = ".visually-hidden, .default-button, .skip-link,"
    + " details:not([open]) > :not(summary)";
  const isShown = each => each.getClientRects().length > 0 && !each.closest(hidden);
  const part = each => each.outerHTML.slice(0, 90);
  const pressed = Array.from(document.querySelectorAll(
      "a[href], button, summary, select, textarea, input:not([type=hidden], [type=radio]), label"))
    .filter(each => isShown(each) && (each.tagName !== "LABEL" || each.closest(".option")))
    .map(each => [each, each.getBoundingClientRect()]);
  const still = pressed.filter(([each]) => !each.closest(".unsaved")); /* it lies over by design */
  const meet = (a, b, by) => a.bottom - b.top > by && b.bottom - a.top > by
    && a.right - b.left > by && b.right - a.left > by;
  /* lines of a heading stand closer than its letters are high */
  const lap = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
    > .2 * Math.min(a.height, b.height);
"""

#: words that are wider than the window, cut off by what they stand in, or lie over others
LOST = f"""() => {{
  {COMMON}
  const lost = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) lost.push(`the page is ${{wide}} px too wide`);
  const words = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {{
    const text = texts.currentNode, holder = text.parentElement;
    if (!text.data.trim() || !isShown(holder) || holder.closest("svg, select")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const scrolls = holder.closest(".table-scroll");
    const control = holder.closest("label, button, a.button");
    const boxes = [];
    for (let above = holder; above && above !== scrolls; above = above.parentElement) {{
      const style = getComputedStyle(above);
      if (above === control || /hidden|clip/.test(style.overflowX + style.overflowY))
        boxes.push(above.getBoundingClientRect());
    }}
    for (const line of range.getClientRects()) {{
      const what = `${{text.data.trim().slice(0, 40)}} in ${{part(holder)}}`;
      if (!scrolls && (line.left < -1 || line.right > innerWidth + 1))
        lost.push(`beside: ${{what}}`);
      if (boxes.some(box => line.left < box.left - 1 || line.right > box.right + 1
          || line.top < box.top - 1 || line.bottom > box.bottom + 1))
        lost.push(`cut off: ${{what}}`);
      if (!holder.closest(".unsaved")) words.push([what, line]);
    }}
  }}
  for (let i = 0; i < words.length; i++)
    for (let j = 0; j < i; j++)
      if (meet(words[i][1], words[j][1], 2) && lap(words[i][1], words[j][1]))
        lost.push(`over: ${{words[i][0]}} and ${{words[j][0]}}`);
  for (let i = 0; i < still.length; i++)
    for (let j = 0; j < i; j++)
      if (meet(still[i][1], still[j][1], 2))
        lost.push(`overlap: ${{part(still[i][0])}} and ${{part(still[j][0])}}`);
  for (const label of document.querySelectorAll(".option label"))
    if (label.checkVisibility({{visibilityProperty: true, opacityProperty: true}}) === false)
      lost.push(`not shown: ${{part(label)}}`);
  return lost;
}}"""

#: what is pressed and is smaller than 44 px either way; of an option its label is pressed
SMALL = f"""() => {{
  {COMMON}
  return pressed.filter(([, box]) => box.width < 43.5 || box.height < 43.5)
    .map(([each, box]) => `${{part(each)}}: ${{box.width}} x ${{box.height}}`);
}}"""

#: what moves by itself or would
MOVING = """() => Array.from(document.querySelectorAll("*")).filter(each => {
    const style = getComputedStyle(each);
    return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0
      || style.scrollBehavior === "smooth";
  }).map(each => each.outerHTML.slice(0, 80)).concat(document.getAnimations().map(String))"""


def find_nothing(page: Page, *, looks: tuple[str, ...]) -> None:
    """Assert that axe finds nothing, in each of these looks; the page is loaded once for all."""
    for look in looks:
        viewport, asks, rules = LOOKS[look]
        page.set_viewport_size(viewport)
        page.emulate_media(**{"color_scheme": "light", "forced_colors": "none", **asks})
        check(page, rules, look)
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light", forced_colors="none")


def check(page: Page, rules: Any = ALL, look: str = "") -> None:
    """Assert that axe finds nothing here, as the page is seen now."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    # there the note that sticks to the bottom of the window lies over nothing
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    found = page.evaluate("rules => axe.run(rules).then(found => found.violations)", rules)
    lines = [
        f"{each['id']}: {each['help']}: {node['html']}" for each in found for node in each["nodes"]
    ]
    assert lines == [], f"{page.url}, {look}: {lines}"


def lose_nothing(page: Page, *, ways: tuple[str, ...] = tuple(WAYS)) -> None:
    """Assert that narrow, zoomed, with large text and with wide spaces all of it is there."""
    for what in ways:
        viewport, change = WAYS[what]
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


def stand_still(page: Page) -> None:
    """Assert that nothing moves, for anybody."""
    moving = page.evaluate(MOVING)
    assert moving == [], f"{page.url}: {moving}"


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
