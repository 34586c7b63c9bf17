"""The settings that a command needs; the rest of a worker's environment may be as wrong as it likes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import AfterValidator, BeforeValidator, Field

from console.setup import dotenv
from console.terminal.printing import say
from shared.network.urls import web_address
from shared.process.settings import SECRETS, SettingsError, SettingsGroup, load

S = TypeVar("S", bound=SettingsGroup)

ENV_FILE = "INTAKE_ENV_FILE"

FAILED, USAGE = 1, 2
"""Exit codes: it could not be done, or nothing matched; it was asked for wrongly."""


class Address(SettingsGroup):
    webhook_url: Annotated[
        Annotated[str, AfterValidator(web_address)] | None,
        Field(description="the address that the portal calls: https://your.host/docspace/webhook"),
    ] = None


def _addresses(value: object) -> object:
    found = tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    return tuple(map(web_address, found)) if isinstance(found, tuple) else found


class Pages(SettingsGroup):
    """Where the workers and the broker tell how they are."""

    health_urls: Annotated[
        tuple[str, ...],
        BeforeValidator(_addresses),
        Field(
            description="the workers' health ports (http://mover:9100), comma-separated, for status, doctor and "
            "find. If a name resolves to several addresses, each is asked"
        ),
    ] = ()
    management_url: Annotated[
        Annotated[str, AfterValidator(web_address)] | None,
        Field(
            description="RabbitMQ's management page, for the rates that status shows. It gets the user and "
            "password of AMQP_URL. Without it, port 15672 (for amqps 15671) of the broker's host, if AMQP_URL has "
            "the usual port. The page of another cluster is recognised as such"
        ),
    ] = None


def environment(environ: Mapping[str, str], folder: Path = Path()) -> dict[str, str]:
    """`environ`, and below it what the `.env` of the folder says: the same settings as `docker compose` takes.

    ENV_FILE names another file; one that is not there is not read. OSError, UnicodeDecodeError for one that cannot
    be read.
    """
    file = folder / (environ.get(ENV_FILE) or ".env")
    written = dotenv.values(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return written | dict(environ)


def settings_or_exit(kind: type[S], environ: Mapping[str, str]) -> S:
    """Ends the command with exit code 2 and one message that names every bad variable."""
    try:
        return load(kind, environ)
    except SettingsError as error:
        lines = str(error).splitlines()
        which = "this setting is wrong: " if len(lines) == 1 else "these settings are missing or wrong:\n  "
        say(f"intake: {which}" + "\n  ".join(lines), err=True)
        raise typer.Exit(USAGE) from None


def given(name: str, environ: Mapping[str, str]) -> bool:
    """Whether the variable, or the path to read it from, is set to anything."""
    return bool(environ.get(name, "").strip() or (name in SECRETS and environ.get(f"{name}_FILE", "").strip()))
