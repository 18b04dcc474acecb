"""``midtier translation``: files for translators, and what comes back. Opens no database."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from survey.failures import stated_failures

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, writable=True, path_type=Path)

with_locale = click.option("--locale", required=True, metavar="CODE", help="Such as fr-FR.")
with_folder = click.option(
    "--into",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of translations; without it, that of the installation (MIDTIER_DATA_DIR).",
)


@click.group()
def translation() -> None:
    """Translations of instruments and of the interface."""


@translation.command()
@click.argument("name", metavar="SLUG[@VERSION]|interface")
@with_locale
@click.option("--out", type=OUT, required=True, metavar="FILE.po")
@with_folder
@stated_failures
def export(name: str, locale: str, out: Path, folder: Path | None) -> None:
    """Write a PO file for a translator, with what is translated already."""
    from survey import translating

    content = translating.export(name, locale, _folder(folder))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(content)
    click.echo(f"Wrote {out}")


@translation.command("import")
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="FILE.po ...")
@click.option("--verified-by", default="", metavar="NAME", help="Who vouches for the translation.")
@with_folder
@stated_failures
def take_in(files: tuple[Path, ...], verified_by: str, folder: Path | None) -> None:
    """Check the PO files and install what they translate; unverified unless somebody vouches."""
    from datetime import UTC, datetime

    from survey import translating

    today = datetime.now(UTC).date().isoformat()
    for file in files:
        try:
            written = translating.take_in(
                file, _folder(folder), verified_by=verified_by.strip(), on=today
            )
        except translating.TranslationError as error:
            _refuse(str(file), error.faults)
        click.echo(f"Wrote {written}")


@translation.command()
@click.argument("name", metavar="SLUG[@VERSION]|interface")
@with_locale
@with_folder
@stated_failures
def check(name: str, locale: str, folder: Path | None) -> None:
    """Say what is wrong with an installed translation, and how to mend it."""
    from survey import translating

    faults = translating.check(name, locale, _folder(folder))
    if faults:
        _refuse(f"{name} in {locale}", faults)
    click.echo(f"{name} in {locale}: nothing to mend")


@translation.command()
@with_folder
@stated_failures
def pseudo(folder: Path | None) -> None:
    """Install the pseudo-locales en-XA (accents, longer) and ar-XB (right to left), for tests."""
    from tempfile import TemporaryDirectory

    from instruments import registry
    from instruments.pseudo import PSEUDO
    from survey import translating

    names = [f"{slug}@{version}" for slug, version in registry.available()]
    for locale, change in PSEUDO.items():
        for name in (*names, translating.INTERFACE):
            exported = translating.export(name, locale, _folder(folder))
            with TemporaryDirectory() as place:
                file = Path(place) / "pseudo.po"
                file.write_bytes(translating.filled(exported, change))
                written = translating.take_in(file, _folder(folder), verified_by="", on="")
            click.echo(f"Wrote {written}")


def _folder(named: Path | None) -> Path:
    if named is not None:
        return named
    from survey.settings import Settings

    return Settings().translations_dir  # reading all settings would make keys


def _refuse(what: str, faults: Iterable[Any]) -> None:
    listed = list(faults)
    for fault in listed:
        click.echo(str(fault), err=True)
    raise click.ClickException(f"{what}: {len(listed)} to mend")
