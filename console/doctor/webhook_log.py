"""What the portal's log says of one of our webhooks: what waits, which secret signed last, is it silent? Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.doctor.line import Line
from console.doctor.webhook_config import AREA, label
from console.status.view import age
from console.webhook.remedy import ADMINISTRATOR
from console.webhook.signed import ended
from shared.docspace.signature import signer
from shared.docspace.webhook_log import LogEntry
from shared.docspace.webhooks import Webhook

SLOW = timedelta(seconds=60)
"""The portal looks for events every 5 s, and gives a failing one up after some 31 s."""
RECONCILE = "intake reconcile finds their files"


@dataclass(frozen=True, slots=True)
class Upload:
    """The newest that can be seen in the rules' rooms and folders."""

    title: str
    at: datetime


def lines(
    webhook: Webhook, rows: Sequence[LogEntry], secrets: Sequence[bytes], others: Sequence[Webhook], now: datetime
) -> Iterator[Line]:
    """`rows` are the newest of its log, the largest id first; `others` the webhooks that are not ours."""
    yield from _waiting(webhook, rows, others, now)
    yield from _signature(webhook, rows, secrets)


def silence(
    webhook: Webhook, rows: Sequence[LogEntry], upload: Upload | None, since: datetime | None, now: datetime
) -> Iterator[Line]:
    """Whether it says that it is enabled and sends nothing. Only an event later than the last upload disproves it.

    `since` is when the webhook was made; None: unknown.
    """
    if upload is None or not webhook.enabled or now - upload.at < SLOW:
        return
    sent = max((row.happened_at for row in rows if row.happened_at), default=since)
    if sent is None or upload.at <= sent + SLOW:
        return
    yield AREA.warning(
        f'{label(webhook)} is enabled, and there is no event for the upload "{upload.title}" of '
        f"{upload.at:%Y-%m-%d %H:%M:%S} UTC: the portal's own copy may have the webhook switched off",
        f"intake webhook enable {webhook.id} renews that copy; {RECONCILE}. The next upload tells: of one "
        "that was made while the webhook was off, or copied there, there is no event",
        cause="silent",
    )


def _waiting(
    webhook: Webhook, rows: Sequence[LogEntry], others: Sequence[Webhook], now: datetime
) -> Iterator[Line]:
    late = [row for row in rows if row.waiting and _since(row, rows, now) > SLOW]
    lost = [row for row in late if _overtaken(row, rows)]
    held_up = [row for row in late if row not in lost]
    if lost:
        yield AREA.warning(
            f"{len(lost)} events of {label(webhook)} are not sent, and later ones are: the portal was restarted",
            RECONCILE,
            cause="not-sent",
        )
    if held_up:
        oldest = age(max(_since(row, rows, now) for row in held_up).total_seconds())
        failing = [
            one for one in others if one.enabled and (one.last_failure_at or "") > (one.last_success_at or "")
        ]
        told = f"{len(held_up)} events of {label(webhook)} wait in the portal, the oldest for {oldest}"
        yield AREA.warning(
            told + _cause(failing),
            "they come late, not never: the portal sends the webhooks of all its users in batches of ten, each as "
            f"slow as its slowest. {_MENDED if failing else _ANOTHER}",
            cause="late",
        )


_MENDED = "Have that one mended, or disabled"
_ANOTHER = f"One of another user may fail: {ADMINISTRATOR}"


def _cause(failing: Sequence[Webhook]) -> str:
    names = [f"{label(one)} of {one.owner_name or 'unknown'}, which calls {one.url}" for one in failing]
    return f"; likely held up by {', and '.join(names)}, and fails" if names else ""


def _overtaken(row: LogEntry, rows: Sequence[LogEntry]) -> bool:
    """By more than those of one batch overtake each other."""
    return any(
        other.id > row.id and (other.happened_at or datetime.min.replace(tzinfo=UTC)) > row.happened_at + SLOW
        for other in ended(rows)
        if row.happened_at is not None
    )


def _since(row: LogEntry, rows: Sequence[LogEntry], now: datetime) -> timedelta:
    """How long it waits at least; nothing for a retry by hand, which is a new row of an old event."""
    if row.happened_at is None:
        return timedelta()
    again = any(
        other.id < row.id and other.happened_at is not None and other.happened_at > row.happened_at
        for other in rows
    )
    return timedelta() if again else now - row.happened_at


def _signature(webhook: Webhook, rows: Sequence[LogEntry], secrets: Sequence[bytes]) -> Iterator[Line]:
    last = next((row for row in rows if row.signature is not None), None)
    if last is None or not secrets:
        return
    place = signer(last.body, last.signature, secrets)
    if place is None:
        yield AREA.failed(
            f"the last event of {label(webhook)} was signed with a secret that is none of ours",
            "see the ingress below: where it takes our secret, intake webhook rotate gives the portal a new one",
            cause="other-secret",
        )
    elif place < len(secrets) - 1:
        yield AREA.warning(
            f"the portal still signs with the old one: the last event of {label(webhook)} was signed with secret "
            f"{place + 1} of {len(secrets)}",
            "keep both, and call intake webhook rotate: it gives the portal the last one, and proves it",
            cause="old-secret",
        )
    else:
        which = "our secret" if len(secrets) == 1 else f"secret {len(secrets)} of {len(secrets)}"
        yield AREA.ok(f"the last event of {label(webhook)} was signed with {which}")
