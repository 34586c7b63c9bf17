"""Reads the bytes of a mail as a mail program shows them. No mailbox, no network."""

import functools
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage

HEADERS_KEPT = 1024
"""Mails share most headers, and the library parses a header each time that it is read."""


class _Headers(HeaderRegistry):
    """As the library's, but it makes one class for a name, not for a header, and parses equal headers once."""

    __getitem__ = functools.cache(HeaderRegistry.__getitem__)
    __call__ = functools.lru_cache(HEADERS_KEPT)(HeaderRegistry.__call__)


POLICY = policy.default.clone(header_factory=_Headers())


@dataclass(frozen=True)
class Letter:
    message_id: str
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]


def read(content: bytes) -> Letter:
    """If the library cannot read the mail, its bytes are the text, and there are no headers."""
    try:
        return _read(content)
    except Exception:  # noqa: BLE001 - a broken address, id or charset raises IndexError, LookupError and others
        return Letter("", "(this mail cannot be read)", content.decode(errors="replace"), "", ())


def _read(content: bytes) -> Letter:
    message = message_from_bytes(content, EmailMessage, policy=POLICY)
    return Letter(
        message_id=str(message["Message-ID"] or ""),
        subject=str(message["Subject"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=tuple((name, str(value)) for name, value in message.items()),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if isinstance(part, EmailMessage) else ""
