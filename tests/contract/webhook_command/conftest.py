"""A portal, a receiver in the ingress's place, and `intake webhook` with the settings of both."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from typer.testing import CliRunner, Result

from console.__main__ import app
from console.doctor import webhook
from console.doctor.line import Level
from shared.docspace.client import Client
from shared.rules.file import single_rule
from simulator.server import Simulator
from simulator.settings import Settings
from tests.contract.simulator_quirks.receiver import Receiver
from tests.support.webhooks import SECRET

RULES = single_rule("86190", "748239", "manager@example.com")


@dataclass
class Desk:
    simulator: Simulator
    receiver: Receiver
    key: str = "sk-simulator"
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.receiver.url}/docspace/webhook"

    def run(self, *arguments: str, **environ: str) -> Result:
        settings = {
            "DOCSPACE_API_HOST": self.simulator.url, "DOCSPACE_API_KEY": self.key, "WEBHOOK_URL": self.url,
            "DOCSPACE_WEBHOOK_SECRET": SECRET, "CLIENT_ROOM_ID": "86190", "INCOMING_FOLDER_ID": "748239",
            "MANAGER_EMAIL": "manager@example.com", "RULES_FILE": None,
        }  # fmt: skip
        return CliRunner().invoke(app, ["webhook", *arguments], env=settings | self.environ | environ)

    def webhooks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("list", "--json").stdout)
        return found

    def doubts(self, secrets: tuple[str, ...] = (SECRET,)) -> list[str]:
        """What the doctor says of the webhook that is not ok, with the mend."""
        ours = webhook.Ours(RULES, self.url, tuple(one.encode() for one in secrets))
        with contextlib.closing(Client(self.simulator.url, self.key, pool_size=1)) as client:
            return [
                f"{line.text}; mend: {line.mend}"
                for line in webhook.check(client, ours)
                if line.level is not Level.OK
            ]

    def post(self, **changed: Any) -> int:
        """A webhook as somebody makes it by the portal's API."""
        body = {
            "name": "by hand", "uri": self.url, "secretKey": SECRET, "enabled": True, "ssl": False, "triggers": 384,
            "targetId": "",
        }  # fmt: skip
        return int(self.ask("POST", "settings/webhook", json=body | changed)["id"])

    def upload(self, name: str = "Invoice.pdf") -> None:
        """Two events: file.created and file.uploaded."""
        self.control("POST", "upload", params={"name": name, "kind": "simple"}, data=b"%PDF")

    def ask(self, method: str, path: str, key: str = "sk-simulator", **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {key}"}
        url = f"{self.simulator.url}/api/2.0/{path}"
        answer = requests.request(method, url, headers=headers, timeout=30, **request)
        answer.raise_for_status()
        return answer.json()["response"]

    def control(self, method: str, path: str, **request: Any) -> None:
        requests.request(method, f"{self.simulator.url}/simulator/{path}", timeout=30, **request).raise_for_status()


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    simulator = Simulator(
        Settings(port=0, smtp_port=0, webhook_url="", webhook_retry_base_s=0.005, webhook_poll_ms=5)
    )
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def desk(simulator: Simulator) -> Iterator[Desk]:
    receiver = Receiver()
    yield Desk(simulator, receiver)
    receiver.close()
    simulator.reset()
