"""The packages in our images, each with the licence that it declares."""

import re
from collections.abc import Iterator
from importlib.metadata import metadata
from pathlib import Path

from scripts.reference.table import table

LOCKS = Path(__file__).resolve().parents[2] / "requirements"
WORKERS, SIMULATOR = "all", "simulator"

ACCEPTED = frozenset({
    "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0", "ZPL-2.1",
    "LGPL-3.0-only",  # psycopg: used as it is, from its own package, which anybody may replace
    "MPL-2.0",  # certifi: the same
})  # fmt: skip
"""What may be shipped beside code under Apache-2.0 without a duty for that code."""

NAMED_OTHERWISE = {
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "ZPL 2.1": "ZPL-2.1",
}
"""What packages write that declare no SPDX expression. google-re2 and Jinja2, "BSD License", ship three clauses."""


def licence(package: str) -> str:
    """As an SPDX expression, where the package declares one: its expression, else its word, else its classifier."""
    told = metadata(package)
    classifiers = [line.split(" :: ")[-1] for line in told.get_all("Classifier", []) if line.startswith("License")]
    words = [*told.get_all("License-Expression", []), *told.get_all("License", []), " and ".join(classifiers)]
    word = next(filter(None, words), "")
    return NAMED_OTHERWISE.get(word, word)


def unaccepted(expression: str) -> set[str]:
    """The licences of it that are not accepted. Of alternatives, one that is suffices."""
    missing: set[str] = set()
    for part in expression.split(" AND "):
        choices = part.strip("()").split(" OR ")
        if not ACCEPTED & set(choices):
            missing.update(choices)
    return missing


def packages() -> Iterator[tuple[str, str, str]]:
    """Name, version and which images it is in. Those of Windows alone are in none."""
    workers = _locked("workers.txt")
    yield from ((name, version, WORKERS) for name, version in workers.items())
    alone = {name: version for name, version in _locked("simulator.txt").items() if name not in workers}
    yield from ((name, version, SIMULATOR) for name, version in alone.items())


def section() -> str:
    rows = ((name, version, licence(name), where) for name, version, where in packages())
    return table(["package", "version", "licence", "images"], rows)


def _locked(lock: str) -> dict[str, str]:
    text = (LOCKS / lock).read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^\s;\\]+)(.*)$", text, re.MULTILINE)
    return {name: version for name, version, rest in found if "sys_platform == 'win32'" not in rest}
