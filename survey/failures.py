"""How a command of the command line fails: one line on stderr and exit 1."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click


def stated_failures(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a failure that has a stated reason into one line on stderr and exit 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except BrokenPipeError:  # the reader went away, as `| head` does; Click knows what to do
            raise
        except (ValueError, OSError) as error:
            if isinstance(error, OSError) and error.filename:
                text = f"{error.filename}: {error.strerror}"
            else:
                text = str(error.args[0] if error.args else error)
            raise click.ClickException(" ".join(text.split())) from error

    return run
