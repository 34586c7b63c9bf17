"""Reads a whole answer of the portal, with a limit for its size and its time."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

MOST_BYTES = 32 * 1024 * 1024
"""The largest answer, unpacked. A page of 100 files has 400 kB, a page of the webhook log some megabytes at
most."""
LONGEST_S = 60.0
"""The longest time for the body. The slowest page seen took 15 s under load, most of it before the first byte."""
PART_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class TooLongError(requests.RequestException):
    """The answer is larger or longer than any true one. Says which limit it passed."""


class OverSizeError(TooLongError):
    """It is the size that was passed."""


def read_whole(response: requests.Response, most_bytes: int | None = None) -> Reply:
    """The whole body, of at most so many bytes, else of MOST_BYTES.

    Raises the errors of requests, TooLongError among them. The connection is used again if all was read.
    """
    try:
        body = b"".join(_parts(response, MOST_BYTES if most_bytes is None else most_bytes))
    except BaseException:
        response.close()
        raise
    return Reply(response.status_code, response.headers, body)


def _parts(response: requests.Response, most_bytes: int) -> Iterator[bytes]:
    deadline = time.monotonic() + LONGEST_S
    size = 0
    while part := _next(response):
        yield part
        size += len(part)
        if size > most_bytes:
            raise OverSizeError(f"the answer is over {most_bytes // 1024 // 1024} MiB")
        if time.monotonic() > deadline:
            raise TooLongError(f"the answer did not end within {LONGEST_S:.0f} s")


def _next(response: requests.Response) -> bytes:
    """Returns what has arrived, as soon as anything has; empty at the end."""
    try:
        part: bytes = response.raw.read1(PART_BYTES, decode_content=True)
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from error
    except HTTPError as error:
        raise requests.ConnectionError(error) from error
    return part
