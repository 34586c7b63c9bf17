"""What lies in the room of a new rule is written down, so that no sweep takes it for missed."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime

from console.reconcile.by_hand import baseline_of
from console.setup.person import Person
from console.setup.stack import Stack
from console.terminal.progress import Waiting
from shared.docspace.client import Client
from shared.errors import IntakeError
from shared.process.settings import LedgerDatabase, Rules, load
from shared.store.sweeps.store import SweepStore

BY_ITSELF = (
    "\nWhat lies in the room now is left alone. The reconciler writes it down when it first meets the rule; "
    "or you do: intake reconcile --baseline {at}"
)


def write_down(
    person: Person, client: Client, stack: Stack, environ: Mapping[str, str], at: datetime
) -> dict[str, int] | None:
    """By room, how many files lay there at that time; None where the database is to be had from the stack alone."""
    if stack.is_there and not environ.get("DATABASE_URL"):
        return None
    url = load(LedgerDatabase, environ).database_url.get_secret_value()
    try:
        with Waiting("writing down what lies in the room") as say, contextlib.closing(SweepStore(url)) as store:
            counts = baseline_of(load(Rules, environ).rules(), client, store, at, say)
    except IntakeError:
        return None
    for room, count in counts.items():
        person.tell(f"\n{count} files lay in room {room} before its rule: they are left alone.")
    return counts


def write_down_in(stack: Stack, person: Person, at: datetime) -> None:
    """In the stack, where that runs; before the webhook is registered, so that nothing new is among it."""
    told = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if not (stack.is_there and stack.is_running and stack.write_baseline(told)):
        person.tell(BY_ITSELF.format(at=told))
