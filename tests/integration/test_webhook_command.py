"""`intake webhook` and the doctor's look at webhooks, against the portal and a real ingress."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner

from console.__main__ import app
from demo.ports import free_port
from simulator.outgoing.triggers import BITS, BROUGHT_IN, UPLOADS
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import Worker
from tests.support.waiting import wait_until
from tests.support.webhooks import SECRET

NEEDED = ["file.created", "file.uploaded", "folder.moved", "folder.restored", "room.restored"]


@dataclass
class Setting:
    simulator: Simulator
    ingress: Worker
    environ: dict[str, str]

    @property
    def url(self) -> str:
        return self.environ["WEBHOOK_URL"]

    def run(self, *arguments: str, **environ: str):
        return CliRunner().invoke(app, list(arguments), env={"RULES_FILE": None} | self.environ | environ)

    def webhooks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("webhook", "list", "--json").stdout)
        return found

    def doubts(self, **environ: str) -> list[tuple[str, str]]:
        """What the doctor says of the webhook that is not ok, and the mend."""
        report = json.loads(self.run("doctor", "--json", **environ).stdout)
        lines = [line for line in report["lines"] if line["area"] == "webhook" and line["level"] != "ok"]
        return [(line["text"], line["mend"]) for line in lines]

    def upload(self) -> None:
        answer = requests.post(
            f"{self.simulator.url}/simulator/upload", params={"name": "Invoice.pdf"}, data=b"%PDF", timeout=30
        )
        answer.raise_for_status()

    def attempts(self) -> list[int]:
        state = requests.get(f"{self.simulator.url}/simulator/state", timeout=30).json()
        return [attempt["status"] for attempt in state["deliveries"]]

    def restart_ingress(self, secret: str) -> None:
        self.ingress.stop(timeout_s=60)
        self.ingress.environ["DOCSPACE_WEBHOOK_SECRET"] = secret
        self.ingress.start()
        self.ingress.wait_ready()


@pytest.fixture(scope="module")
def ingress(any_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    folder, port = tmp_path_factory.mktemp("webhook"), free_port()
    with fresh_vhost(any_broker) as url:
        environ = {
            "PATH": str(Path(sys.executable).parent),
            "AMQP_URL": url,
            "SPOOL_PATH": f"{folder}/spool.db",
            "INGRESS_PORT": str(free_port()),
            "HEALTH_PORT": str(port),
            "DOCSPACE_WEBHOOK_SECRET": SECRET,
            "RETRY_DELAYS_S": "1,2",
        }
        worker = Worker("ingress", environ, folder / "ingress.log", port)
        worker.start()
        try:
            worker.wait_ready()
            yield worker
        finally:
            assert worker.process is not None
            worker.process.kill()
            worker.process.wait(10)


@pytest.fixture
def setting(ingress: Worker) -> Iterator[Setting]:
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url="", webhook_retry_base_s=0.01))
    simulator.start()
    environ = {
        **ingress.environ,
        "DATABASE_URL": "sqlite:////dev/null/none",
        "DOCSPACE_API_HOST": simulator.url,
        "DOCSPACE_API_KEY": "sk-simulator",
        "CLIENT_ROOM_ID": "86190",
        "INCOMING_FOLDER_ID": "748239",
        "MANAGER_EMAIL": "manager@example.com",
        "WEBHOOK_URL": ingress.webhook_url,
    }
    yield Setting(simulator, ingress, environ)
    simulator.stop()


def plant(setting: Setting, **changes) -> int:
    """A webhook as someone made it in the portal."""
    service = "3a1c6b0e-0d7c-4a7e-9a4f-6f0b7f1b2c3d"
    wanted = {"uri": setting.url, "secret": SECRET, "mask": UPLOADS | BROUGHT_IN, "enabled": True, **changes}
    return setting.simulator.webhooks.add(
        service, "by hand", wanted["uri"], wanted["secret"], wanted["mask"], enabled=wanted["enabled"]
    ).id


def test_registering_makes_a_webhook_that_works_and_repeating_makes_no_second(setting) -> None:
    assert setting.run("webhook", "register").exit_code == 0
    again = setting.run("webhook", "register")
    assert (again.exit_code, "there, with all it needs" in again.stdout) == (0, True)
    (made,) = setting.webhooks()
    assert (made["url"], made["enabled"], made["ours"]) == (setting.url, True, True)
    assert made["triggers"] == NEEDED
    setting.upload()
    assert wait_until(setting.attempts, 30, "the webhook") == [200]
    assert wait_until(lambda: not setting.doubts(), 30, "a doctor without doubts")


def test_registering_gives_one_that_is_there_what_it_lacks(setting) -> None:
    plant(setting, mask=BITS["file.moved"], enabled=False)
    ((disabled, enable), (missing, complete), _never) = setting.doubts()
    assert disabled.endswith("is disabled")
    assert enable.startswith("intake webhook enable ")
    assert "intake reconcile finds it" in enable
    assert missing.endswith(
        "does not send file.created, file.uploaded, folder.moved, folder.restored, room.restored"
    )
    assert complete.startswith("intake webhook update ")
    done = setting.run("webhook", "register", setting.url, WEBHOOK_URL="")
    assert (done.exit_code, "mended" in done.stdout) == (0, False), "one PUT was enough"
    (mended,) = setting.webhooks()
    assert (mended["enabled"], mended["triggers"]) == (True, sorted([*NEEDED, "file.moved"]))
    setting.upload()
    assert wait_until(setting.attempts, 30, "the webhook, signed with the secret it had") == [200]


def test_a_missing_webhook(setting) -> None:
    ((text, mend), (probably, _)) = setting.doubts()
    assert probably.startswith("the portal probably deleted it")
    assert text.startswith(f"of those that the service user may see, none calls {setting.url}")
    assert mend.startswith(f"intake webhook register {setting.url}; but where another service user was before")


def test_a_webhook_that_calls_elsewhere(setting) -> None:
    webhook_id = plant(setting, uri="http://127.0.0.1:1/docspace/webhook")
    ((text, mend), _) = setting.doubts()
    assert text.endswith(f'; {webhook_id} "by hand" calls http://127.0.0.1:1/docspace/webhook')
    assert mend.startswith(f"intake webhook register {setting.url}; but")
    ((unknown, _),) = setting.doubts(WEBHOOK_URL="")
    assert unknown.endswith("has sent nothing yet"), "without WEBHOOK_URL the path alone tells"


def test_a_webhook_whose_secret_is_another(setting) -> None:
    plant(setting, secret="Quite-Another-1")
    setting.upload()
    wait_until(lambda: len(setting.attempts()) == 6, 60, "all attempts")
    (failed, signed) = wait_until(setting.doubts, 30, "the doctor's doubt")
    assert "401" in failed[0]
    assert failed[0].endswith("it never succeeded")
    assert "secret that the ingress does not have" in failed[1]
    assert signed[0].endswith("was signed with a secret that is none of ours")


def test_a_disabled_webhook_is_enabled_and_removed_by_its_id(setting) -> None:
    webhook_id = str(plant(setting, enabled=False))
    assert setting.run("webhook", "enable", webhook_id).exit_code == 0
    assert setting.webhooks()[0]["enabled"] is True
    assert setting.run("webhook", "remove", webhook_id, "--yes").exit_code == 0
    assert setting.webhooks() == []
    gone = setting.run("webhook", "remove", webhook_id, "--yes")
    assert (gone.exit_code, f"sees no webhook {webhook_id}" in gone.stderr) == (1, True)


def test_an_ingress_that_does_not_run_is_not_registered(setting) -> None:
    refused = setting.run("webhook", "register", "http://127.0.0.1:1/docspace/webhook")
    assert refused.exit_code == 1
    assert "Connection refused" in refused.stderr  # the portal says it in a 500


@pytest.mark.parametrize("command", ["list", "register", "rotate"])
def test_a_wrong_key_and_a_missing_setting_have_their_exit_codes(setting, command) -> None:
    both = "One-Secret-1,Other-Secret-2"
    assert setting.run("webhook", command, DOCSPACE_API_KEY="sk-no", DOCSPACE_WEBHOOK_SECRET=both).exit_code == 1
    assert setting.run("webhook", command, DOCSPACE_API_HOST="").exit_code == 2


def test_a_secret_is_rotated_while_every_event_is_taken(setting) -> None:
    plant(setting)
    uploads = 0

    def upload() -> None:
        nonlocal uploads
        setting.upload()
        uploads += 1
        wait_until(lambda: len(setting.attempts()) >= uploads, 30, "the event")

    upload()
    begun = json.loads(setting.run("webhook", "rotate", "--json").stdout)
    both = begun["env"].removeprefix("DOCSPACE_WEBHOOK_SECRET=")
    old, new = both.split(",")
    assert old == SECRET
    upload()

    too_early = setting.run("webhook", "rotate", DOCSPACE_WEBHOOK_SECRET=both)
    assert too_early.exit_code == 1
    assert "nothing was changed" in too_early.stderr
    assert "answers 401 to what is signed with secret 2 of 2" in too_early.stderr
    upload()

    setting.restart_ingress(both)
    upload()
    ended = setting.run("webhook", "rotate", DOCSPACE_WEBHOOK_SECRET=both)
    assert ended.exit_code == 0, ended.stderr
    assert f"DOCSPACE_WEBHOOK_SECRET={new}\n" in ended.stdout
    uploads += 1  # the newest event, sent again for its signature
    upload()
    setting.restart_ingress(new)
    upload()
    assert setting.attempts() == [200] * uploads, "no event was refused at any step"
    setting.restart_ingress(SECRET)
