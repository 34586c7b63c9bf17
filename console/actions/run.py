"""Goes on with an action, in the process that holds it: the web's thread, or a command. Sequence only."""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from console.actions.asked import rest
from console.actions.site import Site
from console.actions.verbs import verb_of
from console.actions.work import Work
from shared.errors import IntakeError
from shared.runtime.crash_points import CrashPoint, reached
from shared.store.actions.action import Action, State
from shared.store.actions.put_away import PutAwayStore
from shared.store.actions.store import ActionStore
from shared.store.audit.store import AuditStore

LOOK_S = 5.0
"""Between two looks for what other processes left. What is asked for in this one is begun at once."""
LATER_S = 10.0
"""After a fault of the broker or the database."""
PRUNE_EVERY_S = 3600.0

log = structlog.get_logger()


def run(site: Site, action_id: str) -> bool:
    """To its end, or until it is stopped. False where another process holds it, or there is nothing left to do.

    TransientError where it cannot go on now; the next process, or this one, goes on in LEASE_S.
    """
    store = ActionStore(site.database_url)
    holder = this_holder()
    try:
        if not store.hold(action_id, holder):
            return False
        action = store.get(action_id)
        if action is None:
            return False
        try:
            _run(site, store, action, holder)
        except IntakeError as error:
            store.broke_off(action_id, holder, str(error))
            raise
    finally:
        store.close()
    return True


def this_holder() -> str:
    """Names this thread, among all processes."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def _run(site: Site, store: ActionStore, action: Action, holder: str) -> None:
    work = Work(store, action.id, holder)
    verb_of(action.verb).run(site, action, work)
    if not work.left:
        _tell(site, store, action.id, State.DONE)  # before it is done: nobody comes back to what is
        reached(CrashPoint.ACTION_TOLD)
        store.finish(action.id, holder)
        store.let_go(action.id, holder)
    else:
        store.let_go(action.id, holder)
        _tell(site, store, action.id)


def _tell(site: Site, store: ActionStore, action_id: str, state: State | None = None) -> None:
    """On the audit. Repeating is safe: the last result stays."""
    audit, action = AuditStore(site.database_url), store.get(action_id)
    try:
        if action is not None:
            audit.end(action_id, result_of(replace(action, state=state or action.state)))
    finally:
        audit.close()


def result_of(action: Action) -> str:
    failed = f", {action.failed} failed" if action.failed else ""
    return f"{action.state}: {action.done} of {action.count} done{failed}"


def work_off(site: Site, wait: Callable[[float], bool]) -> None:
    """All that anybody asks for, until `wait` says that the process is to stop. For a thread of its own."""
    store, kept = ActionStore(site.database_url), PutAwayStore(site.database_url)
    prune_at, pause_s = 0.0, 0.0
    try:
        while not wait(0):
            rest(pause_s)
            try:
                for action_id in store.open_ones():
                    run(site, action_id)
                if time.monotonic() >= prune_at:
                    prune_at = time.monotonic() + PRUNE_EVERY_S
                    kept.prune()
            except IntakeError as error:
                log.warning("action.broken_off", reason=str(error), again_in_s=LATER_S)
                pause_s = LATER_S
            else:
                pause_s = LOOK_S
    finally:
        store.close()
        kept.close()
