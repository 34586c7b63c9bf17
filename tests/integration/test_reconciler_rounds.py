"""The reconciler's rounds over a real broker and a simulated portal, each as if the process had begun anew."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from console.reconcile.by_hand import Wish, pass_by_hand
from console.reconcile.forever import FULL, GENTLE_AT_MOST_S, Round, StoppingError, gently, note_of, run_for_ever
from console.reconcile.places import FILE
from console.reconcile.run import opened
from console.reconcile.settings import Settings
from ingress.webhook import received
from shared.amqp.operator.stream import batches
from shared.docspace.errors import TryLaterError
from shared.process.settings import load
from shared.runtime.settle import EXCHANGE
from shared.store.sweeps.store import ALL, SweepStore
from shared.wire.message import Publication
from shared.wire.stages import CLASSIFIER
from simulator.outgoing import payload
from simulator.outgoing.payload import Retry
from simulator.portal import seed
from simulator.server import Simulator
from simulator.settings import Settings as Portal
from tests.support.brokers import Broker, fresh_vhost
from tests.support.runtime import DELAYS_S, plain_channel, running_publisher

NEVER_MS = 3_600_000
EVERY_S = 900
PAGES = "GET files/{folder_id}?filterType"
DAYS_S = 20 * 86_400


class Site:
    def __init__(self, simulator: Simulator, url: str, folder: Path) -> None:
        self.simulator, self.url = simulator, url
        self.environ = {
            "AMQP_URL": url,
            "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
            "DOCSPACE_API_HOST": simulator.url,
            "DOCSPACE_API_KEY": "sk-simulator",
            "CLIENT_ROOM_ID": str(seed.CLIENT_ROOM),
            "INCOMING_FOLDER_ID": str(seed.INCOMING),
            "MANAGER_EMAIL": "manager@example.com",
            "RETRY_DELAYS_S": ",".join(map(str, DELAYS_S)),
        }
        self.store = SweepStore(self.environ["DATABASE_URL"])

    def round(self, grace_s: int = 0) -> int:
        """How many were sent in; all that it knows is what the rounds before have written down."""
        before = self.sent_in()
        with opened(load(Settings, self.environ)) as site:
            Round(site, EVERY_S, grace_s, threading.Event()).run()
        return self.sent_in() - before

    def sent_in(self) -> int:
        with plain_channel(self.url) as channel:
            return int(channel.queue_declare(CLASSIFIER.name, passive=True).method.message_count)

    def pages(self) -> int:
        routes: dict[str, int] = self.state()["routes"]
        return routes.get(PAGES, 0)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.simulator.url}/simulator/state", timeout=10).json()
        return found

    def seeded(self, **wanted: Any) -> dict[str, list[int]]:
        found: dict[str, list[int]] = self.own("POST", "seed", json=wanted)
        return found

    def upload(self, name: str, folder: int = seed.CLIENT_ROOM) -> int:
        query = {"name": name, "folder": folder}
        return int(self.own("POST", "upload", params=query, data=b"%PDF")["id"])

    def own(self, method: str, path: str, **request: Any) -> Any:
        answer = requests.request(method, f"{self.simulator.url}/simulator/{path}", timeout=20, **request)
        answer.raise_for_status()
        return answer.json()

    def switch_webhook(self, *, on: bool) -> None:
        """Nobody listens there, so that the portal itself would not switch it on."""
        hooks = self.simulator.webhooks
        for hook in list(hooks.by_id.values()):
            hooks.put(replace(hook, enabled=on))


@pytest.fixture(scope="module")
def url(any_broker: Broker) -> Iterator[str]:
    """With the pipeline's queues, and with the history's stream."""
    with fresh_vhost(any_broker) as found, running_publisher(found):
        with contextlib.closing(batches([found], DELAYS_S, lambda _: None, lambda: False)) as stream:
            next(stream)
        yield found


@pytest.fixture
def site(url: str, tmp_path: Path) -> Iterator[Site]:
    """Its portal never comes to send a webhook."""
    simulator = Simulator(
        Portal(
            port=0, smtp_port=0, operation_ms=0, webhook_poll_ms=NEVER_MS,
            webhook_url="http://127.0.0.1:1/docspace/webhook", webhook_secret="Simulator-Secret-1",
        )
    )  # fmt: skip
    simulator.start()
    found = Site(simulator, url, tmp_path)
    yield found
    found.store.close()
    simulator.stop()


def test_the_first_round_sends_in_what_is_in_the_window_and_none_of_the_years_before(site: Site) -> None:
    old = site.seeded(folders=6, depth=3, files=130, age_s=DAYS_S)
    site.switch_webhook(on=False)
    site.upload("Invoice lost.pdf")
    assert site.round() == 1
    ((key, baseline),) = site.store.baselines().items()
    assert (key, baseline.done) == ((str(seed.CLIENT_ROOM), "invoice"), True)
    known = site.store.known(str(seed.CLIENT_ROOM), [str(file_id) for file_id in old["files"]])
    assert len(known) == len(old["files"])


def test_a_full_pass_sends_in_what_came_with_a_folder_not_what_always_lay_there(site: Site) -> None:
    site.seeded(folders=6, depth=3, files=130, age_s=DAYS_S)
    site.round()
    brought = site.seeded(folders=1, files=3, age_s=DAYS_S, title="Invoice old {}.pdf")
    assert site.round() == 0
    site.store.hide(ALL, time.time(), "a test")
    assert site.round() == len(brought["files"])


def test_a_rule_that_was_just_made_is_left_to_setup_for_the_time_of_grace(site: Site) -> None:
    site.seeded(files=3, age_s=3_000)
    assert site.round(grace_s=600) == 0
    assert [baseline.done for baseline in site.store.baselines().values()] == [False]


def test_what_was_hidden_while_the_webhook_was_off_is_read_once_it_is_on_again(site: Site) -> None:
    site.round()
    site.switch_webhook(on=False)
    site.round()
    site.round()
    assert note_of(site.store, FULL) is None
    folder = site.seeded(files=2, age_s=DAYS_S, folders=1)
    assert folder["files"]
    site.switch_webhook(on=True)
    assert site.round() == 2
    assert note_of(site.store, FULL) is not None
    assert site.store.due() == ()


def test_what_was_hidden_while_the_portal_was_away_is_read_when_it_is_back(site: Site) -> None:
    site.round()
    site.own("PUT", "portal", json={"state": "suspended"})
    with opened(load(Settings, site.environ)) as opening, pytest.raises(TryLaterError):
        Round(opening, EVERY_S, 0, threading.Event()).run()
    run_once(site)
    site.own("DELETE", "portal")
    site.seeded(files=2, age_s=DAYS_S)
    assert site.round() == 2


def run_once(site: Site) -> None:
    """The process as it is, until its first round has failed."""
    stop = threading.Event()
    thread = threading.Thread(target=run_for_ever, args=(load(Settings, site.environ), EVERY_S, 0, stop))
    thread.start()
    deadline = time.monotonic() + 60
    while site.store.note("hiding") is None and time.monotonic() < deadline:
        thread.join(0.1)
    stop.set()
    thread.join(30)
    assert "the portal was away" in (site.store.note("hiding") or "")


def test_a_webhook_that_was_gone_and_is_another_now_makes_a_full_pass_due(site: Site) -> None:
    site.round()
    (hook,) = site.simulator.webhooks.by_id.values()
    site.simulator.webhooks.remove(hook.id)
    site.simulator.webhooks.add(seed.SERVICE.id, "again", hook.uri, hook.secret, hook.triggers)
    site.round()
    assert note_of(site.store, FULL) is not None


def test_a_folder_that_is_moved_in_is_listed_alone(site: Site) -> None:
    site.seeded(files=250, age_s=DAYS_S)
    site.round()
    inside = site.seeded(folders=1, files=4, age_s=DAYS_S, title="Invoice moved in {}.pdf")
    outside = site.seeded(folder=seed.OTHER_CLIENT_ROOM, folders=1, files=4, age_s=DAYS_S)
    with running_publisher(site.url) as publisher:
        for folder in (inside["folders"][0], outside["folders"][0], 999_999):
            body = {
                "event": {"id": folder, "trigger": "folder.moved", "createOn": "2026-07-02T09:00:00Z"},
                "payload": {"id": folder, "fileEntryType": 1, "modifiedOn": "2026-07-02T09:00:00Z"},
            }
            message = received(json.dumps(body).encode(), int(time.time()))
            publisher.publish(
                Publication(exchange=EXCHANGE, routing_key=message.type, message=message, mandatory=True), 10
            )
    came, before = site.sent_in(), site.pages()
    site.round()
    assert site.sent_in() - came == 4
    assert site.pages() - before == 2  # the window's and the folder's
    assert site.store.due() == ()
    site.round()
    assert site.pages() - before == 3


def test_a_late_upload_is_asked_about_until_its_webhook_came_or_was_given_up(site: Site) -> None:
    site.round()
    file_id = site.upload("Invoice late.pdf")
    assert site.round() == 0
    assert [due.scope for due in site.store.due()] == [f"{FILE}{file_id}"]
    assert site.round() == 0
    for row in site.simulator.webhooks.log.values():
        retry = Retry(5, site.simulator.webhooks.now(), None, "", None)
        row.request_payload = payload.body(row.id, row.event, row.to, retry).decode()
    assert site.round() >= 1
    (due,) = site.store.due()
    assert (due.scope, due.reason) == (f"{FILE}{file_id}", "its event waits in the queue of the classifier")
    assert site.round() == 0


def test_a_room_that_cannot_be_looked_at_is_read_whole_when_it_can_be(site: Site) -> None:
    site.round()
    site.own("PUT", f"rooms/{seed.CLIENT_ROOM}", json={"service": None})
    site.round()
    site.round()
    assert [(due.scope, due.reason) for due in site.store.due()] == [
        (f"room:{seed.CLIENT_ROOM}", "it could not be looked at")
    ]
    site.seeded(files=3, age_s=DAYS_S)
    site.own("PUT", f"rooms/{seed.CLIENT_ROOM}", json={"service": "manager"})
    assert site.round() == 3
    assert site.store.due() == ()


def test_a_dry_run_of_a_full_pass_without_a_baseline_calls_nothing_old_missed(site: Site) -> None:
    site.seeded(files=3, age_s=DAYS_S)
    wish = Wish(since_s=7_200, overrides=False, full=True, grace_s=0, dry_run=True, keeps_all=False)
    report = pass_by_hand(load(Settings, site.environ), wish, lambda _: None)
    assert (report.injected, report.counts["missed"], report.counts["there before"]) == (0, 0, 3)
    assert site.store.baselines() == {}


def test_what_the_service_user_uploaded_is_asked_about_once(site: Site) -> None:
    site.switch_webhook(on=False)
    query = {"name": "Invoice ours.pdf", "as": "service"}
    site.own("POST", "upload", params=query, data=b"%PDF")
    for _ in range(2):
        assert site.round() == 0
        assert site.state()["routes"]["GET files/file/{file_id}/log"] == 1


def test_between_two_pages_the_portal_rests_as_long_as_it_worked_and_a_stop_is_heard() -> None:
    waited: list[float] = []
    times = iter([0.0, 0.4, 1.0, 9.0, 20.0, 21.0])

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) == 3

    rest = gently(wait, lambda: next(times))
    rest()
    rest()
    with pytest.raises(StoppingError):
        rest()
    assert waited == [0.4, GENTLE_AT_MOST_S, 1.0]
