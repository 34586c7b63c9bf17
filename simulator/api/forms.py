"""Reads the JSON fields, flags and uploaded files of a request."""

from dataclasses import dataclass
from typing import Any

import falcon
from falcon.media.multipart import MultipartForm

from simulator.errors import MediaTypeError, ValidationError


@dataclass(frozen=True)
class Upload:
    name: str
    data: bytes
    fields: dict[str, str]


def json_body(req: falcon.Request) -> dict[str, Any]:
    """The members of the body; first letters become small. Raises ValidationError if the body is no JSON object."""
    if req.content_length and "json" not in (req.content_type or ""):
        raise MediaTypeError
    try:
        body = req.get_media(default_when_empty={})
    except falcon.HTTPError:
        raise ValidationError(**{"$": "The JSON value could not be converted."}) from None
    if not isinstance(body, dict):
        raise ValidationError(**{"$": "The JSON value could not be converted."})
    return {key[:1].lower() + key[1:]: value for key, value in body.items()}


def upload(req: falcon.Request) -> Upload:
    """The first file of the form, or the raw body if it is no form."""
    if not (req.content_type or "").startswith("multipart/form-data"):
        return Upload("", req.bounded_stream.read(), {})
    form = req.get_media()
    if not isinstance(form, MultipartForm):
        raise ValidationError(File="The File field is required.")
    name, data, fields = "", None, {}
    for part in form:
        content = part.stream.read()
        if part.filename is not None and data is None:
            name, data = part.filename, content
        else:
            fields[(part.name or "").casefold()] = content.decode(errors="replace")
    return Upload(name, data or b"", fields)


def flag(value: Any, *, default: bool = False) -> bool:
    if value is None:
        return default
    return str(value).casefold() in {"true", "1"}


def integer(req: falcon.Request, name: str, default: int, *, low: int, high: int) -> int:
    """A number of the query. As the portal does, it raises ValidationError for no number or one out of range."""
    text = req.get_param(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        raise ValidationError(**{name: f"The value '{text}' is not valid."}) from None
    if not low <= number <= high:
        shown = name[:1].upper() + name[1:]
        raise ValidationError(**{name: f"The field {shown} must be between {low} and {high}."})
    return number
