"""What the notifier's handler needs of the world."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from shared.announcing.channels.table import Channels
from shared.announcing.tellings import Tellings, told_by_default
from shared.announcing.text import OtherTemplates
from shared.store.ledger import Ledger
from shared.store.outbox.windows import Windows


@dataclass(frozen=True, slots=True)
class Ports:
    host: str
    """The portal's host; the claims of the first released version are named after it."""
    ledger: Ledger
    windows: Windows
    """Of the outbox, in the ledger's database."""
    channels: Channels
    tellings: Tellings = told_by_default
    own: OtherTemplates | None = None
    """Templates that come before ours."""
    clock: Callable[[], float] = time.monotonic
