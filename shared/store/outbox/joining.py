"""How the notifier decides, once for each invoice and channel, whether it is told at once or joins a window.

Methods raise TransientError. Times are seconds since the epoch, by the database's clock.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from shared.errors import TransientError
from shared.store.database import transaction
from shared.store.ledger.connection import Database
from shared.store.ledger.rows import Claim
from shared.store.ledger.statements import ended_by_holder
from shared.store.outbox.tables import CHANNELS, INVOICES, ITEMS, WINDOWS
from shared.store.outbox.window import Brought, Of, State
from shared.text.codes import Code
from shared.text.outside import identifier, storable
from shared.wire.message import Message


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, as a window keeps it."""

    channel: str
    """Its id."""
    scheme: str
    name: str


@dataclass(frozen=True, slots=True)
class Invoice:
    key: str
    """Under which it is announced, without the channel."""
    message: Message
    """`invoice.filed`, as it came."""


@dataclass(frozen=True, slots=True)
class When:
    due: Callable[[float, float | None], float | None]
    """Given the time and until when the channel is quiet: when it is told; None: at once. Pure."""
    quiet_s: float = 0.0
    """For how long the channel is quiet once it was told."""


class Joining:
    """The ledger's table must be there: what joins ends a claim in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def join(
        self, place: Place, invoice: Invoice, when: When, claims: Sequence[Claim], result: str
    ) -> float | None:
        """When the invoice is told on this channel; None: at once, and the claims stay their holder's.

        What was decided for it first holds. Else, in one transaction, it joins the channel's open window, which is
        made where there is none, and its claims end with `result`. Of any number at once, one is told at once and
        the others join one window. If a claim was lost, nothing is changed; TransientError.
        """
        key = identifier(invoice.key)
        with self._database.connection(writes=True) as connection, transaction(connection):
            channel = connection.execute(self._hold(place)).one()
            joined = connection.execute(_joined(place.channel, key)).first()
            if joined is None:
                due_at = when.due(channel.now, channel.quiet_until)
                if due_at is None:
                    self._at_once(connection, place, key, channel.now + when.quiet_s if when.quiet_s else None)
                    return None
                window = self._window(connection, place, channel, due_at, when.quiet_s)
                self._add(connection, place, key, window, invoice)
            elif joined.window_id is None:
                return None
            told_at: float = connection.execute(
                sa.select(WINDOWS.c.due_at).where(WINDOWS.c.id == (window if joined is None else joined.window_id))
            ).scalar_one()
            self._end(connection, claims, result)
        return told_at

    def waits(self, channel: str, key: str) -> bool:
        """Whether the invoice is in a window of this channel that is not sent yet."""
        its = sa.select(ITEMS.c.window_id).where(ITEMS.c.channel == channel, ITEMS.c.key == identifier(key))
        unsent = sa.select(WINDOWS.c.id).where(WINDOWS.c.id.in_(its), WINDOWS.c.state != State.SENT.value)
        with self._database.connection() as connection:
            return connection.execute(unsent).first() is not None

    def left(self, key: str, announced: bytes) -> dict[str, float]:
        """When it is told on the channels, by their ids, for which the invoice waits; none: it was told on all.

        Call it once nothing else of the invoice is left to do. As long as it waits, `announced` is kept, to be
        published after the last of them; else the caller publishes it. Repeating is safe.
        """
        key = identifier(key)
        waits = (
            sa.select(WINDOWS.c.channel, WINDOWS.c.due_at, WINDOWS.c.state)
            .where(WINDOWS.c.id.in_(sa.select(ITEMS.c.window_id).where(ITEMS.c.key == key)))
            .order_by(WINDOWS.c.id)
            .with_for_update()  # whoever says that one was sent looks for the invoices that wait for it alone
        )
        with self._database.connection(writes=True) as connection, transaction(connection):
            found = connection.execute(waits).all()
            unsent = {row.channel: float(row.due_at) for row in found if row.state != State.SENT}
            state = Of.WAITING if unsent else Of.ANNOUNCED
            told = {"state": state.value, "unsent": len(unsent), "announced": announced.decode()}
            still = INVOICES.c.state.in_([Of.JOINING.value, *([Of.WAITING.value] if unsent else [])])
            connection.execute(sa.update(INVOICES).where(INVOICES.c.key == key, still).values(told))
        return unsent

    def _hold(self, place: Place) -> Any:
        """The channel's row, which nobody else has until the transaction ends."""
        row = self._database.insert(CHANNELS).values(channel=place.channel)
        same = row.on_conflict_do_update(index_elements=["channel"], set_={"channel": row.excluded.channel})
        now = self._database.now.label("now")
        return same.returning(CHANNELS.c.quiet_until, CHANNELS.c.open_window, now)

    def _at_once(self, connection: sa.Connection, place: Place, key: str, quiet_until: float | None) -> None:
        item = {"channel": place.channel, "key": key, "window_id": None, "at": self._database.now}
        connection.execute(sa.insert(ITEMS).values(item))
        if quiet_until is not None:
            mine = CHANNELS.c.channel == place.channel
            connection.execute(sa.update(CHANNELS).where(mine).values(quiet_until=quiet_until))

    def _window(
        self, connection: sa.Connection, place: Place, channel: sa.Row[Any], due_at: float, quiet_s: float
    ) -> str:
        """The open one. It is due as soon as the first of what it names."""
        if channel.open_window is not None:
            sooner = sa.case((WINDOWS.c.due_at > due_at, due_at), else_=WINDOWS.c.due_at)
            changed = {"due_at": sooner, "quiet_s": quiet_s, "name": storable(place.name)}
            connection.execute(sa.update(WINDOWS).where(WINDOWS.c.id == channel.open_window).values(changed))
            return str(channel.open_window)
        window = str(uuid.uuid4())
        row = {
            "id": window, "channel": place.channel, "scheme": storable(place.scheme), "name": storable(place.name),
            "state": State.OPEN.value, "due_at": due_at, "quiet_s": quiet_s, "opened_at": self._database.now,
        }  # fmt: skip
        connection.execute(sa.insert(WINDOWS).values(row))
        mine = CHANNELS.c.channel == place.channel
        connection.execute(sa.update(CHANNELS).where(mine).values(open_window=window))
        return window

    def _add(self, connection: sa.Connection, place: Place, key: str, window: str, invoice: Invoice) -> None:
        row = {
            "key": key, "state": Of.JOINING.value, "unsent": 0, "at": self._database.now,
            "filed": invoice.message.body.decode(),
            "message": msgspec.json.encode(Brought.by(invoice.message)).decode(),
        }  # fmt: skip
        connection.execute(self._database.insert(INVOICES).values(row).on_conflict_do_nothing())
        item = {"channel": place.channel, "key": key, "window_id": window, "at": self._database.now}
        connection.execute(sa.insert(ITEMS).values(item))

    def _end(self, connection: sa.Connection, claims: Sequence[Claim], result: str) -> None:
        ended = ended_by_holder(self._database.now)
        for claim in sorted(claims):
            row = {"of_key": identifier(claim.key), "of_token": claim.token, "of_result": result}
            if connection.execute(ended, row).rowcount == 0:
                raise TransientError("another worker may have taken the work over", code=Code.CLAIM_LOST)


def _joined(channel: str, key: str) -> sa.Select[tuple[str | None]]:
    return sa.select(ITEMS.c.window_id).where(ITEMS.c.channel == channel, ITEMS.c.key == key)
