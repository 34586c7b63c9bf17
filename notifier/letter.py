"""An announcement as an e-mail to one recipient. Pure: it is given the time, and sends nothing."""

import functools
import hashlib
from datetime import datetime
from email import policy
from email.header import Header
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.utils import format_datetime

from notifier.text import Announcement, one_line
from shared.errors import PermanentError
from shared.smtp.mailbox import Mailbox, mailbox


class _Headers(HeaderRegistry):
    """The library's, but that it makes one class for each name and not for each header: half a letter's time."""

    __getitem__ = functools.cache(HeaderRegistry.__getitem__)


POLICY = policy.SMTP.clone(header_factory=_Headers())


def message_id(key: str, domain: str) -> str:
    """The same for the same key, so that a mail server or client can tell a repeat."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def letter(
    announcement: Announcement,
    *,
    sender: Mailbox,
    recipient: str,
    key: str,
    correlation_id: str,
    now: datetime,
) -> EmailMessage:
    """The mail about the work named `key`; PermanentError if `recipient` is no e-mail address."""
    try:
        to = mailbox(recipient)
    except ValueError as error:
        raise PermanentError(str(error)) from None
    message = EmailMessage(policy=POLICY)
    message["From"] = _address(sender)
    message["To"] = _address(to)
    # EmailMessage decodes `=?…?=` in a title and can lose spaces when it folds; a raw header is written as it is.
    message.set_raw("Subject", Header(announcement.subject, "utf-8", header_name="Subject").encode())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(key, sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Correlation-ID"] = one_line(correlation_id)
    message.set_content(announcement.text)
    message.add_alternative(announcement.html, subtype="html")
    return message


def _address(box: Mailbox) -> Address:
    return Address(display_name=box.name, username=box.local, domain=box.domain)
