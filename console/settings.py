"""The settings that a command needs; the rest of a worker's environment may be as wrong as it likes."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

import typer
from pydantic import AfterValidator, Field

from shared.settings import SECRETS, SettingsError, SettingsGroup, load

S = TypeVar("S", bound=SettingsGroup)

FAILED, USAGE = 1, 2
"""Exit codes: it could not be done, or nothing matched; it was asked for wrongly."""


def _address(value: str) -> str:
    if not value.startswith(("http://", "https://")) or not value.split("://", 1)[1].strip("/"):
        raise ValueError(f"{value!r} is not an address such as https://hooks.example.com/docspace/webhook")
    return value


class Address(SettingsGroup):
    webhook_url: Annotated[
        Annotated[str, AfterValidator(_address)] | None,
        Field(description="the address that the portal calls: https://your.host/docspace/webhook"),
    ] = None


def settings_or_exit(kind: type[S], environ: Mapping[str, str]) -> S:
    """Ends the command with exit code 2 and one message that names every bad variable."""
    try:
        return load(kind, environ)
    except SettingsError as error:
        lines = str(error).splitlines()
        which = "this setting is wrong: " if len(lines) == 1 else "these settings are missing or wrong:\n  "
        typer.echo(f"intake: {which}" + "\n  ".join(lines), err=True)
        raise typer.Exit(USAGE) from None


def given(name: str, environ: Mapping[str, str]) -> bool:
    """Whether the variable, or the path to read it from, is set to anything."""
    return bool(environ.get(name, "").strip() or (name in SECRETS and environ.get(f"{name}_FILE", "").strip()))
