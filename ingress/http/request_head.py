"""Checks a request's head before the HTTP server parses it, so that both servers give the same answers. Pure.

It is stricter than RFC 9112: it refuses with 400 what servers read in different ways and no client of ours sends.
"""

import re

MAX_HEAD_BYTES = 32 * 1024
"""As much as nginx takes by default."""
MAX_FRAMING_BYTES = 4 * 1024
"""For a chunk's size line, or for all trailers: a parser may have to keep these until they end."""

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"[A-Z][A-Z\-]* (?:https?://[^/?#\s\x7f-\xff]+)?/[!-~]* HTTP/(\d\.\d)\r\n")
_FIELDS = re.compile(rb"(?:" + _TOKEN + rb":[^\x00-\x08\x0a-\x1f\x7f]*\r\n)*\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([^\r]*?)[ \t]*(?=\r\n)", re.IGNORECASE)
_CODING = re.compile(rb"\r\ntransfer-encoding:[ \t]*([^\r]*?)[ \t]*(?=\r\n)", re.IGNORECASE)
_DIGITS = re.compile(rb"\d{1,18}")


def fault(head: bytes) -> str | None:
    """What is wrong with the head; None if nothing is. `head` includes the empty line at its end."""
    line = _REQUEST_LINE.match(head)
    if line is None:
        return "malformed request line"
    version = line[1]
    if version not in (b"1.0", b"1.1"):
        return "neither HTTP/1.0 nor HTTP/1.1"
    if _FIELDS.fullmatch(head, line.end()) is None:
        return "malformed header"
    lengths, codings = _LENGTH.findall(head), _CODING.findall(head)
    if codings:
        if lengths or version == b"1.0" or [coding.lower() for coding in codings] != [b"chunked"]:
            return "unknown transfer coding"
    elif len(lengths) > 1 or (lengths and not _DIGITS.fullmatch(lengths[0])):
        return "malformed content length"
    return None
