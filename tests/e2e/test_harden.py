"""An installation of earlier is given users and passwords of its own: nothing is lost, nothing done twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
import requests

from console.setup import dotenv
from console.setup.stack import AS_BEFORE
from demo.portal import SimulatedPortal
from demo.ports import free_port
from simulator.portal import seed
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support.compose import ROOT, Compose, clean_copy
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]

BROKEN = """
services:
  mover:
    environment: {AMQP_PASSWORD_FILE: /etc/hostname}
    healthcheck: {interval: 1s, start_period: 40s, retries: 2}
"""
BRIDGE = ("docker", "network", "inspect", "bridge", "--format", "{{json (index .IPAM.Config 0)}}")
KNOWN = {"guest", "broker-rights", "database-known", "database-rights"}
SERVICES = {"ingress", "classifier", "mover", "notifier", "reconciler", "history"}


def address_for_containers() -> str:
    """Of this machine, for any container. An engine that was started again no longer tells its bridge's gateway."""
    told = json.loads(subprocess.run(BRIDGE, check=True, capture_output=True, text=True).stdout)
    return told.get("Gateway") or str(next(ip_network(told["Subnet"]).hosts()))


class Installation:
    """In a folder of its own, with a `.env` and a portal outside. `sent` has the titles of all uploads."""

    def __init__(self, folder: Path) -> None:
        self.folder = clean_copy(folder)
        ingress, self.management = free_port(), free_port()
        here = address_for_containers()
        hook = f"http://127.0.0.1:{ingress}/docspace/webhook"
        self.simulator = Simulator(Settings(host=here, smtp_host=here, port=0, smtp_port=0, webhook_url=hook))
        self.simulator.start()
        self.portal = SimulatedPortal(self.simulator.url)
        self.sent: list[str] = []
        plain = Compose(folder)
        settings = {
            "COMPOSE_PROJECT_NAME": plain.project,
            "INGRESS_PUBLISH": f"127.0.0.1:{ingress}",
            "MANAGEMENT_PORT": str(self.management),
            "DOCSPACE_API_HOST": self.simulator.url,
            "DOCSPACE_API_KEY": "sk-simulator",
            "DOCSPACE_WEBHOOK_SECRET": "Simulator-Secret-1",
            "CLIENT_ROOM_ID": str(seed.CLIENT_ROOM),
            "INCOMING_FOLDER_ID": str(seed.INCOMING),
            "MANAGER_EMAIL": "manager@example.com",
            "SMTP_URL": f"smtp://{here}:{self.simulator.smtp_port}",
            "WEBHOOK_URL": "http://ingress:3000/docspace/webhook",
        }
        self.env_file = folder / ".env"
        self.env_file.write_text(dotenv.changed("", settings))
        self.compose = plain.with_settings(settings)

    def start(self) -> None:
        """As an earlier version started: with the users that everybody knows."""
        earlier = self.compose.with_settings(AS_BEFORE)
        earlier.run("up", "--build", "--detach", "--wait", "--wait-timeout", "240", timeout_s=580)

    def end(self) -> None:
        """The engine (20.10) keeps the endpoint of a container whose start a kill broke off, and so its network."""
        self.simulator.stop()
        down = ("--profile", "tools", "down", "--volumes", "--timeout", "5", "--rmi", "local")
        ended = self.compose.with_settings(self.written).try_run(*down)
        assert ended.returncode == 0 or "has active endpoints" in ended.stderr, ended.stderr
        assert not self.told("ps", "--all", "--quiet")

    @property
    def written(self) -> dict[str, str]:
        return dotenv.values(self.env_file.read_text())

    def told(self, *arguments: str) -> str:
        return self.compose.with_settings(self.written).run(*arguments)

    def upload(self, count: int, when: str) -> None:
        for number in range(count):
            title = f"Invoice {when} {number:02}.pdf"
            self.portal.upload(seed.CLIENT_ROOM, title, "simple", b"an invoice")
            self.sent.append(title)

    def harden(self, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "console", "harden", "--env-file", str(self.env_file), *options]
        return subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )

    def insecure(self) -> set[str]:
        """The causes of what the doctor calls failed with --security."""
        console = ("--profile", "tools", "run", "--rm", "-T", "console", "doctor", "--security", "--json")
        report = json.loads(self.compose.with_settings(self.written).try_run(*console).stdout)
        return {line["cause"] for line in report["lines"] if line["level"] == "failed"}

    def all_is_told(self) -> None:
        """Each invoice was filed once and announced once."""
        wait_until(lambda: len(self.portal.state()["mails"]) >= len(self.sent), 120, "all to be told", every_s=0.5)
        state = self.portal.state()
        assert Counter(move["title"] for move in state["moves"]) == Counter(self.sent)
        told = Counter(title for title in self.sent for mail in state["mails"] if title in mail["subject"])
        assert told == Counter(self.sent)

    def leave_half_made(self, service: str) -> None:
        """What Compose leaves if it is killed while it puts a container in the place of the service's own."""
        container = self.told("ps", "--all", "--quiet", service).strip()
        asked = subprocess.run(["docker", "inspect", container], check=True, capture_output=True)
        (told,) = json.loads(asked.stdout)
        labels = [f"--label={name}={value}" for name, value in told["Config"]["Labels"].items()]
        name = f"{container[:12]}_{told['Name'].lstrip('/')}"
        create = ["docker", "create", "--name", name, *labels, told["Image"]]
        subprocess.run(create, check=True, capture_output=True)

    def wait_for_users(self) -> None:
        """Who was away from the broker comes back after a pause of its own."""
        wait_until(lambda: self.names() == SERVICES, 90, "each service to be signed in as its own user", every_s=1)

    def names(self) -> set[str]:
        return {user.removeprefix("intake-") for user in self.users()}

    def users(self) -> set[str]:
        listed = self.told("exec", "-T", "rabbitmq", "rabbitmqctl", "--silent", "list_connections", "user")
        return {line.strip() for line in listed.splitlines()}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("installation"))
    try:
        made.start()
        yield made
    finally:
        made.end()


