"""`intake setup`, from a portal with rooms that it did not make to the first announced invoice."""

import dataclasses
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from console.setup import dotenv
from demo.ports import free_port
from shared.rules.file import load_rules
from shared.wire.stages import STAGES
from simulator.portal import seed
from simulator.portal.model import Role
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support.brokers import Broker, fresh_vhost
from tests.support.compose import ROOT
from tests.support.pipeline import WORKERS, Pipeline, Worker
from tests.support.terminal import on_terminal, talk
from tests.support.waiting import wait_until

KEY = "sk-of-a-new-user"
READ_RULES = tuple(stage.name for stage in STAGES if stage.reads_rules)
STARTED = ("sh", "-c", 'cd "$1" && set -a && . ./.env && set +a && exec "$0" -m "$2"', sys.executable)
"""A worker as a shell starts it: from the folder of `.env`, with what that says."""


@dataclass
class Place:
    """A folder that is to hold `.env`, and where everything else is."""

    folder: Path
    pipeline: Pipeline
    elsewhere: dict[str, str]
    """What no setup asks for: broker, ledger and ports of this test."""

    @property
    def url(self) -> str:
        return self.pipeline.webhook_url

    @property
    def mail(self) -> str:
        return f"smtp://127.0.0.1:{self.pipeline.simulator.smtp_port}"

    @property
    def written(self) -> dict[str, str]:
        return dotenv.values((self.folder / ".env").read_text())

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "console", "setup", *options]

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **self.elsewhere}

    def setup(self, *options: str, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*options), cwd=self.folder, env=self.environ | environ, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def done(self, *options: str, **environ: str) -> tuple[int, dict[str, Any]]:
        out, err = (process := self.setup("--json", *options, **environ)).communicate(timeout=100)
        assert out, err
        return process.returncode, json.loads(out)

    def announced(self, room: int | str, title: str, mails: int = 1) -> dict[str, Any]:
        """What becomes of an upload: the folder it is in, and whom the mails went to."""
        file_id = self.pipeline.upload(title, folder=room)
        wait_until(lambda: len(self.pipeline.mails_about(title)) >= mails, 60, f"{mails} mails about {title}")
        to = sorted(recipient for mail in self.pipeline.mails_about(title) for recipient in mail["to"])
        where = {file["id"]: file["folder_id"] for file in self.pipeline.state()["files"]}
        return {"folder": where[file_id], "to": to, "moves": len(self.pipeline.moves_of(file_id))}


@pytest.fixture(scope="module")
def place(any_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A portal with 30 rooms of somebody else's, a broker, and workers that nobody has started yet."""
    folder = tmp_path_factory.mktemp("setup")
    ports = {name: free_port() for name in WORKERS}
    ingress_port = free_port()
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url="", api_key=KEY, webhook_retry_base_s=0.2))
    for number in range(1, 31):
        simulator.portal.create_room(seed.OWNER, f"Client {number:02}", seed.CUSTOM_ROOM, [])
    simulator.start()
    with fresh_vhost(any_broker) as amqp_url:
        elsewhere = {
            "AMQP_URL": amqp_url,
            "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
            "SPOOL_PATH": f"{folder}/spool.db",
            "RETRY_DELAYS_S": "1,2",
            "LOG_FORMAT": "json",
            "HEALTH_URLS": ",".join(f"http://127.0.0.1:{ports[name]}" for name in READ_RULES),
        }
        workers = {
            name: Worker(
                name,
                {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **elsewhere}
                | {"HEALTH_PORT": str(port), "INGRESS_PORT": str(ingress_port)},
                folder / f"{name}.log",
                port,
                command=(*STARTED, str(folder), name),
            )
            for name, port in ports.items()
        }
        try:
            yield Place(folder, Pipeline(simulator, workers), elsewhere)
        finally:
            for worker in workers.values():
                if worker.process is not None and worker.running:
                    worker.process.kill()
                    worker.process.wait(10)
            simulator.stop()


def room_called(place: Place, title: str) -> int | str:
    room_id: int | str = next(room["id"] for room in place.pipeline.state()["rooms"] if room["title"] == title)
    return room_id


