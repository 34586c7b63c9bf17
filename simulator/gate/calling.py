"""The portal's calls to a webhook's address, and the texts with which it reports failures."""

import secrets
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError
from urllib3.util import SKIP_HEADER

from simulator.errors import BadRequestError, BrokenError

SUCCESS = 2
"""The hundreds of a status that is a success."""
HEAD_TIMEOUT_S = 10
POST_TIMEOUT_S = 100
"""The default of .NET's HttpClient, which the portal keeps."""
NOT_AVAILABLE = "Webhook URL is not available. HEAD request is not response 200 http status."
NO_TLS = "The SSL connection could not be established, see inner exception."
NO_ANSWER = "An error occurred while sending the request."
REFUSED, FAILED, CANCELED = -2147467259, -2146233087, -2146233029
"""The hresults of an address where nobody listens, of any other failure, and of a timeout."""
BARE: dict[str, str | None] = {
    "User-Agent": SKIP_HEADER,
    "Accept-Encoding": SKIP_HEADER,
    "Connection": None,
    "Accept": None,
}


def nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No authentication: the portal does not send what an address has before its @."""
    return request


@dataclass(frozen=True)
class Failure:
    message: str
    hresult: int
    type: str = "System.Net.Http.HttpRequestException"


def check_head(uri: str, *, verify: bool) -> None:
    """Send an unsigned HEAD. BadRequestError if the answer is no 2xx, BrokenError if there is none."""
    trace = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.head(
                uri,
                headers={**BARE, "traceparent": trace},
                timeout=HEAD_TIMEOUT_S,
                allow_redirects=False,
                verify=verify,
                auth=nobody,
            )
    except requests.RequestException as error:
        why = failure(error, uri, HEAD_TIMEOUT_S)
        raise BrokenError(why.message, why.type, why.hresult) from None
    if answer.status_code // 100 != SUCCESS:
        raise BadRequestError(NOT_AVAILABLE)


def failure(error: requests.RequestException, uri: str, timeout_s: int) -> Failure:
    if isinstance(error, requests.Timeout):
        text = f"The request was canceled due to the configured HttpClient.Timeout of {timeout_s} seconds elapsing."
        return Failure(text, CANCELED, "System.Threading.Tasks.TaskCanceledException")
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    if isinstance(error, requests.exceptions.SSLError) or isinstance(reason, ssl.SSLError):
        return Failure(NO_TLS, FAILED)
    if isinstance(reason, NewConnectionError):
        parts = urlsplit(uri)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return Failure(f"Connection refused ({parts.hostname}:{port})", REFUSED)
    return Failure(NO_ANSWER, FAILED)
