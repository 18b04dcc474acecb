"""``midtier accounts``: what has to be done from a shell."""

from datetime import UTC, datetime

import click

from survey.failures import stated_failures


@click.group()
def accounts() -> None:
    """Accounts of those who lead rounds."""


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
