"""Both events of each upload at once, while a move takes seconds: the second costs neither a retry nor noise."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.amqp.topology import topology
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, Pipeline, running_pipeline
from tests.support.runtime import messages_in
from tests.support.waiting import wait_until

UPLOADS = 200
MOVE_MS = 4000
DELAYS_S = (5, 30, 120, 600, 3600)


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
    wait_until(lambda: len(pipeline.state()["mails"]) >= UPLOADS, 60, "every invoice to be told", every_s=0.5)
    wait_until(lambda: len(settled_by_movers(pipeline)) >= 2 * UPLOADS, 60, "both twins to be settled", every_s=0.5)
    assert messages_in(vhost, [queue.name for queue in topology(DELAYS_S).queues]) == {}

    state = pipeline.state()
    assert Counter(move["file_id"] for move in state["moves"]) == Counter(files.keys())
    assert {file["folder_id"] for file in state["files"] if file["id"] in files} == {INCOMING}
    assert Counter(mail["subject"].partition(" from ")[0] for mail in state["mails"]).most_common(1)[0][1] == 1
    assert len(state["mails"]) == UPLOADS
    settled = settled_by_movers(pipeline)
    assert [event["reason"] for event in settled if event["outcome"] in {"retry", "dead"}] == []
    assert Counter(event["outcome"] for event in settled) == {"forward": UPLOADS, "skip": UPLOADS}


def settled_by_movers(pipeline: Pipeline) -> list[dict[str, Any]]:
    return [event for worker in ("mover", "mover-2") for event in pipeline.settled(worker)]