def signs_in(installation: Installation, user: str, password: str) -> bool:
    page = f"http://127.0.0.1:{installation.management}/api/whoami"
    return requests.get(page, auth=(user, password), timeout=10).ok


def test_where_a_service_does_not_come_up_all_is_as_it_was(installation: Installation) -> None:
    installation.upload(3, "before")
    override = installation.folder / "docker-compose.override.yml"
    override.write_text(BROKEN)
    hardening = installation.harden()
    said, _ = hardening.communicate(timeout=400)
    override.unlink()
    assert hardening.returncode == 1, said
    assert "all is as it was before" in said
    assert "SECRETS_DIR" not in installation.written
    assert signs_in(installation, "guest", "guest")
    installation.upload(3, "after going back")
    installation.all_is_told()
    assert installation.users() == {"guest"}
    assert installation.insecure() == {*KNOWN, "no-tls"}


def test_killed_midway_and_run_again_it_loses_nothing_and_does_nothing_twice(installation: Installation) -> None:
    installation.told("stop", "mover")
    installation.upload(10, "while the mover is away")
    killed = installation.harden()
    wait_until(lambda: "SECRETS_DIR" in installation.written, 120, "the settings to be written")
    installation.upload(5, "meanwhile")
    time.sleep(3)  # somewhere among the restarts; the verdict is the same wherever
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    installation.leave_half_made("rabbitmq")
    again = installation.harden()
    said, _ = again.communicate(timeout=400)
    assert again.returncode == 0, said
    installation.upload(5, "after it")
    installation.all_is_told()


def test_then_each_service_is_a_user_of_its_own_and_nobody_knows_a_password(installation: Installation) -> None:
    installation.wait_for_users()
    assert not signs_in(installation, "guest", "guest")
    password = (installation.folder / "secrets" / "broker" / "monitoring").read_text().strip()
    assert signs_in(installation, "intake-monitoring", password)
    for known in ("intake", "postgres"):
        url = f"postgresql://intake:{known}@postgres/intake"
        tried = installation.compose.with_settings(installation.written).try_run(
            "exec", "-T", "postgres", "psql", url, "-c", "SELECT 1"
        )
        assert "password authentication failed" in tried.stderr
    assert installation.insecure() == {"no-tls"}  # the simulated portal and mail server, which have none
    assert (installation.folder / "secrets").stat().st_mode & 0o777 == 0o700


def test_passwords_change_under_load_also_where_the_change_is_killed(installation: Installation) -> None:
    files = [file for file in (installation.folder / "secrets").rglob("*") if file.is_file()]
    before = {file: file.read_text() for file in files if file.suffix == ""}
    killed = installation.harden("--new-password", "all")
    monitoring = installation.folder / "secrets" / "broker" / "monitoring"
    wait_until(
        lambda: (
            monitoring.exists()
            and monitoring.read_text() != before[monitoring]
            and signs_in(installation, "intake-monitoring", monitoring.read_text().strip())
        ),
        120,
        "the broker to be told, while no service has its new password",
    )
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    changing = installation.harden()
    while changing.poll() is None:
        installation.upload(1, f"while passwords change {len(installation.sent)}")
        time.sleep(1)
    said, _ = changing.communicate()
    assert changing.returncode == 0, said
    assert "gone      guest" not in said
    assert len(before) > len(SERVICES)
    assert [file for file, password in before.items() if file.read_text() == password] == []
    installation.told("restart", "rabbitmq", "postgres")  # nobody stays signed in with the password of before
    installation.told("up", "--detach", "--wait")
    installation.upload(3, "after the servers' restart")
    installation.all_is_told()
    installation.wait_for_users()


def test_a_hardened_installation_is_backed_up(installation: Installation) -> None:
    installation.told("stop", *sorted(SERVICES))
    installation.told("--profile", "tools", "run", "--rm", "-T", "--build", "backup")
    assert [made.name for made in installation.folder.glob("intake-*")]
