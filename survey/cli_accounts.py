"""``midtier accounts``: the account that everything else begins with."""

from datetime import UTC, datetime

import click

from survey.failures import stated_failures


@click.group()
def accounts() -> None:
    """Accounts of those who lead rounds."""


@accounts.command()
@click.argument("email")
@click.option("--name", default="", help="The leader's name, as others see it.")
@stated_failures
def first(email: str, name: str) -> None:
    """Make an organisation's first leader: EMAIL, with a random password that is shown once.

    Signed in, the leader says what the organisation is called.
    """
    from sqlalchemy.orm import Session

    from survey.database import begin_writing, open_engine
    from survey.migrate import upgrade
    from survey.services import organisations
    from survey.services.accounts import random_password
    from survey.settings import read_settings

    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    password = random_password()
    engine = open_engine(settings.database)
    try:
        upgrade(engine)
        with Session(engine) as session:
            begin_writing(session)
            organisations.begin(
                session, email=email, name=name, password=password, now=datetime.now(UTC)
            )
            session.commit()
    finally:
        engine.dispose()
    click.echo(f"Sign in at {settings.public_url.rstrip('/')}/sign-in")
    click.echo(f"  address   {email.strip().lower()}")
    click.echo(f"  password  {password}")
    click.echo("The password is shown only now and stored nowhere.")


@accounts.command("reset-second-factor")
@click.argument("email")
@stated_failures
def reset_second_factor(email: str) -> None:
    """Let EMAIL sign in without a code from the phone, once that phone is lost.

    A leader or administrator sets the second step up anew at the next sign-in.
    """
    from sqlalchemy.orm import Session

    from survey.database import begin_writing, open_engine
    from survey.services import account_changes
    from survey.services.accounts import AccountError, find
    from survey.settings import read_settings

    engine = open_engine(read_settings().database)
    try:
        with Session(engine) as session:
            begin_writing(session)
            account = find(session, email)
            if account is None:
                raise AccountError(f"{email} has no account; check the address")
            account_changes.reset_second_step(session, account, by=None, now=datetime.now(UTC))
            session.commit()
    finally:
        engine.dispose()
    click.echo(f"{email.strip().lower()} signs in with the password alone next time")
