"""A report for somebody outside: without names of hosts, addresses, people, titles in quotes and secrets. Pure."""

import re

HIDDEN = "…"
_MAIL = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")
_URL = re.compile(r"\b([a-z][a-z0-9+.-]{0,20})://[^\s\"'<>]*", re.IGNORECASE)
_HOST = re.compile(
    r"\b(?=[a-z0-9.-]*[a-z])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\b(?::\d+)?", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\[?\b(?:[0-9a-f]{0,4}:){3,}[0-9a-f]{0,4}\]?", re.IGNORECASE
)
_QUOTED = re.compile(r'"[^"\n]*"')
_KEPT = re.compile(
    r"(?:webhook|file|folder|form|room|user|invoice|event|retry|docspace)\.[a-z0-9.]+", re.IGNORECASE
)
"""Names of our own that look like hosts: triggers, routing keys, queues."""
_LOCAL = {"localhost", "127.0.0.1"}


def redacted(text: str) -> str:
    """Each scheme stays, and so do numbers, codes and our own names: what a fault is found by."""
    text = _URL.sub(lambda found: f"{found[1]}://{HIDDEN}", text)
    text = _MAIL.sub(f"{HIDDEN}@{HIDDEN}", text)
    text = _QUOTED.sub(f'"{HIDDEN}"', text)
    text = _ADDRESS.sub(lambda found: found[0] if found[0].partition(":")[0] in _LOCAL else HIDDEN, text)
    return _HOST.sub(lambda found: found[0] if _KEPT.fullmatch(found[0]) else HIDDEN, text)
