"""An announcement as an e-mail to one recipient. Pure: it is given the time, and sends nothing."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import Compat32
from email.utils import format_datetime, formataddr

from shared.errors import PermanentError
from shared.smtp.mailbox import Mailbox, mailbox
from shared.text.announcement import Announcement
from shared.text.codes import Code
from shared.text.outside import one_line

LINE = 78
"""Characters of a line. Longer headers are folded (RFC 5322, 2.1.1)."""

INVOICES = "invoices"
"""The list of the mails about them."""

TEXT = Charset("utf-8")
TEXT.body_encoding = QP  # every server takes it, and a person can read its source


POLICY = Compat32(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Letter:
    sender: str
    recipient: str
    content: bytes
    """Headers and both texts, as SMTP carries them. In ASCII, unless an address is not."""

    @property
    def international(self) -> bool:
        """Whether the server must know SMTPUTF8 (RFC 6531)."""
        return not (self.sender.isascii() and self.recipient.isascii())


def message_id(key: str, domain: str) -> str:
    """The same for the same key, so that a mail server or client can tell a repeat."""
    return f"<{_digest(key)}@{domain}>"


def list_id(domain: str, name: str = INVOICES) -> str:
    """What a person's mail program may sort the mails by (RFC 2919); it stays when the sender's name changes."""
    return f"<{name}.{domain}>"


def letter(
    announcement: Announcement,
    *,
    sender: Mailbox,
    recipient: str,
    key: str,
    correlation_id: str,
    now: datetime,
    reply_to: Mailbox | None = None,
    list_name: str = INVOICES,
) -> Letter:
    """The mail about the work named `key`; PermanentError if `recipient` is no e-mail address.

    The mails about one upload, which `correlation_id` names, refer to one id, so that a mail program shows them as
    one conversation.
    """
    try:
        to = mailbox(recipient)
    except ValueError as error:
        raise PermanentError(str(error), code=Code.MAIL_REFUSED) from None
    # no line of either text can be the boundary: quoted-printable writes "=" as "=3D"
    message = MIMEMultipart("alternative", boundary=f"=_{_digest(key)}", policy=POLICY)
    message["From"] = _address(sender)
    message["To"] = _address(to)
    message["Subject"] = _subject(announcement.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(key, sender.domain)
    if reply_to:
        message["Reply-To"] = _address(reply_to)
    message["In-Reply-To"] = message["References"] = message_id(f"upload:{correlation_id}", sender.domain)
    message["List-Id"] = list_id(sender.domain, list_name)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Correlation-ID"] = one_line(correlation_id)
    for text, subtype in ((announcement.text, "plain"), (announcement.html, "html")):
        message.attach(MIMEText(text, subtype, TEXT, policy=POLICY))  # type: ignore[arg-type]  # typeshed: a name
    return Letter(str(sender), str(to), message.as_bytes())


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _fits(name: str, value: str) -> bool:
    return len(name) + len(": ") + len(value) <= LINE and value.isascii() and value.isprintable()


def _subject(text: str) -> str:
    """The subject. It is encoded if the title looks like an encoded word, or would lose spaces when it is
    folded.
    """
    plain = _fits("Subject", text) and "=?" not in text
    return text if plain else Header(text, "utf-8", header_name="Subject").encode()


def _address(box: Mailbox) -> str:
    """The address as a header. Characters of the address itself that are not ASCII stay as they are: the library
    writes escaped bytes unchanged.
    """
    address = str(box).encode().decode("ascii", "surrogateescape")
    return formataddr((box.name, "")).removesuffix("<>") + f"<{address}>" if box.name else address
