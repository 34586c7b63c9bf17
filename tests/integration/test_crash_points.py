"""A worker killed at each crash point, and started again: every invoice is filed once and announced once."""

import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from demo.ports import free_port
from shared.amqp.topology import topology
from shared.runtime.crash_points import CrashPoint as At
from shared.runtime.settle import EXCHANGE
from shared.wire.events import InvoiceAnnounced, decode
from tests.support.brokers import Broker, fresh_vhost
from tests.support.crashing import last_words
from tests.support.pipeline import INCOMING, ROOM, Pipeline, Worker, running_pipeline
from tests.support.runtime import DELAYS_S, messages_in, plain_channel, take_one
from tests.support.waiting import wait_until

DROPBOX_ROOM = "sbox-12"
"""In third-party storage a move changes the file's id, so a second one would not be harmless."""
RECIPIENTS = ("anna@example.com", "ben@example.com")
EVERY_S = 5
RULES = f"""
[[rule]]
name = "later"
rooms = [{ROOM}]
titles = ["later"]
destination = {INCOMING}
recipients = ["{RECIPIENTS[0]}", "{RECIPIENTS[1]}"]
digest = "every {EVERY_S} seconds"

[[rule]]
name = "crash"
rooms = [{ROOM}, "{DROPBOX_ROOM}"]
destination = {INCOMING}
recipients = ["{RECIPIENTS[0]}", "{RECIPIENTS[1]}"]
"""
HEARD = "heard"
WHILE_DEAD_S = 180.0
"""Longer than a lease and than a lost answer is waited for."""

LATER = 4
"""Neighbours in the notifier, where the first is told at once and the others in one message."""
NEIGHBOURS = 12
NTH = 4
"""In the mover with a room's files: by then the answers have made groups of those that came in the meantime."""
ONE_BY_ONE = {At.MESSAGE_ACKED}
"""One acknowledgement may be for all of them."""

ON_THE_WAY_TO_THE_SPOOL = {At.SPOOL_WRITTEN, At.SPOOL_STORED}
ON_THE_WAY_OUT_OF_IT = {At.SPOOL_DRAIN_CONFIRMED, At.SPOOL_DRAIN_REMOVED}
WITH_A_MOVE_ON_ITS_WAY = {
    At.MOVE_NOTED,
    At.MOVE_SENT,
    At.MOVE_ID_NOTED,
    At.MOVE_FOLLOWED,
    At.MOVE_FILED,
}
WHERE_A_MOVE_CHANGES_THE_ID = {At.MOVE_ARRIVAL_RECORDED}
FAULTS: dict[At, dict[str, Any]] = {
    At.MOVE_REFUSED: {
        "status": {
            "code": 429,
            "method": "PUT",
            "path_contains": "fileops/move",
            "retry_after": 1,
            "ratelimit_reset": 1,
            "times": 6,
        }
    },
    At.MAIL_REFUSED: {"smtp": {"code": 450, "times": 1}},
}
"""Without which a point is not reached."""


OF_OTHERS = ("item.", "letter.", "action.", "problem.", "hook.", "deaths.", "restore.")
"""None of these workers has them: see actions/test_killed_at_every_line.py, operator/test_telling.py,
dispatcher/test_crash_points.py, dispatcher/test_dead_letters_told.py and backup/."""


def cases(point: At) -> list[tuple[At, str, int | str]]:
    """The workers that have this point, and the rooms in which it matters."""
    match point.split(".")[0]:
        case "ingress" | "spool":
            return [(point, "ingress", ROOM)]
        case "message" | "fact":
            return [(point, "mover", ROOM), (point, "notifier", ROOM)]
        case "move" if point in WITH_A_MOVE_ON_ITS_WAY:
            return [(point, "mover", ROOM), (point, "mover", DROPBOX_ROOM)]
        case "move" if point in WHERE_A_MOVE_CHANGES_THE_ID:
            return [(point, "mover", DROPBOX_ROOM)]
        case "move":
            return [(point, "mover", ROOM)]
        case "mail" | "outbox":
            return [(point, "notifier", ROOM)]
    raise AssertionError(f"no worker is known to have the crash point {point}")


@pytest.fixture(scope="module")
def vhost(any_broker: Broker) -> Iterator[str]:
    with fresh_vhost(any_broker) as url:
        with plain_channel(url) as channel:
            channel.exchange_declare(EXCHANGE, "topic", durable=True)
            channel.queue_declare(HEARD, durable=True)
            channel.queue_bind(HEARD, EXCHANGE, InvoiceAnnounced.routing_key)
        yield url