def test_a_script_gets_from_nothing_to_the_first_announced_invoice(place: Place) -> None:
    process = place.setup(
        "--portal", place.pipeline.simulator.url, "--room", "client 17", "--incoming", "Accounting/Inbox",
        "--create-incoming", "--recipient", "anna@firm.example", "--smtp-url", place.mail,
        "--webhook-url", place.url, "--wait", "90", "--json", DOCSPACE_API_KEY=KEY,
    )  # fmt: skip
    wait_until((place.folder / ".env").exists, 60, "the .env")
    for worker in place.pipeline.workers.values():
        worker.start()
    place.pipeline.wait_ready()
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, out + err
    report = json.loads(out)
    assert (report["ok"], report["doctor"]["ok"], report["new_rule"]) == (True, True, "Client 17")
    assert report["webhook"]["triggers"] == [
        "file.created",
        "file.uploaded",
        "folder.moved",
        "folder.restored",
        "room.restored",
    ]

    ended = place.announced(room_called(place, "Client 17"), "Invoice 1.pdf")
    inbox = next(f["id"] for f in place.pipeline.state()["folders"] if f["title"] == "Inbox")
    assert ended == {"folder": inbox, "to": ["anna@firm.example"], "moves": 1}

    assert stat.S_IMODE((place.folder / ".env").stat().st_mode) == 0o600
    assert KEY not in out + err
    assert place.written["DOCSPACE_WEBHOOK_SECRET"] not in out + err


def test_again_it_changes_nothing_and_keeps_lines_of_ones_own(place: Place) -> None:
    env_file = place.folder / ".env"
    env_file.write_text(env_file.read_text() + "\n# mine\nexport LOG_LEVEL='debug'\n")
    before = env_file.read_text(), (place.folder / "rules.toml").read_text(), place.pipeline.state()["webhooks"]
    code, report = place.done(
        "--room", "Client 17", "--incoming", "Accounting/Inbox", "--recipient", "anna@firm.example"
    )
    assert (code, report["written"], report["changes"]) == (0, False, {})
    assert before == (
        env_file.read_text(),
        (place.folder / "rules.toml").read_text(),
        place.pipeline.state()["webhooks"],
    )


def test_again_it_mends_a_webhook_that_is_disabled_and_one_with_another_secret(place: Place) -> None:
    hooks = place.pipeline.simulator.webhooks
    (hook,) = hooks.by_id.values()
    hooks.put(dataclasses.replace(hook, secret="Quite-Another-1", enabled=False))
    code, report = place.done()
    assert (code, report["webhook"]["id"], report["webhook"]["enabled"]) == (0, hook.id, True)
    assert place.announced(room_called(place, "Client 17"), "Invoice 2.pdf")["moves"] == 1


def test_an_ingress_that_runs_with_another_secret_is_named_and_the_webhook_stays(place: Place) -> None:
    (place.folder / "other").mkdir()
    webhooks = place.pipeline.state()["webhooks"]
    process = place.setup(
        "--env-file", "other/.env", "--portal", place.pipeline.simulator.url, "--room", "Client 17",
        "--incoming", "Accounting/Inbox", "--recipient", "anna@firm.example", "--smtp-url", place.mail,
        "--webhook-url", place.url, "--json", DOCSPACE_API_KEY=KEY,
    )  # fmt: skip
    out, err = process.communicate(timeout=100)
    report = json.loads(out)
    assert (process.returncode, report["written"], report["webhook"]) == (1, True, None)
    assert f"{place.url} answers 401 to what is signed with secret 1 of 1: restart it" in err
    failed = [line for line in report["doctor"]["lines"] if line["level"] == "failed"]
    assert [line["area"] for line in failed] == ["webhook", "ingress"]
    assert "was signed with a secret that is none of ours" in failed[0]["text"]
    assert failed[1]["mend"] == "restart the ingress with the DOCSPACE_WEBHOOK_SECRET of .env"
    assert place.pipeline.state()["webhooks"] == webhooks


def test_it_changes_no_value_without_being_told_to(place: Place) -> None:
    before = (place.folder / ".env").read_text()
    process = place.setup("--mail-from", "billing@firm.example")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "it would change MAIL_FROM in .env; say so with --yes" in err
    assert (place.folder / ".env").read_text() == before
    code, report = place.done("--mail-from", "billing@firm.example", "--yes")
    assert (code, report["changes"]) == (1, {"MAIL_FROM": "changed"})
    (failed,) = [line["text"] for line in report["doctor"]["lines"] if line["level"] == "failed"]
    assert failed.startswith("the notifier at ")
    assert failed.endswith(" runs with other MAIL_FROM than are configured here")
    assert place.written["MAIL_FROM"] == "billing@firm.example"
    assert "\n# mine\nexport LOG_LEVEL='debug'\n" in (place.folder / ".env").read_text()


