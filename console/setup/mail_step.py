"""How mail leaves: the server, tried by connecting and logging in, and the sender."""

from pathlib import Path
from urllib.parse import quote, urlsplit

from console.doctor import mail
from console.doctor.line import Level
from console.setup.given import Given, Known
from console.setup.person import Person
from shared.smtp.mailbox import mailbox
from shared.smtp.url import EXAMPLE, parse_smtp_url

URL, SENDER = "SMTP_URL", "MAIL_FROM"


def mail_settings(person: Person, given: Given, known: Known, recipient: str) -> dict[str, str]:
    """The two variables. `recipient` is one who is told: where nothing is set, the sender is of their domain."""
    url_given, url_known = given.smtp_url, known.get(URL)
    while True:
        url = person.answer(
            f"The mail server ({EXAMPLE})", f"{URL}, {URL}_FILE or --smtp-url", _url,
            given=url_given, known=url_known, shown_as=f"Enter keeps {_where(url_known)}",
        )  # fmt: skip
        if url != url_known and person.on_terminal and url_given is None:
            url = _with_login(person, url)
        if not given.checks_mail or _is_well(person, url, known.ca_file):
            break
        if not person.on_terminal:
            person.give_up("nothing was written: mend the mail, or say --no-mail-check to use it all the same")
        if person.agrees("Use it all the same?", default=False):
            break
        url_given = None
    sender = known.get(SENDER) or f"invoices@{mailbox(recipient).domain}"
    return {
        URL: url,
        SENDER: person.answer(
            "The sender of the mails", "--mail-from", _sender, given=given.mail_from, known=sender
        ),
    }


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
    parse_smtp_url(text)
    return text


def _sender(text: str) -> str:
    mailbox(text)
    return text
