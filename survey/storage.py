"""Finished documents in a folder: whole or not at all, and checked when they are read."""

import hashlib
import os
import secrets
from pathlib import Path


class StorageError(ValueError):
    """A stored document is missing or damaged; one line says which."""


def save(folder: Path, name: str, content: bytes) -> str:
    """Store ``content`` under ``name`` and return the SHA-256 (hex) of what is stored there.

    The file appears whole, after it has reached the disk. A name is written once: where a worker
    that was killed (or another one) has stored it already, that file stays and its checksum is
    returned, so that a checksum in the database never speaks of other bytes than the file's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    fresh = folder / f".{name}-{secrets.token_hex(8)}"
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # like a rename, but refuses to replace
        except FileExistsError:
            return _checksum(path.read_bytes())
    finally:
        fresh.unlink(missing_ok=True)
    _sync_folder(folder)
    return _checksum(content)


def load(folder: Path, name: str, checksum: str) -> bytes:
    """The bytes stored under ``name``.

    Raises
    ------
    StorageError
        If there is no such file, or its bytes are not those that were stored.
    """
    try:
        content = (folder / name).read_bytes()
    except FileNotFoundError:
        raise StorageError("The stored file is missing.") from None
    if _checksum(content) != checksum:
        raise StorageError("The stored file is damaged.")
    return content


def clear_unfinished(folder: Path, *, older_than_s: float, now_s: float) -> None:
    """Remove what writers that were killed left behind."""
    _clear(folder, ".*-*", older_than_s, now_s)


def clear_mail(folder: Path, *, older_than_s: float, now_s: float) -> None:
    """Remove messages that were written long ago."""
    _clear(folder, "*.eml", older_than_s, now_s)


def _clear(folder: Path, pattern: str, older_than_s: float, now_s: float) -> None:
    for path in folder.glob(pattern):
        try:
            written_s = path.stat().st_mtime
        except FileNotFoundError:  # its writer has just finished it
            continue
        if now_s - written_s > older_than_s:
            path.unlink(missing_ok=True)


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
