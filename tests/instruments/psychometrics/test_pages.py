"""The worked examples of docs/psychometrics give what the pages say."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
#: in the order in which they lean on one another
PAGES = (
    "moments",
    "correlations",
    "reliability",
    "exploration",
    "agreement",
    "careless",
    "confirmatory",
    "invariance",
)


def examples(page: str) -> str:
    """A page as doctest reads it; an empty line inside what is printed is marked as such."""
    text = (ROOT / "docs" / "psychometrics" / f"{page}.md").read_text("utf-8")
    blocks = re.split(r"```(?:python)?\n?", text)
    blocks[1::2] = [re.sub(r"\n\n(?!>>>)", "\n<BLANKLINE>\n", block) for block in blocks[1::2]]
    return "\n".join(blocks)


def test_every_example_gives_what_its_page_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    known: dict = {}
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for page in PAGES:
        example = doctest.DocTestParser().get_doctest(examples(page), known, page, page, 0)
        assert example.examples, page
        runner.run(example, clear_globs=False)
        known = example.globs
    assert runner.summarize(verbose=False).failed == 0


def test_every_page_is_run_and_every_estimator_is_on_one():
    from instruments import psychometrics

    found = {path.stem for path in (ROOT / "docs" / "psychometrics").glob("*.md")}
    assert found == set(PAGES)
    text = "".join(
        (ROOT / "docs" / "psychometrics" / f"{page}.md").read_text("utf-8") for page in PAGES
    )
    for name in psychometrics.__all__:
        if name[0].islower():
            assert f"`{name}" in text or f"{name}(" in text, name


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_somewhere(page):
    folder = ROOT / "docs" / "psychometrics"
    for link in re.findall(r"\]\(([^)]+)\)", (folder / f"{page}.md").read_text("utf-8")):
        assert (folder / link).exists(), link
