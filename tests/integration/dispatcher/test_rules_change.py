"""Endpoints that are named, changed and taken out while a real dispatcher runs."""

from contextlib import closing

import pytest

from shared.store.rulebook.store import RulebookStore
from tests.integration.dispatcher.desk import RULE, Desk
from tests.support.receiver import Receiver
from tests.support.runtime import waiting_in
from tests.support.waiting import wait_until


def publish(desk: Desk, *tables: str) -> None:
    with closing(RulebookStore(desk.environ["DATABASE_URL"])) as store:
        store.publish(RULE + "".join(tables), "anna", "", rules_hash="")


def wait_until_told(desk: Desk, *told: tuple[str, str]) -> None:
    """Until the log has each of these (event, endpoint), and the dispatcher takes from every endpoint's queue."""

    def logged() -> bool:
        return {(line["event"], line.get("endpoint")) for line in desk.worker.events()} >= set(told)

    wait_until(logged, 30, f"{told}")
    wait_until(desk.worker.ready, 30, "the dispatcher")


def test_a_published_endpoint_is_served_and_one_taken_out_gets_nothing_more(
    desk: Desk, receiver: Receiver, other: Receiver, any_vhost_url: str
) -> None:
    desk.worker.start()
    wait_until(desk.worker.ready, 30, "the dispatcher")
    assert "the rules name no endpoint" in desk.worker.get("/readyz").text
    publish(desk, desk.table("erp", receiver), desk.table("crm", other, ("event.skipped",)))
    wait_until_told(desk, ("endpoint.begun", "erp"), ("endpoint.begun", "crm"))
    desk.file(1)
    wait_until(lambda: receiver.requests, 20, "the first")
    publish(desk, desk.table("crm", other, ("invoice.filed",)))
    wait_until_told(desk, ("endpoint.ended", "erp"), ("endpoint.changed", "crm"))
    desk.skip(2)
    sent = desk.file(3)
    wait_until(lambda: other.requests, 20, "what it asks for now")
    assert other.ids == [sent]
    assert len(receiver.requests) == 1
    assert waiting_in(any_vhost_url, "dispatcher.erp") == 0


@pytest.mark.parametrize("table", ["", "[[endpoint]]\nname = 'x'\n"])
def test_rules_that_cannot_be_read_leave_the_endpoints_as_they_are(
    desk: Desk, receiver: Receiver, table: str
) -> None:
    publish(desk, desk.table("erp", receiver))
    desk.worker.start()
    wait_until(desk.worker.ready, 30, "the dispatcher")
    publish(desk, table or "not toml")
    wait_until(lambda: "cannot be used here" in desk.worker.get("/readyz").text, 20, "the fault")
    desk.file(1)
    wait_until(lambda: receiver.requests, 20, "the request")
