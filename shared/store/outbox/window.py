"""A window of the outbox and what it holds. Values only; times are seconds since the epoch."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from shared.wire.events import InvoiceFiled
from shared.wire.message import Message


class State(StrEnum):
    OPEN = "open"
    """What comes for its channel joins it."""
    CLOSED = "closed"
    """Its message is being sent, and names no more than it holds."""
    SENT = "sent"


class Of(StrEnum):
    """How far an invoice is that waits on some channel."""

    JOINING = "joining"
    """Some of its channels are still to be told or to wait."""
    WAITING = "waiting"
    """For its windows alone."""
    READY = "ready"
    """Everybody was told; nobody who listens knows."""
    ANNOUNCED = "announced"


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """The message that brought an invoice, without its body: what the messages that follow carry on."""

    message_id: str
    correlation_id: str
    timestamp: int
    received_at: float | None = None
    override: str = ""
    swept: str = ""

    @classmethod
    def by(cls, message: Message) -> "Brought":
        return cls(**{name: getattr(message, name) for name in cls.__struct_fields__})

    def message(self, filed: bytes) -> Message:
        """As it came."""
        return Message(body=filed, type=InvoiceFiled.routing_key, **msgspec.structs.asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A window that is not sent yet."""

    id: str
    name: str
    """Of its channel, without secrets: an address, `slack:…`."""
    scheme: str
    """`mail`, `slack`, …"""
    due_at: float
    count: int
    """Of the invoices that it names."""
    oldest_at: float
    """When the first of them joined."""
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An invoice in a window."""

    key: str
    at: float
    """When it joined."""
    message: Message
    """`invoice.filed`, as it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One that is closed or sent, with all that it names, the oldest first."""

    id: str
    channel: str
    """The channel's id."""
    name: str
    scheme: str
    state: State
    items: tuple[Item, ...]
