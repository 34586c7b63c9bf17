"""The services of Apprise: Slack, Teams, Telegram and so on, each named by a URL.

The URLs hold tokens. Nothing outside this file sees them: a chat is named by its scheme and a hash.
"""

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.chat.pace import EVERY_S, pace_of
from shared.errors import TransientError
from shared.network.tls import bundle
from shared.network.urls import secret_id
from shared.text.announcement import Announcement
from shared.text.codes import Code


@dataclass(frozen=True, slots=True)
class Chat:
    """One place that can be told."""

    scheme: str
    """Of its URL, such as `slack`."""
    id: str
    """The same for the same URL, and without its secrets."""
    send: Callable[[Announcement], None]
    """Return once it has accepted the text; else TransientError. Repeating sends it again.

    NotItsTurnError where too many others are told before.
    """


@contextlib.contextmanager
def authorities(ca_file: Path | None) -> Iterator[Path | None]:
    """A file with the system's authorities and those of `ca_file`. It exists for as long as this block. None if
    there is no `ca_file`.
    """
    if ca_file is None:
        yield None
        return
    with tempfile.NamedTemporaryFile("w", prefix="authorities-", suffix=".pem") as file:
        file.write(bundle(ca_file))
        file.flush()
        yield Path(file.name)


def chat(url: str, trusted: Path | None = None) -> Chat:
    """ValueError, without the URL in it, if Apprise cannot read it.

    `trusted` holds all authorities that are trusted; None: those that Apprise brings along. Where the URL says
    `verify=no`, nothing is verified, and channels that speak neither HTTP nor MQTT go by the system's alone.
    """
    import apprise  # noqa: PLC0415 - it takes half a second to load, and most installations have no channel

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its errors and warnings quote the URL

    scheme = url.partition("://")[0].lower()
    plugin: Any = apprise.Apprise.instantiate(url)
    if plugin is None:
        raise ValueError(f"not a URL that Apprise can read; it begins with {scheme}:// (the rest is a secret)")
    if trusted and plugin.verify_certificate:
        plugin.verify_certificate = str(trusted)  # it hands this on to requests, which takes a path
        if hasattr(plugin, "ca_certs"):
            plugin.ca_certs = str(trusted)
    service = apprise.Apprise()
    service.add(plugin)
    pace = pace_of(secret_id(url), _every_s(plugin))

    def send(said: Announcement) -> None:
        pace.take_turn()
        if not service.notify(title=said.subject, body=said.text, body_format=apprise.NotifyFormat.TEXT):
            sentence = f"the channel {scheme} did not accept the message"
            raise TransientError(sentence, code=Code.CHANNEL_REFUSED)

    return Chat(scheme, secret_id(url), send)


def _every_s(plugin: Any) -> float:
    """Seconds between two messages: what Apprise keeps to within one thread, or more."""
    name = plugin.secure_protocol
    return max(float(plugin.request_rate_per_sec), EVERY_S.get(name, 0.0) if isinstance(name, str) else 0.0)
