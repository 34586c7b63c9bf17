"""A test's name is a fact that a person reads in one look."""

import re

from tests.support.documents import ROOT

LONGEST = 80
NAME = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)


def test_no_name_of_a_test_is_over_80_characters() -> None:
    found = [name for path in (ROOT / "tests").rglob("*.py") for name in NAME.findall(path.read_text())]
    assert found
    assert [name for name in found if len(name) > LONGEST] == []
