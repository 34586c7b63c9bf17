"""The time limits fit each other: what is begun ends before whatever would cut it off."""

from mover import arrivals, follow, grouped, slots
from mover.grouped import FILES_A_MOVE
from mover.pace import Pace
from notifier import attempt
from shared import worker
from shared.amqp import consumer, outbound, presence
from shared.amqp.progress import STANDS_STILL_S
from shared.docspace import client, deadline, limits, reply, transport
from shared.runtime.handling import HANDLER_LIMIT_S
from shared.smtp import conversation, sender
from shared.store.ledger import leases
from shared.threads import watchdog

CONTAINER_KILLS_AFTER_S = 10.0
BROKER_GIVES_UP_S = 1800.0
"""RabbitMQ's consumer_timeout by default: it then closes the channel of who has not acknowledged."""

LONG_CALL_S = limits.PATIENCE_S + sum(transport.TIMEOUT_S)
"""One that waits for its turn, for the connection and for the answer's head as long as it may."""
LONGEST_CALL_S = LONG_CALL_S + reply.LONGEST_S + deadline.GRACE_S
"""And whose body drips."""
LATE_S = deadline.HANDLING_S + LONG_CALL_S + client.STATE_S
"""When the calls about one message have ended: the last may begin, and ask how the portal stands, right before."""


def test_a_handler_that_waits_for_all_that_it_may_ends_before_it_counts_as_stuck() -> None:
    not_sent = (
        slots.WAIT_S  # until a group may be sent
        + slots.WAIT_S  # for a slot of its own
        + LONGEST_CALL_S  # the last look, in a thread of its own
    )
    sent = max(Pace().patience_s(FILES_A_MOVE) + arrivals.LAST_LOOK_S, follow.PATIENCE_S)
    for longest_s in (LATE_S + not_sent, LATE_S + sent, LATE_S, attempt.MESSAGE_S):
        assert longest_s < HANDLER_LIMIT_S
    assert HANDLER_LIMIT_S < BROKER_GIVES_UP_S


def test_what_a_handler_waits_for_at_an_answering_portal_leaves_time_for_its_calls() -> None:
    calls_s = 6 * sum(transport.TIMEOUT_S)  # a look, another at its turn, the move, two looks after it, its folder
    assert grouped.SEND_WITHIN_S + follow.PATIENCE_S + calls_s < deadline.HANDLING_S


def test_a_mail_ends_before_its_message_and_that_before_its_stage_stands_still() -> None:
    assert conversation.CONNECT_S < sender.TIMEOUT_S <= attempt.EACH_S < attempt.MESSAGE_S
    assert attempt.MESSAGE_S <= STANDS_STILL_S
    assert sender.WITHIN_S <= attempt.MESSAGE_S


def test_a_lease_outlives_two_renewals_that_failed() -> None:
    assert leases.LEASE_S / leases.RENEWALS + 2 * leases.RETRY_S < leases.LEASE_S


def test_what_the_broker_does_not_answer_is_given_up_within_a_minute() -> None:
    assert presence.PROBE_EVERY_S < presence.STALE_S < presence.HANGS_S < STANDS_STILL_S
    assert outbound.CONFIRM_WITHIN_S <= STANDS_STILL_S
    assert consumer.TURN_S < STANDS_STILL_S


def test_a_stop_and_a_main_loop_that_hangs_end_before_what_would_cut_them_off() -> None:
    assert worker.DRAIN_S < CONTAINER_KILLS_AFTER_S
    assert worker.TURN_S < watchdog.TURN_LIMIT_S < HANDLER_LIMIT_S
