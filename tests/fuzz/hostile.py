"""Plays hostile scripts against the ingress, many at once, and collects each status that it answers."""

import asyncio
import contextlib
import re
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field

from tests.fuzz.scripts import Script, script

AT_ONCE = 50
READ_S = 0.5
"""A client that got no byte for so long goes."""
MOST_BYTES = 1_000_000
LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)")


@dataclass
class Answers:
    """What hostile clients were answered."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    silent: int = 0
    """Connections that ended without an answer, as half a request does."""


async def play_all(port: int, seed: int, numbers: range, at_once: int = AT_ONCE) -> Answers:
    answers = Answers()
    left = iter(numbers)

    async def some() -> None:
        for number in left:
            try:
                _judge(answers, number, await _play(port, script(seed, number)))
            except OSError as error:
                answers.faults.append(f"connection {number} was not had: {error}")

    await asyncio.gather(*(some() for _ in range(at_once)))
    return answers


def _judge(answers: Answers, number: int, answer: bytes) -> None:
    found = [(int(status), fields) for status, fields in LINE.findall(answer)]
    answers.silent += not found
    for status, fields in found:
        answers.statuses[status] += 1
        documented = status == 503 and b"retry-after:" in fields.lower()
        if not documented and (status >= 500 or status == 410 or 300 <= status < 400):
            answers.faults.append(f"connection {number} was answered {status}")


async def _play(port: int, steps: Script) -> bytes:
    """All that was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = bytearray()
    try:
        for step in steps:
            match step.do:
                case "send":
                    writer.write(step.data)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(writer.drain(), READ_S)
                case "wait":
                    await asyncio.sleep(step.seconds)
                case "half close":
                    writer.write_eof()
                    await _read(reader, heard)
                case "reset":
                    linger = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                case "read":
                    await _read(reader, heard)
    except OSError:  # the other end has closed
        await _read(reader, heard)
    finally:
        writer.transport.abort()
    return bytes(heard)


async def _read(reader: asyncio.StreamReader, heard: bytearray) -> None:
    with contextlib.suppress(TimeoutError, OSError):
        while len(heard) < MOST_BYTES and (piece := await asyncio.wait_for(reader.read(65_536), READ_S)):
            heard += piece
