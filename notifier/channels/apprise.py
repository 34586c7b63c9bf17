"""Channels other than e-mail, each named by an Apprise URL: Slack, Teams, Telegram and so on.

The URLs carry tokens: what leaves this file names a channel by its scheme, and tells two apart by a hash.
"""

import contextlib
import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notifier.text import Announcement
from shared.errors import TransientError
from shared.network.tls import bundle
from shared.rules.model import RuleSet
from shared.text.codes import Code


@dataclass(frozen=True, slots=True)
class Channel:
    name: str
    """The URL's scheme: `slack`."""
    id: str
    """The same for the same URL, and without its secrets: `slack:` and a hash."""
    send: Callable[[Announcement], None]
    """Given the text for a chat. Returns once the channel accepted it; TransientError or PermanentError if not.
    Repeating sends it again."""


@contextlib.contextmanager
def authorities(ca_file: Path | None) -> Iterator[Path | None]:
    """A file with the system's authorities and those of `ca_file`, for as long as this block; None without one."""
    if ca_file is None:
        yield None
        return
    with tempfile.NamedTemporaryFile("w", prefix="authorities-", suffix=".pem") as file:
        file.write(bundle(ca_file))
        file.flush()
        yield Path(file.name)


def apprise_channel(url: str, authorities: Path | None = None) -> Channel:
    """The channel at an Apprise URL; ValueError, without the URL in it, if Apprise cannot read it.

    `authorities` are all that are trusted; None: those that Apprise brings along. Where the URL says `verify=no`,
    nothing is verified, and channels that speak neither HTTP nor MQTT go by the system's authorities alone.
    """
    import apprise  # noqa: PLC0415 - it takes half a second to load, and most installations have no channel

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its errors and warnings quote the URL

    name = url.partition("://")[0].lower()
    plugin: Any = apprise.Apprise.instantiate(url)
    if plugin is None:
        raise ValueError(f"not a URL that Apprise can read; it begins with {name}:// (the rest is a secret)")
    if authorities and plugin.verify_certificate:
        plugin.verify_certificate = str(authorities)  # it hands this on to requests, which takes a path
        if hasattr(plugin, "ca_certs"):
            plugin.ca_certs = str(authorities)
    service = apprise.Apprise()
    service.add(plugin)

    def send(announcement: Announcement) -> None:
        accepted = service.notify(
            title=announcement.subject, body=announcement.text, body_format=apprise.NotifyFormat.TEXT
        )
        if not accepted:
            sentence = f"the channel {name} did not accept the message"
            raise TransientError(sentence, code=Code.CHANNEL_REFUSED)

    return Channel(name, f"{name}:{hashlib.sha256(url.encode()).hexdigest()[:16]}", send)


def channels_of(rules: RuleSet, authorities: Path | None = None) -> Callable[[str], tuple[Channel, ...]]:
    """The channels of a rule, by its name; none for an unknown one. ValueError names the rule with a bad URL."""
    channels: Mapping[str, tuple[Channel, ...]] = {
        rule.name: tuple(_channel(rule.name, url.get_secret_value(), authorities) for url in rule.notify)
        for rule in rules.rules
    }
    return lambda rule: channels.get(rule, ())


def _channel(rule: str, url: str, authorities: Path | None) -> Channel:
    try:
        return apprise_channel(url, authorities)
    except ValueError as error:
        raise ValueError(f'notify of the rule "{rule}": {error}') from None
