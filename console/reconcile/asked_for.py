"""Between two rounds the reconciler waits, and ends the wait when a person asks for a room."""

import threading
import time

import structlog

from console.reconcile.places import ROOM
from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.requests import Requests
from shared.errors import PermanentError
from shared.rules.ids import id_text
from shared.store.sweeps.store import SweepStore
from shared.wire.events import RoomAsked, decode
from shared.wire.message import Message

LOOK_S = 1.0
AGAIN_S = 10.0
"""After the broker went."""

log = structlog.get_logger()


def listen(urls: tuple[str, ...]) -> None:
    """From now on what is asked for waits for us, though the first round takes long."""
    try:
        with Requests(urls):
            return
    except UnavailableError as error:
        log.warning("reconcile.not_listening", reason=str(error))


def wait(urls: tuple[str, ...], database_url: str, seconds: float, stop: threading.Event) -> None:
    """For so long, or until `stop`, or until a room is asked for: the next round looks through that whole room.

    TransientError where the database cannot note it; what was asked for stays in its queue.
    """
    deadline = time.monotonic() + seconds
    while not stop.is_set() and (left_s := deadline - time.monotonic()) > 0:
        try:
            with Requests(urls) as requests:
                if _asked(requests, database_url, deadline, stop):
                    return
        except UnavailableError as error:
            log.warning("reconcile.not_listening", reason=str(error))
            stop.wait(min(AGAIN_S, left_s))


def _asked(requests: Requests, database_url: str, deadline: float, stop: threading.Event) -> bool:
    store = SweepStore(database_url)
    try:
        while not stop.is_set():
            noted = [_note(store, message) for message in requests.taken()]
            if any(noted):
                return True
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            requests.rest(min(LOOK_S, left_s))
    finally:
        store.close()
    return False


def _note(store: SweepStore, message: Message) -> bool:
    """Whether it was one that can be read."""
    try:
        asked = decode(message.body, RoomAsked)
    except PermanentError as error:
        log.warning("reconcile.request_unreadable", reason=str(error), message_id=message.message_id)
        return False
    store.hide(f"{ROOM}{id_text(asked.room_id)}", time.time(), f"asked for by {asked.asked_by}")
    log.info("reconcile.asked", room=asked.room_id, by=asked.asked_by)
    return True
