"""A file that a person must free first: it is looked at every two minutes, whatever step the ladder has come to."""

import time
from pathlib import Path

import requests
from msgspec.structs import replace

from shared.runtime.settle import DEFAULT_EXCHANGE
from shared.wire.message import Message, Publication
from tests.support.mover import filed, logged, queue_uploads, running_mover
from tests.support.runtime import running_publisher, take_one
from tests.support.waiting import wait_until


def test_a_locked_file_is_tried_again_within_two_minutes_where_the_ladder_says_ten(
    any_vhost_url: str, tmp_path: Path
) -> None:
    with running_mover(any_vhost_url, tmp_path, RETRY_DELAYS_S="1,2,600") as (simulator, mover):
        (file_id,) = queue_uploads(simulator, any_vhost_url, 1)
        state = f"{simulator.url}/simulator/files/{file_id}"
        requests.put(state, json={"locked_by": "client"}, timeout=5).raise_for_status()
        mover.start()
        wait_until(lambda: len(logged(mover, "message.settled")) == 3, 60, "three tries", every_s=0.01)
        settled = time.time()
        assert {event["reason"] for event in logged(mover, "message.settled")} == {
            "the file is locked by Jane Client"
        }

        def waiting() -> Message | None:
            taken = take_one(any_vhost_url, "retry.2s")
            return taken[0] if taken else None

        message = wait_until(waiting, 10, "the message, which waits in hops")
        assert message.attempt == 4
        assert message.not_before is not None
        assert 115 < message.not_before - settled < 121

        requests.put(state, json={"locked_by": None}, timeout=5).raise_for_status()
        with running_publisher(any_vhost_url) as publisher:
            due = replace(message, not_before=time.time())
            publication = Publication(exchange=DEFAULT_EXCHANGE, routing_key="mover", message=due, mandatory=True)
            publisher.publish(publication, timeout_s=10)
        wait_until(lambda: filed(simulator) == [file_id], 20, "the move")
