"""The recipes of CONTRIBUTING.md. Each has a section there, and a patch that does what the section says."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.compose import ROOT

PRODUCT = ("ingress", "classifier", "mover", "reader", "notifier", "dispatcher", "shared", "console")
RENEW = """\
{patch} no longer applies to the code. Renew it, in a clone with nothing uncommitted:
    git apply --3way {patch}
    # resolve the conflicts, and make the tests that it brings pass; then
    git add --all && git diff --cached > renewed.patch
    git reset --hard && mv renewed.patch {patch}

"""

_FILE = re.compile(r"^diff --git a/\S+ b/(\S+)$(?:\n(new file))?", re.MULTILINE)
_SECTION = re.compile(r"^### (.+?)\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Recipe:
    patch: Path

    @property
    def name(self) -> str:
        """As in its section's heading, in lower case and with hyphens: `add-a-channel`."""
        return self.patch.stem

    @property
    def files(self) -> tuple[str, ...]:
        """Those that it adds or changes."""
        return tuple(path for path, _ in _FILE.findall(self.patch.read_text()))

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(path for path, new in _FILE.findall(self.patch.read_text()) if new)

    @property
    def tests(self) -> tuple[str, ...]:
        return tuple(path for path in self.files if re.fullmatch(r"tests/(.+/)?test_\w+\.py", path))

    @property
    def product(self) -> tuple[str, ...]:
        """Of the parts that every installation has: a new worker's own folder does not count."""
        return tuple(path for path in self.files if path.startswith(tuple(f"{part}/" for part in PRODUCT)))

    @property
    def modules(self) -> tuple[str, ...]:
        """All but the tests that are Python."""
        return tuple(path for path in self.files if path.endswith(".py") and not path.startswith("tests/"))


def recipes() -> list[Recipe]:
    return [Recipe(patch) for patch in sorted((ROOT / "tests" / "recipes").glob("*.patch"))]


def sections() -> dict[str, str]:
    """What CONTRIBUTING.md says under "Recipes", by the recipe's name."""
    _, _, rest = (ROOT / "CONTRIBUTING.md").read_text().partition("\n## Recipes\n")
    text, _, _ = rest.partition("\n## ")
    return {title.lower().replace(" ", "-"): said for title, said in _SECTION.findall(text)}


def apply(recipe: Recipe, copy: Path, *options: str) -> None:
    """To a copy of the tree; AssertionError says how to renew a patch that does not apply."""
    done = run(["git", "apply", *options, str(recipe.patch)], copy)
    patch = recipe.patch.relative_to(ROOT) if recipe.patch.is_relative_to(ROOT) else recipe.patch
    assert done.returncode == 0, RENEW.format(patch=patch) + done.stderr


def run(command: Sequence[str], copy: Path) -> subprocess.CompletedProcess[str]:
    """In the copy, which no repository around it counts as its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = kept | {"GIT_CEILING_DIRECTORIES": str(copy.parent)}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def python(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-m", *arguments], copy)
