"""Endpoints of the rules in words, and as records. Pure."""

from collections.abc import Iterator
from typing import Any

from shared.rules.endpoint import Endpoint
from shared.rules.model import RuleSet


def lines(rules: RuleSet) -> Iterator[str]:
    """One for each. Of an address no path is shown, as it may hold a token."""
    for each in rules.endpoints:
        yield f"{each.name}: {', '.join(each.events)} to {each.shown}{''.join(_narrowed(each))}"


def records(rules: RuleSet) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "address": each.shown,
            "events": list(each.events),
            "rules": list(each.rules),
            "rooms": list(each.rooms),
            "secret_file": str(each.secret_file),
            "allow_http": each.allow_http,
            "allow_private": each.allow_private,
        }
        for each in rules.endpoints
    ]


def _narrowed(endpoint: Endpoint) -> Iterator[str]:
    if endpoint.rules:
        yield f", of {' or '.join(endpoint.rules)}"
    if endpoint.rooms:
        yield f", of room {' or '.join(endpoint.rooms)}"
    if endpoint.allow_http:
        yield ", also unencrypted"
    if endpoint.allow_private:
        yield ", also in a private network"
