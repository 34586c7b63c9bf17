"""A mover killed in the middle of a burst: what it had in hand is filed when its leases end, and not much later.

But for the group whose move was on its way without an answer, which may still happen: that is looked for, and sent
again after a minute.
"""

import signal
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mover.grouped import FILES_A_MOVE
from mover.plan import SETTLE_S
from shared.store.ledger.leases import LEASE_S
from tests.support.pipeline import Pipeline, running_pipeline
from tests.support.waiting import wait_until

UPLOADS = 200
MOVE_MS = 2000
LADDER = "5,30,120,600,3600"
A_FEW_S = 20.0
"""The ladder's first step, the moves of what had waited behind others, and a machine that is busy."""


@pytest.mark.timeout(240)
@pytest.mark.parametrize("another", [True, False], ids=["another goes on", "it is started again"])
def test_what_a_killed_mover_had_in_hand_is_filed_soon(
    any_vhost_url: str, tmp_path: Path, *, another: bool
) -> None:
    with running_pipeline(any_vhost_url, tmp_path, RETRY_DELAYS_S=LADDER) as pipeline:
        if another:
            pipeline.start_another("mover")
        pipeline.wait_ready()
        pipeline.faults({"operation_ms": MOVE_MS})
        files = {pipeline.upload(title): title for title in (f"Invoice burst {n:03}.pdf" for n in range(UPLOADS))}
        counts = lambda: pipeline.state()["counts"]  # noqa: E731
        wait_until(lambda: counts()["moves"] >= 1, 60, "the burst to be under way", every_s=0.05)
        mover = pipeline.workers["mover"]
        mover.stop(signal.SIGKILL)
        killed = datetime.now(UTC)
        assert counts()["mails"] < UPLOADS
        if not another:
            mover.start()
        wait_until(lambda: counts()["mails"] >= UPLOADS, 180, "every invoice to be told", every_s=0.2)
        late_s = [(told_at(mail) - killed).total_seconds() for mail in pipeline.state()["mails"]]
        assert Counter(move["file_id"] for move in pipeline.state()["moves"]) == Counter(files.keys())
        assert Counter(mail["subject"] for mail in pipeline.state()["mails"]).most_common(1)[0][1] == 1
        # the group that was noted at that moment and had no answer may have been sent: it is not sent again so soon
        assert sum(late > LEASE_S + A_FEW_S for late in late_s) <= FILES_A_MOVE, why(pipeline)
        assert max(late_s) < LEASE_S + SETTLE_S + A_FEW_S, why(pipeline)


def told_at(mail: dict[str, str]) -> datetime:
    return datetime.fromisoformat(mail["at"])


def why(pipeline: Pipeline) -> Counter[str]:
    """The reasons for which the movers sent messages back."""
    movers = [name for name in pipeline.workers if name.startswith("mover")]
    settled = [event for name in movers for event in pipeline.settled(name)]
    return Counter(event["reason"] for event in settled if event["outcome"] == "retry")
