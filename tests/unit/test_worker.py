"""What a worker does where its own steps around the handler fail."""

from typing import Any, NoReturn

from structlog.testing import capture_logs

from shared import worker
from shared.runtime.ladder import Ladder
from shared.runtime.settle import Settler
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Forward
from shared.worker import settled

HALF_A_CHARACTER = InvoiceDetected(
    file_id=1, title=chr(0xD83D), rule="default", destination=2, recipients=("a@example.com",)
)
MESSAGE = Message(body=b"{}", type="webhook.file.uploaded", message_id="m-1", correlation_id="c", timestamp=1)


def test_an_event_that_cannot_be_written_down_is_tried_again_and_the_reason_is_told() -> None:
    settler = Settler("classifier", Ladder((1, 2), 60), app_id="classifier")
    with capture_logs() as logged:
        settlement = settled(settler, MESSAGE, Forward(HALF_A_CHARACTER), paused=False)
    assert (settlement.kind, settlement.publication.exchange) == ("retry", "retry.1s")
    assert "unexpected UnicodeEncodeError while it was being settled" in str(settlement.reason)
    assert [(line["event"], line["message_id"]) for line in logged] == [("settlement.failed", "m-1")]


def test_the_main_loop_outlives_a_look_at_the_handlers_that_fails() -> None:
    class Consumer:
        def longest(self) -> NoReturn:
            raise RuntimeError("a bug")

    consumer: Any = Consumer()
    with capture_logs() as logged:
        worker.end_if_stuck(consumer)
    assert [line["event"] for line in logged] == ["handler.unwatched"]
