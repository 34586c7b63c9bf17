"""What a hostile client does on one connection, by chance: the same seed and number give the same script. Pure."""

import json
import random
from dataclasses import dataclass
from typing import Literal

from tests.support.ingress import event, raw_post

HOSTILE_EVENTS = 5_000_000
"""Their event ids begin here, so that none is a legitimate one."""
PAUSE_S = 0.3


@dataclass(frozen=True, slots=True)
class Step:
    do: Literal["send", "wait", "half close", "reset", "read"]
    data: bytes = b""
    seconds: float = 0.0


Script = list[Step]


def script(seed: int, number: int) -> Script:
    chance = random.Random(f"{seed}:{number}")
    kind = chance.choice(KINDS)
    steps = kind(chance, HOSTILE_EVENTS + number)
    return [*steps, chance.choice(ENDS)]


ENDS = (Step("read"), Step("read"), Step("read"), Step("half close"), Step("reset"))


def _post(chance: random.Random, number: int, *fields: str) -> bytes:
    return raw_post(event(number), *fields, signed=chance.random() < 0.5)


def _pause(chance: random.Random, longest_s: float) -> Step:
    return Step("wait", seconds=longest_s * chance.random())


def mutated(chance: random.Random, number: int) -> Script:
    """A good request with some bytes changed, taken out, doubled or put in."""
    request = bytearray(_post(chance, number))
    within = request.index(b"\r\n\r\n") + 4 if chance.random() < 0.8 else len(request)
    for _ in range(chance.randint(1, 6)):
        place, length = chance.randrange(within), chance.randint(1, 8)
        piece = chance.choice(
            [
                b"",
                b"\r\n",
                b"\n",
                b"\0",
                b" ",
                b":",
                b"\xff\xfe",
                bytes(request[place : place + length]) * 2,
                chance.randbytes(3),
            ]
        )
        request[place : place + chance.choice([0, length])] = piece
    return [Step("send", bytes(request))]


def garbage(chance: random.Random, _number: int) -> Script:
    return [Step("send", chance.randbytes(chance.randint(1, 3000)) + chance.choice([b"", b"\r\n\r\n"]))]


def grammar(chance: random.Random, number: int) -> Script:
    """Another method, target, version or field."""
    method = chance.choice(
        ["GET", "HEAD", "PUT", "OPTIONS", "TRACE", "CONNECT", "PRI", "post", "BREW", "PROPFIND", "P" * 5000, ""]
    )
    target = chance.choice(
        [
            "/docspace/webhook",
            "/",
            "//",
            "*",
            "/%00",
            "/%zz",
            "/../..",
            "http://x/docspace/webhook",
            "http://[",
            "a:1",
            "/" + "a" * chance.choice([10, 20_000, 50_000]),
            "/docspace/webhook?" + "a=b&" * 500,
            "/metrics",
            "/readyz",
        ]
    )
    version = chance.choice(
        ["HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.9", "HTTP/9.9", "http/1.1", "HTP", ""]
    )
    field = chance.choice(
        [
            "Host: x",
            "Host:",
            ": x",
            "X : y",
            "X: a\r\n b",
            "X" * 9000 + ": y",
            "Connection: close",
            "Connection: upgrade",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA",
            "Upgrade: websocket\r\nConnection: upgrade",
            "Expect: 100-continue",
            "Expect: what",
            "Content-Length: 0",
            "Transfer-Encoding: identity",
            "X: \0",
            "Cookie: \xe9",
        ]
    )
    request = f"{method} {target} {version}\r\n{field}\r\n\r\n".encode("latin-1")
    return [Step("send", request * chance.choice([1, 1, 3]) + chance.choice([b"", _post(chance, number)]))]


def bodies(chance: random.Random, number: int) -> Script:
    """Signed, and no webhook: deep, huge, broken, not UTF-8, not JSON, other types."""
    depth = chance.choice([10, 1000, 50_000])
    trigger = chance.choice(
        [
            '"\\ud800"',
            '"' + "t" * chance.choice([1, 300, 5000]) + '"',
            '"a.b\\u0000"',
            "1e999",
            "null",
            "9" * 400,
            '"\\u202e"',
            "[]",
        ]
    )
    body = chance.choice(
        [
            b"",
            b"[" * depth,
            b'{"a":' * depth,
            b"[" * depth + b"]" * depth,
            b'{"event":{"trigger":' + trigger.encode() + b"}}",
            event(number)[: chance.randrange(500)],
            chance.randbytes(500),
            event(number).replace(b"Invoice", chance.randbytes(20)),
            json.dumps(
                {"event": {"trigger": "x", "id": chance.choice([10**30, -1, 1.5, "x" * 1000, None, [], {}])}}
            ).encode(),
            b"\xef\xbb\xbf" + event(number),
            event(number).decode().encode("utf-16"),
            b" " * chance.choice([1, 100_000, 2 * 1024 * 1024]),
        ]
    )
    return [Step("send", raw_post(body))]


