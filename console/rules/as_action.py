"""Makes rules live as an action: on the audit before, and told to all who listen after it.

If the process is killed in between, the one that goes on with the action looks whether they are live, and tells so.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from console.actions.rules import PublishRules
from console.actions.run import this_holder
from console.actions.site import Site
from shared.store.actions.store import ActionStore
from shared.store.audit.store import AuditStore, Person


def as_action(
    site: Site,
    by: Person,
    verb: str,
    facts: Mapping[str, Any],
    publish: Callable[[], int],
    *,
    over: int,
    name: str,
    why: str,
) -> tuple[str, int]:
    """The action's id, and the version. `publish` makes it live and gives it; what it raises is on the audit too.

    `over` is the switch that the publisher saw, `name` and `why` are what it tells the rulebook. TransientError.
    """
    holder, switch = this_holder(), over + 1
    with (
        contextlib.closing(AuditStore(site.database_url)) as audit,
        contextlib.closing(ActionStore(site.database_url)) as actions,
    ):
        action_id = audit.begin(by, verb, "the rules", facts)
        filter_ = {"switch": switch, "name": name, "why": why}
        actions.add(action_id, PublishRules.name, filter_, count=1, by=by, keys=[f"switch {switch}"], holder=holder)
        try:
            version = publish()
        except Exception as error:
            actions.end(action_id, 1, why=str(error))
            audit.end(action_id, f"failed: {error}")
            actions.finish(action_id, holder)
            raise
        audit.end(action_id, f"version {version} is live")
        actions.let_go(action_id, holder)
    return action_id, version
