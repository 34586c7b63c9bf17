"""A person presses buttons on the pages; real workers, a real broker and a stand-in portal do what they say."""

import contextlib
import html
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from console.actions.run import run
from console.actions.site import Site
from demo.ports import free_port
from shared.store.people.person import Role
from simulator.portal import seed
from tests.support import forks
from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import INCOMING, ROOM, Pipeline, running_pipeline
from tests.support.waiting import wait_until
from tests.support.web import Browser, browser, close_all

DELAYS_S = "1,2,90"
"""The third wait is longer than a test."""


@dataclass
class Desk:
    pipeline: Pipeline
    projector: Projector
    site: Site
    operator: Browser
    viewer: Browser

    def is_so(self, title: str, state: str) -> str:
        """The id of that upload, once the history says so. The ledger may say so before, and knows no id."""

        def id_of() -> str | None:
            found = self.projector.ask("find", title)
            return found[0]["correlation_id"] if found and found[0]["state"] == state else None

        return wait_until(id_of, 60, f"{title} to be {state}")

    def told(self, title: str) -> dict[str, Any]:
        """As the history has it; empty before it does."""
        found = self.projector.ask("find", title)
        upload_id = found[0]["correlation_id"] if found else ""
        return self.projector.ask("timeline", upload_id) or {} if upload_id else {}

    @contextlib.contextmanager
    def web(self) -> Iterator[None]:
        """The command, as a process beside."""
        environ = self.pipeline.workers["mover"].environ | {"WEB_PORT": str(free_port())}
        with (self.pipeline.workers["mover"].log.with_name("web.log")).open("wb") as log:
            process = forks.start((sys.executable, "-m", "console", "web"), environ, log)
        try:
            yield
        finally:
            process.kill()
            process.wait(10)

    def dies(self, title: str) -> str:
        """For want of a right, which is given back then."""
        self.service_user_is("viewer")
        self.pipeline.upload(title)
        upload_id = self.is_so(title, "failed")
        self.service_user_is("manager")
        return upload_id

    def service_user_is(self, role: str) -> None:
        url = f"{self.pipeline.simulator.url}/simulator/rooms/{seed.CLIENT_ROOM}"
        requests.put(url, json={"service": role}, timeout=10).raise_for_status()

    def button(self, page: str, text: str) -> str:
        """Where it leads."""
        found = re.search(
            rf'<a role="button"[^>]* href="([^"]+)">\s*{re.escape(text)}', self.operator.get(page).text
        )
        assert found, f"{page} has no button {text}"
        return html.unescape(found[1])

    def says_yes(self, address: str) -> str:
        """On the page that asks; what was begun is done, to its end. The page that tells of it, as text."""
        asks = self.operator.get(address)
        assert asks.status_code == 200, read(asks.text)
        answer = self.operator.post(address.partition("?")[0], form_of(asks.text))
        assert answer.status_code == 303, read(answer.text)
        told = answer.headers["location"]
        assert run(self.site, told.rpartition("/")[2])
        return read(self.operator.get(told).text)


def form_of(page: str) -> dict[str, list[str]]:
    """The hidden fields of its form, as a browser sends them."""
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        fields.setdefault(name, []).append(html.unescape(value))
    return fields


