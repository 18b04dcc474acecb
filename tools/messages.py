"""Collects every message of the web into messages.pot and brings the catalogs up to date.

``--check`` writes nothing and ends with 1 where the template is behind the code.
"""

import io
import sys
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).resolve().parent.parent
SURVEY = ROOT / "survey"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "false", "silent": "false", "encoding": "utf-8"}}
KEYWORDS = {"_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None}
KEYWORDS |= {"ngettext": (1, 2), "lazy_ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
#: lines of a header that say when and by what it was written, or nothing at all
LEFT_OUT = tuple(
    f'"{name}'
    for name in (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Report-Msgid-Bugs-To",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)


def extract() -> Catalog:
    """Every message marked in the code and the templates, with the files that hold it."""
    found = Catalog(project="midtier-interface", version="1", charset="utf-8")
    for name, _line, message, comments, context in extract_from_dir(
        SURVEY, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("i18n:",)
    ):
        place = [(f"survey/{name}", None)]
        found.add(message, None, place, auto_comments=comments, context=context)
    return found


def as_bytes(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=100, sort_output=True, omit_header=False)
    lines = out.getvalue().decode().splitlines()
    # neither moment nor tool of writing: the file changes only when a message does
    return ("\n".join(line for line in lines if not line.startswith(LEFT_OUT)) + "\n").encode()


def main() -> int:
    catalog = extract()
    catalog.fuzzy = False
    catalog.header_comment = "# The interface's messages. `make messages` writes this file."
    template = SURVEY / "translations" / "messages.pot"
    written = as_bytes(catalog)
    if "--check" in sys.argv:
        if not template.is_file() or template.read_bytes() != written:
            sys.stderr.write(f"{template.relative_to(ROOT)} is behind the code: make messages\n")
            return 1
        return 0
    template.write_bytes(written)
    for path in sorted((SURVEY / "translations").glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            own = pofile.read_po(file, locale=path.parent.parent.name)
        own.update(catalog, no_fuzzy_matching=True)
        own.obsolete.clear()
        if path.parent.parent.name.startswith("en_"):  # the source serves where nothing differs
            for message in [each for each in own if each.id and not any(each.string or "")]:
                own.delete(message.id, message.context)
        path.write_bytes(as_bytes(own))
    sys.stdout.write(f"{len(catalog)} messages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
