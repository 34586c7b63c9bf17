"""What the rules and the ledger say of one file of a room, without a network."""

from datetime import timedelta

import pytest

from console.reconcile.dead_files import Subject
from console.reconcile.finding import State
from shared.docspace.errors import PortalFaultError, ScopeMissingError
from shared.store.ledger import Done, Free, Held
from tests.unit.reconcile.desk import (
    CREATED,
    DESTINATION,
    KEY,
    NOW,
    RELEASED,
    SERVICE,
    WAITS_S,
    Claims,
    Portal,
    Standing,
    a_file,
    judge_of,
    judged,
    state,
)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (Free(), State.MISSED),
        (Held(30.0), State.UNDER_WAY),
        (Held(30.0, message="m"), State.UNDER_WAY),
        (Free("a move was sent", "m", 60.0), State.UNDER_WAY),
        (Free(None, "m", 60.0), State.UNDER_WAY),
        (Free(None, "m", WAITS_S), State.UNDER_WAY),
        (Free(None, "m", WAITS_S + 1), State.MISSED),
        (Free("a move was sent", "m", WAITS_S + 1), State.MISSED),
        (Free("a move was sent", "m", None), State.MISSED),
        (Free("a move was sent", "", 60.0), State.MISSED),
        (Done("{}"), State.DONE),
    ],
    ids=str,
)
def test_a_claim_whose_message_has_gone_silent_is_an_invoice_that_was_missed(
    claim: Standing, expected: State
) -> None:
    assert state(a_file(), claim) is expected


def test_in_third_party_storage_recent_work_of_no_message_is_under_way() -> None:
    key = "move:default:sbox-7:2026-07-02T11:30:00Z"
    for idle_s, expected in ((60.0, State.UNDER_WAY), (WAITS_S + 1, State.MISSED)):
        assert state(a_file(id="sbox-7"), claims={key: Free("a move was sent", "", idle_s)}) is expected


def test_how_long_what_is_sent_in_anew_was_left_is_said() -> None:
    finding = judged(a_file(), judge_of(Claims({KEY: Free(None, "m", 9_000.0)})))
    assert finding.reason == 'rule "default", begun and left 9000 s ago'


def test_what_waits_for_its_next_attempt_is_not_said_to_be_in_hand() -> None:
    waits = judged(a_file(), judge_of(Claims({KEY: Free(None, "m", 3_000.0)}))).reason
    held = judged(a_file(), judge_of(Claims({KEY: Held(10.0)}))).reason
    assert waits == (
        "it waits for its next attempt, the last ended 3000 s ago; without one within 4200 s it counts as missed"
    )
    assert held == "a mover has it in hand"


@pytest.mark.parametrize(
    "claim", [Free(), Held(30.0), Free(None, "m", 60.0), Free(None, "m", WAITS_S + 1)], ids=str
)
def test_what_waits_as_a_dead_letter_is_not_sent_in_again(claim: Standing) -> None:
    for letter in (Subject("7"), Subject("7", CREATED + timedelta(seconds=0.9))):
        assert state(a_file(), claim, dead=(letter,)) is State.DEAD


def test_a_dead_letter_about_the_file_that_had_the_id_before_is_not_about_this_one() -> None:
    assert state(a_file(), dead=(Subject("7", CREATED - timedelta(days=1)),)) is State.MISSED


def test_a_file_that_was_given_the_id_of_one_that_is_done_is_another() -> None:
    done: dict[str, Standing] = {
        KEY: Done("{}"), RELEASED: Done("{}", completed_at=CREATED.timestamp() - 60),
    }  # fmt: skip
    later = a_file(created_at=CREATED + timedelta(seconds=10))
    assert state(a_file(), claims=done) is State.DONE
    assert state(later, claims=done) is State.MISSED


@pytest.mark.parametrize(
    ("completed_s", "expected"), [(60, State.DONE), (-60, State.MISSED)], ids=["after it was created", "before"]
)
def test_a_claim_of_the_first_release_counts_where_it_can_be_about_this_file(
    completed_s: float, expected: State
) -> None:
    done = Done("{}", completed_at=CREATED.timestamp() + completed_s)
    assert state(a_file(), claims={RELEASED: done}) is expected


def test_what_a_worker_of_the_first_release_holds_is_under_way() -> None:
    assert state(a_file(), claims={RELEASED: Held(30.0)}) is State.UNDER_WAY


def test_a_key_that_may_not_see_who_its_user_is_sweeps_all_the_same() -> None:
    lacks = ScopeMissingError("the API key lacks a permission", "accounts.self:read")
    assert judged(a_file(), judge_of(portal=Portal(lacks))).state is State.MISSED


def test_a_portal_that_is_down_as_a_whole_ends_the_sweep() -> None:
    with pytest.raises(PortalFaultError):
        judged(a_file(), judge_of(portal=Portal(PortalFaultError("suspended"))))


def test_no_invoice_by_the_rules_stays_where_it_is() -> None:
    assert state(a_file(title="Contract.pdf")) is State.NO_INVOICE


def test_a_file_at_any_depth_is_judged_without_asking_about_its_folder() -> None:
    assert state(a_file(folder_id=99)) is State.MISSED


def test_what_the_service_user_renamed_or_restored_is_still_somebody_elses_upload() -> None:
    assert state(a_file(modified_by=SERVICE, modified_at=NOW - timedelta(minutes=5))) is State.MISSED


def test_what_lies_in_the_destination_is_filed() -> None:
    assert state(a_file(folder_id=DESTINATION)) is State.FILED


def test_the_youngest_are_left_to_their_webhooks() -> None:
    young = judged(a_file(modified_at=NOW))
    assert (young.state, young.reason) == (State.FRESH, "its webhook may still come")


def test_where_the_webhook_is_off_nothing_is_said_to_be_on_its_way() -> None:
    judge = judge_of(no_webhook='the webhook 7 "intake" is disabled: `intake webhook enable 7`')
    young = judged(a_file(modified_at=NOW), judge)
    assert young.state is State.FRESH
    assert young.reason == (
        "a later pass sends it in; no webhook comes of it: "
        'the webhook 7 "intake" is disabled: `intake webhook enable 7`'
    )
