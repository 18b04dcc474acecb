"""The command line. Commands on files never open a database; heavy imports wait for their use."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.cli_accounts import accounts
from survey.cli_translation import translation
from survey.failures import stated_failures

if TYPE_CHECKING:
    from instruments.definition import Instrument
    from instruments.responses import Responses
    from reports.make import Answers

# many small matrix products are several times slower with threads than without, on a busy machine
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="midtier")
def main() -> None:
    """Midtier: a self-assessment survey for middle-tier organisations."""


main.add_command(accounts)
main.add_command(translation)


# --- on files ------------------------------------------------------------------------------------

with_instrument = click.option(
    "--instrument",
    "instrument_name",
    metavar="SLUG[@VERSION]|FOLDER",
    help="Instrument of the answers; without it, FILE.toml beside the file is asked.",
)
with_seed = click.option("--seed", type=int, default=20260101, show_default=True)


@main.command()
@click.argument("file", type=FILE)
@with_instrument
@click.option("--json", "json_out", type=OUT, help="Write every figure here.")
@click.option("--by", metavar="COLUMN", help="Compare the values of COLUMN.")
@click.option("--missing", type=click.Choice(["pairwise", "listwise"]), help="Missing-data rule.")
@click.option("--factors", type=click.IntRange(1, 30), help="Factors to extract.")
@click.option("--confirm/--no-confirm", default=True, help="Fit confirmatory models too.")
@with_seed
@stated_failures
def analyse(
    file: Path,
    instrument_name: str | None,
    json_out: Path | None,
    by: str | None,
    missing: Any,
    factors: int | None,
    confirm: bool,
    seed: int,
) -> None:
    """Reliability and factor structure of the answers in FILE."""
    import json

    from instruments import analysis

    instrument, responses = _read(file, instrument_name)
    result = analysis.analyse(
        instrument, responses, missing=missing, by=by, factors=factors, seed=seed
    )
    click.echo(analysis.tables(result))
    written = analysis.to_json(result)
    if confirm:
        confirmed = analysis.confirm(instrument, responses, result)
        click.echo(f"\n{analysis.confirming_text(confirmed)}")
        written |= analysis.confirming_json(confirmed)
    if json_out:
        figures = json.dumps(written, indent=1, allow_nan=False)
        _write(json_out, f"{figures}\n".encode())


@main.command()
@click.argument("file", type=FILE)
@with_instrument
@click.option("--round", "round_file", type=FILE, required=True, help="round.toml")
@click.option("--roster", "roster_file", type=FILE, help="roster.csv: school, role, headcount")
@click.option(
    "--earlier",
    "earlier_folders",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="folder of an earlier round: responses.csv, round.toml, roster.csv if there is one",
)
@click.option("--out", type=OUT, default=Path("profile.pdf"), show_default=True)
@click.option("--school", metavar="NAME", help="The report of this school alone.")
@with_seed
@stated_failures
def profile(
    file: Path,
    instrument_name: str | None,
    round_file: Path,
    roster_file: Path | None,
    earlier_folders: tuple[Path, ...],
    out: Path,
    school: str | None,
    seed: int,
) -> None:
    """The PDF profile of one round, or one school's report, from the answers in FILE."""
    from reports.make import make_profile, make_school_report, typesetting

    with typesetting() as typesetter:
        instrument, responses = _read(file, instrument_name)
        facts, responses = _read_round(round_file, instrument, responses)
        roster = _read_roster(roster_file, instrument, responses)
        of_round = (instrument, responses, roster, facts)
        if school:
            pdf = make_school_report(*of_round, school, seed=seed, typesetter=typesetter)
        else:
            earlier = [_read_earlier(folder, instrument) for folder in earlier_folders]
            pdf = make_profile(*of_round, seed=seed, typesetter=typesetter, earlier=earlier)
    _write(out, pdf)


@main.command()
@click.argument("file", type=FILE)
@with_instrument
@click.option("--round", "round_file", type=FILE, help="round.toml")
@click.option("--roster", "roster_file", type=FILE, help="roster.csv: school, role, headcount")
@click.option("--missing", type=click.Choice(["pairwise", "listwise"]), help="Missing-data rule.")
@click.option("--out", type=OUT, default=Path("validation.pdf"), show_default=True)
@with_seed
@stated_failures
def validate(
    file: Path,
    instrument_name: str | None,
    round_file: Path | None,
    roster_file: Path | None,
    missing: Any,
    out: Path,
    seed: int,
) -> None:
    """The validation report for researchers, from the answers in FILE."""
    from reports.make import make_validation

    instrument, responses = _read(file, instrument_name)
    facts = None
    if round_file:
        facts, responses = _read_round(round_file, instrument, responses)
    roster = _read_roster(roster_file, instrument, responses)
    _write(out, make_validation(instrument, responses, roster, facts, missing=missing, seed=seed))


@main.command()
@click.option(
    "--instrument",
    "instrument_name",
    default="mto-learning-profile",
    show_default=True,
    metavar="SLUG[@VERSION]|FOLDER",
)
@click.option("--schools", type=click.IntRange(1, 500), default=12, show_default=True)
@click.option("--staff", type=click.IntRange(10, 500_000), default=600, show_default=True)
@click.option("--response-rate", type=click.FloatRange(0.01, 1), default=0.66, show_default=True)
@click.option("--out", "folder", type=click.Path(file_okay=False, path_type=Path), required=True)
@with_seed
@stated_failures
def simulate(
    instrument_name: str, schools: int, staff: int, response_rate: float, folder: Path, seed: int
) -> None:
    """Draw staff from the stated latent model and write their answers, marked as simulated."""
    from instruments import registry
    from instruments import simulate as simulation

    instrument = registry.resolve(instrument_name)
    drawn = simulation.simulate(
        instrument, schools=schools, staff=staff, response_rate=response_rate, seed=seed
    )
    simulation.write(drawn, folder, instrument)
    for path in sorted(folder.iterdir()):
        click.echo(f"Wrote {path}")