def test_a_person_adds_a_client_by_names_alone_and_is_told_what_to_mend(place: Place) -> None:
    """Pages, a filter, a right that is missing, a new folder, addresses that are none."""
    simulator = place.pipeline.simulator
    room = room_called(place, "Client 23")
    simulator.portal.tree.folder(room).roles[seed.SERVICE.id] = Role.CREATOR
    with on_terminal(place.command("--add-rule", "--no-start"), place.folder, place.environ) as terminal:
        talk(
            terminal,
            ("The portal's address [http://", ""),
            ("is set]: ", "sk-wrong"),
            ("refuses our API key", None),
            ("mend: make a new one in the portal", None),
            ("The portal's address [http://", ""),
            ("files the invoices): ", KEY),
            ("The client's room", None),
            ("10  ", None),
            ("more: ", ""),
            ("11  ", None),
            ("more: ", "ent 23"),
            ("  1  Client 23", None),
            ("start: ", "1"),
            ("The room that invoices are filed in", "accou"),
            ("  1  Accounting", "1"),
            ("a new folder here", "n"),
            ("Its name [Incoming]", "Eingang"),
            ("Numbers, or words", ""),
            ("Take these?", "y"),
            ("Who is told", "nobody"),
            ('"nobody" is not an e-mail address', None),
            ("Who is told", "ben@firm.example, eve@firm.example"),
            ("the service user may not move other people's files out of it", None),
            ('mend: make the service user room manager in "Client 23"', None),
            ("Mend it in the portal", None),
        )
        url = f"{simulator.url}/simulator/rooms/{room}"
        requests.put(url, json={"service": "manager"}, timeout=10).raise_for_status()
        talk(
            terminal,
            ("", ""),
            ("files may be moved out", None),
            ("The mail server", "mail.firm.example"),
            ("must start with smtp://", ""),
            ("The sender of the mails [billing@firm.example]", ""),
            ("Send a test mail now?", "n"),
            ("Who is told when something is wrong", "it@firm.example"),
            ("public address", ""),
            ('rule "Client 23": from "Client 23" to "Accounting/Eingang", a folder that is made now', None),
            ("Write this?", "y"),
            ("was there, and has our secret now", None),
        )
        assert terminal.ends() == 1, terminal.screen
        for name in READ_RULES:
            assert f"the {name} at " in terminal.screen
        assert "runs with other rules" in terminal.screen
        assert KEY not in terminal.screen
        assert "sk-wrong" not in terminal.screen

    first, second = load_rules(place.folder / "rules.toml").rules
    assert (first.name, second.name, second.rooms) == ("Client 17", "Client 23", (str(room),))
    for name in READ_RULES:
        worker = place.pipeline.workers[name]
        worker.stop(timeout_s=60)
        worker.start()
    place.pipeline.wait_ready()
    assert place.done()[0] == 0
    ended = place.announced(room, "Invoice 23.pdf", mails=2)
    assert (ended["folder"], ended["to"]) == (second.destination, ["ben@firm.example", "eve@firm.example"])


def test_a_setup_that_is_well_offers_to_try_the_portal(place: Place) -> None:
    with on_terminal(place.command("--no-start"), place.folder, place.environ) as terminal:
        talk(
            terminal,
            ("The portal's address", ""),
            ("is set]: ", ""),
            ("Add another client?", "n"),
            ("The mail server", ""),
            ("The sender of the mails", ""),
            ("Send a test mail now?", "n"),
            ("Who is told when something is wrong", ""),
            ("public address", ""),
            ("Try that now?", "y"),
            ("delivered, says the portal; no history is kept on this broker", None),
            ("All answers are as believed.", None),
        )
        assert terminal.ends() == 0, terminal.screen


def test_ctrl_c_before_the_end_leaves_everything_as_it_was(place: Place) -> None:
    before = (place.folder / ".env").read_text(), place.pipeline.state()["webhooks"]
    with on_terminal(place.command("--no-start"), place.folder, place.environ) as terminal:
        talk(terminal, ("The portal's address", ""), ("is set]: ", ""), ("Add another client?", None))
        terminal.interrupt("stopped; nothing was written")
        assert terminal.ends() == 1
    assert before == ((place.folder / ".env").read_text(), place.pipeline.state()["webhooks"])
