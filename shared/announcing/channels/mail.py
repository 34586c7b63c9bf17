"""An e-mail to one recipient."""

from shared.announcing.channels.channel import Channel, Notice, Tools

SCHEME = "mail"
START = "mail:"
"""It is not `mail://`, so no URL in a rule is mistaken for a recipient."""


def channel(address: str, tools: Tools) -> Channel:
    """The channel for `mail:anna@example.com`. If that is no e-mail address, sending to it is refused."""
    recipient = address.removeprefix(START)

    def send(notice: Notice) -> None:
        tools.mail.send(
            recipient,
            notice.texts.full,
            key=notice.key,
            correlation_id=notice.correlation_id,
            within_s=notice.within_s,
        )

    return Channel(SCHEME, name=recipient, id=recipient.lower(), send=send, listed=False)
