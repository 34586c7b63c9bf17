"""From the client's upload to the manager's mail, through the four real processes and a real RabbitMQ."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner

from console.__main__ import app
from shared.runtime.settle import EXCHANGE
from tests.support import contract
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, SECTION, SUBFOLDER, Pipeline, Worker, running_pipeline
from tests.support.runtime import plain_channel, waiting_in
from tests.support.waiting import wait_until
from tests.support.webhooks import EXAMPLE, signed_headers


@pytest.fixture(scope="module")
def pipeline(any_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with fresh_vhost(any_broker) as url:
        contract.listen(url)
        with running_pipeline(url, tmp_path_factory.mktemp("pipeline"), reader=True) as running:
            running.wait_ready()
            yield running


@pytest.fixture(autouse=True)
def _no_faults_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "pipeline" in request.fixturenames:
        request.getfixturevalue("pipeline").faults(None)


def assert_filed_and_announced_once(
    pipeline: Pipeline, file_id: int | str, title: str, timeout_s: float = 30
) -> dict[str, str]:
    wait_until(lambda: pipeline.mails_about(title), timeout_s=timeout_s, what=f"the mail about {title}")
    where = {file["id"]: file["folder_id"] for file in pipeline.state()["files"]}
    assert where[file_id] == INCOMING
    assert len(pipeline.moves_of(file_id)) == 1
    (mail,) = pipeline.mails_about(title)
    return mail


def test_an_invoice_is_filed_and_announced_under_one_correlation_id(pipeline: Pipeline) -> None:
    file_id = pipeline.upload("Invoice 1001.pdf")
    mail = assert_filed_and_announced_once(pipeline, file_id, "Invoice 1001.pdf")

    def ids_in(worker: str) -> list[str]:
        """Of what it accepted or forwarded."""
        passed = [e for e in pipeline.workers[worker].events() if e["event"] == "webhook.accepted"]
        passed += [e for e in pipeline.settled(worker) if e["outcome"] == "forward"]
        return [e["correlation_id"] for e in passed]

    workers = ("ingress", "classifier", "mover", "notifier")
    wait_until(lambda: all(map(ids_in, workers)), timeout_s=10, what="the workers' logs")
    (correlation_id,) = {ids_in(worker)[0] for worker in workers}
    assert correlation_id[:8] in mail["text"]


def test_the_twins_of_a_simple_upload_are_one_move_and_one_mail(pipeline: Pipeline) -> None:
    file_id = pipeline.upload("Invoice twins.pdf", kind="simple")
    assert_filed_and_announced_once(pipeline, file_id, "Invoice twins.pdf")
    wait_until(
        lambda: delivered_triggers(pipeline, file_id) == {"file.created", "file.uploaded"}, 10, "both webhooks"
    )
    wait_until(
        lambda: any(re.search("already filed|same upload", e["reason"] or "") for e in pipeline.settled("mover")),
        timeout_s=20,
        what="the second twin to be skipped",
    )
    assert_filed_and_announced_once(pipeline, file_id, "Invoice twins.pdf")


def delivered_triggers(pipeline: Pipeline, file_id: int | str) -> set[str]:
    deliveries = pipeline.state()["deliveries"]
    return {d["trigger"] for d in deliveries if d["file_id"] == file_id and d["status"] == 200}


def test_a_subfolder_and_a_title_in_utf8_do_not_matter(pipeline: Pipeline) -> None:
    title = "\u200b INVOICE Müller & Söhne №7 発票.pdf"
    file_id = pipeline.upload(title, folder=SUBFOLDER)
    mail = assert_filed_and_announced_once(pipeline, file_id, "Müller & Söhne №7 発票.pdf")
    assert "Acme Ltd" in mail["text"]


def test_what_is_no_invoice_stays_where_it_is_and_the_log_says_why(pipeline: Pipeline) -> None:
    file_id = pipeline.upload("Contract.pdf")
    skipped = wait_until(
        lambda: [e for e in pipeline.settled("classifier") if "Contract.pdf" in (e["reason"] or "")],
        timeout_s=20,
        what="the skip",
    )
    assert skipped[0]["outcome"] == "skip"
    assert 'does not start with "invoice"' in skipped[0]["reason"]
    assert pipeline.moves_of(file_id) == []


def test_the_documented_example_body_posted_by_hand_is_filed(pipeline: Pipeline) -> None:
    file_id = pipeline.upload("Contract to be renamed.pdf", folder=SUBFOLDER)
    renamed = requests.put(
        f"{pipeline.simulator.url}/api/2.0/files/file/{file_id}",
        json={"title": "Invoice 2026-0714.pdf"},
        headers={"Authorization": "Bearer sk-simulator"},
        timeout=5,
    )
    renamed.raise_for_status()
    body = EXAMPLE.replace("748301", str(file_id)).encode()
    assert f'"rootId":{SECTION}'.encode() in body
    assert (
        requests.post(pipeline.webhook_url, data=body, headers=signed_headers(body), timeout=5).status_code == 200
    )
    assert_filed_and_announced_once(pipeline, file_id, "Invoice 2026-0714.pdf")


def test_a_locked_invoice_waits_on_the_ladder_and_is_filed_when_it_is_free(pipeline: Pipeline) -> None:
    pipeline.faults({"portal_down": True})
    file_id = pipeline.upload("Invoice locked.pdf")
    state = f"{pipeline.simulator.url}/simulator/files/{file_id}"
    requests.put(state, json={"locked_by": "client"}, timeout=5).raise_for_status()
    pipeline.faults(None)
    wait_until(
        lambda: any("lock" in (e["reason"] or "") for e in pipeline.settled("mover") if e["outcome"] == "retry"),
        timeout_s=30,
        what="a retry because of the lock",
    )
    requests.put(state, json={"locked_by": None}, timeout=5).raise_for_status()
    assert_filed_and_announced_once(pipeline, file_id, "Invoice locked.pdf")


def test_a_portal_and_a_mail_server_that_are_down_delay_an_invoice_and_lose_nothing(pipeline: Pipeline) -> None:
    pipeline.faults({"portal_down": True, "smtp_down": True})
    file_id = pipeline.upload("Invoice outage.pdf")
    wait_until(lambda: retried(pipeline, "mover", "503"), timeout_s=20, what="a retry for the portal")
    pipeline.faults({"smtp_down": True})
    wait_until(lambda: pipeline.moves_of(file_id), timeout_s=30, what="the move")
    wait_until(
        lambda: any(e["outcome"] == "retry" for e in pipeline.settled("notifier")), timeout_s=30, what="a retry"
    )
    pipeline.faults(None)
    assert_filed_and_announced_once(pipeline, file_id, "Invoice outage.pdf")


def retried(pipeline: Pipeline, worker: str, because: str) -> bool:
    return any(e["outcome"] == "retry" and because in e["reason"] for e in pipeline.settled(worker))


def test_health_readiness_and_metrics_answer_on_every_worker(pipeline: Pipeline) -> None:
    for worker in pipeline.workers.values():
        assert worker.get("/healthz").status_code == 200
        assert worker.get("/readyz").status_code == 200
        assert "intake_ready 1.0" in worker.get("/metrics").text


def test_sigterm_drains_and_exits_0_within_10_s_and_the_next_start_goes_on(pipeline: Pipeline) -> None:
    for worker in pipeline.workers.values():
        started = time.monotonic()
        assert worker.stop(signal.SIGTERM) == 0, worker.name
        assert time.monotonic() - started < 10
        worker.start()
    pipeline.wait_ready()
    assert_filed_and_announced_once(
        pipeline, pipeline.upload("Invoice after restart.pdf"), "Invoice after restart.pdf"
    )


def test_a_killed_broker_and_a_killed_ingress_lose_nothing_and_all_workers_come_back(
    any_broker: Broker, pipeline: Pipeline
) -> None:
    any_broker.kill()
    for name in ("classifier", "mover", "notifier"):
        worker = pipeline.workers[name]
        wait_until(lambda w=worker: not w.ready(), timeout_s=30, what=f"{name} to say that it is not ready")
    ingress = pipeline.workers["ingress"]
    files = {pipeline.upload(f"Invoice outage {n}.pdf", kind="simple"): f"Invoice outage {n}.pdf" for n in range(5)}
    for file_id in files:
        wait_until(
            lambda f=file_id: len(delivered_triggers(pipeline, f)) == 2, 20, "both webhooks to be answered 200"
        )
    assert ingress.ready()
    assert "intake_spool_events 10.0" in ingress.get("/metrics").text
    ingress.stop(signal.SIGKILL)
    ingress.start()
    ingress.wait_ready(30)  # with the spool alone
    any_broker.start()
    pipeline.wait_ready()
    for file_id, title in files.items():
        assert_filed_and_announced_once(pipeline, file_id, title)
    wait_until(lambda: "intake_spool_events 0.0" in ingress.get("/metrics").text, 20, "the spool to be empty")
    assert_filed_and_announced_once(pipeline, pipeline.upload("Invoice after kill.pdf"), "Invoice after kill.pdf")


@pytest.mark.timeout(240)
def test_what_was_published_is_in_the_contract_and_the_other_way_round(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the tests above, and by all else that people and workers do."""
    for name, value in pipeline.workers["mover"].environ.items():
        monkeypatch.setenv(name, value)
    url = pipeline.workers["mover"].environ["AMQP_URL"]
    heard = contract.Heard(url)

    def all_heard() -> bool:
        """Until the new rules are live, each invoice is told at once; then the first of a few seconds."""
        if missing := heard.missing():
            pipeline.upload("Invoice of the contract.pdf")
        return not missing

    with contract.the_others(pipeline, url, tmp_path) as rules:
        contract.do_the_rest(pipeline, url, rules)
        wait_until(all_heard, 90, "every message of the contract", every_s=0.5)
    assert heard.faults == []


