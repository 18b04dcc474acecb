"""HTML to a tagged PDF: the only module that knows WeasyPrint, which it imports when asked.

Nothing is fetched but files of our own under ``reports/static``; the same input gives the same
bytes; fonts and style sheets are read once a process.
"""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from reports import _weasyprint
from reports._drawings import read_drawing

STATIC: Final = Path(__file__).parent / "static"

NO_PANGO: Final = (
    "Making a PDF needs the Pango library, which is not installed. "
    "Debian or Ubuntu: apt-get install libpangoft2-1.0-0 libharfbuzz-subset0; "
    "Fedora: dnf install pango harfbuzz; macOS: brew install pango."
)


class DocumentError(ValueError):
    """A document cannot be made; the message says why in one line."""


def render_pdf(
    html: str,
    *,
    title: str,
    lang: str,
    identifier: str,
    stylesheets: Sequence[str] = ("report.css",),
) -> bytes:
    """A tagged PDF (PDF/UA-1 structure) of one HTML document.

    Parameters
    ----------
    html
        The whole document. It may refer to files under ``reports/static`` and to nothing else.
    title, lang
        Document title and language ("en-GB"); they must be the document's own, since a reader
        hears them first.
    identifier
        What makes this document this document (a fingerprint): the same input and identifier give
        the same bytes.
    stylesheets
        Names of style sheets under ``reports/static``, read once a process.

    Raises
    ------
    DocumentError
        If Pango is missing, if the document lacks its title or language, or if it refers to
        anything outside ``reports/static``.
    """
    weasyprint = _package()
    if not title.strip() or not lang.strip():
        raise DocumentError("A PDF needs a title and a language.")
    lifted, drawings = _weasyprint.lift_drawings(html)
    fetch = partial(_fetch, drawings=drawings)
    parsed = weasyprint.HTML(string=lifted, base_url=f"{STATIC.as_uri()}/", url_fetcher=fetch)
    root = parsed.etree_element
    root.set("lang", lang)
    _set_title(root, title)
    try:
        with _weasyprint.failures() as failed, _weasyprint.no_collection():
            pdf = parsed.write_pdf(
                stylesheets=[_stylesheet(name) for name in stylesheets],
                font_config=_font_config(),
                finisher=_weasyprint.set_scopes,
                pdf_variant="pdf/ua-1",
                pdf_identifier=identifier.encode(),
                presentational_hints=True,
                cache=_ready(drawings),
            )
    except weasyprint.urls.FatalURLFetchingError as error:
        raise DocumentError(str(error)) from None
    if failed:
        raise DocumentError(f"The document could not be drawn: {failed[0]}.")
    return bytes(pdf)


def _set_title(root: Any, title: str) -> None:
    head = root.find("head")
    if head is None:
        raise DocumentError("The document has no head.")
    found = head.find("title")
    if found is None:
        found = head.makeelement("title", {})
        head.append(found)
    found.text = title


@cache
def _package() -> Any:
    """The WeasyPrint package; one clear line where the system lacks Pango."""
    try:
        with _weasyprint.known_names():
            import weasyprint
            import weasyprint.text.fonts
            import weasyprint.urls
    except OSError as error:
        raise DocumentError(NO_PANGO) from error
    return weasyprint


@cache
def _font_config() -> Any:
    return _package().text.fonts.FontConfiguration()


def _ready(drawings: Mapping[str, str]) -> dict[str, Any]:
    """WeasyPrint's image cache, with every drawing in it that we can draw ourselves."""
    read = {url: read_drawing(markup, _font_config()) for url, markup in drawings.items()}
    return {url: drawing for url, drawing in read.items() if drawing is not None}


@cache
def _stylesheet(name: str) -> Any:
    path = STATIC / name
    if not path.is_file():
        raise DocumentError(f"There is no style sheet {name} under {STATIC.name}.")
    return _package().CSS(filename=path, font_config=_font_config(), url_fetcher=_fetch)


def warm_up() -> None:
    """Load the typesetter, its fonts and the profile's style sheets, to have them ready."""
    for name in ("report.css", "profile.css"):
        _stylesheet(name)


def static_file(url: str) -> Path:
    """The file under ``reports/static`` that a URL names.

    Raises
    ------
    DocumentError
        For any other URL: another scheme or host, or a path that leaves the folder.
    """
    parts = urlsplit(url)
    path = Path(unquote(parts.path)).resolve()
    if parts.scheme != "file" or parts.netloc or not path.is_relative_to(STATIC.resolve()):
        raise DocumentError(f"A document may not refer to {url}: only to files of its own.")
    if not path.is_file():
        raise DocumentError(f"A document refers to {path.name}, which is not there.")
    return path


def _fetch(url: str, *, drawings: Mapping[str, str] | None = None) -> Any:
    """WeasyPrint's fetcher: a drawing of the document, a file of our own, or the end of it all."""
    urls = _package().urls
    if drawings and url in drawings:
        return urls.URLFetcherResponse(
            url, drawings[url].encode(), {"Content-Type": "image/svg+xml"}
        )
    try:
        path = static_file(url)
    except DocumentError as error:
        # Any other exception would be logged and passed over, and the page come out without it.
        raise urls.FatalURLFetchingError(str(error)) from None
    return urls.URLFetcherResponse(url, path.read_bytes())
