"""How mail leaves: the server, tried by connecting and logging in, and the sender. There may be none yet."""

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from console.doctor import mail
from console.doctor.line import Level
from console.setup.given import Given, Known
from console.setup.mail_trial import offer
from console.setup.person import Person
from shared.network.tls import trusting
from shared.smtp.connection import MailServer
from shared.smtp.mailbox import mailbox
from shared.smtp.url import EXAMPLE, parse_smtp_url

URL, SENDER = "SMTP_URL", "MAIL_FROM"
NONE = "none"
"""The answer of who has no mail server yet."""
_HOST_AND_PORT = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[^\s/@:]+):(\d{1,5})")
_OF_PORT = {"465": "smtps", "587": "smtp+starttls"}
_LATER = (
    "  Without a mail server nobody is told by mail: what is filed waits for SMTP_URL, and is told then. Run this "
    "again once you have one."
)


def mail_settings(person: Person, given: Given, known: Known, recipient: str) -> dict[str, str]:
    """The two variables; the sender alone where there is no mail server yet.

    `recipient` is one who is told: where nothing is set, the sender is of their domain.
    """
    url, well = _server(person, given, known)
    if not url and not known.get(URL):
        person.tell(_LATER)
    sender = person.answer(
        "The sender of the mails", "--mail-from", _sender,
        given=given.mail_from, known=known.get(SENDER) or f"invoices@{mailbox(recipient).domain}",
    )  # fmt: skip
    if url and well and not given.dry_run:
        offer(person, url, sender, recipient, known.ca_file)
    return ({URL: url} if url else {}) | {SENDER: sender}


def _server(person: Person, given: Given, known: Known) -> tuple[str, bool]:
    """The URL, empty where there is none yet; and whether it was tried and found well."""
    url_given, url_known = given.smtp_url, known.get(URL)
    while True:
        typed = person.answer(
            f"The mail server: host:port, or {EXAMPLE}, or {NONE}", f"{URL}, {URL}_FILE or --smtp-url", _url,
            given=url_given, known=url_known, shown_as=f"Enter keeps {_where(url_known)}",
        )  # fmt: skip
        if typed == NONE:
            return "", False
        url = _with_scheme(person, typed, known.ca_file, looks=given.checks_mail)
        if url != url_known and person.on_terminal and url_given is None:
            url = _with_login(person, url)
        if not given.checks_mail:
            return url, False
        if _is_well(person, url, known.ca_file):
            return url, True
        if not person.on_terminal:
            person.give_up("nothing was written: mend the mail, or say --no-mail-check to use it all the same")
        if person.agrees("Use it all the same?", default=False):
            return url, False
        url_given = None


def _with_scheme(person: Person, typed: str, ca_file: Path | None, *, looks: bool) -> str:
    """Of `host:port` the URL: secured as is usual on that port, else as the server offers it."""
    found = _HOST_AND_PORT.fullmatch(typed)
    if found is None:
        return typed
    scheme = _OF_PORT.get(found[1])
    if scheme is None:
        secured = MailServer(parse_smtp_url(f"smtp+starttls://{typed}"), mail.TIMEOUT_S, trusting(ca_file))
        scheme = "smtp+starttls" if looks and secured.check() is None else "smtp"
    person.tell(f"  taken for {scheme}://{typed}" + (", without encryption" if scheme == "smtp" else ""))
    return f"{scheme}://{typed}"


def _with_login(person: Person, url: str) -> str:
    """Asked for apart from the server, so that a password needs no escaping and is not seen."""
    parts = urlsplit(url)
    if parts.username is not None:
        return url
    user = person.line("Its user name (Enter: it wants no login)")
    if not user:
        return url
    password = person.answer("Its password", "--smtp-url", str, hidden=True)
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return f"{parts.scheme}://{login}@{parts.netloc}"


def _is_well(person: Person, url: str, ca_file: Path | None) -> bool:
    well = True
    for line in mail.check(url, ca_file):
        person.show(line)
        well = well and line.level is not Level.FAILED
    return well


def _where(url: str | None) -> str:
    try:
        return str(parse_smtp_url(url)) if url else ""
    except ValueError:
        return "what is set"


def _url(text: str) -> str:
    """As it was typed. ValueError for what is neither of the three."""
    if text.lower() == NONE:
        return NONE
    parse_smtp_url(f"smtp://{text}" if _HOST_AND_PORT.fullmatch(text) else text)
    return text


def _sender(text: str) -> str:
    mailbox(text)
    return text
