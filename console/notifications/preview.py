"""The message about a past invoice as it reads in each language, and whether templates of one's own work."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from babel import Locale

from console.notifications.past import Past, past_invoice
from shared.announcing.own_templates.folder import NAMES, SAMPLE, OwnTemplates
from shared.announcing.settings import Messages
from shared.announcing.text import Texts
from shared.announcing.voice import Voice
from shared.errors import PermanentError
from shared.store.history.tables import Database
from shared.text.announcement import Announcement
from shared.text.languages import LANGUAGES


@dataclass(frozen=True, slots=True)
class InLanguage:
    language: str
    called: str
    """By those who speak it."""
    said: Announcement


@dataclass(frozen=True, slots=True)
class Preview:
    past: Past | None
    """None: no invoice was filed yet, and a made-up one stands for it."""
    texts: tuple[InLanguage, ...]
    """The language that is the default first."""
    own: tuple[str, ...] = ()
    """The files of one's own that are there."""
    fault: str = ""
    """Which of them do not work, and why; ours are used in their place."""


def preview(database: Database, settings: Messages) -> Preview:
    """TransientError while the database cannot tell."""
    try:
        past = past_invoice(database)
    except PermanentError:
        past = None
    if settings.templates_dir is None:
        return Preview(past, _texts(past, settings, None))
    with contextlib.closing(OwnTemplates(settings.templates_dir)) as own:
        own.try_changed()  # with what every file may meet
        texts = _texts(past, settings, own)
        there = tuple(name for name in NAMES if (settings.templates_dir / name).is_file())
        return Preview(past, texts, there, own.check() or "")


def _texts(past: Past | None, settings: Messages, own: OwnTemplates | None) -> tuple[InLanguage, ...]:
    return tuple(_in(language, past, settings, own) for language in _ordered(settings.message_language))


def _in(language: str, past: Past | None, settings: Messages, own: OwnTemplates | None) -> InLanguage:
    invoice, upload = (past.invoice, past.upload.correlation_id) if past else (SAMPLE, "5f0c8a52")
    said = Texts(invoice, upload, Voice(language, settings.message_timezone), (), own).full
    return InLanguage(language, str(Locale.parse(language).get_display_name()), said)


def _ordered(default: str) -> Sequence[str]:
    return (default, *(language for language in LANGUAGES if language != default))
