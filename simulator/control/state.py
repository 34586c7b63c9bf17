"""GET /simulator/state: the whole state as JSON, for the page and for tests."""

from datetime import datetime
from typing import TypeVar

from simulator.mailbox.mail import Mail, Mailbox
from simulator.outgoing.webhook_model import Attempt
from simulator.outgoing.webhooks import Webhooks
from simulator.portal import seed
from simulator.portal.model import File, Folder, JsonObject, Move
from simulator.portal.portal import Portal


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def snapshot(portal: Portal, hooks: Webhooks, mailbox: Mailbox, *, limit: int | None) -> JsonObject:
    """`limit` keeps only the newest entries of each growing list. `counts` always has the full numbers."""
    with portal.lock:
        folders = [_folder(portal, folder) for folder in portal.tree.folders.values()]
        files = [_file(portal, file) for file in _last(list(portal.tree.files.values()), limit)]
        moves = [_move(move) for move in _last(portal.moves, limit)]
        counts = {"files": len(portal.tree.files), "moves": len(portal.moves)}
        operations = len(portal.operations.all())
    with hooks.lock:
        deliveries = [_attempt(attempt) for attempt in _last(hooks.attempts, limit)]
        webhooks = [
            {"id": hook.id, "name": hook.name, "uri": hook.uri, "enabled": hook.enabled, "triggers": hook.triggers}
            for hook in hooks.by_id.values()
        ]
        counts |= {"deliveries": len(hooks.attempts), "events": len(hooks.log)}
        waiting = len(hooks.queue) + len(hooks.under_way)
    mails = mailbox.all()
    return {
        "rooms": [folder for folder in folders if folder["kind"] == "room"],
        "folders": folders,
        "files": files,
        "moves": moves,
        "deliveries": deliveries,
        "mails": [_mail(mail) for mail in _last(mails, limit)],
        "webhooks": webhooks,
        "counts": counts | {"mails": len(mails), "operations": operations, "webhooks_waiting": waiting},
        "faults": portal.faults.as_json(),
        "at": iso(portal.now()),
    }


T = TypeVar("T")


def _last(items: list[T], limit: int | None) -> list[T]:
    return items if limit is None else items[len(items) - min(limit, len(items)) :]


def _folder(portal: Portal, folder: Folder) -> JsonObject:
    room = portal.tree.room(folder.id)
    kind = "room" if folder.room_type is not None else "section" if folder.parent_id is None else "folder"
    return {
        "id": folder.id, "title": folder.title, "parent_id": folder.parent_id, "kind": kind,
        "room_id": room.id if room else None, "root_id": portal.tree.root_id(folder.id),
    }  # fmt: skip


def _file(portal: Portal, file: File) -> JsonObject:
    room = portal.tree.room(file.folder_id)
    return {
        "id": file.id, "title": file.title, "folder_id": file.folder_id,
        "room_id": room.id if room else None, "version": file.version, "size": file.size,
        "created_by": seed.USERS[file.created_by].display_name, "created": iso(file.created),
        "locked_by": seed.USERS[file.locked_by].display_name if file.locked_by else None,
        "editing": file.editing, "denied": file.denied,
    }  # fmt: skip


def _move(move: Move) -> JsonObject:
    return {
        "file_id": move.file_id, "created": iso(move.created), "new_file_id": move.new_file_id,
        "title": move.title, "from": move.source, "to": move.dest,
        "at": iso(move.at), "operation_id": move.operation_id,
    }  # fmt: skip


def _attempt(attempt: Attempt) -> JsonObject:
    return {
        "event_id": attempt.event_id, "webhook_id": attempt.webhook_id, "trigger": attempt.trigger,
        "file_id": attempt.file_id, "created": _told(attempt.created),
        "modified": _told(attempt.modified), "attempt": attempt.attempt,
        "status": attempt.status, "error": attempt.error or None, "at": iso(attempt.at),
    }  # fmt: skip


def _told(created: str) -> str | None:
    return iso(datetime.fromisoformat(created)) if created else None


def _mail(mail: Mail) -> JsonObject:
    letter = mail.letter
    return {
        "message_id": letter.message_id, "from": mail.sender, "to": list(mail.to), "subject": letter.subject,
        "text": letter.text, "html": letter.html, "headers": dict(letter.headers), "at": iso(mail.at),
    }  # fmt: skip