@main.group()
def instrument() -> None:
    """Instruments as data."""


@instrument.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@stated_failures
def check(folder: Path) -> None:
    """Say what is wrong with the instrument in FOLDER, and how to mend it."""
    from instruments.check import check as find_faults

    faults = find_faults(folder)
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults:
        raise click.ClickException(f"{folder}: {len(faults)} to mend")
    click.echo(f"{folder}: nothing to mend")


def _read(file: Path, instrument_name: str | None) -> "tuple[Instrument, Responses]":
    """The instrument and the answers; the sidecar FILE.toml may name the one."""
    from instruments import registry
    from instruments.responses import read, read_sidecar

    about = read_sidecar(file)
    if not instrument_name and about.instrument:
        instrument_name = about.instrument + (f"@{about.version}" if about.version else "")
    if not instrument_name:
        sidecar = file.name + ".toml"
        listed = ", ".join(f"{slug}@{version}" for slug, version in registry.available())
        raise click.UsageError(
            f"{file}: which instrument? Say --instrument SLUG, or put a {sidecar} beside it. "
            f"The library has {listed}."
        )
    instrument = registry.resolve(instrument_name)
    responses = read(file, instrument)
    for notice in responses.notices:
        click.echo(notice, err=True)
    return instrument, responses


def _read_round(
    file: Path, instrument: "Instrument", responses: "Responses"
) -> "tuple[Any, Responses]":
    from reports.round_facts import read_round

    facts = read_round(file, instrument)
    return facts, replace(responses, simulated=responses.simulated or facts.simulated)


def _read_roster(file: Path | None, instrument: "Instrument", responses: "Responses") -> Any:
    from instruments.roster import read_roster, unlisted_schools

    if not file:
        return None
    roster = read_roster(file, instrument)
    if missing := unlisted_schools(roster, responses.attribute("school").tolist(), name=file.name):
        click.echo(
            f"{file.name} does not list schools that answers name: {', '.join(missing)}.", err=True
        )
    return roster


def _read_earlier(folder: Path, instrument: "Instrument") -> "Answers":
    """An earlier round with the same instrument, from a folder as ``simulate`` writes one."""
    from reports.make import Answers

    for name in ("responses.csv", "round.toml"):
        if not (folder / name).is_file():
            raise click.ClickException(f"{folder}: there is no {name}; put it there")
    named, responses = _read(folder / "responses.csv", None)
    if (named.slug, named.version) != (instrument.slug, instrument.version):
        raise click.ClickException(
            f"{folder}: its answers are to {named.slug} {named.version}, these to "
            f"{instrument.slug} {instrument.version}; only the same version is compared"
        )
    facts, responses = _read_round(folder / "round.toml", instrument, responses)
    roster_file = folder / "roster.csv"
    roster = _read_roster(roster_file if roster_file.is_file() else None, instrument, responses)
    return Answers(responses, roster, facts)


def _write(out: Path, content: bytes) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(content)
    click.echo(f"Wrote {out}")


# --- on an installation --------------------------------------------------------------------------


@main.command()
@stated_failures
def upgrade() -> None:
    """Bring the database to the newest form; harmless when it is there already."""
    from survey.settings import read_settings

    _upgrade(read_settings())
    click.echo("The database is up to date")


@main.command()
@stated_failures
def demo() -> None:
    """Load the simulated demonstration and write its two PDFs."""
    _demonstrate()


@main.command()
@click.option("--demonstration", is_flag=True, help="Load the simulated demonstration first.")
@stated_failures
def run(demonstration: bool) -> None:
    """Serve the site: one web process and one worker process."""
    from survey import processes
    from survey.settings import read_settings

    if demonstration:
        settings = _demonstrate()
    else:
        settings = read_settings()
        _upgrade(settings)
    sys.stdout.flush()
    processes.serve(settings)


@main.command()
@stated_failures
def worker() -> None:
    """Work through the jobs: documents, closing of rounds, clearing up."""
    from survey import processes
    from survey.settings import read_settings

    processes.worker(read_settings())


def _upgrade(settings: Any) -> None:
    from sqlalchemy.exc import OperationalError

    from survey.database import open_engine
    from survey.migrate import upgrade as migrate

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    try:
        migrate(engine)
    except OperationalError as error:
        first = str(error.orig).strip().splitlines()[0]
        shown = engine.url.render_as_string(hide_password=True)
        raise click.ClickException(
            f"The database {shown} does not answer: {first}; start it or correct "
            "MIDTIER_DATABASE_URL"
        ) from error
    finally:
        engine.dispose()


def _demonstrate() -> Any:
    from survey import demonstration
    from survey.settings import read_settings

    settings = read_settings(demonstration=True)
    click.echo("Preparing the database ...")
    _upgrade(settings)
    click.echo("Loading the simulated demonstration, unless it is there ...")
    access = demonstration.prepare(settings)
    click.echo("Writing its two documents, unless they are there ...")
    for path in demonstration.documents(settings):
        click.echo(f"  {path}")
    click.echo(str(access))
    return settings


if __name__ == "__main__":
    main()
