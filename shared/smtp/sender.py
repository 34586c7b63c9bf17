"""Sends a mail over SMTP, and says what the server's refusal of it means."""

import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import assert_never

from shared.errors import IntakeError, PermanentError, TransientError
from shared.smtp.connection import MailServer, trouble, words
from shared.smtp.errors import NoMailNowError
from shared.smtp.health import MailHealth
from shared.smtp.letter import INVOICES, Letter, letter
from shared.smtp.mailbox import mailbox
from shared.smtp.pool import ConnectionPool
from shared.smtp.refusals import Scope, Verdict, verdict
from shared.smtp.url import parse_smtp_url
from shared.text.announcement import Announcement
from shared.text.codes import Code

TIMEOUT_S = 30.0
"""For each answer of the server. The slow one comes after the text, when the server has scanned it: a timeout there
may mean a second mail, so it is generous."""

WITHIN_S = 60.0
"""For a mail in all, where its sender has no other wish."""

INTERNATIONAL = ("SMTPUTF8", "BODY=8BITMIME")


class SmtpSender:
    """Sends from `mail_from` through the server in `smtp_url`, over connections that it keeps for some seconds.

    Answers go to `reply_to`, else to the sender. `list_name` is the list that the mails are of. ValueError, with no
    secret in it, if one of these cannot be read. `timeout_s` bounds each answer of the server.
    Serves many threads. `tls` replaces the system's certificate authorities.
    """

    def __init__(
        self,
        smtp_url: str,
        mail_from: str,
        timeout_s: float = TIMEOUT_S,
        *,
        reply_to: str | None = None,
        tls: ssl.SSLContext | None = None,
        list_name: str = INVOICES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._server = MailServer(parse_smtp_url(smtp_url), timeout_s, tls)
        self._connections = ConnectionPool(self._server)
        self._sender = mailbox(mail_from)
        self._reply_to = mailbox(reply_to) if reply_to else None
        self._list_name = list_name
        self._now = now
        self.health = MailHealth()

    def __repr__(self) -> str:
        return f"SmtpSender({str(self._server)!r}, {str(self._sender)!r})"

    def send(
        self,
        recipient: str,
        announcement: Announcement,
        *,
        key: str,
        correlation_id: str,
        within_s: float = WITHIN_S,
    ) -> None:
        """Returns once the server accepted the mail. Repeating sends a second mail with the same `Message-ID`.

        `within_s` bounds all of it, however slowly the server speaks.

        NoMailNowError: no server, no login, or what it would say of any mail. TransientError: it says "later".
        PermanentError: it refuses this recipient or mail for good.
        """
        mail = letter(
            announcement,
            sender=self._sender,
            recipient=recipient,
            key=key,
            correlation_id=correlation_id,
            now=self._now(),
            reply_to=self._reply_to,
            list_name=self._list_name,
        )
        try:
            with self._connections.one(within_s) as smtp:
                _hand_over(smtp, mail, self._server)
        except NoMailNowError as error:
            self.health.failed(error)
            raise
        self.health.taken()

    def close(self) -> None:
        """Say goodbye on the connections that are kept."""
        self._connections.close()

    def check(self) -> str | None:
        """Why no mail can be sent now, or None: it connects, secures and logs in. Never raises."""
        fault = self._server.check()
        if fault:
            self.health.failed(NoMailNowError(fault, connecting_tells=True))
        else:
            self.health.connected()
        return fault


def _hand_over(smtp: smtplib.SMTP, mail: Letter, server: MailServer) -> None:
    if mail.international and not smtp.has_extn("smtputf8"):
        sentence = f"the mail server {server} cannot take addresses that are not ASCII"
        raise PermanentError(sentence, code=Code.MAIL_REFUSED)
    options = INTERNATIONAL if mail.international else ()
    try:
        smtp.sendmail(mail.sender, mail.recipient, mail.content, mail_options=options)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _refusal(server, Scope.RECIPIENT, code, said) from error
    except smtplib.SMTPSenderRefused as error:
        raise _refusal(server, Scope.SENDER, error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPDataError as error:
        raise _refusal(server, Scope.MAIL, error.smtp_code, error.smtp_error) from error
    except OSError as error:
        raise NoMailNowError(trouble(server, error), connecting_tells=True) from error


def _refusal(server: MailServer, scope: Scope, reply: int, said: bytes | str) -> IntakeError:
    answer = words(said)
    sentence = f"the mail server {server} refused {scope.value}: {reply} {answer}"
    found = verdict(scope, reply, answer)
    match found:
        case Verdict.EVERY_MAIL:
            return NoMailNowError(sentence)
        case Verdict.LATER:
            return TransientError(sentence, code=Code.MAIL_LATER)
        case Verdict.NEVER:
            return PermanentError(sentence, code=Code.MAIL_REFUSED)
        case _:
            assert_never(found)
