"""How a process starts: `--help` from its settings, and one message with exit code 2 for settings that are bad."""

import sys
from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from shared.process.settings import SECRETS, SettingsError, SettingsGroup, load

S = TypeVar("S", bound=SettingsGroup)

BAD_SETTINGS = 2


def settings_or_exit(
    kind: type[S], worker: str, purpose: str, argv: Sequence[str], environ: Mapping[str, str]
) -> S:
    """The worker's settings; prints help and exits 0 on `--help`, one message and 2 if anything is wrong."""
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
        rows.append((name, _default(info.default), info.description or ""))
    width = max(len(name) for name, _, _ in rows) + 2
    lines = [f"  {name:<{width}}{text}{default}" for name, default, text in rows]
    return f"usage: python -m {worker}\n\n{purpose.strip()}\n\nSettings (environment):\n" + "\n".join(lines) + "\n"


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return " (required)"
    if value is None or value == "":
        return ""
    if isinstance(value, tuple):
        return f" (default {','.join(_plain(part) for part in value)})"
    return f" (default {_plain(value)})"


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
