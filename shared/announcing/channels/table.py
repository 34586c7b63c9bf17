"""Finds the channel for an address, and all channels of an invoice."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from shared.announcing.channels import apprise, mail
from shared.announcing.channels.channel import Channel, Tools
from shared.rules.model import RuleSet
from shared.wire.events import InvoiceFiled


class Channels(Protocol):
    def __call__(self, invoice: InvoiceFiled, /) -> tuple[Channel, ...]:
        """On which an invoice is told."""

    def at(self, scheme: str, address: str, /) -> Channel | None:
        """As `ChannelsOf.at`."""


Deputy = Callable[[str], str]
"""Who is told now what is meant for the address: the same where nobody stands in."""

CHANNELS: dict[str, Callable[[str, Tools], Channel]] = {
    mail.START: mail.channel,
}
"""By the address's scheme; any other address is Apprise's. ValueError says what is wrong, without the address."""

_START = re.compile(r"[^:]*:(//)?")


class ChannelsOf:
    """The channels that the rules make."""

    def __init__(self, rules: RuleSet, tools: Tools, deputy: Deputy = lambda address: address) -> None:
        """ValueError names the rule with a bad URL."""
        self._tools = tools
        self._deputy = deputy
        self._further = {
            rule.name: tuple(_of_rule(rule.name, url.get_secret_value(), tools) for url in rule.notify)
            for rule in rules.rules
        }

    def __call__(self, invoice: InvoiceFiled) -> tuple[Channel, ...]:
        """Those of its recipients, then those that its rule lists in `notify`. Events never hold the latter.

        A rule that is not in the rules has none of these. A deputy who is a recipient too is told once.
        """
        addresses = {recipient.lower() for recipient in invoice.recipients}
        recipients = map(self._recipient, invoice.recipients)
        told = (each for each in recipients if not each.stands_for or each.name.lower() not in addresses)
        return (*told, *self._further.get(invoice.rule, ()))

    def at(self, scheme: str, address: str) -> Channel | None:
        """The channel with this scheme and address; None where the rules no longer have it."""
        if scheme == mail.SCHEME:
            return self._recipient(address)
        further = (channel for channels in self._further.values() for channel in channels)
        return next((channel for channel in further if channel.address == address), None)

    def _recipient(self, address: str) -> Channel:
        channel, deputy = channel_at(f"{mail.START}{address}", self._tools), self._deputy(address)
        if deputy.lower() == channel.id:
            return channel
        instead = channel_at(f"{mail.START}{deputy}", self._tools)
        return replace(instead, id=channel.id, stands_for=address)


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
