"""Whether what is told later is told when it is due. Reads what the notifier wrote down."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from console.doctor.line import Area, Line
from shared.errors import TransientError
from shared.store.outbox.outbox import Outbox
from shared.store.outbox.window import Waiting

AREA = Area("outbox")
LATE_S = 900.0
"""The notifier looks every few seconds; a mail server that is away for a moment is nobody's business."""
MOST = 1_000
"""The most that are looked at."""


def check(database_url: str, clock: Callable[[], float] = time.time) -> Iterator[Line]:
    with contextlib.closing(Outbox(database_url)) as outbox:
        try:
            late = outbox.waiting(MOST, before=clock() - LATE_S)
        except TransientError as error:  # the ledger's line says what to do
            yield AREA.unseen(f"whether all is told that is due is not known: {error}")
            return
    yield _late(late) if late else AREA.ok("nobody waits for a message that is due")


def _late(late: list[Waiting]) -> Line:
    invoices = sum(each.count for each in late)
    told = "1 recipient or channel is" if len(late) == 1 else f"{len(late)} recipients or channels are"
    line = AREA.warning(
        f"{told} not told, over {LATE_S / 60:.0f} minutes after that was due",
        "see whether the notifier runs and what it says of itself; what was given up is in `intake dead list`",
        cause="late",
    )
    return replace(line, count=invoices, since=late[0].due_at, example=late[0].name, stage="notifier")
