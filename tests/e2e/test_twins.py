"""Both events of each upload at once, while a move takes seconds: the second costs neither a retry nor noise."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.amqp.topology import topology
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, Pipeline, running_pipeline
from tests.support.runtime import messages_in
from tests.support.waiting import wait_until

UPLOADS = 200
MOVE_MS = 4000
DELAYS_S = (5, 30, 120, 600, 3600)
QUIET_WITHIN_S = 10.0


@pytest.fixture(scope="module")
def vhost(any_broker: Broker) -> Iterator[str]:
    with fresh_vhost(any_broker) as url:
        yield url


@pytest.fixture
def pipeline(vhost: str, tmp_path: Path) -> Iterator[Pipeline]:
    """With a second mover, for a twin to come to another process."""
    ladder = ",".join(map(str, DELAYS_S))
    with running_pipeline(vhost, tmp_path, RETRY_DELAYS_S=ladder) as running:
        running.start_another("mover")
        running.wait_ready()
        yield running


@pytest.mark.timeout(300)
def test_two_hundred_uploads_with_both_events_while_a_move_takes_four_seconds(
    pipeline: Pipeline, vhost: str
) -> None:
    pipeline.faults({"operation_ms": MOVE_MS})
    files = {
        pipeline.upload(f"Invoice twins {number:03}.pdf", kind="simple"): f"Invoice twins {number:03}.pdf"
        for number in range(UPLOADS)
    }
    wait_until(
        lambda: pipeline.state()["counts"]["moves"] >= UPLOADS, 180, "every invoice to be filed", every_s=0.5
    )
    queues = [queue.name for queue in topology(DELAYS_S).queues]
    last_filed = max(datetime.fromisoformat(move["at"]) for move in pipeline.state()["moves"])
    while (datetime.now(UTC) - last_filed).total_seconds() < QUIET_WITHIN_S:
        time.sleep(0.2)
    assert messages_in(vhost, queues) == {}

    state = pipeline.state()
    assert Counter(move["file_id"] for move in state["moves"]) == Counter(files.keys())
    assert {file["folder_id"] for file in state["files"] if file["id"] in files} == {INCOMING}
    assert Counter(mail["subject"].partition(" from ")[0] for mail in state["mails"]).most_common(1)[0][1] == 1
    assert len(state["mails"]) == UPLOADS
    settled = [event for worker in ("mover", "mover-2") for event in pipeline.settled(worker)]
    assert [event["reason"] for event in settled if event["outcome"] in {"retry", "dead"}] == []
    assert Counter(event["outcome"] for event in settled) == {"forward": UPLOADS, "skip": UPLOADS}
