"""Where the console finds the broker, and what it says where the broker or a file cannot do what was asked."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

import typer

from console.settings import FAILED, settings_or_exit
from console.terminal.printing import complain
from shared.amqp.operator.dead_letters import DeadLetters
from shared.errors import IntakeError
from shared.process.settings import Process

_SETTINGS = ("AMQP_URL", "AMQP_URL_FILE", "AMQP_PASSWORD", "AMQP_PASSWORD_FILE", "TLS_CA_FILE")
"""The only ones it looks at: what else is wrong in a worker's environment is not the console's business."""


def broker_urls(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Ends the command with one message if the setting is bad."""
    return settings_or_exit(Process, {name: environ[name] for name in _SETTINGS if name in environ}).amqp_urls


@contextlib.contextmanager
def dead_letters(urls: Sequence[str]) -> Iterator[DeadLetters]:
    """Connected; ends the command with one sentence where the broker, or a file written meanwhile, fails."""
    try:
        with DeadLetters(urls) as letters:
            yield letters
    except (IntakeError, OSError) as error:
        complain(error)
        raise typer.Exit(FAILED) from None
