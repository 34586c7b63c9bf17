"""What would have to be otherwise for a rule to take an upload that it did not take. Pure; for people."""

from collections.abc import Iterable, Iterator

from console.explain.checks import Checked, State, Trace, checks, why_not_asked
from shared.rules.finding import Check
from shared.rules.model import Rule, RuleSet


def would_take(rules: RuleSet, steps: Trace, title: str | None) -> list[str]:
    """A sentence for each rule that was asked, those first that want the least. `title` is the file's."""
    wishes = [
        (rule, list(_wishes(rule, checks(rule, steps), title)))
        for rule in rules.enabled
        if why_not_asked(rule, steps) is None
    ]
    return [_sentence(rule, wanted) for rule, wanted in sorted(wishes, key=lambda each: len(each[1]))]


def _sentence(rule: Rule, wanted: list[str]) -> str:
    if not wanted:
        return f'rule "{rule.name}" takes it, as the rules are now'
    return f'rule "{rule.name}" would take it if {" and ".join(wanted)}'


def _wishes(rule: Rule, made: Iterable[Checked], title: str | None) -> Iterator[str]:
    """The first check that failed hides the later ones; of these the title can be looked at all the same."""
    for each in made:
        match each.check, each.state:
            case Check.TRIGGER, State.FAILED:
                yield f"its event were {each.wanted}"
            case Check.KIND, State.FAILED:
                yield "it were a file, not a folder"
            case Check.OWN_DOING, State.FAILED:
                yield f"it were {each.wanted}"
            case Check.ROOM, State.FAILED:
                yield f"it lay in {each.wanted}"
            case Check.ROOM, State.WAITS:
                yield f"it lies in {rule.wanted_rooms}, which only the portal knows,"
            case Check.TITLE, State.FAILED:
                yield f"its title did {each.wanted}"
            case Check.TITLE, State.NOT_MADE if title and not any(test.matches(title) for test in rule.titles):
                yield f"its title did {' or '.join(test.wish for test in rule.titles)}"
