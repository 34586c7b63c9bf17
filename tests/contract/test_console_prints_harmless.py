"""Whatever a title, a name or another server's answer holds, no command of the console lets a terminal obey it."""

import ast
import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
import typer
from typer.testing import CliRunner

from console.__main__ import app
from console.connect.worker_pages import WorkerPage
from console.dead import view
from console.dead.facts import groups
from console.doctor.command import tell
from console.doctor.line import Area, Level
from console.history import view as history_view
from console.portal_check.command import _lines as portal_lines
from console.problems.problem import Found, Problem, Unknown
from console.reconcile.finding import Finding, State
from console.reconcile.report import Report, text
from console.rules import what_if_view
from console.rules.past_uploads import Decided, Outcome, PastUpload
from console.rules.what_if import Compared
from console.setup.person import Person
from console.setup.titles_step import titles
from console.status.snapshot import StageStanding, Standing
from console.status.view import lines as standing_lines
from console.tail import command as tail
from console.terminal.printing import agreed, complain, say, say_json
from console.webhook.view import shown as webhook_shown
from shared.amqp.operator.dead_letters import DeadLetter
from shared.docspace.client import Client
from shared.docspace.model import FileInfo
from shared.docspace.webhooks import Webhook
from shared.process.logs import configure_logs
from shared.store.history.step import Outcome as StepOutcome
from shared.store.history.step import Step
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.history.upload import upload_of
from shared.text.outside import storable
from shared.wire.message import Message

CONSOLE = Path(__file__).parents[2] / "console"
HOSTILE = (
    "Invoice \x1b]0;owned\x07\x1b[31m \x9b2J \u202egpj.exe\u2066 \x00\x7f \u2028 \ud83d\r\b "
    "[red]markup[/red]\\[link=https://evil.example]\nok       broker    all is well\u200b.pdf"
)
ON_ONE_LINE = HOSTILE.replace("\n", " ")
OBEYED = {chr(code) for code in (*range(9), *range(11, 32), *range(0x7F, 0xA0), *range(0x202A, 0x202F))} | set(
    "\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u2028\u2029\ud83d"
)


def assert_harmless(printed: str) -> None:
    assert printed
    assert [char for char in printed if char in OBEYED] == []
    assert not any(line.startswith("ok       broker") for line in printed.splitlines())


def step() -> Step:
    return Step(
        key="k", correlation_id=HOSTILE, at=1, stage="mover", outcome=StepOutcome.DEAD, type=HOSTILE,
        message_id="m", by=HOSTILE, reason=HOSTILE, title=HOSTILE, file_id="7",
    )  # fmt: skip


def letter() -> DeadLetter:
    return DeadLetter(
        stage="mover", message_id="m1", body=json.dumps({"title": HOSTILE}).encode(),
        properties={"app_id": HOSTILE}, headers={"reason": HOSTILE, "error": HOSTILE},
    )  # fmt: skip


def file() -> FileInfo:
    return FileInfo(id=7, title=HOSTILE, folder_id=1)


def event() -> Message:
    return Message(body=json.dumps({"title": HOSTILE, "reason": HOSTILE, "stage": "mover"}).encode(), type=HOSTILE,
                   message_id="m", correlation_id=HOSTILE, timestamp=1)  # fmt: skip


def compared() -> Compared:
    decided = Decided(outcome=Outcome.SKIP, reason=HOSTILE)
    invoice = Decided(outcome=Outcome.INVOICE, rule=HOSTILE, destination=1, recipients=(HOSTILE,))
    return Compared(PastUpload(HOSTILE, 1.0), 7, HOSTILE, HOSTILE, decided, invoice, nobody_is_us=False)


def standing() -> Standing:
    stage = StageStanding("mover", 1, 1, 1.0, 1.0, 1.0, 1, (HOSTILE,), 0)
    page = WorkerPage("http://mover:9100", ready=False, faults={"answer": HOSTILE})
    return Standing((stage,), {}, (page,), unknown={"rates": HOSTILE})


def problems() -> Found:
    told = Problem(cause="c", level=Level.FAILED, title=HOSTILE, remedy=HOSTILE)
    return Found((told,), (Unknown(HOSTILE, HOSTILE),))


def person() -> Person:
    return Person(on_terminal=True, says_yes=False, by_stderr=False)


class Room(Client):
    def __init__(self):
        """It has no network."""

    def files_below(self, *_):
        yield [file()]


WEBHOOK = Webhook(
    id=1, name=HOSTILE, url=HOSTILE, enabled=True, triggers=frozenset({HOSTILE}), owner_name=HOSTILE,
    last_failure_at=HOSTILE, last_failure=HOSTILE,
)  # fmt: skip
UNKNOWN = replace(compared(), new=Decided(outcome=Outcome.UNKNOWN, reason=HOSTILE))
WHAT_IF = what_if_view.Report(1.0, "decided", [compared(), UNKNOWN])
DIFFERS = {"exchanges": [], "differences": [{"step": "s", "route": HOSTILE, "where": HOSTILE, "what": HOSTILE}],
           "slow": [], "webhook": HOSTILE}  # fmt: skip

