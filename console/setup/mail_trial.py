"""A test mail of a setup: the message about a made-up invoice, and what the mail server said of it."""

from pathlib import Path
from uuid import uuid4

from console.notifications.trial import Marked
from console.setup.person import Person
from shared.announcing.own_templates.folder import SAMPLE
from shared.announcing.text import Texts
from shared.errors import IntakeError
from shared.network.tls import trusting
from shared.smtp.mailbox import mailbox
from shared.smtp.sender import SmtpSender

REFERENCE = "setup"


def offer(person: Person, url: str, sender: str, recipient: str, ca_file: Path | None) -> None:
    """On a terminal alone. Whatever comes of it ends nothing: the doctor looks at the mail server again."""
    if not person.on_terminal or person.says_yes or not person.agrees("Send a test mail now?", default=False):
        return
    to = person.answer("To whom", "a terminal", lambda text: str(mailbox(text)), known=recipient)
    try:
        send(url, sender, to, ca_file)
    except IntakeError as error:
        person.tell(f"  it was not sent: {error}")
    else:
        person.tell(f"  the mail server accepted it for {to}: see whether it arrives, and not as spam")


def send(url: str, sender: str, to: str, ca_file: Path | None) -> None:
    """TransientError or PermanentError with what the server said."""
    mail = SmtpSender(url, sender, tls=trusting(ca_file) if ca_file else None)
    try:
        said = Marked(Texts(SAMPLE, REFERENCE)).full
        mail.send(to, said, key=f"test {uuid4().hex}", correlation_id=REFERENCE)
    finally:
        mail.close()
