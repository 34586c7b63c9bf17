"""Rules as a person reads them: a table on a terminal, blocks in a pipe. Of a channel's URL only the scheme."""

from typing import Any

from console.terminal.printing import say_table
from shared.rules.model import Rule, RuleSet

LABELS = ("when", "in", "titled", "goes to", "tells")


def cells(rule: Rule) -> tuple[str, ...]:
    """What the rule says, in the order of LABELS."""
    return (
        " or ".join(rule.triggers),
        rule.wanted_rooms,
        " or ".join(test.deed for test in rule.titles),
        f"folder {rule.destination}",
        ", ".join((*rule.recipients, *_channels(rule))),
    )


def record(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "enabled": rule.enabled,
        "triggers": list(rule.triggers),
        "rooms": list(rule.rooms),
        "room_names": [test.text for test in rule.room_names],
        "room_tags": [test.text for test in rule.room_tags],
        "titles": [str(pattern) for pattern in rule.titles],
        "destination": rule.destination,
        "recipients": list(rule.recipients),
        "channels": list(_channels(rule)),
    }


def plain(rules: RuleSet) -> str:
    return "\n\n".join(
        "\n".join(
            [_heading(rule), *(f"  {label:<9}{cell}" for label, cell in zip(LABELS, cells(rule), strict=True))]
        )
        for rule in rules.rules
    )


def rich_table(rules: RuleSet) -> None:
    say_table(
        ("rule", "takes", "goes to", "tells"),
        ((_row(rule), "" if rule.enabled else "dim") for rule in rules.rules),
        lines=True,
    )


def _row(rule: Rule) -> tuple[str, ...]:
    when, where, titled, goes_to, tells = cells(rule)
    takes = f"{when}\nin {where}\ntitled: {titled}"
    return _heading(rule), takes, goes_to, tells.replace(", ", "\n")


def _channels(rule: Rule) -> tuple[str, ...]:
    return tuple(url.get_secret_value().partition("://")[0] for url in rule.notify)


def _heading(rule: Rule) -> str:
    return rule.name if rule.enabled else f"{rule.name} (disabled)"
