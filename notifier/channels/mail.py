"""An e-mail to one recipient."""

from notifier.channels.channel import Channel, Notice, Tools

START = "mail:"
"""Not `mail://`: no URL in a rule is taken for a recipient."""


def channel(address: str, tools: Tools) -> Channel:
    """To `mail:anna@example.com`. What is no e-mail address is refused when it is sent to."""
    recipient = address.removeprefix(START)

    def send(notice: Notice) -> None:
        tools.mail.send(
            recipient,
            notice.texts.full,
            key=notice.key,
            correlation_id=notice.correlation_id,
            within_s=notice.within_s,
        )

    return Channel("mail", name=recipient, id=recipient.lower(), send=send, listed=False)
