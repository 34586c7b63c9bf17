"""Starts a process: its settings make `--help`, and wrong ones end it with one message and exit code 2."""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from shared.process.settings import SECRETS, SettingsError, SettingsGroup, load

S = TypeVar("S", bound=SettingsGroup)

BAD_SETTINGS = 2
HELP_COLUMNS = 100


def settings_or_exit(
    kind: type[S], worker: str, purpose: str, argv: Sequence[str], environ: Mapping[str, str]
) -> S:
    """The worker's settings. On `--help` it prints help and exits with 0. If anything is wrong, it prints one
    message and exits with 2.
    """
    if set(argv) & {"-h", "--help"}:
        sys.stdout.write(_help(kind, worker, purpose))
        raise SystemExit(0)
    if argv:
        sys.stderr.write(f"{worker}: takes no arguments, only the environment (see --help)\n")
        raise SystemExit(BAD_SETTINGS)
    try:
        return load(kind, environ)
    except SettingsError as error:
        lines = str(error).replace("\n", "\n  ")
        sys.stderr.write(f"{worker}: cannot start, these settings are missing or wrong:\n  {lines}\n")
        raise SystemExit(BAD_SETTINGS) from None


def _help(kind: type[SettingsGroup], worker: str, purpose: str) -> str:
    rows = []
    for field, info in kind.model_fields.items():
        name = field.upper() + ("[_FILE]" if field.upper() in SECRETS else "")
        rows.append((name, _shown(info)))
    width = max(len(name) for name, _ in rows) + 4
    lines = [
        textwrap.fill(text, HELP_COLUMNS, initial_indent=f"  {name}".ljust(width), subsequent_indent=" " * width)
        for name, text in rows
    ]
    return f"usage: python -m {worker}\n\n{purpose.strip()}\n\nSettings (environment):\n" + "\n".join(lines) + "\n"


def _shown(info: FieldInfo) -> str:
    if info.is_required():
        return f"{info.description} (required)"
    default = written_default(info.default)
    return f"{info.description} (default {default})" if default else f"{info.description}"


def written_default(value: object) -> str:
    """The default as one would write it in the environment; empty if there is none."""
    if isinstance(value, tuple):
        return ",".join(map(written_default, value))
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
