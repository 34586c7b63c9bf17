"""The defaults that docker-compose.yml gives to settings of the program."""

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.reference.settings import settings
from scripts.reference.table import code, table

FILE = Path(__file__).resolve().parents[2] / "docker-compose.yml"
SERVICE = re.compile(r" {2}([\w-]+):$")
DEFAULT = re.compile(r" {4,}(\w+): \$\{\1:-([^}$]+)\}")
SHARED_DEFAULT = re.compile(r" {2}(\w+): \$\{\1:-([^}$]+)\}")


def sections() -> str:
    found = sorted(_defaults())
    rows = []
    for name, default in dict.fromkeys((name, default) for name, default, _ in found):
        services = [service for *named, service in found if named == [name, default]]
        rows.append((code(name), code(default), "every service" if "" in services else ", ".join(services)))
    return table(("name", "default", "of"), rows)


def _defaults() -> Iterator[tuple[str, str, str]]:
    """Name, default and service; no service for what several have in common."""
    service = ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if begun := SERVICE.match(line):
            service = begun[1]
        given = DEFAULT.match(line) if service else SHARED_DEFAULT.match(line)
        if given and given[1] in settings():
            yield given[1], given[2], service