@pytest.fixture(scope="module")
def pipeline(vhost: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("crash")
    rules = folder / "rules.toml"
    rules.write_text(RULES)
    # DocSpace's patience is 31 s; a start of the ingress must fit into the simulator's
    with running_pipeline(vhost, folder, webhook_retry_base_s=0.4, RULES_FILE=str(rules)) as running:
        running.wait_ready()
        yield running


@pytest.mark.parametrize(
    ("point", "name", "room"), [case for point in At if not point.startswith(OF_OTHERS) for case in cases(point)]
)
def test_a_kill_loses_nothing_and_doubles_nothing(
    pipeline: Pipeline, vhost: str, point: At, name: str, room: int | str
) -> None:
    worker = pipeline.workers[name]
    waits = point.startswith("outbox.")
    title = f"{'Later' if waits else 'Invoice'} {point} {name} {room}"
    files: dict[int | str, str] = {}
    in_a_group = name == "mover" and room == ROOM
    neighbours = NEIGHBOURS if in_a_group else LATER if waits else 1
    webhooks = 2 + neighbours

    def upload() -> None:
        files[pipeline.upload(f"{title} twins.pdf", folder=room, kind="simple")] = f"{title} twins.pdf"
        for number in range(neighbours):
            files[pipeline.upload(f"{title} neighbour {number}.pdf", folder=room)] = (
                f"{title} neighbour {number}.pdf"
            )

    nowhere = f"amqp://127.0.0.1:{free_port()}/"
    pipeline.faults(FAULTS.get(point, {}) | ({"latency_ms": 100} if in_a_group else {}))
    assert worker.stop() == 0
    if point in ON_THE_WAY_OUT_OF_IT:
        worker.start(AMQP_URL=nowhere)
        upload()
        wait_until(lambda: answered(pipeline, files) == webhooks, 30, "all webhooks to be in the spool")
        assert worker.stop() == 0
        worker.start(crash_at=point)
    else:
        # one message at a time in the notifier, so that no other mail is in the window of MAIL_ACCEPTED
        worker.start(
            crash_at=point,
            nth=NTH if in_a_group and point not in ONE_BY_ONE else 1,
            **({"AMQP_URL": nowhere} if point in ON_THE_WAY_TO_THE_SPOOL else {}),
            **({"WORKER_CONCURRENCY": "1"} if name == "notifier" else {}),
            **({"CONFIRM_TIMEOUT_S": "30"} if point is At.INGRESS_PUBLISHED else {}),  # else the spool may take it
        )
        worker.wait_ready()
        if point is At.INGRESS_PUBLISHED:
            worker.wait_connected()
        upload()
    assert worker.wait(30) == -signal.SIGKILL
    # other threads may still write before the signal ends them
    assert last_words(point) in worker.written().splitlines()

    time_passes(worker)
    worker.start()
    worker.wait_ready()
    wait_until(lambda: answered(pipeline, files) == webhooks, 60, "all webhooks to be answered 200")
    wait_until(lambda: set(announced(pipeline, files)) == expected(files), 60, "every mail")
    wait_until(lambda: idle(pipeline, vhost) and idle(pipeline, vhost), 60, "nothing to be left waiting")
    said: dict[str, set[str]] = {}
    wait_until(lambda: hear(vhost, said).keys() >= set(files.values()), 60, "all to hear that all were told")
    assert {title: len(said[title]) for title in files.values()} == dict.fromkeys(files.values(), 1)

    assert Counter(move["file_id"] for move in moves(pipeline, files)) == Counter(dict.fromkeys(files, 1))
    filed = Counter(file["title"] for file in pipeline.state()["files"] if file["folder_id"] == INCOMING)
    assert {title: filed[title] for title in files.values()} == dict.fromkeys(files.values(), 1)
    mails = announced(pipeline, files)
    doubled = [message_ids for message_ids in mails.values() if len(message_ids) > 1]
    if point is At.MAIL_ACCEPTED:
        ((first, second),) = doubled
        assert first == second
    else:
        assert doubled == []


def time_passes(worker: Worker) -> None:
    """As if the worker had been dead for WHILE_DEAD_S: what it left in the ledger is so much older."""
    ledger = sqlite3.connect(worker.environ["DATABASE_URL"].removeprefix("sqlite:///"), timeout=10)
    with ledger:
        ledger.execute(
            "UPDATE ledger SET leased_until = leased_until - :s, progress = CASE WHEN progress LIKE '{%' THEN"
            " json_set(progress, '$.sent_at', json_extract(progress, '$.sent_at') - :s) ELSE progress END"
            " WHERE result IS NULL",
            {"s": WHILE_DEAD_S},
        )
        for table in ("outbox_windows", "outbox_invoices") if worker.name == "notifier" else ():
            ledger.execute(f"UPDATE {table} SET offered_until = offered_until - ?", [WHILE_DEAD_S])
    ledger.close()


def hear(url: str, said: dict[str, set[str]]) -> dict[str, set[str]]:
    """Adds, by the file's title, the ids of the events that say that everybody was told."""
    while taken := take_one(url, HEARD):
        said.setdefault(decode(taken[0].body, InvoiceAnnounced).title, set()).add(taken[0].message_id)
    return said


def answered(pipeline: Pipeline, files: dict[int | str, str]) -> int:
    """How many of the webhooks about `files` got their 200."""
    deliveries = pipeline.state()["deliveries"]
    return len({(d["file_id"], d["trigger"]) for d in deliveries if d["file_id"] in files and d["status"] == 200})


def moves(pipeline: Pipeline, files: dict[int | str, str]) -> list[dict[str, Any]]:
    return [move for move in pipeline.state()["moves"] if move["file_id"] in files]


def expected(files: dict[int | str, str]) -> set[tuple[str, str]]:
    return {(title, recipient) for title in files.values() for recipient in RECIPIENTS}


def announced(pipeline: Pipeline, files: dict[int | str, str]) -> dict[tuple[str, str], list[str]]:
    """(title, recipient) -> the Message-IDs of the mails that the mailbox holds."""
    found: dict[tuple[str, str], list[str]] = {}
    for mail in pipeline.state()["mails"]:
        for title in files.values():
            if title in f"{mail['subject']}\n{mail['text']}":
                found.setdefault((title, mail["to"][0]), []).append(mail["message_id"])
    return found


def idle(pipeline: Pipeline, vhost: str) -> bool:
    """Nothing in the spool, in a queue or in a worker's hand; AssertionError if anything is dead."""
    waiting = messages_in(vhost, [queue.name for queue in topology(DELAYS_S).queues])
    assert not [queue for queue in waiting if queue.endswith(".dead")], waiting
    return not waiting and all(
        gauge(worker, "intake_spool_events" if worker.name == "ingress" else "intake_messages_in_flight") == 0
        for worker in pipeline.workers.values()
    )


def gauge(worker: Worker, name: str) -> float:
    lines = worker.get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))
