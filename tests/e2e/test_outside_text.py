"""Text that strangers wrote goes through all workers, commands and channels; nothing obeys it or stands still."""

import http.server
import json
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from aiosmtpd.controller import Controller
from typer.testing import CliRunner

from console.__main__ import app
from demo.ports import free_port
from shared.text.outside import BIDI
from tests.integration.mail.inbox import Inbox
from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import INCOMING, MANAGER, ROOM, WORKERS, Pipeline, running_pipeline
from tests.support.runtime import waiting_in
from tests.support.waiting import wait_until
from tests.support.webhooks import EXAMPLE, signed_headers
from tests.unit.test_outside_text import DEEP, HOSTILE, OBEYED

TITLES = [title for name, title in HOSTILE.items() if name not in {"NUL", "half a surrogate pair"}]
"""Those that a portal can store."""
RULES = f"""
[[rule]]
name = "all"
rooms = [{ROOM}]
titles = ["glob:*"]
destination = {INCOMING}
recipients = ["{MANAGER}"]
notify = ["json://127.0.0.1:PORT/"]
"""
WORD = "x" * 70_000
TALK = "\r\n".join([f"550-{'no ' * 320}"] * 90 + ["550 5.1.1 no"])


@contextmanager
def chat() -> Iterator[tuple[int, list[str]]]:
    """A channel's other end, and all bodies that it was sent."""
    bodies: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["message"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_port, bodies
    finally:
        server.shutdown()
        server.server_close()


def obeyed(text: str) -> list[str]:
    return [
        char for char in text if char in BIDI or (unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t")
    ]


@pytest.mark.timeout(300)
def test_hostile_titles_are_filed_and_told_and_no_reader_obeys_them(any_broker: Broker, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    with fresh_vhost(any_broker) as url, chat() as (port, bodies):
        rules.write_text(RULES.replace("PORT", str(port)))
        with running_pipeline(url, tmp_path, RULES_FILE=str(rules)) as pipeline:
            projector = Projector(url, tmp_path)
            try:
                pipeline.wait_ready()
                files = [pipeline.upload(title) for title in TITLES]
                wait_until(lambda: len(pipeline.state()["mails"]) >= len(TITLES), 90, "a mail for each title")
                wait_until(lambda: len(bodies) >= len(TITLES), 30, "a message in the chat for each title")
                wait_until(lambda: _filed(projector) >= len(TITLES), 30, "the history to know of all")
                told = list(_told(pipeline, projector, files))
            finally:
                projector.kill()
            mails, where = pipeline.state()["mails"], pipeline.state()["files"]
    assert {file["folder_id"] for file in where if file["id"] in files} == {INCOMING}
    assert len(mails) == len(TITLES)
    assert not [mail["subject"] for mail in mails if obeyed(mail["subject"]) or "\n" in mail["subject"]]
    for body in bodies:
        assert not obeyed(body)
        assert not [word for word in OBEYED[:1] + OBEYED[3:4] if word in body], body
    for command, text in told:
        assert not obeyed(text), command
        assert "--json" not in command or text.isascii(), command


def _filed(projector: Projector) -> int:
    return sum(upload["state"] == "filed" for upload in projector.ask("list", "--limit", "50"))


def _told(pipeline: Pipeline, projector: Projector, files: list[int | str]) -> Iterator[tuple[str, str]]:
    """What each command says of these uploads, for people and for programs."""
    upload = projector.ask("list")[0]["correlation_id"]
    commands = [
        ("list",), ("find", "invoice"), ("timeline", upload), ("dead", "list"),
        *(("explain", str(file_id)) for file_id in files), ("reconcile", "--dry-run"), ("status",),
    ]  # fmt: skip
    for command in commands:
        for shape in ((), ("--json",)):
            environ = pipeline.workers["mover"].environ
            result = CliRunner().invoke(app, [*command, *shape], env=environ)
            assert result.exception is None or isinstance(result.exception, SystemExit), (command, result.exception)
            yield " ".join(command + shape), result.stdout + result.stderr
    for worker in pipeline.workers.values():
        yield f"{worker.name}'s log", worker.log.read_text()


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "body",
    [EXAMPLE.replace("file.uploaded", WORD, 1).encode(), DEEP, EXAMPLE.replace("Invoice 2026", WORD, 1).encode()],
    ids=["a trigger of 70,000 letters", "JSON nested 100,000 deep", "a title of 70,000 letters"],
)
def test_a_signed_webhook_with_a_long_word_holds_up_no_other(
    any_broker: Broker, tmp_path: Path, body: bytes
) -> None:
    with fresh_vhost(any_broker) as url, running_pipeline(url, tmp_path) as pipeline:
        pipeline.wait_ready()
        answer = requests.post(pipeline.webhook_url, data=body, headers=signed_headers(body), timeout=10)
        assert answer.status_code == 200
        pipeline.upload("Invoice after it.pdf")
        wait_until(lambda: pipeline.mails_about("Invoice after it.pdf"), 30, "the mail about the next invoice")
        wait_until(lambda: not sum(waiting_in(url, stage) for stage in WORKERS[1:]), 30, "all queues to be empty")
        assert all(worker.ready() for worker in pipeline.workers.values())


@pytest.mark.timeout(200)
def test_a_mail_server_that_talks_much_holds_up_no_other_mail(any_broker: Broker, tmp_path: Path) -> None:
    inbox = Inbox()
    inbox.answers["RCPT"] = [TALK]
    server = Controller(inbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        smtp = f"smtp://127.0.0.1:{server.port}"
        with fresh_vhost(any_broker) as url, running_pipeline(url, tmp_path, SMTP_URL=smtp) as pipeline:
            pipeline.wait_ready()
            pipeline.upload("Invoice 1.pdf")
            wait_until(lambda: waiting_in(url, "notifier.dead") == 1, 60, "the dead letter")
            pipeline.upload("Invoice 2.pdf")
            wait_until(lambda: len(inbox.letters) == 1, 30, "the next mail")
            assert pipeline.workers["notifier"].ready()
    finally:
        server.stop()
