"""What becomes of a message while somebody is not told. Pure."""

from collections.abc import Mapping

from notifier.claims import Found, Joined, NotYet, Told
from shared.text.codes import Code
from shared.wire.outcome import Dead, Retry


def not_all_told(found: Mapping[str, Found]) -> Retry | Dead | None:
    """The outcome of those, by their names, who are neither told nor in the outbox. None if there is none."""
    left = {name: why for name, why in found.items() if not isinstance(why, Told | Joined)}
    if not left:
        return None
    reason = "not told: " + "; ".join(f"{name} ({why.reason})" for name, why in left.items())
    waiting = [why for why in left.values() if isinstance(why, NotYet)]
    if not waiting:
        return Dead(reason, next(why.code for why in left.values()))
    # before Dead: as a dead letter, the others would wait for a person too
    floors = [why.wait_s for why in waiting if why.wait_s is not None]
    untried = all(why.elsewhere or why.untried for why in waiting)
    code = next((why.code for why in waiting if not why.elsewhere), Code.AT_WORK)
    return Retry(reason, code, max(floors, default=None), untried=untried, ages=not untried)
