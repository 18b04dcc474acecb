"""Compression of what is text and finished: pages, style sheets, scripts, pictures in SVG, JSON.

Documents (PDF) and fonts are compressed already; what is streamed is left as it is. gzip, because
Python has it: brotli (level 5) would save half a kilobyte of a first page and take longer.

Compression can give away what is encrypted. Somebody who watches the lengths of answers on the
network learns a secret of a page letter by letter (BREACH), if he can also have words of his own
put on the same page, again and again, in the victim's name. Here he cannot:

- no page of those who answer shows anything of its address (a test asks each of them), and what is
  sent in a form is shown again only to whoever sent it;
- another site cannot send a form or load a page in a person's name: cookies are SameSite=Lax, and
  no page may be framed;
- the page for signing in shows where its reader wants to go on to, taken from its address, beside a
  token: it is not compressed.

One leak is left that needs no attacker's words: two pages that differ only in which options are
chosen are equally long, but may differ by some bytes once compressed. Staff may be answering on
their employer's network. So each compressed page carries up to 100 random bytes that hide it (as
Django's pages do since 4.2).
"""

import gzip
import io
import secrets

from flask import Flask, Response, request

TYPES = frozenset({"text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"})
#: what fits into one packet gains nothing
LEAST_BYTES = 1000
LEVEL = 6
MOST_PADDING = 100


def init_compression(app: Flask) -> None:
    """Compress what the application answers, for browsers that say they can read it."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not _gains(response):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.set_data(_zipped(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _gains(response: Response) -> bool:
    """Whether it is worth while and safe to compress this."""
    return (
        response.mimetype in TYPES
        and not response.is_streamed
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and request.blueprint != "security"  # signing in: see above
        and response.calculate_content_length() >= LEAST_BYTES
    )


def _zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    # the header of a gzip file may hold a name: readers skip it, so its length is ours to choose
    name = "a" * secrets.randbelow(MOST_PADDING + 1)
    with gzip.GzipFile(name, "wb", LEVEL, buffer, mtime=0) as zipped:
        zipped.write(content)
    return buffer.getvalue()
