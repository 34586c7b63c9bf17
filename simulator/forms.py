"""Reading what a request carries: JSON fields, flags, and uploaded files."""

from dataclasses import dataclass
from typing import Any

import falcon
from falcon.media.multipart import MultipartForm

from simulator.errors import BadRequestError


@dataclass(frozen=True)
class Upload:
    name: str
    data: bytes
    fields: dict[str, str]


def json_body(req: falcon.Request) -> dict[str, Any]:
    body = req.get_media(default_when_empty={})
    if not isinstance(body, dict):
        raise BadRequestError("The request body must be a JSON object")
    return {key[:1].lower() + key[1:]: value for key, value in body.items()}


def upload(req: falcon.Request) -> Upload:
    """The first file of a form, or the raw body."""
    if not (req.content_type or "").startswith("multipart/form-data"):
        return Upload("", req.bounded_stream.read(), {})
    form = req.get_media()
    if not isinstance(form, MultipartForm):
        raise BadRequestError("No file was uploaded")
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
    text = req.get_param(name)
    try:
        return max(low, min(high, int(text))) if text is not None else default
    except ValueError:
        raise BadRequestError(f"The value '{text}' is not valid for {name}.") from None
