"""One HTTP request of the console to a worker or to the ingress. The portal is the DocSpace client's business."""

import functools
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.connect import authorities
from shared.network.tls import distrust, trusting

TIMEOUT_S = 10.0
"""What the portal gives the ingress for a HEAD."""


class NoAnswerError(Exception):
    """Nothing answered, or not in HTTP; `str()` says what."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    server: str = ""
    """What it calls itself."""


def call(
    method: str,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """Whatever was answered; redirects are not followed, as the portal follows none. `url` is http or https."""
    if not url.startswith(("http://", "https://")):
        raise NoAnswerError(f"{url} is not an http or https address")
    request = urllib.request.Request(url, body, dict(headers or {}), method=method)  # noqa: S310 - checked above
    try:
        with _opener(authorities.file).open(request, timeout=timeout_s) as answer:
            return Answer(int(answer.status), answer.read(), answer.headers.get("Server", ""))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(), error.headers.get("Server", ""))
    except urllib.error.URLError as error:
        reason = error.reason
        if isinstance(reason, Exception) and (why := distrust(reason)):
            raise NoAnswerError(f"it {why}") from error
        raise NoAnswerError(getattr(reason, "strerror", None) or str(reason)) from error
    except (OSError, ValueError) as error:
        raise NoAnswerError(str(error) or type(error).__name__) from error


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@functools.cache
def _opener(ca_file: Path | None) -> urllib.request.OpenerDirector:
    """OSError where the file of authorities cannot be read."""
    tls = urllib.request.HTTPSHandler(context=trusting(ca_file))
    return urllib.request.build_opener(_StayHere, urllib.request.ProxyHandler({}), tls)
