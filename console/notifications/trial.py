"""Sends the message about a past invoice to one address, as the notifier would, and says what was answered."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import uuid4

from console.notifications.past import Past
from shared.announcing.channels.channel import Channel, Notice, Tools
from shared.announcing.channels.channel import Texts as TextsOfAll
from shared.announcing.channels.table import channel_at
from shared.announcing.own_templates.folder import OwnTemplates
from shared.announcing.settings import Messages
from shared.announcing.tellings import tellings_of, voice_of
from shared.announcing.text import Texts
from shared.chat.apprise import authorities
from shared.errors import IntakeError
from shared.network.tls import trusting
from shared.process.live_rules import RuledDatabase
from shared.process.settings import LedgerDatabase
from shared.rules.model import RuleSet
from shared.smtp.sender import SmtpSender
from shared.smtp.settings import Mail
from shared.text.announcement import Announcement

MARK = "TEST"
WITHIN_S = 60.0


class Settings(LedgerDatabase, RuledDatabase, Mail, Messages):
    """What the notifier tells by."""


@dataclass(frozen=True, slots=True)
class Answer:
    to: str
    """The address; of a service its scheme and a hash, as its URL is a secret."""
    subject: str
    upload: str
    """Its id."""
    language: str
    templates: str
    """What is wrong with templates of one's own, in whose place ours were used."""
    fault: str
    """Why it was not accepted; empty where it was."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The same texts, and the subject says that it is a test."""

    texts: TextsOfAll

    @property
    def full(self) -> Announcement:
        return _marked(self.texts.full)

    @property
    def for_chat(self) -> Announcement:
        return _marked(self.texts.for_chat)


def address_of(text: str) -> str:
    """As `channel_at` takes it: an e-mail address has no `://`."""
    return text if "://" in text else f"mail:{text}"


@contextlib.contextmanager
def channel_to(address: str, settings: Settings) -> Iterator[Channel]:
    """ValueError, without the address in it, where it is none."""
    tls = trusting(settings.tls_ca_file) if settings.tls_ca_file else None
    mail = SmtpSender(
        settings.smtp_url.get_secret_value(), settings.mail_from, tls=tls, reply_to=settings.mail_reply_to
    )
    with contextlib.closing(mail), authorities(settings.tls_ca_file) as trusted:
        yield channel_at(address, Tools(mail, trusted))


def tell(channel: Channel, past: Past, rules: RuleSet, settings: Settings) -> Answer:
    """In the language in which the channel is told of that rule's invoices. Repeating sends it again."""
    invoice, upload = past.invoice, past.upload.correlation_id
    voice = voice_of(tellings_of(rules, settings.telling)(invoice.rule, channel.address))
    others = [each for each in invoice.recipients if each.lower() != channel.id]
    own = OwnTemplates(settings.templates_dir) if settings.templates_dir else None
    with contextlib.closing(own) if own else contextlib.nullcontext():
        texts = Marked(Texts(invoice, upload, voice, others, own))
        notice = Notice((invoice,), texts, f"test {uuid4().hex}", upload, WITHIN_S)
        try:
            channel.send(notice)
        except IntakeError as error:
            fault = str(error)
        else:
            fault = ""
        return Answer(
            to=channel.name,
            subject=texts.full.subject,
            upload=upload,
            language=voice.language,
            templates=(own.check() or "") if own else "",
            fault=fault,
        )


def _marked(said: Announcement) -> Announcement:
    return replace(said, subject=f"[{MARK}] {said.subject}")
