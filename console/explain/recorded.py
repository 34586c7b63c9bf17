"""The checks that the rules of now make of an upload that the history knows. Pure: no portal is asked.

What only the portal knows stays a question. Who the service user is counts as not known: nobody is taken for it.
"""

from collections.abc import Collection, Sequence

from console.explain.checks import Trace
from console.rules.past_uploads import UPLOADED
from shared.docspace.payload import Entry, Webhook
from shared.rules.decide import Answer, Known, trace
from shared.rules.ids import entry_id
from shared.rules.model import RuleSet
from shared.rules.place import Folder
from shared.store.history.step import Outcome, Step
from shared.store.history.upload import Upload

WEBHOOK = "webhook."


def recorded_trace(
    upload: Upload, steps: Sequence[Step], rules: RuleSet, rooms: Collection[str] = ()
) -> Trace | None:
    """None where the history no longer has the webhook's step. `rooms` are ids that are known to be of rooms."""
    webhook = _webhook(upload, steps)
    if webhook is None:
        return None
    title = Answer(upload.title) if upload.title else None
    known = Known(service_user=Answer(None), path=_path(upload, rules, rooms), title=title)
    return tuple(trace(rules, webhook, known))


def _webhook(upload: Upload, steps: Sequence[Step]) -> Webhook | None:
    """The twin that each upload has, where it came."""
    received = [step.type for step in steps if step.outcome is Outcome.RECEIVED and step.type.startswith(WEBHOOK)]
    if not received or not upload.file_id:
        return None
    trigger = (UPLOADED if UPLOADED in received else received[0]).removeprefix(WEBHOOK)
    is_file = not trigger.startswith("folder.")
    return Webhook(
        trigger=trigger, entry=Entry(id=entry_id(upload.file_id, "file"), title=upload.title, is_file=is_file)
    )


def _path(upload: Upload, rules: RuleSet, rooms: Collection[str]) -> Answer[tuple[Folder, ...]] | None:
    """Only where it says rightly in which of the rules' rooms the file is.

    The history keeps the room alone, and no tags of it. A rule that names a folder below a room is not told from it
    by that.
    """
    if upload.room is None or any(rule.room_tags for rule in rules.enabled):
        return None
    if any(rule.room_names for rule in rules.enabled) and not upload.room_title:
        return None
    wanted = {room for rule in rules.enabled for room in rule.rooms}
    if upload.room in wanted or wanted <= set(rooms):
        return Answer((Folder(entry_id(upload.room), upload.room_title or "", is_room=True),))
    return None