PRINTS: dict[str, Callable[[], object]] = {
    "doctor": lambda: tell([Area("portal").failed(HOSTILE, HOSTILE, cause="")]),
    "dead list": lambda: say(view.plain(groups([letter()]))),
    "dead list, on a terminal": lambda: view.rich_table(groups([letter()])),
    "dead show": lambda: say(view.whole(letter())),
    "dead replay": lambda: say(view.one(letter())),
    "find, list": lambda: history_view.say_uploads([upload()], 2.0),
    "find, list, wide": lambda: history_view.say_uploads([upload()], 2.0, wide=True),
    "timeline": lambda: history_view.say_timeline(upload(), [step()], 2.0),
    "tail": lambda: say(tail._line(event())),
    "status": lambda: say(*(line for each in standing_lines(standing(), problems()) for line in (each, "\n"))),
    "reconcile": lambda: say(text(report(), verbose=True)),
    "portal check": lambda: say("\n".join(portal_lines(DIFFERS, HOSTILE))),
    "rules test": lambda: what_if_view.plain(WHAT_IF, 9),
    "rules test, on a terminal": lambda: what_if_view.rich_table(WHAT_IF, 9),
    "rules test, the counts": lambda: say(what_if_view.summary(WHAT_IF, 9)),
    "webhook list": lambda: say(webhook_shown(WEBHOOK, timedelta())),
    "setup": lambda: person().tell(ON_ONE_LINE),
    "an error": lambda: complain(HOSTILE),
    "json": lambda: say_json({"title": HOSTILE}),
}


def upload():
    return upload_of([step()])


def report() -> Report:
    return Report((Finding(file(), 1, State.MISSED, HOSTILE),), {"missed": 1}, 0)


@pytest.mark.parametrize("prints", PRINTS.values(), ids=PRINTS)
def test_a_terminal_obeys_nothing_of_what_a_command_prints(prints, capsys) -> None:
    prints()
    told = capsys.readouterr()
    assert_harmless(told.out + told.err)


@pytest.mark.parametrize(
    "asks",
    [lambda: titles(person(), Room(), 1, ()), lambda: agreed(ON_ONE_LINE), lambda: person().line(ON_ONE_LINE)],
    ids=["what invoices are called", "yes or no", "a line"],
)
def test_a_terminal_obeys_nothing_of_a_question(asks, capsys, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(typer.Abort):
        asks()
    assert_harmless("".join(capsys.readouterr()))


RULE = """
[[rule]]
name = "acme"
rooms = [1]
destination = 2
recipients = ["m@example.com"]
titles = ["glob:*.pdf"]
"""


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize("title", [HOSTILE, HOSTILE.removesuffix("pdf")], ids=["an invoice", "none"])
def test_a_terminal_obeys_nothing_of_an_explanation(tmp_path, title, as_json) -> None:
    (tmp_path / "rules.toml").write_text(RULE)
    entry = {"id": 7, "title": title, "parentId": 5, "rootId": 1, "fileExst": ".pdf", "createBy": HOSTILE}
    (tmp_path / "event.json").write_text(
        json.dumps({"event": {"trigger": "file.uploaded", "createBy": HOSTILE}, "payload": entry})
    )
    shown = CliRunner().invoke(
        app, ["explain", str(tmp_path / "event.json"), "--rules", str(tmp_path / "rules.toml"), *as_json], env={}
    )
    assert shown.exit_code == 0, shown.output
    assert "Invoice " in shown.stdout
    assert_harmless(shown.output)


@pytest.mark.parametrize("command", [["find", "Invoice"], ["timeline", "7"], ["list"]], ids=lambda found: found[0])
@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_a_terminal_obeys_nothing_of_the_history(tmp_path, command, as_json) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    opened = Database(url)
    opened.create()
    kept = storable(HOSTILE)
    Store(opened).record([replace(step(), title=kept, reason=kept, type=kept, by=kept, correlation_id="c")], 0)
    opened.close()
    shown = CliRunner().invoke(app, [*command, *as_json], env={"DATABASE_URL": url, "INGRESS_PORT": "1"})
    assert shown.exit_code == 0, shown.output
    assert "Invoice " in shown.stdout
    assert_harmless(shown.output)


def test_a_terminal_obeys_nothing_of_the_logs(capsys) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    lines = configure_logs("mover", level="info", log_format="console", stream=stream)
    try:
        log = structlog.get_logger()
        log.info("message.settled", title=HOSTILE, titles=[HOSTILE])
        log.error("message.failed", exc_info=ValueError(HOSTILE))
        lines.flush()
    finally:
        structlog.reset_defaults()
    stream.flush()
    written = stream.buffer.getvalue().decode()
    assert "ValueError: Invoice " in written
    assert [char for char in written if char in OBEYED] == []


def test_nothing_but_the_terminals_own_module_prints() -> None:
    """And what says what is waited for, in words that are replaced."""
    prints = {"typer.echo", "typer.secho", "typer.confirm", "typer.prompt", "print", "Console", "sys.stdout.write"}
    found = []
    for path in CONSOLE.rglob("*.py"):
        if path.parent.name != "terminal" and path.name != "waiting.py":
            calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
            found += [f"{path.name}: {name}" for call in calls if (name := ast.unparse(call.func)) in prints]
    assert found == []
