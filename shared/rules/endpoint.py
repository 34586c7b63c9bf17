"""An endpoint: who else hears of what happens, as signed webhooks. Checked when made; frozen.

Its secret stands in a file of its own: rules are published, compared and shown.
"""

import difflib
import re
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictBool,
    StrictStr,
    ValidationInfo,
)

from shared.network.urls import ascii_host, split, web_address
from shared.rules.ids import entry_id, id_text
from shared.wire.stages import HANDED_ON

MOST = 20
"""The dispatcher has two connections and some threads for each."""
LONGEST_NAME = 40
"""Queues, claims and commands are named after it."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_URL_BYTES = 2_000


def endpoint_name(value: str) -> str:
    """ValueError for what no endpoint may be called."""
    if not _NAME.fullmatch(value) or len(value) > LONGEST_NAME:
        raise ValueError(f"is at most {LONGEST_NAME} letters a-z, digits and hyphens between them, such as erp-1")
    return value


def _event(value: str) -> str:
    if value in HANDED_ON:
        return value
    near = difflib.get_close_matches(value, HANDED_ON, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"it is one of {', '.join(HANDED_ON)}"
    raise ValueError(f'"{value}" is no event of an endpoint; {hint}')


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("must hold at least one value")
    return tuple(dict.fromkeys(values))


def _file(value: object) -> object:
    if isinstance(value, str) and value.strip().startswith("whsec_"):
        raise ValueError("holds the secret itself (not shown): write the path of a file that has it")
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError("must be the path of a file, in quotes")
    return value.strip()


def _url(value: str, info: ValidationInfo) -> str:
    address = web_address(value.strip())
    parts = split(address, ("http", "https"))
    host = ascii_host(parts.hostname or "")
    if len(address) > _URL_BYTES or not (parts.path + parts.query).isascii():
        raise ValueError(f"holds other than ASCII behind the host, or over {_URL_BYTES:,} characters")
    if parts.scheme == "http" and not info.data.get("allow_http", False):
        raise ValueError("is not encrypted: use https, or allow_http = true where nobody listens on the way")
    port = f":{parts.port}" if parts.port is not None else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path or '/'}{query}"


class Endpoint(BaseModel):
    """`rules` and `rooms` narrow it: an event counts if it tells a rule, and a room, that is among those named."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    name: Annotated[StrictStr, AfterValidator(endpoint_name)]
    allow_http: StrictBool = False
    allow_private: StrictBool = False
    """Whether its address may be one of a private network, or of this machine."""
    url: Annotated[StrictStr, AfterValidator(_url)]
    """Its host in ASCII. The path may hold a token: `shown` has none."""
    events: Annotated[tuple[Annotated[StrictStr, AfterValidator(_event)], ...], AfterValidator(_some)]
    secret_file: Annotated[Path, BeforeValidator(_file)]
    """As the dispatcher finds it. A `whsec_…` a line: each signs, so that one may follow another."""
    rules: tuple[StrictStr, ...] = ()
    rooms: tuple[Annotated[str, BeforeValidator(lambda value: id_text(entry_id(value)))], ...] = ()
    """Ids as texts."""

    @property
    def shown(self) -> str:
        """Scheme, host and port: what follows them may be a secret, as with n8n, Make and Power Automate."""
        parts = split(self.url, ("http", "https"))
        return f"{parts.scheme}://{parts.netloc}"
