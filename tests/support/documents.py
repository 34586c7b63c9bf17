"""The pages for people, and the commands in their blocks of code."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))
]  # fmt: skip

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"(?<=\n\n)(?:(?: {4}|\t).*\n)+")
"""A block of code that is indented."""
BETWEEN_PROGRAMS = re.compile(r"[|&;<>]+")
COMMENT = re.compile(r"\s+# .*$")
ASSIGNMENT = re.compile(r"\w+=.*")
OF_THE_STACK = re.compile(
    r"docker compose run --rm (?:(?:-v|--user) \S+ |-v \"[^\"]*\" |--user \"[^\"]*\" )*"
    r"(?:console|backup(?= restore))\b"
)


@dataclass(frozen=True)
class Shown:
    page: str
    text: str
    """One line as a shell takes it, without its comment."""

    def programs(self) -> list[list[str]]:
        """Each program of the line with its arguments; where its output goes is none."""
        found: list[list[str]] = [[]]
        words = shlex.shlex(self.as_installed(), posix=True, punctuation_chars="|&;<>")
        words.whitespace_split = True
        to_file = False
        for word in words:
            if BETWEEN_PROGRAMS.fullmatch(word):
                to_file = word in {"<", ">"}
                found += [] if to_file else [[]]
            elif not to_file and (found[-1] or not ASSIGNMENT.fullmatch(word)):
                found[-1].append(word)
        return found

    def as_installed(self) -> str:
        """With `intake` for every other way to write the command."""
        text = OF_THE_STACK.sub("intake", self.text)
        return re.sub(r"(?<!\S)\./intake\b", "intake", text)

    def __str__(self) -> str:
        return f"{self.page}: {self.text}"


def shown_commands() -> Iterator[Shown]:
    """In all blocks of code. What is fenced here is diagrams and JSON."""
    for page in PAGES:
        for block in BLOCK.findall(FENCED.sub("", page.read_text())):
            lines = re.sub(r"\\\n\s*", "", block).splitlines()
            yield from (Shown(str(page.relative_to(ROOT)), COMMENT.sub("", line).strip()) for line in lines)
