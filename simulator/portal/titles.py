"""What the portal makes of the name of an upload, and of a new title. Pure."""

import re

from simulator.errors import BadRequestError, ValidationError

FORBIDDEN = re.compile(r'[\t*+:"<>?|\\/]')
MOST = 170
"""Of an upload; the extension is kept."""
MOST_ASKED = 165
"""Of a title in a request."""
EMPTY = "The value cannot be an empty string. (Parameter 'title')"


def replaced(title: str) -> str:
    """`_` for what no title may hold, and for each of the two halves that an emoji has in UTF-16.

    Line feeds, control characters and marks that turn the direction of text survive.
    """
    astral = re.sub("[\U00010000-\U0010ffff]", "__", title)
    return FORBIDDEN.sub("_", astral)


def of_upload(name: str) -> str:
    """Trimmed and cut, the extension in lower case; a name without one ends in a dot.

    Raises ValidationError for no name at all, BadRequestError for one of spaces.
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
    """The old extension stays: it is put behind the new title, unless that has it in whatever case."""
    title = replaced(asked.strip())
    extension = old[old.rfind(".") :] if "." in old else ""
    return title if title.casefold().endswith(extension.casefold()) else title + extension


def check_length(title: str, name: str) -> None:
    if len(title) > MOST_ASKED:
        raise ValidationError(**{name: f"The field Title must be a string with a maximum length of {MOST_ASKED}."})
