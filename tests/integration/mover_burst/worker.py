"""One mover that is given many invoices at once, each handled by a thread of its own."""

import itertools
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from mover.grouped import GroupedPortal
from mover.handler import handle
from mover.ports import Ports
from shared.docspace.client import Client
from shared.docspace.limits import MOVERS_READ, MOVERS_WRITE, Limits
from shared.runtime.handling import outcome_of
from shared.wire.events import InvoiceDetected, encode
from shared.wire.message import Message
from simulator.portal import seed, uploads

LATENCY_MS = 100
"""For files to gather while a call is under way."""

NUMBERS = itertools.count()


class Spying:
    """The client, with its moves and polls written down; `before` and `after` are called around a group's move."""

    def __init__(self, client):
        self._client = client
        self.moves = []
        self.polls = []
        self.before = lambda _: None
        self.after = lambda _: None

    def __getattr__(self, name):
        return getattr(self._client, name)

    def move(self, ids, destination):
        self.moves.append(list(ids))
        if len(ids) > 1:
            self.before(ids)
        operation = self._client.move(ids, destination)
        if len(ids) > 1:
            self.after(ids)
        return operation

    def operation(self, operation_id):
        self.polls.append(operation_id)
        return self._client.operation(operation_id)


class Mover:
    def __init__(self, url, ledger):
        limits = Limits(MOVERS_READ, MOVERS_WRITE)
        self.client = Client(url, "sk-simulator", pool_size=limits.most, timeout_s=(10, 10), turn=limits.turn)
        self.spy = Spying(self.client)
        self.later_s = 0.0
        wait = threading.Event().wait
        self.ports = Ports("portal", GroupedPortal(self.spy, self.clock, wait), ledger, self.clock, wait)

    def clock(self):
        return time.time() + self.later_s

    def handle(self, file_id, attempt=1, destination=seed.INCOMING, folder=seed.CLIENT_ROOM):
        event = InvoiceDetected(
            file_id=file_id,
            title="Invoice",
            rule="default",
            destination=destination,
            recipients=("manager@example.org",),
            version=1,
            room_id=seed.CLIENT_ROOM,
            folder_id=folder,
        )
        message = Message(
            body=encode(event), type="", message_id=str(file_id), correlation_id="c", timestamp=0, attempt=attempt
        )
        return outcome_of(lambda message: handle(message, self.ports), message)

    def burst(self, ids, **how):
        """All at once: their outcomes."""
        together = threading.Barrier(len(ids))

        def one(file_id):
            together.wait(30)
            return self.handle(file_id, **how)

        with ThreadPoolExecutor(len(ids)) as pool:
            return dict(zip(ids, pool.map(one, ids), strict=True))


def uploaded(portal, count, folder=seed.CLIENT_ROOM):
    return [
        uploads.simple(portal.portal, seed.CLIENT, folder, f"Invoice {next(NUMBERS)}.pdf", b"pdf").id
        for _ in range(count)
    ]


def moved(portal):
    return Counter(move.file_id for move in portal.portal.moves)


def once(ids):
    return Counter(dict.fromkeys(ids, 1))
