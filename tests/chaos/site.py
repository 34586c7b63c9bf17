"""What a run breaks: a broker, a ledger's database, the simulated portal and nine workers, all of them real."""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import requests

from demo.ports import free_ports
from shared.wire.stages import READER
from simulator.outgoing.triggers import BITS
from simulator.portal.moods import Mood
from tests.chaos.expected import Identity, identity
from tests.chaos.mails import named_in
from tests.chaos.neighbours import Neighbours, slow_receiver
from tests.chaos.plan import MOVED_IN, UNRULED
from tests.chaos.sweeping import Sweeping
from tests.support.brokers import Broker
from tests.support.databases import Database, own_database
from tests.support.pipeline import INCOMING, MANAGER, WORKERS, Worker
from tests.support.waiting import wait_until
from tests.support.webhooks import SECRET, add_webhook, change_webhook, webhooks_of

CREW = dict.fromkeys(WORKERS, 2) | {READER.name: 1}
DELAYS_S = (1, 2, 5)
SECRETS = (SECRET, "Simulator-Secret-2")
"""The ingresses know both, as while a secret is changed."""
POLL_MS = 1000
"""How long an event waits at an idle portal: 5000 there. A restart forgets what waits."""
PERMANENT = ("timezone",)
"""Moods that are the run's own, and no fault."""
RULES = f"""[[rule]]
name = "later"
rooms = [86190, "sbox-12"]
titles = ["glob:invoice *[05].pdf"]
destination = {INCOMING}
recipients = ["{MANAGER}"]
digest = "every {{every_s}} seconds"

[[rule]]
name = "chaos"
rooms = [86190, "sbox-12"]
destination = {INCOMING}
recipients = ["{MANAGER}"]
"""
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
READY_TIMEOUT_S = 120.0
LOOKED_AT = 60
"""Files and mails, for which of them may be purged."""


@dataclass
class Site:
    broker: Broker
    amqp_url: str
    ledger: Database
    portal: Worker
    workers: list[Worker]
    folder: Path
    neighbours: Neighbours
    sweeping: Sweeping
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    """Ours at the portal, as they are to be put."""
    rotations: int = 0
    """How often the secret was changed, and the portal said yes."""
    uploading: threading.Lock = field(default_factory=threading.Lock)
    """Held by who uploads, and by who deletes the newest files: else another would be newer."""
    purged: set[Identity] = field(default_factory=set)
    """Files that were deleted when they were filed and told."""
    withdrawn: set[Identity] = field(default_factory=set)
    """And before."""
    titles_purged: set[str] = field(default_factory=set)
    """Of both."""
    titles_of_third_party: set[str] = field(default_factory=set)
    """Of what was uploaded there."""
    to_move_in: list[tuple[int, int | str]] = field(default_factory=list)
    """Folders outside of the ruled rooms, and the room that each will be moved into."""

    @property
    def portal_url(self) -> str:
        return f"http://127.0.0.1:{self.portal.port}"

    def of(self, kind: str) -> list[Worker]:
        return [worker for worker in self.workers if worker.name == kind]

    def upload(self, session: requests.Session, title: str, folder: int | str, kind: str) -> dict[str, Any]:
        if kind == MOVED_IN:
            return self._upload_to_be_moved_in(session, title, folder)
        if isinstance(folder, str):
            self.titles_of_third_party.add(title)
        answer = session.post(
            f"{self.portal_url}/simulator/upload",
            params={"folder": str(folder), "name": title, "kind": kind},
            data=b"%PDF-1.7 sample",
            timeout=60,
        )
        answer.raise_for_status()
        uploaded: dict[str, Any] = answer.json()
        return uploaded

    def _upload_to_be_moved_in(self, session: requests.Session, title: str, room: int | str) -> dict[str, Any]:
        asked = {"title": f"With {title}", "parent": UNRULED}
        folder = session.post(f"{self.portal_url}/simulator/folders", json=asked, timeout=60).json()["id"]
        self.to_move_in.append((folder, room))
        return self.upload(session, title, folder, "simple")

    def move_in(self) -> None:
        """Every folder that is to be, when the webhooks of its files have come: nothing tells of them later."""
        while self.to_move_in:
            folder, room = self.to_move_in.pop()
            url = f"{self.portal_url}/simulator/folders/{folder}"
            requests.put(url, json={"parent": room}, timeout=60).raise_for_status()

    def state(self, limit: int | None = None) -> dict[str, Any]:
        """Without what other people's webhooks were answered."""
        params = {} if limit is None else {"limit": limit}
        answer = requests.get(f"{self.portal_url}/simulator/state", params=params, timeout=60)
        state: dict[str, Any] = answer.json()
        ours = [one for one in state["deliveries"] if one["webhook_id"] not in self.neighbours.ever]
        return state | {"deliveries": ours}

    def faults(self, faults: dict[str, Any]) -> None:
        requests.put(f"{self.portal_url}/simulator/faults", json=faults, timeout=60).raise_for_status()

    def mood(self, mood: dict[str, Any]) -> None:
        """Of the portal as a whole; an empty one is the ordinary one, but for the zone of the run."""
        ordinary = {name: value for name, value in asdict(Mood()).items() if name not in PERMANENT}
        url = f"{self.portal_url}/simulator/portal"
        requests.put(url, json=mood or ordinary, timeout=60).raise_for_status()

    def restart_portal(self) -> None:
        """It forgets the deliveries that it had not made."""
        requests.post(f"{self.portal_url}/simulator/restart", timeout=60).raise_for_status()

    def rotate(self) -> None:
        """The other secret, by the portal's API, as a person would. A portal that refuses it keeps the old one."""
        secret = SECRETS[(self.rotations + 1) % len(SECRETS)]
        with contextlib.suppress(requests.RequestException):
            for webhook in self.webhooks:
                change_webhook(self.portal_url, webhook | {"secretKey": secret})
            self.rotations += 1

    def purge_newest(self, most: int) -> None:
        """As people would: so many of the newest files, filed or not. The next uploads get their ids.

        But none that came out of third-party storage: there two uploads of one name may be versions of one file.
        While one of them is on its way, the product cannot know that the file has come for both.
        """
        with self.uploading:
            state = self.state(limit=LOOKED_AT)
            told = {title for mail in state["mails"] for _, title in named_in(mail)}

            def is_done(file: dict[str, Any]) -> bool:
                return file["folder_id"] == INCOMING and file["version"] == 1 and file["title"] in told

            own = sorted(
                (file for file in state["files"] if isinstance(file["id"], int)), key=lambda file: file["id"]
            )
            chosen = [file for file in own[-most:] if file["title"] not in self.titles_of_third_party]
            ids = [file["id"] for file in chosen]
            answer = requests.put(f"{self.portal_url}/simulator/files", json={"deleted": ids}, timeout=60)
            answer.raise_for_status()
        for file in chosen:
            self.titles_purged.add(file["title"])
            (self.purged if is_done(file) else self.withdrawn).add(identity(file, "id"))

    def mend(self) -> None:
        """Everything runs again, whatever was done to it."""
        self.portal.wake()
        self.neighbours.go()
        self.faults({})
        self.mood({})
        self.broker.unpause()
        self.broker.start()
        self.ledger.unpause()
        self.ledger.start()
        for worker in self.workers:
            worker.wake()
            if not worker.running:
                worker.start()
        for worker in self.workers:
            worker.wait_ready(READY_TIMEOUT_S)


