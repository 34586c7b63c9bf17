"""Connects to the mail server, secures the connection and logs in. If that fails, it says what is wrong."""

import contextlib
import functools
import smtplib
import ssl
import time

from shared.network.tls import distrust
from shared.smtp.conversation import Conversation, TlsConversation
from shared.smtp.errors import NoMailNowError
from shared.smtp.url import SmtpServer

LOGIN_S = 60.0
"""The time to connect, secure and log in, if nothing else limits it."""

GOODBYE_S = 1.0
"""The time to say goodbye; nobody needs the answer."""

WORDS_CHARS = 500
"""How much of an answer is quoted. It may have any number of lines, and the first ones say most."""


class MailServer:
    """`timeout_s` limits each answer of the server. `tls` replaces the system's certificate authorities."""

    def __init__(self, server: SmtpServer, timeout_s: float, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._timeout_s = timeout_s
        self._given_tls = tls

    def __str__(self) -> str:
        return str(self._server)

    @functools.cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made on first use: the system's authorities take 2.5 MB, and some servers do not use TLS."""
        return self._given_tls or ssl.create_default_context()

    def check(self) -> str | None:
        """Why no mail can be sent now, None if it can. It connects, secures the connection and logs in. Never
        raises.
        """
        try:
            goodbye(self.connect())
        except NoMailNowError as error:
            return str(error)
        return None

    def connect(self, within_s: float = LOGIN_S) -> Conversation:
        """A connection that is secured and logged in, within `within_s`. NoMailNowError says why there is none."""
        try:
            return self._connect(time.monotonic() + within_s)
        except (OSError, UnicodeError) as error:  # smtplib's errors are OSErrors
            raise NoMailNowError(trouble(self, error), connecting_tells=True) from error

    def _connect(self, until: float) -> Conversation:
        server = self._server
        smtp = (
            TlsConversation(self._timeout_s, until, context=self._tls)
            if server.security == "tls"
            else Conversation(self._timeout_s, until)
        )
        try:
            smtp.begin(server.host, server.port)
            if server.security == "starttls":
                smtp.starttls(context=self._tls)
            if server.user is not None and server.password is not None:
                smtp.login(server.user, server.password)
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        return smtp


def goodbye(smtp: Conversation) -> None:
    """Close the connection. A mail that the server accepted is accepted, even if this fails."""
    with contextlib.suppress(OSError):
        if smtp.sock is not None:
            smtp.end_within(GOODBYE_S)
            smtp.quit()
    smtp.close()


def trouble(server: MailServer, error: Exception) -> str:
    """Why the conversation failed before the server judged a mail, in one sentence."""
    match error:
        case smtplib.SMTPAuthenticationError():
            what = f"refused the login of SMTP_URL: {error.smtp_code} {words(error.smtp_error)}"
        case smtplib.SMTPResponseException():
            what = f"answered {error.smtp_code} {words(error.smtp_error)}"
        case smtplib.SMTPServerDisconnected() if not isinstance(error.__context__, TimeoutError):
            what = "closed the connection"
        case TimeoutError() | smtplib.SMTPServerDisconnected():
            what = "did not answer in time"
        case smtplib.SMTPException():
            what = f"does not offer what SMTP_URL asks for: {words(str(error))}"
        case ssl.SSLCertVerificationError():
            what = distrust(error) or str(error)
        case ssl.SSLError():
            what = f"does not speak TLS as SMTP_URL asks for: {error.reason or error}"
        case OSError():
            what = f"cannot be reached: {error.strerror or error}"
        case _:
            what = f"cannot be reached: {error}"
    return f"the mail server {server} {what}"


def words(said: bytes | str) -> str:
    """On one line, and no more than `WORDS_CHARS`."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:WORDS_CHARS]
