"""The channels of Apprise: Slack, Teams, Telegram and so on, each named by a URL.

The URLs hold tokens. Nothing outside this file sees them: a channel is named by its scheme and a hash.
"""

import contextlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from notifier.channels.channel import Channel, Notice, Tools, secret_id
from shared.errors import TransientError
from shared.network.tls import bundle
from shared.text.codes import Code


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


def channel(url: str, tools: Tools) -> Channel:
    """ValueError, without the URL in it, if Apprise cannot read it.

    The tools' authorities are all that are trusted; None: those that Apprise brings along. Where the URL says
    `verify=no`, nothing is verified, and channels that speak neither HTTP nor MQTT go by the system's alone.
    """
    import apprise  # noqa: PLC0415 - it takes half a second to load, and most installations have no channel

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its errors and warnings quote the URL

    scheme = url.partition("://")[0].lower()
    plugin: Any = apprise.Apprise.instantiate(url)
    if plugin is None:
        raise ValueError(f"not a URL that Apprise can read; it begins with {scheme}:// (the rest is a secret)")
    if tools.authorities and plugin.verify_certificate:
        plugin.verify_certificate = str(tools.authorities)  # it hands this on to requests, which takes a path
        if hasattr(plugin, "ca_certs"):
            plugin.ca_certs = str(tools.authorities)
    service = apprise.Apprise()
    service.add(plugin)

    def send(notice: Notice) -> None:
        said = notice.texts.for_chat
        if not service.notify(title=said.subject, body=said.text, body_format=apprise.NotifyFormat.TEXT):
            sentence = f"the channel {scheme} did not accept the message"
            raise TransientError(sentence, code=Code.CHANNEL_REFUSED)

    return Channel(scheme, name=secret_id(url), id=secret_id(url), send=send)
