"""The settings of what is said."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.process.settings import SettingsGroup
from shared.text.languages import LANGUAGES, known_language, known_timezone


class Messages(SettingsGroup):
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
