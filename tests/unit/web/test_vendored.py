"""What others wrote is byte for byte what their packages hold, as the files beside it say."""

import hashlib
import re
from pathlib import Path

import pytest

from tests.support.documents import ROOT

TOLD = {
    ROOT / "console/web/static/VENDORED.md": re.compile(r"\| `([\w.]+)` \|.*?`([0-9a-f]{64})`"),
    ROOT / "tests/browser/axe/README.md": re.compile(r"`([\w.]+)` is that of(?s:.*?)`([0-9a-f]{64})`"),
}
FILES = [(page.parent / name, told) for page, row in TOLD.items() for name, told in row.findall(page.read_text())]


def test_each_of_the_three_is_told() -> None:
    assert sorted(path.name for path, _ in FILES) == ["axe.min.js", "htmx.min.js", "pico.min.css"]


@pytest.mark.parametrize(("path", "told"), FILES, ids=lambda each: each.name if isinstance(each, Path) else "")
def test_a_file_of_others_is_as_it_was_taken(path: Path, told: str) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() == told
