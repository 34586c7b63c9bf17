"""What a backup has of the installation's files: its settings, the rules file, templates of its own."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from console.backup.archive import Packing
from console.settings import ENV_FILE
from console.setup import dotenv
from shared.process.settings import SECRETS

FOLDER = "files"
SETTINGS, RULES, TEMPLATES = f"{FOLDER}/settings.env", f"{FOLDER}/rules.toml", f"{FOLDER}/templates"
WORDS = ("SECRET", "PASSWORD", "KEY", "TOKEN")
"""In the name of a variable: its value may be one, whoever reads it."""


def pack(packing: Packing, environ: Mapping[str, str], *, with_secrets: bool) -> list[str]:
    """Takes in what is there; which members. OSError, UnicodeDecodeError."""
    found = {}
    env_file = Path(environ.get(ENV_FILE) or ".env")
    if env_file.is_file():
        text = env_file.read_text(encoding="utf-8")
        found[SETTINGS] = (text if with_secrets else without_secrets(text)).encode()
    if rules := environ.get("RULES_FILE"):
        found[RULES] = Path(rules).read_bytes()
    if templates := environ.get("TEMPLATES_DIR"):
        found |= {f"{TEMPLATES}/{file.name}": file.read_bytes() for file in sorted(Path(templates).iterdir())}
    for name, body in found.items():
        packing.begun(name).write_bytes(body)
        packing.done(name)
    return list(found)


def without_secrets(text: str) -> str:
    """A `.env` in which comments stand for the values that may be secret."""
    secret = {name for name, value in dotenv.values(text).items() if _may_be_secret(name, value)}
    return dotenv.changed(_without_values(text, secret), {})


def _without_values(text: str, names: set[str]) -> str:
    lines = []
    for line in text.splitlines():
        name = line.removeprefix("export ").partition("=")[0].strip()
        lines.append(f"#{name}=  (a secret, which the backup does not hold)" if name in names else line)
    return "\n".join(lines)


def _may_be_secret(name: str, value: str) -> bool:
    named = name in SECRETS or (any(word in name for word in WORDS) and not name.endswith("_FILE"))
    return bool(value) and (named or _has_password(value))


def _has_password(value: str) -> bool:
    try:
        return any(urlsplit(each.strip()).password for each in value.split(","))
    except ValueError:
        return True
