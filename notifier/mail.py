"""Sends a mail over SMTP, and says what the server's refusal of it means."""

import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

from notifier.connections import Connections
from notifier.letter import Letter, letter
from notifier.text import Announcement
from shared.errors import PermanentError, TransientError
from shared.smtp.connection import MailServer, trouble, words
from shared.smtp.mailbox import mailbox
from shared.smtp.url import parse_smtp_url

TIMEOUT_S = 30.0
"""For each answer of the server. The slow one comes after the text, when the server has scanned it: a timeout there
may mean a second mail, so it is generous."""

INTERNATIONAL = ("SMTPUTF8", "BODY=8BITMIME")

PERMANENT = range(500, 600)
SETTINGS_CODES = frozenset({530, 534, 535, 538})
"""The server wants a login, or another one: no fault of the recipient, and a person can set it right."""


class SmtpSender:
    """Sends from `mail_from` through the server in `smtp_url`, over connections that it keeps for some seconds.

    ValueError, with no secret in it, if either cannot be read. `timeout_s` bounds each answer of the server.
    Serves many threads. `tls` replaces the system's certificate authorities.
    """

    def __init__(
        self,
        smtp_url: str,
        mail_from: str,
        timeout_s: float = TIMEOUT_S,
        *,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._server = MailServer(parse_smtp_url(smtp_url), timeout_s, tls)
        self._connections = Connections(self._server)
        self._sender = mailbox(mail_from)
        self._now = now

    def __repr__(self) -> str:
        return f"SmtpSender({str(self._server)!r}, {str(self._sender)!r})"

    def send(self, recipient: str, announcement: Announcement, *, key: str, correlation_id: str) -> None:
        """Returns once the server accepted the mail. Repeating sends a second mail with the same `Message-ID`.

        TransientError: no server, no login, or it says "later". PermanentError: it refuses this recipient or mail.
        """
        mail = letter(
            announcement,
            sender=self._sender,
            recipient=recipient,
            key=key,
            correlation_id=correlation_id,
            now=self._now(),
        )
        with self._connections.one() as smtp:
            _hand_over(smtp, mail, self._server)

    def close(self) -> None:
        """Say goodbye on the connections that are kept."""
        self._connections.close()

    def check(self) -> str | None:
        """Why no mail can be sent now, or None: it connects, secures and logs in. Never raises."""
        return self._server.check()


def _hand_over(smtp: smtplib.SMTP, mail: Letter, server: MailServer) -> None:
    if mail.international and not smtp.has_extn("smtputf8"):
        raise PermanentError(f"the mail server {server} cannot take addresses that are not ASCII")
    options = INTERNATIONAL if mail.international else ()
    try:
        smtp.sendmail(mail.sender, mail.recipient, mail.content, mail_options=options)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        _refused(server, "the recipient", code, said, error)
    except smtplib.SMTPSenderRefused as error:  # the same for every mail: a setting, so that the message survives
        answer = f"{error.smtp_code} {words(error.smtp_error)}"
        raise TransientError(f"the mail server {server} refused the sender (MAIL_FROM): {answer}") from error
    except smtplib.SMTPDataError as error:
        _refused(server, "the mail", error.smtp_code, error.smtp_error, error)
    except OSError as error:
        raise TransientError(trouble(server, error)) from error


def _refused(server: MailServer, what: str, code: int, said: bytes | str, error: Exception) -> NoReturn:
    sentence = f"the mail server {server} refused {what}: {code} {words(said)}"
    if code in PERMANENT and code not in SETTINGS_CODES:
        raise PermanentError(sentence) from error
    raise TransientError(sentence) from error
