"""A rules file as it is shown: comments stay, and no channel's secret."""

import tomllib

import pytest

from console.rules.masking import HIDDEN, masked

TEXT = """# Globex, since May: slack://Old/Token
[[rule]]
name = "globex"   # the name
rooms = [7]
destination = 8
notify = ["slack://TokenA/TokenB/#invoices", 'mailto://anna:secret@example.com']
"""


def test_of_a_channel_the_scheme_is_shown_and_all_else_as_it_was_written() -> None:
    shown = masked(TEXT)
    assert shown.splitlines()[:5] == ["# Globex, since May: slack://…", *TEXT.splitlines()[1:5]]
    assert tomllib.loads(shown)["rule"][0]["notify"] == ["slack://…", "mailto://…"]


@pytest.mark.parametrize(
    "written",
    [
        "'json://user:pass\"word@host'",
        '"slack:\\u002F\\u002FTokenA/TokenB"',
        '"""slack://TokenA\\\n   TokenB"""',
        '"sl\\u0061ck://TokenA"',
        '"""json://a:b\'word@host"""',
    ],
)
def test_what_could_show_a_secret_is_not_shown_at_all(written: str) -> None:
    text = TEXT.replace('"slack://TokenA/TokenB/#invoices"', written)
    assert "Token" in str(tomllib.loads(text)) or "word" in str(tomllib.loads(text))
    shown = masked(text)
    assert all(secret not in shown for secret in ("Token", "word", "secret"))


def test_a_text_that_is_no_toml_is_not_shown() -> None:
    assert masked("slack://Token ]") == HIDDEN
