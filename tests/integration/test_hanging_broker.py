"""A broker of which a part hangs: the connection lives, its heartbeats go on, and what is asked is not answered."""

import pytest

from shared.amqp import outbound, presence
from shared.amqp.client import link
from shared.amqp.confirms import UnknownError
from shared.wire.outcome import Forward
from tests.integration.test_runtime_faults import INVOICE
from tests.support.brokers import Broker
from tests.support.runtime import event, plain_channel, running_consumer, running_publisher, waiting_in
from tests.support.waiting import wait_until

SUSPEND_CHANNELS = "[sys:suspend(Channel) || Channel <- rabbit_channel:list_local()]."

QUEUES_ARE_MADE_BY = (
    '[{call}(Name) || Name <- registered(), string:find(atom_to_list(Name), "server_sup_sup") /= nomatch].'
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "SETTLE_WITHIN_S", 2)
    monkeypatch.setattr(link, "CLOSE_WITHIN_S", 1)
    monkeypatch.setattr(presence, "HANGS_S", 2)
    monkeypatch.setattr(outbound, "CONFIRM_WITHIN_S", 1)


def test_channels_that_hang_are_given_up_and_no_message_is_lost(any_broker: Broker, any_vhost_url: str) -> None:
    with (
        running_consumer(any_vhost_url, "classifier", lambda _: Forward(INVOICE)),
        running_publisher(any_vhost_url) as publisher,
    ):
        any_broker.ctl("eval", SUSPEND_CHANNELS)
        with plain_channel(any_vhost_url) as channel:
            channel.confirm_delivery()
            channel.basic_publish("", "classifier", event(1).message.body)
        wait_until(lambda: waiting_in(any_vhost_url, "mover") == 1, timeout_s=30, what="its outcome")
        wait_until(lambda: waiting_in(any_vhost_url, "classifier") == 0, timeout_s=30, what="its ack")
        with pytest.raises(UnknownError):
            publisher.publish(event(2), timeout_s=30)
        wait_until(lambda: publisher.check() is None, timeout_s=30, what="the publisher to be back")
        publisher.publish(event(2), timeout_s=30)


def test_a_declaration_that_hangs_is_asked_again(any_broker: Broker, any_vhost_url: str) -> None:
    with running_consumer(any_vhost_url, "classifier", lambda _: Forward(INVOICE)) as consumer:
        any_broker.ctl("eval", QUEUES_ARE_MADE_BY.format(call="sys:suspend"))
        try:
            with plain_channel(any_vhost_url) as channel:
                channel.queue_delete("classifier")
            unanswered = "did not answer our declarations"
            wait_until(lambda: unanswered in (consumer.check() or ""), timeout_s=30, what="the consumer to say so")
        finally:
            any_broker.ctl("eval", QUEUES_ARE_MADE_BY.format(call="sys:resume"))
        wait_until(lambda: consumer.check() is None, timeout_s=30, what="the consumer to be back")
