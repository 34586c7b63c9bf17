"""The mail server: does it answer, and does it take the login?"""

from collections.abc import Iterator
from pathlib import Path

from console.doctor.line import Area, Line
from shared.network.tls import trusting
from shared.smtp.connection import MailServer
from shared.smtp.url import parse_smtp_url

AREA = Area("mail")
TIMEOUT_S = 5.0
"""For each answer. A server that is slower still delivers; the notifier waits longer."""


def check(smtp_url: str, ca_file: Path | None = None) -> Iterator[Line]:
    server = parse_smtp_url(smtp_url)
    fault = MailServer(server, TIMEOUT_S, trusting(ca_file) if ca_file else None).check()
    if fault:
        yield AREA.failed(fault, "correct SMTP_URL, or start the mail server", cause="refuses")
    else:
        yield AREA.ok(f"{server} {'takes the login' if server.user else 'answers; no login is set'}")