@pytest.mark.timeout(300)
def test_two_movers_and_two_notifiers_still_file_and_announce_once_on_postgresql(
    any_vhost_url: str, postgres_url: str, tmp_path: Path
) -> None:
    with running_pipeline(any_vhost_url, tmp_path, postgres_url) as pipeline:
        extra = [pipeline.workers["mover"], pipeline.workers["notifier"]]
        for worker in extra:
            second = type(worker)(
                worker.name, worker.environ | {"HEALTH_PORT": "0"}, worker.log.with_suffix(".2"), 0
            )
            second.start()
            pipeline.workers[f"{worker.name}-2"] = second
        for name in ("ingress", "classifier", "mover", "notifier"):
            pipeline.workers[name].wait_ready()
        files = {
            pipeline.upload(f"Invoice race {n}.pdf", kind="simple"): f"Invoice race {n}.pdf" for n in range(20)
        }
        for file_id, title in files.items():
            # a move whose answer is lost is not sent again for a minute
            assert_filed_and_announced_once(pipeline, file_id, title, timeout_s=100)
        wait_until(
            lambda: all(waiting_in(any_vhost_url, q) == 0 for q in ("mover", "notifier", "retry.1s", "retry.2s")),
            timeout_s=30,
            what="every queue to be empty",
        )
        for file_id, title in files.items():
            assert_filed_and_announced_once(pipeline, file_id, title)
        for name in ("mover-2", "notifier-2"):
            assert pipeline.workers[name].stop() == 0


