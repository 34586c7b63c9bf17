"""What the manager gets of a real upload: in their language, with names, and though a template is broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, Pipeline, running_pipeline
from tests.support.waiting import wait_until


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "subject.txt").write_text("Neu: {{ title }} ({{ client }})")
    return folder


@pytest.fixture
def pipeline(any_broker: Broker, tmp_path: Path, templates: Path) -> Iterator[Pipeline]:
    with (
        fresh_vhost(any_broker) as url,
        running_pipeline(
            url, tmp_path, MESSAGE_LANGUAGE="de", MESSAGE_TIMEZONE="Europe/Berlin", TEMPLATES_DIR=str(templates)
        ) as running,
    ):
        running.wait_ready()
        yield running


def test_a_broken_template_is_said_and_the_mail_comes_by_ours(pipeline: Pipeline, templates: Path) -> None:
    (templates / "announcement.html").write_text("{{ titel }}")
    wait_until(lambda: "'titel' is undefined" in pipeline.notes("notifier"), 60, "the fault to be said")
    pipeline.upload("Invoice 7.pdf")
    (mail,) = wait_until(lambda: pipeline.mails_about("Invoice 7.pdf"), 60, "the mail")
    assert mail["subject"] == "Neu: Invoice 7.pdf (Acme Ltd)"
    for body in (mail["text"], mail["html"]):
        assert "Accounting / Incoming" in body
        assert "Sie liegt schon in ihrem Ordner" in body
        assert f"{pipeline.simulator.url}/rooms/shared/{INCOMING}/filter?folder={INCOMING}" in body
    settled = wait_until(lambda: pipeline.settled("notifier"), 60, "the message to be settled")
    assert [event["outcome"] for event in settled] == ["forward"]
    (templates / "announcement.html").unlink()
    assert pipeline.workers["notifier"].ready()
    wait_until(lambda: not pipeline.notes("notifier"), 60, "the fault to be over")
