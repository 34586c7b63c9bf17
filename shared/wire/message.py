"""A message as the product sees it, independent of any AMQP library."""

import random
import re
from hashlib import sha1
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

_NAMESPACE = uuid5(NAMESPACE_URL, "docspace-invoice-intake")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message, received or to be published. Ids are UUID texts; times are seconds since the epoch, UTC."""

    body: bytes
    type: str
    """The routing key it was first published with: `webhook.file.uploaded`, `invoice.detected`, …"""
    message_id: str
    correlation_id: str
    """One per upload, from the webhook to the mail."""
    timestamp: int
    """When its body was first published; for a webhook, when it was received. Seconds since the epoch."""
    received_at: float | None = None
    """When the ingress took the webhook that it comes from. All messages that follow carry it. None if no
    webhook came, or an older release took it."""
    content_type: str = "application/json"
    app_id: str = ""
    traceparent: str = ""
    attempt: int = 1
    """1 for the first try, plus one for every try that failed."""
    first_failed_at: float | None = None
    waited_s: float = 0.0
    """The sum of the waits that count. It is compared with RETRY_MAX_AGE_S."""
    not_before: float | None = None
    """It goes back to wait if it comes sooner than this, because handling it would be pointless."""
    delivery_count: int = 0
    """How often the broker delivered it before without getting an answer."""
    override: str = ""
    """An operator wants finished work done again: the id of that command's run. All messages that follow carry
    it."""

    swept: str = ""
    """If a sweep sent it because no webhook had come, the id of the sweep. All messages that follow carry it."""

    @property
    def work_id(self) -> str:
        """Names the work in the ledger: the same at every redelivery, another one for every override."""
        return f"{self.message_id}:{self.override}" if self.override else self.message_id


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """A message and where it goes. `headers` are added to the message's own."""

    exchange: str
    routing_key: str
    message: Message
    mandatory: bool
    headers: dict[str, str | int] = {}


def derived_id(*parts: object) -> str:
    """The same UUID for the same parts, so that whatever is published twice has one id.

    It is `uuid5` of the parts; that function refuses a text with half a surrogate pair.
    """
    name = "\x1f".join(map(str, parts)).encode(errors="surrogatepass")
    return str(UUID(bytes=sha1(_NAMESPACE.bytes + name, usedforsecurity=False).digest()[:16], version=5))


def traceparent_for(correlation_id: str) -> str:
    """A W3C `traceparent` whose trace id is the correlation id; the span is new with every call."""
    id_ = correlation_id if _UUID.fullmatch(correlation_id) else derived_id(correlation_id)
    span = random.getrandbits(64) or 1  # urandom would give up the interpreter's lock
    return f"00-{id_.replace('-', '')}-{span:016x}-01"
