"""Waits until nothing moves any more, and takes the dead letters out."""

import json
import time
from collections.abc import Callable

from shared.runtime.ladder import queue_name
from shared.wire.message import Message
from shared.wire.stages import EVERY_NAME
from tests.chaos.site import DELAYS_S, Site
from tests.chaos.verdict import DeadLetter, Verdict
from tests.support.runtime import plain_channel, take_one

WORK_QUEUES = (*EVERY_NAME, *(queue_name(delay_s) for delay_s in DELAYS_S))


def waiting(site: Site) -> dict[str, int]:
    """How many messages wait in which queue, and events in which spool."""
    with plain_channel(site.amqp_url) as channel:
        found = {name: int(channel.queue_declare(name, passive=True).method.message_count) for name in WORK_QUEUES}
    for index, ingress in enumerate(site.of("ingress")):
        line = next(
            line for line in ingress.get("/metrics").text.splitlines() if line.startswith("intake_spool_events ")
        )
        found[f"spool {index}"] = int(float(line.split()[1]))
    return {name: count for name, count in found.items() if count}


def settle(
    site: Site, judge: Callable[[], Verdict], say: Callable[[str], None], *, deadline_s: float, patience_s: float
) -> dict[str, int]:
    """What still waits at the end: nothing, or `deadline_s` was not enough.

    What a worker holds in its hand is in no queue that can be counted, so when something is missing, nothing may
    change for `patience_s` before it counts as lost.
    """
    started = time.monotonic()
    quiet_since, before = started, None
    while True:
        left = waiting(site)
        counts = site.state(limit=0)["counts"]
        now = time.monotonic()
        if (left, counts) != before:
            quiet_since, before = now, (left, counts)
        quiet_s = now - quiet_since
        at_rest = not left and not counts["webhooks_waiting"] and quiet_s >= 3
        if at_rest and (quiet_s >= patience_s or not judge().faults):
            return {}
        if now > started + deadline_s:
            return left
        say(f"settling: {left or 'nothing waits'}, {counts['moves']} filed, {counts['mails']} mails")
        time.sleep(1)


def dead_letters(site: Site) -> list[DeadLetter]:
    """They are gone from their queues afterwards."""
    found: list[DeadLetter] = []
    for stage in EVERY_NAME:
        queue = f"{stage}.dead"
        while (taken := take_one(site.amqp_url, queue)) is not None:
            message, headers = taken
            found.append(DeadLetter(queue, _file_of(message), str(headers.get("reason", "no reason"))))
    return found


def _file_of(message: Message) -> int | str | None:
    body = json.loads(message.body)
    entry = body.get("payload", body)
    file_id: int | str | None = entry.get("source_file_id", entry.get("file_id", entry.get("id")))
    return file_id
