"""A webhook that a person sends again in the portal, whose first event ended as a dead letter."""

import time
from pathlib import Path

import requests
from msgspec.structs import replace

from mover.dead_letters import TOGETHER_S
from shared.runtime.settle import DEFAULT_EXCHANGE
from shared.wire.message import Message, Publication, derived_id
from tests.support.mover import filed, logged, queue_uploads, running_mover
from tests.support.runtime import running_publisher, take_one
from tests.support.waiting import wait_until


def test_a_retry_by_hand_files_an_invoice_that_had_waited_too_long(any_vhost_url: str, tmp_path: Path) -> None:
    with running_mover(any_vhost_url, tmp_path, RETRY_DELAYS_S="1", RETRY_MAX_AGE_S="1") as (simulator, mover):
        (file_id,) = queue_uploads(simulator, any_vhost_url, 1)
        state = f"{simulator.url}/simulator/files/{file_id}"
        requests.put(state, json={"locked_by": "client"}, timeout=5).raise_for_status()
        mover.start()

        def dead() -> Message | None:
            taken = take_one(any_vhost_url, "mover.dead")
            return taken[0] if taken else None

        def last() -> str:
            return str(logged(mover, "message.settled")[-1]["outcome"])

        first = wait_until(dead, 60, "the dead letter")
        requests.put(state, json={"locked_by": None}, timeout=5).raise_for_status()

        again = replace(first, message_id=derived_id("again", file_id), attempt=1, waited_s=0.0, not_before=None)
        with running_publisher(any_vhost_url) as publisher:
            for later_s in (0, TOGETHER_S + 5):  # the other event of the upload; a retry by hand
                sent = replace(again, timestamp=int(time.time() + later_s))
                publisher.publish(
                    Publication(exchange=DEFAULT_EXCHANGE, routing_key="mover", message=sent, mandatory=True), 10
                )
                outcome = "forward" if later_s else "skip"
                wait_until(lambda wanted=outcome: last() == wanted, 30, outcome)
        assert filed(simulator) == [file_id]
