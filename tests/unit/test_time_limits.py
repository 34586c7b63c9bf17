"""The time limits fit each other: what is begun ends before whatever would cut it off."""

from mover import follow, grouped, slots
from mover.grouped import FILES_A_MOVE
from mover.pace import Pace
from notifier import handler, mail
from shared import worker
from shared.amqp import consumer, outbound, presence
from shared.amqp.progress import STANDS_STILL_S
from shared.docspace import deadline, limits, reply, transport
from shared.smtp import conversation
from shared.store.ledger import leases
from shared.threads import watchdog

CONTAINER_KILLS_AFTER_S = 10.0
BROKER_GIVES_UP_S = 1800.0
"""RabbitMQ's consumer_timeout by default: it then closes the channel of who has not acknowledged."""

LONG_CALL_S = limits.PATIENCE_S + sum(transport.TIMEOUT_S)
"""One that waits for its turn, for the connection and for the answer's head as long as it may."""
LONGEST_CALL_S = LONG_CALL_S + reply.LONGEST_S + deadline.GRACE_S
"""And whose body drips."""
CLASSIFIERS_CALLS = 4
"""The file, the folder's path, our own profile, the file's new folder. Rooms are asked for beside, once each."""
MOVERS_CALLS = 6
"""A look, another when its turn has come, the move, two looks after it, its folder."""


def test_a_handler_that_waits_for_all_that_it_may_ends_before_it_counts_as_stuck() -> None:
    mover = (
        slots.WAIT_S  # until a group may be sent
        + slots.WAIT_S  # for a slot of its own
        + grouped.SEND_WITHIN_S
        + max(Pace().patience_s(FILES_A_MOVE), follow.PATIENCE_S)
        + MOVERS_CALLS * LONG_CALL_S
    )
    for longest_s in (mover, CLASSIFIERS_CALLS * LONGEST_CALL_S, handler.MESSAGE_S):
        assert longest_s < worker.HANDLER_LIMIT_S
    assert worker.HANDLER_LIMIT_S < BROKER_GIVES_UP_S


def test_a_mail_ends_before_its_message_and_that_before_its_stage_stands_still() -> None:
    assert conversation.CONNECT_S < mail.TIMEOUT_S <= handler.EACH_S < handler.MESSAGE_S
    assert handler.MESSAGE_S <= STANDS_STILL_S
    assert mail.WITHIN_S <= handler.MESSAGE_S


def test_a_lease_outlives_two_renewals_that_failed() -> None:
    assert leases.LEASE_S / leases.RENEWALS + 2 * leases.RETRY_S < leases.LEASE_S


def test_what_the_broker_does_not_answer_is_given_up_within_a_minute() -> None:
    assert presence.PROBE_EVERY_S < presence.STALE_S < presence.HANGS_S < STANDS_STILL_S
    assert outbound.CONFIRM_WITHIN_S <= STANDS_STILL_S
    assert consumer.TURN_S < STANDS_STILL_S


def test_a_stop_and_a_main_loop_that_hangs_end_before_what_would_cut_them_off() -> None:
    assert worker.DRAIN_S < CONTAINER_KILLS_AFTER_S
    assert worker.TURN_S < watchdog.TURN_LIMIT_S < worker.HANDLER_LIMIT_S
