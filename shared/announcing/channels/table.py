"""Finds the channel for an address, and all channels of an invoice."""

import re
from collections.abc import Callable

from shared.announcing.channels import apprise, mail
from shared.announcing.channels.channel import Channel, Tools
from shared.rules.model import RuleSet
from shared.wire.events import InvoiceFiled

Channels = Callable[[InvoiceFiled], tuple[Channel, ...]]
"""On which an invoice is told."""

CHANNELS: dict[str, Callable[[str, Tools], Channel]] = {
    mail.START: mail.channel,
}
"""By the address's scheme; any other address is Apprise's. ValueError says what is wrong, without the address."""

_START = re.compile(r"[^:]*:(//)?")


def channels_of(rules: RuleSet, tools: Tools) -> Channels:
    """The channels of an invoice: its recipients, then those that its rule lists in `notify`. Events never hold
    the latter.

    A rule that is not in `rules` has none of these. ValueError names the rule with a bad URL.
    """
    further = {
        rule.name: tuple(_of_rule(rule.name, url.get_secret_value(), tools) for url in rule.notify)
        for rule in rules.rules
    }

    def channels(invoice: InvoiceFiled) -> tuple[Channel, ...]:
        recipients = (channel_at(f"{mail.START}{recipient}", tools) for recipient in invoice.recipients)
        return (*recipients, *further.get(invoice.rule, ()))

    return channels


def channel_at(address: str, tools: Tools) -> Channel:
    """ValueError, without the address in it, if it names no channel."""
    start = _START.match(address)
    make = CHANNELS.get(start[0].lower() if start else "", apprise.channel)
    return make(address, tools)


def _of_rule(rule: str, url: str, tools: Tools) -> Channel:
    try:
        return channel_at(url, tools)
    except ValueError as error:
        raise ValueError(f'notify of the rule "{rule}": {error}') from None
