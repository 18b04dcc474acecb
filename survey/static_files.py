"""Static files: read once at the start, kept by browsers for a year under an address of their own.

The address holds a hash over all of them, so that an upgrade changes it: no page meets a style
sheet or a script of another release. Style sheets refer to what lies beside them, under the same
address.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from flask import Flask, Response, abort

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}


def init_static_files(app: Flask) -> None:
    """Serve the static files, and have ``url_for("static", filename=...)`` name this release's."""
    files = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in TYPES
    }
    current = _hash_of(files)

    @app.get("/static/<version>/<path:filename>", endpoint="static")
    def static(version: str, filename: str) -> Response:
        if filename not in files:
            abort(404)
        response = Response(files[filename], mimetype=TYPES[Path(filename).suffix])
        # while an upgrade runs, a page of one release may ask a process of another: it gets the
        # file that is here, and must not keep it under an address that is not the file's
        is_current = version == current
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if is_current else "no-store"
        )
        return response

    @app.url_defaults
    def name_version(endpoint: str, values: dict[str, str]) -> None:
        if endpoint == "static":
            values.setdefault("version", current)


def _hash_of(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]
