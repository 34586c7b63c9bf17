"""Which uploads a person may have meant: those in a rule's room that only their title kept out. Pure."""

import re
from collections.abc import Sequence

from console.explain.checks import State, Trace, checks, why_not_asked
from console.explain.recorded import recorded_trace
from shared.rules.finding import Check
from shared.rules.model import Rule, RuleSet
from shared.rules.titles import title_test
from shared.store.history.step import Step
from shared.store.history.upload import Upload

_FIRST_WORD = re.compile(r"[^\W\d_]{3,}")


def of_rooms_alone(rules: RuleSet) -> RuleSet:
    """The rules as if they named their rooms by ids alone. Those that fit otherwise are among these already."""
    nothing = {"room_names": (), "room_tags": ()}
    return rules.model_copy(update={"rules": tuple(rule.model_copy(update=nothing) for rule in rules.rules)})


def for_its_title_alone(upload: Upload, steps: Sequence[Step], rules: RuleSet) -> list[Rule]:
    """The rules that would take it if its title fitted, as they are now. None of what the history cannot tell."""
    trace = recorded_trace(upload, steps, rules)
    return [] if trace is None else [rule for rule in rules.enabled if _but_for_the_title(rule, trace)]


def would_fit(title: str) -> str | None:
    """What to add to a rule's titles so that it takes such titles: the word that the title begins with."""
    word = _FIRST_WORD.match(title.strip())
    if word is None:
        return None
    wanted = word[0].casefold()
    return wanted if title_test(wanted).matches(title) else None


def _but_for_the_title(rule: Rule, trace: Trace) -> bool:
    if why_not_asked(rule, trace) is not None:
        return False
    left = {each.check: each.state for each in checks(rule, trace) if each.state is not State.PASSED}
    return left == {Check.TITLE: State.FAILED}
