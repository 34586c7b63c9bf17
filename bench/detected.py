"""Files on the simulated portal, and the events that the classifier would publish for them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import requests

from bench.pipeline import INCOMING, ROOM
from shared.docspace.client import Client
from shared.docspace.model import FileInfo, entry_time
from shared.docspace.pages import PAGE
from shared.runtime.settle import EXCHANGE
from shared.wire.events import EntryId, InvoiceDetected, encode
from shared.wire.message import Message, Publication, derived_id

API_KEY = "sk-simulator"
CONTENT = b"%PDF-1.7 sample"


def upload(portal: str, numbers: Sequence[int]) -> list[int]:
    """Their ids, in order."""

    def one(number: int) -> int:
        query = {"folder": str(ROOM), "name": f"Invoice {number:05d}.pdf"}
        answer = requests.post(f"{portal}/simulator/upload", params=query, data=CONTENT, timeout=30)
        answer.raise_for_status()
        file_id: int = answer.json()["id"]
        return file_id

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, numbers))


def files_in_room(portal: str) -> Mapping[EntryId, FileInfo]:
    """As the API tells of them: their times of creation are the same as of a question for each."""
    client = Client(portal, API_KEY, pool_size=1)
    found: dict[EntryId, FileInfo] = {}
    start = 0
    while (page := client.folder_page(ROOM, start, count=PAGE, oldest_first=True)).entries:
        found |= {file.id: file for file in page.files}
        start += page.entries
    client.close()
    return found


def events(files: Sequence[FileInfo], each: int) -> Iterator[Publication]:
    """A portal announces an upload as created and as uploaded: two messages of one correlation, side by side."""
    return (_event(file, number) for file in files for number in range(each))


def _event(file: FileInfo, number: int) -> Publication:
    event = InvoiceDetected(
        file_id=file.id,
        title=file.title,
        rule="default",
        destination=INCOMING,
        recipients=("manager@example.com",),
        version=file.version,
        created_at=entry_time(file.created_at) if file.created_at else None,
        room_id=ROOM,
        folder_id=ROOM,
    )
    message = Message(
        body=encode(event),
        type=event.routing_key,
        message_id=derived_id("bench.mover", file.id, number),
        correlation_id=derived_id("upload", file.id),
        timestamp=int(time.time()),
    )
    return Publication(exchange=EXCHANGE, routing_key=event.routing_key, message=message, mandatory=True)
