"""The time of a webhook's arrival goes from the ingress to the mail, through the spool and while the work waits."""

import time
from pathlib import Path

import requests

from demo.ports import free_port
from tests.support.pipeline import Pipeline, Worker, running_pipeline
from tests.support.proxy import proxy
from tests.support.waiting import wait_until

INVOICE = "Invoice 7.pdf"
HELD_S = 2.0


def measured(worker: Worker, milestone: str) -> tuple[float, float]:
    """How many invoices, and their seconds together."""
    lines = (line.rsplit(" ", 1) for line in worker.get("/metrics").text.splitlines() if line[:1] != "#")
    figures = {name: float(value) for name, value in lines}
    name = f"intake_webhook_to_{milestone}_seconds"
    return figures[f"{name}_count"], figures[f"{name}_sum"]


def wait_for_mail(pipeline: Pipeline) -> None:
    wait_until(lambda: pipeline.mails_about(INVOICE), 60, "the mail")
    for worker in ("mover", "notifier"):
        wait_until(lambda name=worker: settled(pipeline, name), 20, f"the {worker} to settle it")


def settled(pipeline: Pipeline, worker: str) -> bool:
    return any(event["outcome"] == "forward" for event in pipeline.settled(worker))


def test_an_upload_is_measured_once_from_its_webhook_to_its_mail(any_vhost_url: str, tmp_path: Path) -> None:
    with running_pipeline(any_vhost_url, tmp_path, held=["notifier"]) as pipeline:
        for name in ("ingress", "classifier", "mover"):
            pipeline.workers[name].wait_ready()
        began = time.time()
        pipeline.upload(INVOICE, kind="simple")  # the portal tells of it twice
        wait_until(lambda: settled(pipeline, "mover"), 60, "the invoice to be filed")
        filed_by = time.time() - began
        time.sleep(HELD_S)
        notifier = pipeline.workers["notifier"]
        notifier.start()
        notifier.wait_ready()
        wait_for_mail(pipeline)
        all_s = time.time() - began

        count, filed_s = measured(pipeline.workers["mover"], "filed")
        assert count == 1
        assert 0 < filed_s <= filed_by
        count, told_s = measured(notifier, "told")
        assert count == 1
        assert filed_s + HELD_S <= told_s <= all_s


def test_a_webhook_that_waited_in_the_spool_is_measured_from_its_arrival(
    any_vhost_url: str, tmp_path: Path
) -> None:
    port = free_port()
    before, _, path = any_vhost_url.rpartition("@")[2].partition("/")
    user, target = any_vhost_url.rpartition("@")[0], int(before.rpartition(":")[2])
    with (
        proxy(port, target, up=False) as broker,
        running_pipeline(any_vhost_url, tmp_path, held=["ingress"]) as pipeline,
    ):
        ingress = pipeline.workers["ingress"]
        ingress.environ["AMQP_URL"] = f"{user}@127.0.0.1:{port}/{path}"
        ingress.start()
        pipeline.wait_ready()
        pipeline.upload(INVOICE)
        wait_until(lambda: spooled(ingress) == 1, 30, "the event in the spool")
        arrived = time.time()
        time.sleep(HELD_S)
        broker.up()
        wait_for_mail(pipeline)
        ended = time.time()
        for worker, milestone in (("mover", "filed"), ("notifier", "told")):
            count, seconds = measured(pipeline.workers[worker], milestone)
            assert count == 1
            assert HELD_S <= seconds <= ended - arrived + 2


def spooled(ingress: Worker) -> int:
    page = requests.get(f"http://127.0.0.1:{ingress.port}/metrics", timeout=5).text
    return next(
        int(float(line.split()[1])) for line in page.splitlines() if line.startswith("intake_spool_events ")
    )
