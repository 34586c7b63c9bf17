"""A service of Apprise."""

from shared.announcing.channels.channel import Channel, Tools
from shared.chat.apprise import chat


def channel(url: str, tools: Tools) -> Channel:
    """ValueError, without the URL in it, if Apprise cannot read it."""
    place = chat(url, tools.authorities)
    return Channel(place.scheme, name=place.id, id=place.id, send=lambda notice: place.send(notice.texts.for_chat))
