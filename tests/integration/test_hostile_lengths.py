"""Text of 100,000 characters from outside is read in a time that grows with its length alone."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from console.dead.facts import pattern
from console.doctor import settings
from console.doctor.line import Level
from console.portal_check.beliefs import template
from console.terminal.printing import say_table
from shared.announcing.text import announcement, chat_announcement
from shared.docspace.people import email_in_profile
from shared.rules.titles import normalise
from shared.smtp.letter import letter
from shared.smtp.mailbox import Mailbox
from shared.smtp.refusals import Scope, verdict
from shared.text.outside import cell, cut, for_chat, identifier, one_line, storable
from shared.text.reading import loads
from shared.wire.events import InvoiceFiled

MANY = 100_000
HOSTILE = {
    "backslashes": "\\" * MANY,
    "brackets": "\\[" * (MANY // 2),
    "combining marks": "a" + "\u0300\u0316" * (MANY // 2),
    "hexadecimal": "a" * MANY + "g",
    "digits and dots": "1." * (MANY // 2),
    "client hosts": "client host relay rejecte " * (MANY // 25),
    "line feeds": "\n \r" * (MANY // 3),
    "schemes": "www.:/" * (MANY // 6),
    "slashes and digits": "/1" * (MANY // 2) + "x",
    "half pairs": "\\ud83d\\" * (MANY // 7),
}


def filed(title: str) -> InvoiceFiled:
    return InvoiceFiled(
        file_id=1, source_file_id=1, version=1, title=title, rule="r", destination=2, recipients=(),
        room_title=title, uploaded_by=title, web_url=f"https://portal.example/{title}",
    )  # fmt: skip


def mailed(title: str) -> None:
    letter(
        announcement(filed(title), "c"), sender=Mailbox("a", "example.com"), recipient="b@example.com", key="k",
        correlation_id="c", now=datetime.now(UTC),
    )  # fmt: skip


READERS: dict[str, Callable[[str], object]] = {
    "a title": normalise,
    "a dead letter's reason": pattern,
    "a mail server's refusal": lambda text: [verdict(scope, 550, text) for scope in Scope],
    "a mail": mailed,
    "a chat": lambda text: chat_announcement(filed(text), "c"),
    "a chat's text": for_chat,
    "a line": one_line,
    "a cell": cell,
    "a row": storable,
    "an id": identifier,
    "a header": lambda text: cut(text, 2_000),
    "a table": lambda text: say_table(["title"], [([text], "")]),
    "a profile": email_in_profile,
    "a route": template,
    "json": lambda text: loads(json.dumps([text]).encode()),
    "json with half pairs": lambda text: loads(json.dumps(text).replace("a", "\\ud83d").encode()),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("reads", READERS.values(), ids=READERS)
def test_no_reader_of_text_from_outside_is_held_up(reads: Callable[[str], object]) -> None:
    for text in HOSTILE.values():
        reads(text)


RULE = """
[[rule]]
name = "acme"
rooms = [1]
destination = 2
recipients = ["m@example.com"]
titles = ["invoice", '{written}']
"""


@pytest.mark.parametrize(
    ("written", "why"), [("regex:^(?!draft)", "it looks ahead"), (r"regex:(a)\1", "refers back")]
)
def test_the_doctor_names_a_live_rule_that_the_engine_refuses(tmp_path, written: str, why: str) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULE.replace("{written}", written))
    found = [line for line in settings.check({"RULES_FILE": str(rules)}) if "acme" in line.text]
    assert [line.level for line in found] == [Level.FAILED]
    assert why in found[0].text