@pytest.mark.parametrize(
    ("settings", "worker", "sentence"),
    [
        ({"DOCSPACE_API_KEY": "sk-wrong"}, "mover", "refuses our API key"),
        ({"INCOMING_FOLDER_ID": "999"}, "mover", "folder 999"),
        ({"CLIENT_ROOM_ID": "998"}, "classifier", "folder 998"),
    ],
)
def test_a_configuration_that_the_portal_refuses_is_told_and_readiness_is_red(
    any_vhost_url: str, tmp_path: Path, settings: dict[str, Any], worker: str, sentence: str
) -> None:
    with running_pipeline(any_vhost_url, tmp_path, **settings) as pipeline:
        asked = pipeline.workers[worker]
        wait_until(lambda: sentence in portal_fault(asked), timeout_s=60, what="readiness to say so")
        assert asked.get("/readyz").status_code == 503
        wait_until(lambda: any(sentence in event.get("reason", "") for event in asked.events()), 10, "the log")


def portal_fault(worker: Worker) -> str:
    try:
        return str(worker.get("/readyz").json().get("faults", {}).get("portal"))
    except requests.ConnectionError:
        return "not listening yet"


def test_an_operators_override_announces_once_more_and_moves_nothing(
    any_vhost_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filed invoice whose detection lies among the dead letters, as when its first worker was killed."""
    title = "Invoice override.pdf"
    with running_pipeline(any_vhost_url, tmp_path) as pipeline, plain_channel(any_vhost_url) as channel:
        pipeline.wait_ready()
        channel.queue_declare("tap", exclusive=True)
        channel.queue_bind("tap", EXCHANGE, "invoice.detected")
        file_id = pipeline.upload(title)
        assert_filed_and_announced_once(pipeline, file_id, title)
        _, props, body = channel.basic_get("tap", auto_ack=True)
        props.headers = {"reason": "no right", "stage": "mover"}
        monkeypatch.setenv("AMQP_URL", any_vhost_url)
        monkeypatch.delenv("AMQP_URL_FILE", raising=False)

        def replay(*options: str) -> None:
            channel.basic_publish("", "mover.dead", body, props)
            wait_until(lambda: waiting_in(any_vhost_url, "mover.dead") == 1, 10, "the dead letter")
            settled = len(pipeline.settled("mover"))
            assert CliRunner().invoke(app, ["dead", "replay", "--all", *options]).exit_code == 0
            wait_until(lambda: len(pipeline.settled("mover")) > settled, 20, "the mover")

        replay("--override")
        wait_until(lambda: len(pipeline.mails_about(title)) == 2, 20, "the second mail")
        first, second = pipeline.mails_about(title)
        assert first["message_id"] != second["message_id"]
        settled = len(pipeline.settled("notifier"))
        replay()  # without it the mover forwards what it filed, and the notifier has told everyone
        wait_until(lambda: len(pipeline.settled("notifier")) > settled, 20, "the notifier")
        assert len(pipeline.mails_about(title)) == 2
        assert len(pipeline.moves_of(file_id)) == 1
