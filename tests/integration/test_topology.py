"""What a broker holds after a declaration: the queues and bindings of this version, and none that are retired."""

from dataclasses import replace

import pika
import pytest

from shared.runtime.settle import EXCHANGE
from shared.wire.stages import MOVER, NOTIFIER, STAGES, Stage
from tests.support.runtime import event, plain_channel, running_publisher, waiting_in

BEFORE, AFTER = "invoice.filed", "invoice.checked"
UPGRADED = (*STAGES[:-1], replace(NOTIFIER, bindings=(AFTER,), retired_bindings=(BEFORE,)))


def declare(url: str, stages: tuple[Stage, ...]) -> None:
    """As a process does that knows these stages."""
    with running_publisher(url, stages):
        pass


def is_routed(url: str, key: str) -> bool:
    """Whether a queue takes it."""
    with plain_channel(url) as channel:
        channel.confirm_delivery()
        try:
            channel.basic_publish(EXCHANGE, key, b"{}", mandatory=True)
        except pika.exceptions.UnroutableError:
            return False
    return True


def test_an_upgraded_declaration_takes_a_retired_binding_away(vhost_url: str) -> None:
    declare(vhost_url, STAGES)
    assert (is_routed(vhost_url, BEFORE), is_routed(vhost_url, AFTER)) == (True, False)
    declare(vhost_url, UPGRADED)
    assert (is_routed(vhost_url, BEFORE), is_routed(vhost_url, AFTER)) == (False, True)
    assert waiting_in(vhost_url, "notifier") == 2, "what the old binding brought is no longer there"


def test_a_broker_without_the_retired_binding_takes_the_declaration_too(vhost_url: str) -> None:
    for _ in range(2):
        declare(vhost_url, UPGRADED)
        assert (is_routed(vhost_url, BEFORE), is_routed(vhost_url, AFTER)) == (False, True)


def test_a_process_of_the_old_version_binds_again_until_the_next_declaration(
    vhost_url: str,
) -> None:
    for version, routed in ((UPGRADED, False), (STAGES, True), (UPGRADED, False)):
        declare(vhost_url, version)
        assert is_routed(vhost_url, BEFORE) == routed


def test_a_stage_may_have_several_bindings(any_vhost_url: str) -> None:
    declare(any_vhost_url, (replace(MOVER, bindings=("a.b", "c.d")),))
    with running_publisher(any_vhost_url) as publisher:
        for key in ("a.b", "c.d"):
            publisher.publish(event(1, key), timeout_s=10)
    assert waiting_in(any_vhost_url, "mover") == 2


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_each_stages_queue_gets_what_its_record_says(any_vhost_url: str, stage: Stage) -> None:
    declare(any_vhost_url, STAGES)
    for key in stage.bindings:
        assert is_routed(any_vhost_url, key.replace("#", "file.uploaded"))
    assert waiting_in(any_vhost_url, stage.name) == len(stage.bindings)
