"""The settings of what is said."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.process.settings import SettingsGroup
from shared.text.languages import LANGUAGES, known_language, known_timezone


def _folder(path: Path | None) -> Path | None:
    if path and not path.is_dir():
        raise ValueError(f"{path} is no folder")
    return path


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
    templates_dir: Annotated[
        Path | None,
        AfterValidator(_folder),
        Field(description="a folder with templates of your own: subject.txt, announcement.txt, announcement.html"),
    ] = None
