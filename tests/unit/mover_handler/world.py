"""The handler's world: a portal of a few lines and the real ledger; time passes only while something waits."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from mover import dead_letters
from mover.grouped import GroupedPortal
from mover.handler import handle
from mover.ports import Ports
from shared.docspace.errors import NotFoundError
from shared.docspace.model import FileInfo, FolderInfo, Operation
from shared.runtime.ladder import Ladder
from shared.runtime.settle import Settler
from shared.store.ledger import Done, Ledger
from shared.wire.events import InvoiceDetected, encode
from shared.wire.message import Message

ROOM, INCOMING, FILE = 2, 9, 5
CREATED = datetime(2026, 11, 29, 20, 35, 12, 163054, tzinfo=UTC)
CREATED_AT = "2026-11-29T20:35:12.163054Z"
EVENT = InvoiceDetected(
    file_id=FILE,
    title="Invoice 7.pdf",
    rule="default",
    destination=INCOMING,
    recipients=("manager@example.org",),
    version=1,
    created_at=CREATED_AT,
    room_title="Acme",
    folder_id=ROOM,
)
KEY = f"move:default:{FILE}:1:{CREATED_AT}"
DONE = Operation(id="op-1", finished=True, progress=100, processed="1", files=(FILE,))
LADDER = Ladder((5, 30), 86_400)
RUNNING = Operation(id="op-1", finished=False, progress=40)


class Portal:
    """One file and its folders. What goes wrong is set by attribute."""

    def __init__(self):
        self.files = {
            FILE: FileInfo(
                id=FILE,
                title="Invoice 7.pdf",
                folder_id=ROOM,
                version=1,
                can_move=True,
                created_at=CREATED,
                modified_at=CREATED,
            )
        }
        self.folders = {
            ROOM: FolderInfo(id=ROOM, title="Acme"),
            INCOMING: FolderInfo(id=INCOMING, title="Incoming", can_create=True, can_move_to=True),
        }
        self.moves = []
        self.polls = 0
        self.refuses = None
        """Raised by a move, which is then not done."""
        self.breaks = None
        """Raised by a move that was done."""
        self.operations = [DONE]
        """What is told of the move, in turn; the last for ever."""
        self.does_it = True
        self.new_id = None
        """The id that the file has after the move."""

    def change(self, **changes):
        self.files[FILE] = replace(self.files[FILE], **changes)

    def file(self, file_id):
        return self._found(self.files, file_id)

    def folder(self, folder_id):
        return self._found(self.folders, folder_id)

    def folder_path(self, folder_id):
        return (self.folder(folder_id),)

    def folder_page(self, folder_id, start, *, count, oldest_first):
        raise NotImplementedError

    def find_files(self, folder_id, *titles):
        found = [
            f
            for f in self.files.values()
            if isinstance(f, FileInfo) and f.folder_id == folder_id and f.title in titles
        ]
        return found[::-1]

    def move(self, file_ids, destination):
        if self.refuses:
            raise self.refuses
        self.moves.append((tuple(file_ids), destination))
        if self.does_it:
            self.arrive()
        if self.breaks:
            raise self.breaks
        return replace(RUNNING, id=f"op-{len(self.moves)}")

    def arrive(self):
        file = self.files.pop(FILE)
        new_id = self.new_id or FILE
        self.files[new_id] = replace(file, id=new_id, folder_id=INCOMING, web_url="https://portal.example/now")

    def operation(self, operation_id):
        assert operation_id == f"op-{len(self.moves)}"
        self.polls += 1
        answer = self.operations.pop(0) if len(self.operations) > 1 else self.operations[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer and replace(answer, id=operation_id)

    @staticmethod
    def _found(among, entry_id):
        found = among.get(entry_id, NotFoundError("the portal answered 404"))
        if isinstance(found, Exception):
            raise found
        return found


class World:
    def __init__(self, path):
        self.portal = Portal()
        self.url = f"sqlite:///{path}/ledger.db"
        self.ledger = Ledger(self.url, owner="mover@test")
        self.now = 1_900_000_000.0
        self.stopping = False
        self.grouped = GroupedPortal(self.portal, lambda: self.now, self._wait)
        # What is told is told to the handler alone.
        self.grouped._slots.read_later = lambda slot: slot.end()  # type: ignore[method-assign]  # a private thing

    def handle(self, message_id="m-1", event=EVENT, override="", swept="", timestamp=0):
        return handle(_message(message_id, event, override, swept, timestamp), self.ports)

    def settle(self, message_id="m-1", event=EVENT):
        """As the worker does: handled, and what became of it remembered."""
        message = _message(message_id, event)
        settlement = Settler("mover", LADDER, "mover").settle(message, handle(message, self.ports), self.now)
        assert dead_letters.remember(self.ledger, message, settlement) is None
        return settlement

    @property
    def ports(self):
        return Ports("portal.example", self.grouped, self.ledger, lambda: self.now, self._wait)

    def _wait(self, seconds):
        self.now += seconds
        return self.stopping

    def noted(self, key=KEY):
        standing = self.ledger.peek(key)
        assert not isinstance(standing, Done)
        return json.loads(standing.progress) if standing.progress else None


def _message(message_id, event, override="", swept="", timestamp=0):
    return Message(
        body=encode(event),
        type="invoice.detected",
        message_id=message_id,
        correlation_id="c-1",
        timestamp=int(timestamp),
        override=override,
        swept=swept,
    )


def kind_and_reason(outcome):
    return type(outcome), outcome.reason
