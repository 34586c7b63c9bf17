"""The settings of what is said."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from shared.process.settings import SettingsGroup
from shared.rules.digest import AtOnce, Digest, digest
from shared.rules.hours import Hours
from shared.rules.telling import Telling
from shared.text.languages import LANGUAGES, known_language, known_timezone


def _folder(path: Path | None) -> Path | None:
    if path and not path.is_dir():
        raise ValueError(f"{path} is no folder")
    return path


class Spoken(SettingsGroup):
    message_language: Annotated[
        str,
        AfterValidator(known_language),
        Field(description=f"the language of the messages where a rule names none: {', '.join(LANGUAGES)}"),
    ] = "en"
    message_timezone: Annotated[
        str,
        AfterValidator(known_timezone),
        Field(description="the time zone of the messages where a rule names none, such as Europe/Berlin"),
    ] = "UTC"


class Messages(Spoken):
    message_digest: Annotated[
        Digest,
        BeforeValidator(digest),
        Field(
            description="how often messages are sent where neither the recipient nor the rule says: `at once`, "
            "`every 15 minutes` (the first at once) or times such as `08:00, 13:00`"
        ),
    ] = AtOnce()
    message_hours: Annotated[
        Hours | None,
        BeforeValidator(Hours.parse),
        Field(
            description="when messages may be sent where neither the recipient nor the rule says, such as "
            "`Mon-Fri 08:00-18:00`; empty: at all hours"
        ),
    ] = None
    templates_dir: Annotated[
        Path | None,
        AfterValidator(_folder),
        Field(description="a folder with templates of your own: subject.txt, announcement.txt, announcement.html"),
    ] = None

    @property
    def telling(self) -> Telling:
        """What holds where neither the recipient nor the rule says anything."""
        return Telling(
            language=self.message_language,
            timezone=self.message_timezone,
            digest=self.message_digest,
            hours=self.message_hours,
        )
