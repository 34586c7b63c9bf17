"""An answer of the portal, read whole: no more of it and no longer than any true one takes."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

MOST_BYTES = 32 * 1024 * 1024
"""Unpacked. A page of 100 files has 400 kB, and one of the webhook log some megabytes at most."""
LONGEST_S = 60.0
"""For the body. The portal's slowest page was seen to take 15 s under load, most of it before the first byte."""
PART_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class TooLongError(requests.RequestException):
    """The answer has no end, or none that is worth the wait. Says which bound it broke."""


def read_whole(response: requests.Response) -> Reply:
    """Raises requests' errors, TooLongError among them; the connection is used again only where all was read."""
    try:
        body = b"".join(_parts(response))
    except BaseException:
        response.close()
        raise
    return Reply(response.status_code, response.headers, body)


def _parts(response: requests.Response) -> Iterator[bytes]:
    deadline = time.monotonic() + LONGEST_S
    size = 0
    while part := _next(response):
        yield part
        size += len(part)
        if size > MOST_BYTES:
            raise TooLongError(f"the answer is over {MOST_BYTES // 1024 // 1024} MiB")
        if time.monotonic() > deadline:
            raise TooLongError(f"the answer did not end within {LONGEST_S:.0f} s")


def _next(response: requests.Response) -> bytes:
    """What has come, as soon as anything has; empty at the end."""
    try:
        part: bytes = response.raw.read1(PART_BYTES, decode_content=True)
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from error
    except HTTPError as error:
        raise requests.ConnectionError(error) from error
    return part