def read(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(t[hd]|dt|li|p)>|<br>", " ", main))))


@pytest.fixture(scope="module")
def desk(any_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("pages")
    with fresh_vhost(any_broker) as url, running_pipeline(url, folder, RETRY_DELAYS_S=DELAYS_S) as pipeline:
        projector = Projector(url, folder, RETRY_DELAYS_S=DELAYS_S)
        pipeline.wait_ready()
        file, environ = folder / "ledger.db", pipeline.workers["mover"].environ
        pages = [browser(file, role=role, environ=environ) for role in (Role.OPERATOR, Role.VIEWER)]
        yield Desk(pipeline, projector, Site((url,), f"sqlite:///{file}", (1, 2, 90)), *pages)
        close_all()
        projector.kill()


def test_a_dead_letter_is_tried_again_from_its_uploads_page(desk: Desk) -> None:
    upload_id = desk.dies("Invoice 1.pdf")
    address = desk.button(f"/uploads/{upload_id}", "Try again now")
    text = read(desk.operator.get(address).text)
    assert "1 dead letter will be sent back to the worker" in text
    assert "What will not happen twice A file that is in its folder is not moved again" in text
    assert "✓ done: 1 of 1 done" in desk.says_yes(address)
    desk.is_so("Invoice 1.pdf", "filed")
    assert "a person had it tried again" in read(desk.operator.get(f"/uploads/{upload_id}").text)


def test_all_of_a_cause_are_tried_again_from_the_problems(desk: Desk) -> None:
    for title in ("Invoice 21.pdf", "Invoice 22.pdf"):
        desk.dies(title)
    wait_until(
        lambda: "2 uploads wait for a person" in read(desk.operator.get("/problems").text), 60, "the problem"
    )
    assert "✓ done: 2 of 2 done" in desk.says_yes(desk.button("/problems", "Try again (2)"))
    for title in ("Invoice 21.pdf", "Invoice 22.pdf"):
        desk.is_so(title, "filed")


def test_what_is_done_is_what_the_list_showed_and_nothing_beside(desk: Desk) -> None:
    wanted, other = desk.dies("Invoice red.pdf"), desk.dies("Invoice blue.pdf")
    address = desk.button("/uploads?q=red&state=needs-a-person", "Try all that match again (1)")
    assert "✓ done: 1 of 1 done" in desk.says_yes(address)
    desk.is_so("Invoice red.pdf", "filed")
    assert desk.projector.state_of("Invoice blue.pdf") == "failed"
    assert wanted != other
    desk.says_yes(desk.button(f"/uploads/{other}", "Try again now"))
    desk.is_so("Invoice blue.pdf", "filed")


def test_where_more_fit_than_were_seen_nothing_is_done_and_the_person_is_asked_anew(desk: Desk) -> None:
    desk.dies("Invoice 31.pdf")
    address = "/actions/retry?reason=no-right"
    form = form_of(desk.operator.get(address).text)
    desk.dies("Invoice 32.pdf")
    answer = desk.operator.post("/actions/retry", form)
    assert answer.status_code == 409
    assert "1 were shown, and 2 fit now. Nothing was done" in read(answer.text)
    assert desk.projector.state_of("Invoice 31.pdf") == "failed"
    assert form_of(answer.text)["count"] == ["2"]
    assert "✓ done: 2 of 2 done" in desk.says_yes(address)
    for title in ("Invoice 31.pdf", "Invoice 32.pdf"):
        desk.is_so(title, "filed")


def test_what_is_put_away_needs_a_reason_is_listed_and_can_be_taken_back(desk: Desk) -> None:
    upload_id = desk.dies("Invoice 4.pdf")
    address = desk.button(f"/uploads/{upload_id}", "Put away…")
    first = desk.operator.get(address).text
    assert 'name="why" required' in first
    asked = desk.says_yes(f"{address}&why=a+test")
    assert "✓ done: 1 of 1 done" in asked
    desk.is_so("Invoice 4.pdf", "skipped")
    page = desk.operator.get("/activity").text
    assert "Invoice 4.pdf mover" in read(page)
    assert "ada (web): a test" in read(page)
    back = html.unescape(re.search(r'href="(/actions/take-back[^"]+)"', page)[1])  # type: ignore[index]
    assert "✓ done: 1 of 1 done" in desk.says_yes(back)
    desk.is_so("Invoice 4.pdf", "failed")
    desk.says_yes(desk.button(f"/uploads/{upload_id}", "Try again now"))
    desk.is_so("Invoice 4.pdf", "filed")


def test_a_skipped_upload_is_filed_anyway_where_the_rule_would_have(desk: Desk) -> None:
    desk.pipeline.upload("Contract.pdf")
    upload_id = desk.is_so("Contract.pdf", "skipped")
    address = desk.button(f"/uploads/{upload_id}", "File it anyway…")
    first = desk.operator.get(address).text
    assert f'name="destination" required maxlength="500" value="{INCOMING}"' in first
    assert "✓ done" in desk.says_yes(f"{address}&destination={INCOMING}&recipients=a@example.com,+b@example.com")
    desk.is_so("Contract.pdf", "filed")
    assert len(desk.pipeline.mails_about("Contract.pdf")) == 2


def test_the_mail_is_sent_again_and_no_file_is_moved_again(desk: Desk) -> None:
    file_id = desk.pipeline.upload("Invoice mail.pdf")
    upload_id = desk.is_so("Invoice mail.pdf", "filed")
    desk.says_yes(desk.button(f"/uploads/{upload_id}", "Send the mail again"))
    wait_until(lambda: len(desk.pipeline.mails_about("Invoice mail.pdf")) == 2, 60, "the second mail")
    assert len(desk.pipeline.moves_of(file_id)) == 1


def test_a_worker_is_paused_until_an_end_and_resumed(desk: Desk) -> None:
    pause = "/actions/pause?stage=mover"
    wait_until(lambda: f'href="{pause}"' in desk.operator.get("/health").text, 30, "the button")
    assert 'name="hours"' in desk.operator.get(pause).text
    desk.says_yes(f"{pause}&why=a+test&hours=1")
    assert "mover ‖ paused until" in read(desk.operator.get("/health").text)
    wait_until(lambda: "paused" in desk.pipeline.unready("mover"), 30, "the mover to pause")
    assert "/actions/resume?stage=mover" in html.unescape(desk.operator.get("/health").text)
    desk.says_yes("/actions/resume?stage=mover")
    desk.pipeline.upload("Invoice resumed.pdf")
    desk.is_so("Invoice resumed.pdf", "filed")


def test_a_stopped_action_goes_on_when_it_is_resumed(desk: Desk) -> None:
    upload_id = desk.dies("Invoice 5.pdf")
    address = desk.button(f"/uploads/{upload_id}", "Try again now")
    told = desk.operator.post(address.partition("?")[0], form_of(desk.operator.get(address).text)).headers[
        "location"
    ]
    assert "Stop it" in desk.operator.get(told).text
    assert desk.operator.post(f"{told}/stop").headers["location"] == told
    assert "■ stopped: 0 of 1 done" in read(desk.operator.get(told).text)
    assert not run(desk.site, told.rpartition("/")[2])
    desk.operator.post(f"{told}/resume")
    assert run(desk.site, told.rpartition("/")[2])
    assert "✓ done: 1 of 1 done" in read(desk.operator.get(told).text)
    desk.is_so("Invoice 5.pdf", "filed")


def test_an_upload_that_waits_for_its_next_try_is_tried_now_and_told_once(desk: Desk) -> None:
    desk.pipeline.faults({"smtp": {"code": 451}})
    file_id = desk.pipeline.upload("Invoice later.pdf")
    wait_until(lambda: (desk.told("Invoice later.pdf").get("attempt") or 0) >= 4, 60, "the long wait")
    desk.pipeline.faults(None)
    upload_id = desk.told("Invoice later.pdf")["correlation_id"]
    page = read(desk.operator.get(f"/uploads/{upload_id}").text)
    assert "Next try Number 4, at" in page
    assert "Nobody yet. To be told: manager@example.com." in page
    assert "✓ done: 1 of 1 done" in desk.says_yes(desk.button(f"/uploads/{upload_id}", "Try now"))
    desk.is_so("Invoice later.pdf", "filed")
    assert len(desk.pipeline.mails_about("Invoice later.pdf")) == 1
    assert len(desk.pipeline.moves_of(file_id)) == 1
    again = desk.operator.get(f"/actions/try-now?ids={upload_id}")
    assert "Nothing fits any more" in read(again.text)


def test_the_web_process_does_what_was_asked_for_while_nobody_watches(desk: Desk) -> None:
    upload_id = desk.dies("Invoice 7.pdf")
    address = desk.button(f"/uploads/{upload_id}", "Try again now")
    form = form_of(desk.operator.get(address).text)
    told = desk.operator.post(address.partition("?")[0], form).headers["location"]
    with desk.web():
        wait_until(lambda: "✓ done: 1 of 1 done" in read(desk.operator.get(told).text), 60, f"{told} to be done")
    desk.is_so("Invoice 7.pdf", "filed")


def test_a_viewer_sees_no_button_and_may_do_nothing(desk: Desk) -> None:
    upload_id = desk.dies("Invoice 6.pdf")
    for page in (
        "/",
        "/problems",
        f"/uploads/{upload_id}",
        "/uploads?state=needs-a-person",
        f"/rooms/{ROOM}",
        "/health",
    ):
        assert "/actions/" not in desk.viewer.get(page).text, page
    address = desk.button(f"/uploads/{upload_id}", "Try again now")
    form = form_of(desk.operator.get(address).text)
    assert desk.viewer.get(address).status_code == 403
    assert desk.viewer.post(address.partition("?")[0], form).status_code == 403
    for verb in ("stop", "resume"):
        assert desk.viewer.post(f"/activity/{'0' * 32}/{verb}").status_code == 403
    assert desk.projector.state_of("Invoice 6.pdf") == "failed"
    desk.says_yes(address)
    desk.is_so("Invoice 6.pdf", "filed")


def test_the_raw_messages_of_an_upload_and_a_real_example_are_shown(desk: Desk) -> None:
    file_id = desk.pipeline.upload("Invoice raw.pdf")
    upload_id = desk.is_so("Invoice raw.pdf", "filed")
    text = read(desk.operator.get(f"/uploads/{upload_id}/raw").text)
    for key in ("webhook.file.uploaded", "invoice.detected", "invoice.filed", "invoice.announced"):
        assert key in text
    assert f'"id": {file_id}' in text
    wait_until(lambda: "A real example of the last day" in desk.operator.get("/events").text, 30, "an example")


def test_health_tells_the_workers_and_a_report_without_names(desk: Desk) -> None:
    desk.pipeline.upload("Invoice secret name.pdf")
    desk.is_so("Invoice secret name.pdf", "filed")
    environ = desk.pipeline.workers["mover"].environ
    pages = browser(
        Path(desk.site.database_url.removeprefix("sqlite:///")),
        environ=environ | {"HEALTH_URLS": f"http://127.0.0.1:{desk.pipeline.workers['mover'].port}"},
    )
    page = pages.get("/health").text
    assert "✓ ready mover" in read(page)
    report = html.unescape(re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)[1])  # type: ignore[index]
    assert "mover" in report
    for name in ("secret", "manager@", "guest", environ["AMQP_URL"].partition("@")[2].partition("/")[0]):
        assert name not in report