def lengths(chance: random.Random, number: int) -> Script:
    body = event(number)
    length = chance.choice(
        [
            "0",
            "1",
            str(len(body) - 1),
            str(len(body) + 1),
            "-1",
            "+5",
            "0x10",
            "1e3",
            "5,5",
            "99999999",
            "9" * 5000,
            " ",
            "2097153",
        ]
    )
    request = _post(chance, number).replace(
        b"Content-Length: %d" % len(body), f"Content-Length: {length}".encode(), 1
    )
    return [Step("send", request), _pause(chance, PAUSE_S)]


def chunks(chance: random.Random, number: int) -> Script:
    head, _, body = _post(chance, number, "Transfer-Encoding: chunked").partition(b"\r\n\r\n")
    if chance.random() < 0.9:
        head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length"))
    parts, place = [], 0
    while place < len(body):
        length = chance.randint(1, 400)
        piece = body[place : place + length]
        size = b"%x" % len(piece)
        if chance.random() < 0.05:
            size = chance.choice(
                [b"", b"zz", b"-1", b"ffffffff", b"f" * 30, size + b";x=y", size + b" ", b"0" * 5000 + size, b"0"]
            )
        parts.append(size + b"\r\n" + piece + (b"\r\n" if chance.random() < 0.98 else b""))
        place += length
    end = chance.choice(
        [
            b"0\r\n\r\n",
            b"0\r\n\r\n",
            b"0\r\nX: y\r\n\r\n",
            b"0\r\n" + b"X: y\r\n" * 3000,
            b"",
            b"0\r\n\r\n" + _post(chance, number),
        ]
    )
    steps = [Step("send", head + b"\r\n\r\n")]
    for part in [*parts, end]:
        steps.append(Step("send", part))
        if chance.random() < 0.1:
            steps.append(Step("wait", seconds=0.02))
    return steps


def slow(chance: random.Random, number: int) -> Script:
    """A good request in a few pieces, with pauses; not all of it in most cases."""
    request = _post(chance, number)
    cuts = sorted(chance.sample(range(1, len(request)), chance.randint(2, 8)))
    pieces = [request[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(request)], strict=True)]
    sent = pieces if chance.random() < 0.3 else pieces[: chance.randint(1, len(pieces))]
    return [step for piece in sent for step in (Step("send", piece), _pause(chance, PAUSE_S))]


def pipeline(chance: random.Random, number: int) -> Script:
    count = chance.choice([2, 10, 10, 100])
    requests = [
        chance.choice(
            [
                raw_post(event(number), signed=False),
                b"GET /docspace/webhook HTTP/1.1\r\n\r\n",
                b"GET /x HTTP/1.1\r\n\r\n",
            ]
        )
        for _ in range(count)
    ]
    end = chance.choice([b"", b"garbage\r\n\r\n", raw_post(event(number))[: chance.randint(1, 900)]])
    return [Step("send", b"".join(requests) + end)]


def large(chance: random.Random, number: int) -> Script:
    """A head or a body that is too long."""
    size = chance.choice([31_000, 33_000, 100_000, 1_000_000])
    return chance.choice(
        [
            [Step("send", b"GET /docspace/webhook HTTP/1.1\r\nX: " + b"x" * size + b"\r\n\r\n")],
            [Step("send", b"GET /docspace/webhook HTTP/1.1\r\n" + b"X: y\r\n" * (size // 6) + b"\r\n")],
            [Step("send", raw_post(event(number) + b" " * (2 * 1024 * 1024)))],
            [Step("send", b"x" * size)],
        ]
    )


def idle(chance: random.Random, number: int) -> Script:
    """Nothing, or a part of a head or body, and a pause."""
    request = _post(chance, number)
    return [
        Step("send", request[: chance.choice([0, 1, 20, 100, len(request) - 1])]),
        _pause(chance, 10 * PAUSE_S),
    ]


def honest(chance: random.Random, number: int) -> Script:
    """Good requests; what is hostile is how it ends."""
    return [Step("send", _post(chance, number) * chance.choice([1, 1, 2]))]


KINDS = (mutated, mutated, garbage, grammar, bodies, lengths, chunks, slow, pipeline, large, idle, honest)
