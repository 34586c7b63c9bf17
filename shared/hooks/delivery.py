"""Sends one request to an endpoint and returns what came of it. It judges nothing.

No redirect is followed, no proxy of the environment is used, no cookie is kept. The connection goes to an address
that `shared.network.reach` allows, while `Host`, SNI and the certificate are about the name. All of it ends in
time, whatever the other side does: a watch shuts the socket down.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.hooks import retry_after
from shared.hooks.signature import signed
from shared.network.reach import NotAllowedError, Place, Resolve, places
from shared.rules.endpoint import Endpoint
from shared.text.outside import cut, one_line

LIMIT_S = 15.0
"""For all of it: the name, the connection, TLS, the request and the answer. What Standard Webhooks proposes."""
BODY_S = 2.0
"""For the body of an answer, which only a person reads: the status decides."""
BODY_BYTES = 4_096
"""The most of it that is read."""
SHOWN_BYTES = 500
"""The most of it that is kept."""
USER_AGENT = "docspace-invoice-intake"


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    body: str
    """Its beginning, on one line."""
    retry_after_s: float | None = None
    """What it asked for."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """No answer came."""

    reason: str
    refused: bool = False
    """It was not asked at all: its address is one that we may not connect to."""


@dataclass(frozen=True, slots=True)
class Sent:
    answer: Answered | Unreached
    at: float
    """When it was begun, in seconds since the epoch; the `webhook-timestamp`."""
    took_s: float


@dataclass(frozen=True, slots=True)
class Courier:
    """For many threads."""

    tls: ssl.SSLContext
    limit_s: float = LIMIT_S
    resolve: Resolve = socket.getaddrinfo

    def send(self, endpoint: Endpoint, keys: Sequence[bytes], webhook_id: str, body: bytes) -> Sent:
        """Repeating is safe: a receiver tells a repeat by its `webhook-id`."""
        at, began = time.time(), time.monotonic()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "Connection": "close",
            "Accept-Encoding": "identity",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at)),
            "webhook-signature": signed(keys, webhook_id, int(at), body),
        }
        watch = _Watch(began + self.limit_s)
        try:
            with watch:
                answer: Answered | Unreached = self._ask(endpoint, headers, body, watch)
        except NotAllowedError as error:
            answer = Unreached(f"its address is not allowed: {error}", refused=True)
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = watch.fired or time.monotonic() - began >= self.limit_s
            why = f"no answer within {self.limit_s:g} s" if late else _sentence(error)
            answer = Unreached(why)
        return Sent(answer, at, time.monotonic() - began)

    def _ask(self, endpoint: Endpoint, headers: dict[str, str], body: bytes, watch: "_Watch") -> Answered:
        parts = urlsplit(endpoint.url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        there = places(host, port, private=endpoint.allow_private, within_s=watch.left_s(), resolve=self.resolve)
        connection = _Pinned(host, port, there, watch, self.tls if secure else None)
        with contextlib.closing(connection):
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers)
            with contextlib.closing(connection.getresponse()) as answer:  # it has the socket from here on
                watch.left_s()  # headers that were cut off by the watch look as if they had ended
                wish = retry_after.seconds(answer.headers.get("retry-after"), time.time())
                return Answered(answer.status, _beginning(answer, watch), wish)


class _Watch:
    """Shuts a socket down when the time is over, so that whatever waits for it fails."""

    def __init__(self, until: float) -> None:
        self._until = until
        self._changed = threading.Condition()
        self._socket: socket.socket | None = None
        self._over = False
        self.fired = False

    def left_s(self) -> float:
        """TimeoutError if nothing is left."""
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        return left_s

    def over(self, sock: socket.socket) -> None:
        """Watch this one from now on."""
        with self._changed:
            self._socket = sock
            if self.fired:
                self._shut_down()

    def sooner(self, seconds: float) -> None:
        with self._changed:
            self._until = min(self._until, time.monotonic() + seconds)
            self._changed.notify()

    def __enter__(self) -> None:
        threading.Thread(target=self._run, name="delivery watch", daemon=True).start()

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._over = True
            self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while not self._over and (left_s := self._until - time.monotonic()) > 0:
                self._changed.wait(left_s)
            if self._over:
                return
            self.fired = True
            self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # SSLSocket's own drops TLS in mid-read


class _Pinned(http.client.HTTPConnection):
    """Connects to the given places, and speaks to them as to `host`."""

    def __init__(
        self, host: str, port: int, there: Sequence[Place], watch: _Watch, tls: ssl.SSLContext | None
    ) -> None:
        self.default_port = 443 if tls else 80
        super().__init__(host, port)
        self._there = there
        self._watch = watch
        self._tls = tls

    def connect(self) -> None:
        self.sock = sock = self._connected()
        self._watch.over(sock)
        if self._tls is not None:
            self.sock = secure = self._tls.wrap_socket(
                sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self._watch.over(secure)
            secure.do_handshake()

    def _connected(self) -> socket.socket:
        """To the first that takes the connection: each gets its share of the time."""
        error: OSError = OSError("no address")
        for number, place in enumerate(self._there):
            sock = socket.socket(place.family, socket.SOCK_STREAM)
            try:
                sock.settimeout(self._watch.left_s() / (len(self._there) - number))
                sock.connect(place.where)
                sock.settimeout(self._watch.left_s())
            except OSError as its:
                sock.close()
                error = its
            else:
                return sock
        raise error


def _beginning(answer: http.client.HTTPResponse, watch: _Watch) -> str:
    """What came of the body in its short time. That it broke off changes nothing."""
    watch.sooner(BODY_S)
    raw = b""
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        for part in _parts(answer):
            raw += part
    return cut(one_line(raw[:BODY_BYTES].decode(errors="replace")), SHOWN_BYTES)


def _parts(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    left = BODY_BYTES
    while left > 0 and (part := answer.read1(left)):
        yield part
        left -= len(part)


def _sentence(error: Exception) -> str:
    """Without what the other side wrote."""
    match error:
        case ssl.SSLCertVerificationError():
            said = f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            said = f"TLS failed: {error.reason or type(error).__name__}"
        case socket.gaierror():
            said = f"its name cannot be resolved: {error.strerror}"
        case http.client.RemoteDisconnected() | ConnectionResetError() | BrokenPipeError():
            said = "it ended the connection without an answer"
        case ConnectionRefusedError():
            said = "it refuses the connection"
        case OSError():
            said = f"no connection: {error.strerror or error}"
        case _:
            said = f"what it answered is no HTTP: {type(error).__name__}"
    return said
