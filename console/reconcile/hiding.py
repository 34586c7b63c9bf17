"""What hides events from us: noted, so that no restart forgets which passes it makes due."""

import json

from console.reconcile.asked import Asked
from console.reconcile.baseline import Baselines
from console.reconcile.places import FOLDER, ROOM
from shared.rules.ids import id_text
from shared.store.sweeps.store import ALL, SweepStore
from shared.wire.events import EntryId

HIDING, WEBHOOKS, FORGOTTEN = "hiding", "webhooks", "forgotten"
"""Names of notes: why events are hidden now; the webhooks that call us; the last row that the portal never sent."""


def note_webhooks(store: SweepStore, told: Asked, now: float) -> None:
    """While a webhook is off, a full pass would find no end: it is due once, when the webhook is on again."""
    if told.fault:
        store.set_note(HIDING, f"uploads did not reach us: {told.fault}")
    elif told.ids is not None and (reason := store.note(HIDING)):
        store.hide(ALL, now, reason)
        store.drop_note(HIDING)
    if told.ids:
        _note_new_ones(store, told.ids, now)
    if (last := told.deliveries.last_forgotten) > int(store.note(FORGOTTEN) or 0):
        store.hide(ALL, now, "the portal restarted before it had sent all of our webhooks")
        store.set_note(FORGOTTEN, str(last))


def note_portal_away(store: SweepStore, reason: str) -> None:
    """Repeating it changes nothing. The pass is due when the portal is there again."""
    store.set_note(HIDING, f"the portal was away: {reason}")


def note_brought_in(store: SweepStore, folders: dict[EntryId, float]) -> None:
    """The portal tells that a folder or room was moved or restored, and nothing of the files in it."""
    for folder, at in folders.items():
        store.hide(f"{FOLDER}{folder}", at, "it was moved or restored, which no event tells of the files in it")


def begin_new(store: SweepStore, baselines: Baselines, since: float, now: float) -> tuple[EntryId, ...]:
    """The rooms of rules that were never met. What changes since then is judged, the rest is to be written down."""
    new = [(room, part) for room in baselines.rooms() for part in baselines.missing(room)]
    for room, part in new:
        store.begin_baseline(id_text(room), part, since, now)
    return tuple(dict.fromkeys(room for room, _ in new))


def note_new_rules(store: SweepStore, baselines: Baselines, since: float, now: float) -> None:
    for room in begin_new(store, baselines, since, now):
        store.hide(f"{ROOM}{id_text(room)}", now, "what lay there when its rule was made is to be written down")


def _note_new_ones(store: SweepStore, ids: frozenset[int], now: float) -> None:
    """One that was deleted and registered anew between two looks has another id."""
    told = store.note(WEBHOOKS)
    before = set(json.loads(told)) if told else None
    if before is not None and not before & ids:
        store.hide(ALL, now, "the portal's webhook was gone, and is registered anew")
    if before != set(ids):
        store.set_note(WEBHOOKS, json.dumps(sorted(ids)))
