"""A portal, the ingress's own app, and a person who changes the secret to the letter of what the command says."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from console.webhook import rotation
from console.webhook.proof import Pace, Proof, Prover
from console.webhook.rotate import OurSide
from ingress.http import app
from ingress.http.reception import Ports
from ingress.http.refusals import Refusals
from shared.docspace.client import Client
from shared.docspace.webhooks import Webhooks
from shared.errors import TransientError
from shared.process.webhook_settings import PATH
from shared.runtime.metrics import Metrics
from shared.wire.message import Message
from simulator.http_server import HttpServer
from simulator.outgoing.triggers import UPLOADS
from simulator.portal import seed
from simulator.server import Simulator
from simulator.settings import Settings

OLD, NEW = "Old-Secret-1", "New-Secret-2"
PACE = Pace(limit_s=5, look_every_s=0.02, settle_s=0.02)


class Ingress:
    """The real app over HTTP. `use` is a restart with another DOCSPACE_WEBHOOK_SECRET."""

    def __init__(self) -> None:
        self.arrived: Counter[int] = Counter()
        """Accepted events by `event.id`."""
        self.statuses: Counter[str] = Counter()
        self.before: Callable[[int], None] = lambda _: None
        """What an event meets before it is taken; what it raises is answered with 503."""
        self._lock = threading.Lock()
        self._server = HttpServer("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.port}{PATH}"
        self._server.serve(self._answer)
        self._server.start()

    def use(self, *secrets: str) -> None:
        metrics = Metrics()
        ports = Ports(tuple(secret.encode() for secret in secrets), time.time, metrics, Refusals(metrics))
        self._app = app.create_app(ports, self._publish)

    def close(self) -> None:
        self._server.stop()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        def counted(status: str, *rest: Any) -> Any:
            with self._lock:
                self.statuses[status[:3]] += 1
            return start(status, *rest)

        return self._app(environ, counted)

    def _publish(self, message: Message) -> None:
        event = json.loads(message.body)["event"]
        if "id" in event:
            self.before(event["id"])
            with self._lock:
                self.arrived[event["id"]] += 1


@dataclass
class Place:
    simulator: Simulator
    ingress: Ingress
    chance: random.Random
    webhook_id: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _uploads: list[threading.Thread] = field(default_factory=list)

    @classmethod
    def made(cls, number: int) -> "Place":
        ingress = Ingress()
        ingress.use(OLD)
        settings = Settings(
            port=0, smtp_port=0, webhook_url="", webhook_retry_base_s=0.005, webhook_poll_ms=5, operation_ms=10
        )
        simulator = Simulator(settings)
        simulator.start()
        place = cls(simulator, ingress, random.Random(number))
        place.webhook_id = simulator.webhooks.add(seed.SERVICE.id, "intake", ingress.url, OLD, UPLOADS).id
        return place

    def close(self) -> None:
        self.stop_uploading()
        self.simulator.stop()
        self.ingress.close()

    # what goes wrong

    def slow(self) -> None:
        self.ingress.before = lambda _: time.sleep(self.chance.uniform(0.01, 0.15))

    def failing(self) -> None:
        """Each event up to four times, of six attempts."""
        left: dict[int, int] = {}

        def refuse(event_id: int) -> None:
            if left.setdefault(event_id, self.chance.randrange(5)):
                left[event_id] -= 1
                raise TransientError("not now")

        self.ingress.before = refuse

    def held_up(self) -> None:
        """By somebody else's webhook, whose receiver is gone."""
        self.simulator.webhooks.add(seed.OWNER.id, "dead", "http://127.0.0.1:1/x", OLD, UPLOADS)
        self.burst(15)

    def without_log(self) -> None:
        hidden = {"code": 403, "path_contains": "settings/webhooks/log", "times": 1_000_000}
        self._control("PUT", "faults", json={"status": [hidden]})

    # what goes on

    def burst(self, count: int) -> None:
        for _ in range(count):
            self._control("POST", "upload", params={"name": "Invoice.pdf"}, data=b"%PDF")

    def start_uploading(self, pause_s: float) -> None:
        """A few at irregular moments, some of them close together, until `stop_uploading`."""

        def upload() -> None:
            while not self._stop.wait(self.chance.uniform(0, 2 * pause_s)):
                self.burst(self.chance.choice((1, 1, 3)))

        self._uploads.append(threading.Thread(target=upload, daemon=True))
        self._uploads[-1].start()

    def stop_uploading(self) -> None:
        self._stop.set()
        for thread in self._uploads:
            thread.join(10)

    def change_secret(self) -> Proof:
        """One call of the command, the second or a later one; then what it says is done."""
        secrets = (OLD.encode(), NEW.encode())
        client = Client(self.simulator.url, "sk-simulator", pool_size=1)
        try:
            (one,) = (hook for hook in Webhooks(client).list() if hook.id == self.webhook_id)
            proof = Prover(OurSide(client, one, NEW), secrets, lambda _: None, PACE).run()
        finally:
            client.close()
        line = rotation.end([OLD, NEW], proof).env.removeprefix("DOCSPACE_WEBHOOK_SECRET=")
        self.ingress.use(*line.split(","))
        return proof

    def unsettled(self) -> int:
        """Events of ours that were not accepted."""
        with self.simulator.webhooks.lock:
            ours = [row.id for row in self.simulator.webhooks.log.values() if row.to.id == self.webhook_id]
        return sum(not self.ingress.arrived[row] for row in ours)

    def _control(self, method: str, path: str, **request: Any) -> None:
        requests.request(method, f"{self.simulator.url}/simulator/{path}", timeout=30, **request).raise_for_status()
