"""A dispatcher as a process, the files that it reads, and the events that it hands on."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from demo.ports import free_port
from shared.amqp.publisher import Publisher
from shared.hooks.signature import made
from shared.runtime.settle import EXCHANGE
from shared.store.hooks.standing import Attempt, Standing
from shared.store.hooks.store import HookStore
from shared.wire.events import Event, EventSkipped, InvoiceFiled, encode
from shared.wire.message import Message, Publication, derived_id
from tests.support.pipeline import Worker
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until

RULE = """
[[rule]]
name = "acme"
rooms = [86190]
destination = 748239
recipients = ["manager@example.com"]
"""


@dataclass
class Desk:
    worker: Worker
    folder: Path
    publisher: Publisher
    environ: dict[str, str]

    def secret(self, name: str, *before: str) -> str:
        """A new one, which goes first in the endpoint's file."""
        secret = made()
        (self.folder / f"{name}.secret").write_text("\n".join((secret, *before)))
        return secret

    def rules(self, *tables: str) -> Path:
        path = self.folder / "rules.toml"
        path.write_text(RULE + "\n".join(tables))
        return path

    def table(
        self, name: str, receiver: Receiver, events: Sequence[str] = ("invoice.filed",), more: str = ""
    ) -> str:
        """An endpoint's, with a secret that it has or gets."""
        if not (self.folder / f"{name}.secret").exists():
            self.secret(name)
        return f"""
[[endpoint]]
name = "{name}"
url = "{receiver.url}"
events = [{", ".join(f'"{event}"' for event in events)}]
secret_file = "{self.folder}/{name}.secret"
allow_http = true
allow_private = true
{more}
"""

    def start(self, *tables: str, **settings: str) -> None:
        """With these endpoints; once it is ready, it has a queue for each."""
        self.worker.start(crash_at=None, nth=1, RULES_FILE=str(self.rules(*tables)), **settings)
        wait_until(self.worker.ready, 30, f"the dispatcher: {self.worker.log}")

    def send(self, event: Event, number: int = 0) -> str:
        """Publish it; returns its message id."""
        key = event.routing_key
        message = Message(
            body=encode(event),
            type=key,
            message_id=derived_id(key, number),
            correlation_id=derived_id("upload", number),
            timestamp=1_790_000_000 + number,
        )
        self.publisher.publish(
            Publication(exchange=EXCHANGE, routing_key=key, message=message, mandatory=False), 10
        )
        return message.message_id

    def file(self, number: int = 0, *, rule: str = "acme", room: int | None = None) -> str:
        """Have it published that an invoice was filed."""
        return self.send(
            InvoiceFiled(
                file_id=number,
                source_file_id=number,
                version=1,
                title=f"Invoice {number}.pdf",
                rule=rule,
                room_id=room,
                destination=748239,
                recipients=("manager@example.com",),
            ),
            number,
        )

    def skip(self, number: int = 0, room: int | None = None) -> str:
        skipped = EventSkipped(
            stage="classifier", reason="no", code="no-rule", skipped="webhook.file.created", room_id=room
        )
        return self.send(skipped, number)

    def standing(self, name: str) -> Standing:
        with closing(HookStore(self.environ["DATABASE_URL"])) as store:
            return store.standings()[name]

    def attempts(self, name: str) -> list[Attempt]:
        with closing(HookStore(self.environ["DATABASE_URL"])) as store:
            return store.attempts(name)

    def settled(self) -> list[tuple[str, str | None]]:
        """What the log says of each message: its outcome and its code."""
        return [
            (event["outcome"], event["code"])
            for event in self.worker.events()
            if event["event"] == "message.settled"
        ]


@contextlib.contextmanager
def a_desk(amqp_url: str, folder: Path, publisher: Publisher) -> Iterator[Desk]:
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "AMQP_URL": amqp_url,
        "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
        "RETRY_DELAYS_S": "1,2",
        "LOG_FORMAT": "json",
        "HEALTH_PORT": str(port),
        "CLIENT_ROOM_ID": "86190",
        "INCOMING_FOLDER_ID": "748239",
        "MANAGER_EMAIL": "manager@example.com",
    }
    worker = Worker("dispatcher", environ, folder / "dispatcher.log", port)
    try:
        yield Desk(worker, folder, publisher, environ)
    finally:
        if worker.process is not None and worker.process.poll() is None:
            worker.process.kill()
            worker.process.wait(10)
