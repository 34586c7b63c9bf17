"""How the portal changes the name of an upload, and a new title. Pure."""

import re

from simulator.errors import BadRequestError, ValidationError

FORBIDDEN = re.compile(r'[\t*+:"<>?|\\/]')
MOST = 170
"""The longest title of an upload. The extension is kept."""
MOST_ASKED = 165
"""The longest title in a request."""
EMPTY = "The value cannot be an empty string. (Parameter 'title')"


def replaced(title: str) -> str:
    """Replaces each character that no title may hold by `_`, and an emoji by two, one for each half in UTF-16.

    Line feeds, control characters and marks that turn the direction of text stay.
    """
    astral = re.sub("[\U00010000-\U0010ffff]", "__", title)
    return FORBIDDEN.sub("_", astral)


def of_upload(name: str) -> str:
    """The name trimmed and cut, its extension in lower case. If it has no extension, the title ends in a dot.

    Raises ValidationError if there is no name, BadRequestError if it is only spaces.
    """
    if not name:
        raise ValidationError(**{"uploadModel.File": "The File field is required."})
    title = replaced(name.strip())
    if not title:
        raise BadRequestError(EMPTY)
    stem, dot, extension = title.rpartition(".")
    if not dot:
        stem, extension = title, ""
    ending = f".{extension.lower()}"
    return stem[: MOST - len(ending)] + ending


def renamed(old: str, asked: str) -> str:
    """The new title with the old extension, which is appended unless the title ends in it, in any case."""
    title = replaced(asked.strip())
    extension = old[old.rfind(".") :] if "." in old else ""
    return title if title.casefold().endswith(extension.casefold()) else title + extension


def check_length(title: str, name: str) -> None:
    if len(title) > MOST_ASKED:
        raise ValidationError(**{name: f"The field Title must be a string with a maximum length of {MOST_ASKED}."})
