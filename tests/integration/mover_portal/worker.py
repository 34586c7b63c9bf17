"""One mover with its DocSpace client, and the portal that it works on."""

import threading
import time

import requests

from mover.grouped import GroupedPortal
from mover.handler import handle
from mover.ports import Ports
from shared.docspace.client import Client
from shared.wire.events import InvoiceDetected, encode
from shared.wire.message import Message
from simulator.portal import seed

TITLE = "Invoice 2026-0714.pdf"
KEY = "sk-test"


class Portal:
    """The simulator's own handles, as a test wants them."""

    def __init__(self, url):
        self.url = url

    def upload(self, title=TITLE, folder=seed.CLIENT_ROOM):
        query = {"folder": folder, "name": title}
        return self._answer(requests.post(f"{self.url}/simulator/upload", params=query, data=b"pdf", timeout=5))[
            "id"
        ]

    def fault(self, **faults):
        self._answer(requests.put(f"{self.url}/simulator/faults", json=faults, timeout=5))

    def set_file(self, file_id, **state):
        self._answer(requests.put(f"{self.url}/simulator/files/{file_id}", json=state, timeout=5))

    def rename(self, file_id, title):
        """As its room's manager would."""
        route = f"{self.url}/api/2.0/files/file/{file_id}"
        headers = {"Authorization": f"Bearer {KEY}"}
        self._answer(requests.put(route, json={"title": title, "lastVersion": 0}, headers=headers, timeout=5))

    def moves(self):
        return self._state()["moves"]

    def files_in(self, folder_id):
        return [file for file in self._state()["files"] if file["folder_id"] == folder_id]

    def _state(self):
        return self._answer(requests.get(f"{self.url}/simulator/state", timeout=5))

    @staticmethod
    def _answer(reply):
        reply.raise_for_status()
        return reply.json()


class Mover:
    """One worker's handler, with a clock that a test may set forward."""

    def __init__(self, url, ledger, key=KEY, timeout_s=(1, 1)):
        self.client = Client(url, key, pool_size=2, timeout_s=timeout_s)
        self.later_s = 0.0
        self.stop = threading.Event()
        grouped = GroupedPortal(self.client, self.clock, self.stop.wait)
        self.ports = Ports("portal", grouped, ledger, self.clock, self.stop.wait)

    def clock(self):
        return time.time() + self.later_s

    def handle(self, file_id, message_id="m-1", destination=seed.INCOMING):
        event = InvoiceDetected(
            file_id=file_id,
            title=TITLE,
            rule="default",
            destination=destination,
            recipients=("manager@example.org",),
            version=1,
            room_id=seed.CLIENT_ROOM,
            folder_id=seed.CLIENT_ROOM,
            uploaded_by_email=seed.CLIENT.email,
        )
        message = Message(
            body=encode(event), type="invoice.detected", message_id=message_id, correlation_id="c", timestamp=0
        )
        return handle(message, self.ports)
