"""How each channel is told: what the rules say, and else the settings. Pure."""

import functools
from collections.abc import Callable

from shared.announcing.voice import Voice
from shared.rules.digest import AtOnce
from shared.rules.model import RuleSet
from shared.rules.telling import Telling

Tellings = Callable[[str, str], Telling]
"""Given a rule's name and a channel's address, or its id where that is a secret. Language, time zone and digest are
always said."""

DEFAULT = Telling(language="en", timezone="UTC", digest=AtOnce())


def told_by_default(_rule: str, _address: str) -> Telling:
    return DEFAULT


REMEMBERED = 10_000
"""The most answers that are kept: each takes a look through all rules and recipients."""


def tellings_of(rules: RuleSet, default: Telling = DEFAULT) -> Tellings:
    """A rule that is not in `rules` says nothing."""

    @functools.lru_cache(maxsize=REMEMBERED)
    def telling(rule: str, address: str) -> Telling:
        return rules.telling(rule, address).or_else(default)

    return telling


def voice_of(telling: Telling) -> Voice:
    return Voice(telling.language or "en", telling.timezone or "UTC")
