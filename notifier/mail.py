"""Sends a mail over SMTP, and says what the server's refusal means. The only file that talks to a mail server."""

import contextlib
import smtplib
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import NoReturn

from notifier.letter import letter, mailbox
from notifier.smtp_url import SmtpServer, parse_smtp_url
from notifier.text import Announcement
from shared.errors import PermanentError, TransientError

__all__ = ["SmtpSender", "parse_smtp_url"]

TIMEOUT_S = 30.0
"""For each answer of the server. The slow one comes after the text, when the server has scanned it: a timeout there
may mean a second mail, so it is generous."""

PERMANENT = range(500, 600)
SETTINGS_CODES = frozenset({530, 534, 535, 538})
"""The server wants a login, or another one: no fault of the recipient, and a person can set it right."""


class SmtpSender:
    """Sends from `mail_from` through the server in `smtp_url`, each mail over a connection of its own.

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
        self._server = parse_smtp_url(smtp_url)
        self._sender = mailbox(mail_from)
        self._timeout_s = timeout_s
        self._tls = tls or ssl.create_default_context()
        self._now = now

    def __repr__(self) -> str:
        return f"SmtpSender({str(self._server)!r}, {str(self._sender)!r})"

    def send(self, recipient: str, announcement: Announcement, *, key: str, correlation_id: str) -> None:
        """Returns once the server accepted the mail. Repeating sends a second mail with the same `Message-ID`.

        TransientError: no server, no login, or it says "later". PermanentError: it refuses this recipient or mail.
        """
        message = letter(
            announcement,
            sender=self._sender,
            recipient=recipient,
            key=key,
            correlation_id=correlation_id,
            now=self._now(),
        )
        with self._connection() as smtp:
            _hand_over(smtp, message, self._server)

    def check(self) -> str | None:
        """Why no mail can be sent now, or None: it connects, secures and logs in. Never raises."""
        try:
            with self._connection():
                return None
        except TransientError as error:
            return str(error)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Secured and logged in."""
        try:
            smtp = self._connect()
        except (OSError, UnicodeError) as error:  # smtplib's errors are OSErrors
            raise TransientError(_trouble(self._server, error)) from error
        try:
            yield smtp
        finally:
            with contextlib.suppress(OSError):  # what was accepted is accepted, whatever comes of the goodbye
                smtp.quit()
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._timeout_s, context=self._tls
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._timeout_s)
        try:
            if server.security == "starttls":
                smtp.starttls(context=self._tls)
            if server.user is not None and server.password is not None:
                smtp.login(server.user, server.password)
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        return smtp


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage, server: SmtpServer) -> None:
    try:
        smtp.send_message(message)
    except smtplib.SMTPNotSupportedError as error:
        raise PermanentError(f"the mail server {server} cannot take addresses that are not ASCII") from error
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        _refused(server, "the recipient", code, said, error)
    except smtplib.SMTPSenderRefused as error:  # the same for every mail: a setting, so that the message survives
        answer = f"{error.smtp_code} {_words(error.smtp_error)}"
        raise TransientError(f"the mail server {server} refused the sender (MAIL_FROM): {answer}") from error
    except smtplib.SMTPDataError as error:
        _refused(server, "the mail", error.smtp_code, error.smtp_error, error)
    except OSError as error:
        raise TransientError(_trouble(server, error)) from error


def _refused(server: SmtpServer, what: str, code: int, said: bytes | str, error: Exception) -> NoReturn:
    sentence = f"the mail server {server} refused {what}: {code} {_words(said)}"
    if code in PERMANENT and code not in SETTINGS_CODES:
        raise PermanentError(sentence) from error
    raise TransientError(sentence) from error


def _trouble(server: SmtpServer, error: Exception) -> str:
    """A sentence on why the conversation failed before the mail was judged."""
    match error:
        case smtplib.SMTPAuthenticationError():
            what = f"refused the login of SMTP_URL: {error.smtp_code} {_words(error.smtp_error)}"
        case smtplib.SMTPResponseException():
            what = f"answered {error.smtp_code} {_words(error.smtp_error)}"
        case smtplib.SMTPServerDisconnected() if not isinstance(error.__context__, TimeoutError):
            what = "closed the connection"
        case TimeoutError() | smtplib.SMTPServerDisconnected():
            what = "did not answer in time"
        case smtplib.SMTPException():
            what = f"does not offer what SMTP_URL asks for: {_words(str(error))}"
        case ssl.SSLCertVerificationError():
            what = f"has a certificate that is not trusted: {error.verify_message}"
        case ssl.SSLError():
            what = f"does not speak TLS as SMTP_URL asks for: {error.reason or error}"
        case OSError():
            what = f"cannot be reached: {error.strerror or error}"
        case _:
            what = f"cannot be reached: {error}"
    return f"the mail server {server} {what}"


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())
