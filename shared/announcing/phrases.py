"""The phrases of the messages in each language: gettext catalogues, read as they were written: nothing is built."""

import functools
from collections.abc import Callable
from importlib import resources

from babel.messages.pofile import read_po


@functools.cache
def phrases(language: str) -> Callable[[str], str]:
    """An English phrase in that language, of `shared.text.languages.LANGUAGES`."""
    if language == "en":
        return str
    with (resources.files("shared.announcing") / "catalogues" / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    said = {str(message.id): str(message.string) for message in catalogue if message.id and message.string}
    return lambda phrase: said.get(phrase, phrase)
