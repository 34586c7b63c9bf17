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
    """Takes in what is there; which members. OSError; ValueError for a `.env` that cannot be read or written."""
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
    """The settings of a `.env`, with comments for those that may be secret. Its own may hold old secrets."""
    found = dotenv.values(text)
    secret = {name for name, value in found.items() if _may_be_secret(name, value)}
    left_out = "".join(f"# {name}: a secret, which the backup does not hold\n" for name in sorted(secret))
    return dotenv.changed(left_out, {name: value for name, value in found.items() if name not in secret})


def _may_be_secret(name: str, value: str) -> bool:
    named = name in SECRETS or (any(word in name for word in WORDS) and not name.endswith("_FILE"))
    return bool(value) and (named or _has_password(value))


def _has_password(value: str) -> bool:
    try:
        return any(urlsplit(each.strip()).password for each in value.split(","))
    except ValueError:
        return True
