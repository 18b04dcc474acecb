"""Writes what the program knows into pages of ``docs/`` (``make docs``)."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from survey import create_app  # noqa: E402 (the path comes first)
from survey.accessibility import PARTS, TESTED_ON  # noqa: E402
from survey.promise import PROMISES, Promise  # noqa: E402
from survey.promise_words import NAMED_SCHOOLS, OPEN_WORDS, Addition  # noqa: E402
from survey.services.accounts import ROLES  # noqa: E402
from survey.settings import Settings  # noqa: E402

CONFIDENTIALITY = ROOT / "docs" / "confidentiality.md"
ACCESSIBILITY = ROOT / "docs" / "accessibility.md"
ROLES_PAGE = ROOT / "docs" / "roles.md"
BEGIN, END = "<!-- written by make docs: begin -->", "<!-- written by make docs: end -->"


def plain(text: str, organisation: str = "the organisation") -> str:
    """A text of the promise as a sentence of its own, where the instrument raises no floor."""
    values = {"organisation": organisation, "group_n": 10, "school_n": 10, "n": 30}
    filled = text.replace("<strong>", "").replace("</strong>", "") % values
    return filled[:1].upper() + filled[1:]


def section(mode: str, promise: Promise) -> str:
    """One mode: what staff read before the first question, and what each onlooker can learn."""
    lines = [f"## In {mode} mode", "", "Before the first question staff read:", ""]
    lines += [f"> {plain(promise.opening)}", ">"]
    return "\n".join(lines + told(promise))


def open_words() -> str:
    """What is added to either mode where a round asks open questions."""
    lines = ["## With open questions", "", "Where a round asks them, staff read besides:", ""]
    return "\n".join(lines + told(OPEN_WORDS))


def named_schools() -> str:
    """What is added to either mode where schools stand under their names."""
    lines = ["## Where schools are named", ""]
    lines += ["Where a profile will name schools, staff read besides:", ""]
    return "\n".join(lines + told(NAMED_SCHOOLS))


def told(promise: Promise | Addition) -> list[str]:
    """What staff read after the opening, and what each onlooker can learn, line by line."""
    lines = ["> The organisation sees:", ">"]
    lines += [f"> - {plain(text)}" for text in promise.sees]
    if promise.never_sees:
        lines += [">", "> It never sees:", ">"]
        lines += [f"> - {plain(text)}" for text in promise.never_sees]
    if promise.limits:
        lines += [">", f"> One limit. {' '.join(plain(text) for text in promise.limits)}", ">"]
    lines += [f"> - {plain(name)}: {plain(text)}" for name, text in promise.kept]
    lines += ["", "| Onlooker | While the round is open | After it has closed |", "|---|---|---|"]
    lines += [
        f"| **{plain(each.who)}** | {plain(each.while_open)} | {plain(each.after_close)} |"
        for each in promise.onlookers
    ]
    return lines


def promise() -> str:
    """Both modes and what may be added to them, as they stand in the page on confidentiality."""
    modes = [section(mode, promise) for mode, promise in PROMISES.items()]
    return "\n\n".join([*modes, named_schools(), open_words()])


def statement() -> str:
    """The accessibility statement, as it stands in its page."""
    day = f"{TESTED_ON.day} {TESTED_ON:%B %Y}"
    blocks = [f"Last tested on {day}."]
    for heading, paragraphs, points in PARTS:
        blocks += [f"## {heading}", *paragraphs]
        if points:
            blocks.append("\n".join(f"- {text}" for text in points))
    return "\n\n".join(blocks)


def permissions() -> str:
    """Every page that needs a role, and the roles that open it."""
    keys = dict.fromkeys(("secret_key", "respondent_key"), "no page is asked for")
    app = create_app(Settings(database_url="sqlite:///:memory:", **keys))
    rows = []
    for rule in app.url_map.iter_rules():
        allowed = getattr(app.view_functions[rule.endpoint], "permission", None)
        if allowed:
            methods = " ".join(sorted(rule.methods & {"GET", "POST"}))
            ticks = " | ".join("yes" if role in allowed else "" for role in ROLES)
            rows.append(f"| `{rule.rule}` | {methods} | {ticks} |")
    head = [f"| Page | | {' | '.join(ROLES)} |", "|---|---|" + "---|" * len(ROLES)]
    return "\n".join(head + sorted(rows))


WORDS = {CONFIDENTIALITY: promise, ACCESSIBILITY: statement, ROLES_PAGE: permissions}


def page_with_words(path: Path) -> str:
    """A page of the documentation with the words of today between its marks."""
    head, rest = path.read_text("utf-8").split(BEGIN)
    tail = rest.split(END)[1]
    return f"{head}{BEGIN}\n\n{WORDS[path]()}\n\n{END}{tail}"


if __name__ == "__main__":
    for page in WORDS:
        page.write_text(page_with_words(page), "utf-8")
