"""Rules as a person reads them: a table on a terminal, blocks in a pipe. Of a channel's URL only the scheme."""

from collections.abc import Iterator
from typing import Any

from console.terminal import endpoints
from console.terminal.printing import say_table
from console.terminal.telling import as_record, called, lines, words
from shared.rules.model import Rule, RuleSet
from shared.rules.telling import Telling
from shared.text.outside import cell

LABELS = ("when", "in", "titled", "goes to", "tells", "how")


def cells(rule: Rule) -> tuple[str, ...]:
    """What the rule says, in the order of LABELS."""
    return (
        " or ".join(rule.triggers),
        rule.wanted_rooms,
        " or ".join(test.deed for test in rule.titles),
        f"folder {rule.destination}",
        ", ".join(whom(rule)),
        words(rule.telling),
    )


def record(rule: Rule, rules: RuleSet) -> dict[str, Any]:
    """`telling`: how each recipient is told by it, where it or the recipient says anything."""
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
        "channels": list(channels(rule)),
        **{name: value for name, value in as_record(rule.telling).items() if not name.startswith("deputy")},
        "telling": {
            address: as_record(rules.telling(rule.name, address))
            for address in rule.recipients
            if rules.telling(rule.name, address) != Telling()
        },
    }


def plain(rules: RuleSet) -> str:
    blocks = ["\n".join([_heading(rule), *_labelled(rule)]) for rule in rules.rules]
    if rules.recipients:
        blocks.append("\n".join(["recipients", *(f"  {line}" for line in lines(rules))]))
    if rules.endpoints:
        blocks.append("\n".join(["endpoints", *(f"  {line}" for line in endpoints.lines(rules))]))
    return "\n\n".join(blocks)


def _labelled(rule: Rule) -> Iterator[str]:
    for label, text in zip(LABELS, cells(rule), strict=True):
        if text:
            yield f"  {label:<9}{text}"


def rich_table(rules: RuleSet) -> None:
    say_table(
        ("rule", "takes", "goes to", "tells"),
        ((_row(rule), "" if rule.enabled else "dim") for rule in rules.rules),
        lines=True,
    )
    if rules.recipients:
        say_table(("recipient",), (((cell(line),), "") for line in lines(rules)))
    if rules.endpoints:
        say_table(("endpoint",), (((cell(line),), "") for line in endpoints.lines(rules)))


def _row(rule: Rule) -> tuple[str, ...]:
    when, where, titled, goes_to, _, how = cells(rule)
    takes = f"{when}\nin {where}\ntitled: {titled}"
    return _heading(rule), takes, goes_to, "\n".join(filter(None, (*whom(rule), how)))


def whom(rule: Rule) -> tuple[str, ...]:
    """Whom it tells, and on which channels."""
    return (*map(called, rule.recipients), *channels(rule))


def channels(rule: Rule) -> tuple[str, ...]:
    """Of each channel's URL the scheme, as the rest is a secret."""
    return tuple(url.get_secret_value().partition("://")[0] for url in rule.notify)


def _heading(rule: Rule) -> str:
    return rule.name if rule.enabled else f"{rule.name} (disabled)"