@contextlib.contextmanager
def running_site(
    broker: Broker,
    amqp_url: str,
    ledger: Database,
    folder: Path,
    launcher: tuple[str, ...] = (),
    *,
    zone: str = "+00:00",
    retry_base_s: float = 1.0,
    every_s: int = 20,
) -> Iterator[Site]:
    """`launcher`, a module and its arguments, starts each worker instead of `python -m`.

    `zone` is the portal's. Its six attempts take 31 times `retry_base_s`, and so long may a failing webhook hold up
    the others after it is gone. Of some invoices the first is told at once, and then in one message `every_s`
    seconds.

    The first webhook goes to the first ingress, and is the only one for a chunked upload: what is lost there is
    lost. A second, for `file.created` alone, brings the second ingress the twins again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.toml").write_text(RULES.format(every_s=every_s))
    names = [name for name, count in CREW.items() for _ in range(count)]
    portal_port, smtp_port, *ports = free_ports(2 + 2 * len(names))
    ports, public = ports[: len(names)], ports[len(names) :]
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    portal = Worker(
        "simulator",
        kept
        | {
            "SIMULATOR_PORT": str(portal_port),
            "SIMULATOR_SMTP_PORT": str(smtp_port),
            "SIMULATOR_WEBHOOK_URL": f"http://127.0.0.1:{public[0]}/docspace/webhook",
            "SIMULATOR_WEBHOOK_SECRET": SECRET,
            "SIMULATOR_WEBHOOK_RETRY_BASE_S": str(retry_base_s),
            "SIMULATOR_WEBHOOK_POLL_MS": str(POLL_MS),
        },
        folder / "simulator.log",
        portal_port,
    )
    common = kept | {
        "AMQP_URL": amqp_url,
        "DATABASE_URL": own_database(ledger.url),  # each run's portal gives its ids anew
        "DOCSPACE_API_HOST": f"http://127.0.0.1:{portal_port}",
        "DOCSPACE_API_KEY": "sk-simulator",
        "DOCSPACE_WEBHOOK_SECRET": ",".join(SECRETS),
        "RULES_FILE": str(folder / "rules.toml"),
        "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "RETRY_DELAYS_S": ",".join(map(str, DELAYS_S)),
        "READER": "on",
        "LOG_FORMAT": "json",
    }
    workers = [
        Worker(
            name,
            common
            | {
                "HEALTH_PORT": str(ports[index]),
                "INGRESS_PORT": str(public[index]),
                "SPOOL_PATH": str(folder / f"spool-{index}.db"),
            },
            folder / f"{name}-{index}.log",
            ports[index],
            command=(sys.executable, "-m", *launcher, name) if launcher else (),
        )
        for index, name in enumerate(names)
    ]
    portal_url = f"http://127.0.0.1:{portal_port}"
    health = ",".join(f"http://127.0.0.1:{ports[index]}" for index, name in enumerate(names) if name == "ingress")
    sweeping = Sweeping(common | {"HEALTH_URLS": health}, folder / "reconcile.log")
    try:
        portal.start()
        wait_until(portal.answers, READY_TIMEOUT_S, "the simulator to listen")
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.wait_ready(READY_TIMEOUT_S)
        second = f"http://127.0.0.1:{public[1]}/docspace/webhook"
        add_webhook(portal_url, "second", second, BITS["file.created"])
        with slow_receiver() as slow:
            neighbours = Neighbours(portal_url, slow)
            ours = webhooks_of(portal_url)
            site = Site(broker, amqp_url, ledger, portal, workers, folder, neighbours, sweeping, ours)
            site.mood({"timezone": zone})
            yield site
    finally:
        sweeping.stop()
        for process in (*workers, portal):
            if process.running:
                process.wake()
                process.stop(9)
