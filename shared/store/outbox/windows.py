"""What the notifier asks of the outbox, over connections that its threads share."""

from shared.store.ledger.connection import Database
from shared.store.outbox.joining import Joining
from shared.store.outbox.sending import Sending
from shared.store.outbox.versions import OUTBOX


class Windows:
    """`database_url` as the ledger takes it. Connects on first use, and makes its tables then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, OUTBOX)
        self.joining = Joining(self._database)
        self.sending = Sending(self._database)

    def close(self) -> None:
        self._database.engine.dispose()
