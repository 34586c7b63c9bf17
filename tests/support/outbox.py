"""The outbox and the ledger as one process of the notifier has them, on a real database."""

from typing import Any

import sqlalchemy as sa

from shared.store.ledger import Ledger, Won
from shared.store.ledger.rows import Claim
from shared.store.outbox.joining import Invoice, Place, When
from shared.store.outbox.outbox import Outbox
from shared.store.outbox.windows import Windows
from shared.wire.events import InvoiceFiled, encode
from shared.wire.message import Message

ANNA, BEN = (
    Place("anna@example.com", "mail", "Anna@example.com"),
    Place("ben@example.com", "mail", "ben@example.com"),
)
QUIET_S = 900.0
EVERY = When(lambda now, quiet: quiet if quiet and quiet > now else None, QUIET_S)
"""The first at once, then at most every so often."""
LATER = When(lambda now, _: now + 100)
NOW = When(lambda now, _: now)


class Desk:
    """The outbox and the ledger of one process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.windows = Windows(url)
        self.joining, self.sending = self.windows.joining, self.windows.sending
        self.people = Outbox(url)
        self.ledger = Ledger(url, owner="notifier")
        self.ledger.upgraded()  # the table is there

    def close(self) -> None:
        for each in (self.windows, self.people, self.ledger):
            each.close()

    def join(
        self, name: str, place: Place = ANNA, when: When = LATER, claims: list[Claim] | None = None
    ) -> float | None:
        if claims is None:
            won = self.ledger.claim(f"{name}:{place.channel}", 60)
            claims = [Claim(f"{name}:{place.channel}", won.token)] if isinstance(won, Won) else []
        return self.joining.join(place, Invoice(name, message(name)), when, claims, f"outbox:{name}")

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with self.windows.sending._database.connection() as connection:
            return [dict(row) for row in connection.execute(sa.select(table)).mappings()]

    def sent(self) -> list[list[str]]:
        """All that is due is sent; what each message names."""
        named = []
        while due := self.sending.due():
            for each in due:
                window = self.sending.shut(each)
                assert window is not None
                named.append([item.key for item in window.items])
                self.sending.sent(each)
            self.sending.published(due)
        return named


def message(name: str) -> Message:
    filed = InvoiceFiled(
        file_id=1, source_file_id=1, version=1, title=f"{name}.pdf", rule="acme", destination=2, recipients=()
    )
    return Message(
        body=encode(filed), type="invoice.filed", message_id=f"m-{name}", correlation_id=f"c-{name}", timestamp=7,
        received_at=5.5, override="o-1", swept="s-1",
    )  # fmt: skip
