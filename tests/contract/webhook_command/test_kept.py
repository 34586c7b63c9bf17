"""What the portal keeps is not what it was asked for: the commands look, mend it, and say so."""

import json
import threading

from console.webhook.choice import needed_triggers
from simulator.outgoing.triggers import BITS
from tests.contract.webhook_command.conftest import RULES, Desk
from tests.support.waiting import wait_until

MENDED = "the portal had kept ssl on for an http address"


def test_an_http_quickstart_survives_its_first_hundred_events(desk: Desk) -> None:
    done = desk.run("register")
    assert (done.exit_code, f"{MENDED}: mended by another PUT" in done.stdout) == (0, True)
    (before,) = desk.doubts()
    assert "has sent nothing yet" in before
    for number in range(50):
        desk.upload(f"Invoice {number}.pdf")
    wait_until(lambda: len(desk.receiver.posts) == 100, 60, "a hundred events")
    (one,) = desk.webhooks()
    assert (one["enabled"], one["checks_certificate"]) == (True, False)
    assert wait_until(lambda: not desk.doubts(), 20, "no doubt of the doctor's")


def test_the_doctor_foresees_that_an_event_ends_the_webhook_and_enable_mends_it(desk: Desk) -> None:
    number = desk.post()
    assert "will be switched off at its next event: the portal asks for a certificate (ssl)" in desk.doubts()[0]
    assert f"mend: intake webhook enable {number}" in desk.doubts()[0]
    desk.upload()
    wait_until(lambda: not desk.webhooks()[0]["enabled"], 20, "the portal to disable it")
    assert "is disabled: the portal asks for a certificate" in desk.doubts()[0]

    done = desk.run("enable", str(number))
    assert done.exit_code == 0
    assert f"{MENDED} and it disabled: mended by another PUT" in done.stdout
    desk.upload()
    wait_until(lambda: desk.receiver.posts, 20, "an event")
    assert desk.webhooks()[0]["enabled"] is True


def test_update_changes_a_webhooks_address_adds_triggers_and_keeps_its_own(desk: Desk) -> None:
    number = desk.post(uri=f"{desk.receiver.url}/elsewhere", triggers=BITS["file.moved"] | 2**40, targetId="86190")
    done = desk.run("update", str(number), "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["url"], told["target"], told["enabled"]) == (desk.url, None, True)
    assert f"the address {desk.receiver.url}/elsewhere" in told["mended"][0]
    assert "it limited to entry 86190: changed" in told["mended"][0]
    assert told["triggers"] == sorted({"file.moved", *needed_triggers(RULES)})
    assert desk.simulator.webhooks.get(number).triggers == 2**40 | sum(BITS[name] for name in told["triggers"])
    desk.upload()
    wait_until(lambda: desk.receiver.posts, 20, "an event at the new address")


def test_what_a_delivery_under_way_may_undo_is_said(desk: Desk) -> None:
    assert desk.run("register").exit_code == 0
    desk.receiver.hold.clear()
    desk.upload()
    wait_until(lambda: desk.receiver.posts, 20, "a delivery under way")
    (one,) = desk.webhooks()
    assert "the end of its delivery may undo this" in desk.run("enable", str(one["id"])).stdout
    desk.receiver.hold.set()
    wait_until(lambda: desk.webhooks()[0]["last_success_at"], 20, "its end")


def test_what_comes_back_again_and_again_is_not_called_done(desk: Desk) -> None:
    number, hooks = desk.post(), desk.simulator.webhooks
    stop = threading.Event()

    def undo() -> None:
        """As the ends of many deliveries do."""
        old = hooks.get(number)
        while not stop.wait(0.001):
            with hooks.lock:
                hooks.by_id[number] = old

    thread = threading.Thread(target=undo)
    thread.start()
    try:
        done = desk.run("enable", str(number))
    finally:
        stop.set()
        thread.join()
    assert done.exit_code == 1
    assert "whatever it is told" in done.stderr


def test_times_are_told_in_utc_though_the_portal_labels_its_own_so(desk: Desk) -> None:
    assert desk.run("register").exit_code == 0
    desk.upload()
    wait_until(lambda: desk.webhooks()[0]["last_success_at"], 20, "a success")
    in_utc = desk.webhooks()[0]["last_success_at"]
    desk.control("PUT", "portal", json={"timezone": "+09:00"})
    try:
        (raw,) = desk.ask("GET", "settings/webhook")
        assert raw["configs"]["lastSuccessOn"][:13] != in_utc[:13]
        (one,) = desk.webhooks()
        assert one["last_success_at"][:19] >= in_utc[:19]
        assert one["last_success_at"][:13] == in_utc[:13]
    finally:
        desk.control("PUT", "portal", json={"timezone": "+00:00"})
