"""`intake doctor` names each planted fault and its mend, against a real broker, portal, ingress and mail server."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pika
import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from typer.testing import CliRunner

from console.__main__ import app
from console.doctor import ledger, portal
from console.doctor.line import Level, Line
from console.doctor.run import run
from console.reconcile.forever import WINDOW, note_pass
from console.reconcile.report import Report
from demo.ports import free_port
from shared.docspace.client import Client
from shared.docspace.model import KeyInfo
from shared.store.sweeps.store import SweepStore
from simulator.portal import seed
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import Pipeline, running_pipeline
from tests.support.runtime import plain_channel, running_publisher
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def pipeline(
    any_broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Pipeline, dict[str, str]]]:
    """All workers, and what a doctor beside them has in its environment."""
    with (
        fresh_vhost(any_broker) as url,
        running_pipeline(url, tmp_path_factory.mktemp("doctor"), RETRY_DELAYS_S="1,2") as running,
    ):
        running.wait_ready()
        running.upload("Contract.pdf")
        wait_until(lambda: [sent["status"] for sent in running.state()["deliveries"]] == [200], 60, "a webhook")
        note_a_pass(running.workers["mover"].environ["DATABASE_URL"])
        yield running, running.workers["notifier"].environ | {"WEBHOOK_URL": running.webhook_url}


def note_a_pass(database_url: str) -> None:
    """As a reconciler does."""
    with contextlib.closing(SweepStore(database_url)) as store:
        note_pass(store, WINDOW, Report((), {}, 0), time.time(), 86_400)


@pytest.fixture
def environ(pipeline) -> dict[str, str]:
    return dict(pipeline[1])


def doctor(environ: dict[str, str]) -> tuple[int, list[Line]]:
    result = CliRunner().invoke(app, ["doctor", "--json"], obj=None, env=_only(environ))
    report = json.loads(result.stdout)
    assert report["ok"] is (result.exit_code == 0)
    return result.exit_code, [Line(**{**line, "level": Level(line["level"])}) for line in report["lines"]]


def _only(environ: dict[str, str]) -> dict[str, str | None]:
    """Nothing of this shell's own."""
    names = ("DOCSPACE_API_HOST", "DOCSPACE_API_KEY", "DOCSPACE_WEBHOOK_SECRET", "RULES_FILE", "WEBHOOK_URL")
    return dict.fromkeys(names) | environ


def faults(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.level is not Level.OK]


def only_fault(environ: dict[str, str]) -> Line:
    code, lines = doctor(environ)
    found = faults(lines)
    assert code == 1, lines
    assert len(found) == 1, found
    assert found[0].level is Level.FAILED
    assert found[0].mend
    return found[0]


def test_of_a_healthy_installation_every_line_is_ok(environ) -> None:
    code, lines = doctor(environ)
    assert (code, faults(lines)) == (0, [])
    told = {(line.area, line.text) for line in lines}
    assert ("rooms", 'room 86190 "Acme Ltd" of rule default: files may be moved out') in told
    destination = 'folder 748239 "Incoming", the destination of rule default: files may be moved in'
    assert ("rooms", destination) in told
    assert ("webhook", f'7 "invoice-intake" calls {environ["WEBHOOK_URL"]}') in told
    assert (
        "webhook",
        '7 "invoice-intake" sends file.created, file.uploaded, folder.moved, folder.restored, room.restored',
    ) in told
    assert any(area == "sweep" and text.startswith("the last window pass was ") for area, text in told)
    assert ("broker", "queue mover has 1 consumer, and no messages in it") in told
    assert ("portal", "its clock and ours agree") in told
    assert ("ingress", "takes what is signed with our secret") in told


def test_the_doctors_event_is_skipped_by_the_classifier(pipeline, environ) -> None:
    running, _ = pipeline

    def skips() -> list[str]:
        settled = running.settled("classifier")
        return [event["outcome"] for event in settled if "intake.probe" in event.get("reason", "")]

    before = len(skips())
    doctor(environ)
    assert set(wait_until(lambda: skips()[before:], 60, "the event of the doctor")) == {"skip"}


def test_as_a_person_reads_it(environ) -> None:
    result = CliRunner().invoke(app, ["doctor"], env=_only(environ | {"DOCSPACE_API_KEY": "sk-wrong"}))
    assert result.exit_code == 1
    assert "ok       settings  all can be read\n" in result.stdout
    refused = "refuses our API key (401): wrong, switched off or expired, or its user is disabled\n"
    assert f"{refused}                   mend: make a new one" in result.stdout
    assert result.stderr.endswith("1 failed\n")


def test_a_wrong_key(environ) -> None:
    line = only_fault(environ | {"DOCSPACE_API_KEY": "sk-wrong"})
    assert (line.area, "refuses our API key (401)" in line.text) == ("portal", True)
    assert "API keys" in line.mend


def test_a_missing_right(environ) -> None:
    code, lines = doctor(environ | {"DOCSPACE_API_KEY": "sk-norights"})
    assert code == 1
    told = {line.text: line.mend for line in faults(lines) if line.area == "rooms"}
    out = 'room 86190 "Acme Ltd" of rule default: the service user may not move other people\'s files out of it'
    assert told[out] == 'make the service user room manager in "Acme Ltd"'
    (hidden,) = told.keys() - {out}
    assert hidden.startswith("folder 748239, the destination of rule default, is hidden from the service user: ")
    assert told[hidden] == "invite the service user to that room, as room manager; or restore it"


def test_a_missing_right_in_the_destination_alone(pipeline, environ) -> None:
    simulator = pipeline[0].simulator
    role = f"{simulator.url}/simulator/rooms/{seed.ACCOUNTING_ROOM}"
    requests.put(role, json={"service": "viewer"}, timeout=10).raise_for_status()
    try:
        line = only_fault(environ)
    finally:
        requests.put(role, json={"service": "manager"}, timeout=10).raise_for_status()
    assert line.text.endswith("the service user may not move files into it")
    assert line.mend == "make the service user room manager or content creator there"


def test_a_subfolder_in_a_rule_is_judged_by_its_room(environ) -> None:
    code, lines = doctor(environ | {"CLIENT_ROOM_ID": "86193"})
    assert (code, faults(lines)) == (0, [])


@pytest.mark.parametrize("variable", ["CLIENT_ROOM_ID", "INCOMING_FOLDER_ID"])
def test_a_room_that_does_not_exist(environ, variable) -> None:
    line = only_fault(environ | {variable: "404404"})
    assert "404404" in line.text
    assert "does not exist on the portal" in line.text
    assert variable in line.mend


def test_queues_without_consumers_and_with_dead_letters(environ, any_vhost_url) -> None:
    with running_publisher(any_vhost_url), plain_channel(any_vhost_url) as channel:
        channel.confirm_delivery()
        channel.basic_publish("", "mover.dead", b"{}", pika.BasicProperties(delivery_mode=2), mandatory=True)
        code, lines = doctor(environ | {"AMQP_URL": any_vhost_url})
    assert code == 1
    told = [(line.level, line.text) for line in faults(lines)]
    assert told == [
        (Level.FAILED, "queue classifier has no consumer, and no messages in it"),
        (Level.FAILED, "queue mover has no consumer, and no messages in it"),
        (Level.WARNING, "1 message in mover.dead: dead letters wait for a person"),
        (Level.FAILED, "queue notifier has no consumer, and no messages in it"),
    ]
    assert faults(lines)[2].mend.startswith("intake dead list --stage mover")


def test_a_broker_that_no_worker_has_seen(environ, any_vhost_url) -> None:
    _, lines = doctor(environ | {"AMQP_URL": any_vhost_url})
    told = [line.text for line in faults(lines)]
    assert told == [
        "has no exchange docspace",
        *(f"has no queue {stage}" for stage in ("classifier", "mover", "notifier")),
        "has no retry.1s, retry.2s",
    ]


def test_a_broker_that_does_not_answer(environ) -> None:
    line = only_fault(environ | {"AMQP_URL": f"amqp://guest:hunter2@127.0.0.1:{free_port()}/"})
    assert line.area == "broker"
    assert "hunter2" not in line.text


def test_a_ledger_that_cannot_be_written(environ) -> None:
    line = only_fault(environ | {"DATABASE_URL": "sqlite:////dev/null/ledger.db"})
    assert (line.area, line.text.startswith("cannot be written")) == ("ledger", True)


def test_a_database_that_is_read_only(postgres_url) -> None:
    assert [line.level for line in ledger.check(postgres_url)] == [Level.OK]
    read_only = f"{postgres_url}?options=-c%20default_transaction_read_only%3Don"
    (line,) = ledger.check(read_only)
    assert line.level is Level.FAILED
    assert "read-only" in line.text


class NobodyIsKnown:
    def __call__(self, *_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 OK"


def test_a_mail_server_that_refuses_the_login(environ) -> None:
    port = free_port()
    server = Controller(
        NobodyIsKnown(), hostname="127.0.0.1", port=port, authenticator=NobodyIsKnown(), auth_require_tls=False
    )
    server.start()
    try:
        line = only_fault(environ | {"SMTP_URL": f"smtp://clerk:hunter2@127.0.0.1:{port}"})
    finally:
        server.stop()
    assert (line.area, "refused the login of SMTP_URL: 535" in line.text) == ("mail", True)
    assert "hunter2" not in line.text


def test_a_secret_that_the_ingress_does_not_have(environ) -> None:
    code, lines = doctor(environ | {"DOCSPACE_WEBHOOK_SECRET": "Simulator-Secret-1,Another-Secret-2"})
    signed, line = faults(lines)
    assert code == 1
    assert "the portal still signs with the old one" in signed.text
    assert line.text == "refuses what is signed with secret 2 of 2 (401): it runs with another"
    assert line.mend == "restart the ingress with the DOCSPACE_WEBHOOK_SECRET of .env"


def test_every_bad_setting_is_a_line_and_the_others_are_checked_all_the_same(environ) -> None:
    code, lines = doctor(environ | {"DOCSPACE_API_HOST": "portal", "SMTP_URL": "mail", "RETRY_MAX_AGE_S": "x"})
    assert code == 2
    bad = [line.text.partition(":")[0] for line in lines if line.area == "settings"]
    assert sorted(bad) == ["DOCSPACE_API_HOST", "RETRY_MAX_AGE_S", "SMTP_URL"]
    areas = {line.area for line in lines if line.level is Level.OK}
    assert areas == {"ledger", "rules", "sweep", "uploads", "ingress", "outbox"}


def test_a_portal_that_takes_calls_and_never_answers_holds_nothing_up(environ) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        areas = list(run(environ | {"DOCSPACE_API_HOST": url}, limit_s=3))
    late = [line for lines in areas for line in lines if line.level is Level.FAILED]
    assert [(line.area, line.text) for line in late] == [("portal", "no answer within 3 s")]


@pytest.mark.parametrize(
    ("ahead", "level", "text"),
    [
        (timedelta(0), Level.OK, "its clock and ours agree"),
        (timedelta(seconds=20), Level.WARNING, "s ahead of its"),
        (timedelta(minutes=-5), Level.FAILED, "s behind its"),
    ],
)
def test_a_clock_that_is_wrong(pipeline, ahead, level, text) -> None:
    with contextlib.closing(Client(pipeline[0].simulator.url, "sk-simulator", pool_size=1)) as client:
        *_, line = portal.check(client, lambda: datetime.now(UTC) + ahead)
    assert line.level is level
    assert text in line.text


NOW = datetime(2026, 7, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        (KeyInfo(name="k"), None),
        (KeyInfo(name="k", permissions=("files:read", "files:write"), expires_at="2027-01-01T00:00:00Z"), None),
        (KeyInfo(name="k", permissions=("*",)), None),
        (
            KeyInfo(name="k", expires_at="2026-07-10T00:00:00.0000000+02:00"),
            "expires at 2026-07-10 00:00, in 7",
        ),
        (KeyInfo(name="k", expires_at="2026-07-01T00:00:00Z"), "the API key expired at 2026-07-01 00:00"),
        (KeyInfo(name="k", permissions=("files:read",)), "lacks the permission files:write"),
        (KeyInfo(name="k", active=False), "is switched off"),
    ],
)
def test_what_a_key_says_of_itself(key, fault) -> None:
    found = faults(list(portal.key_lines(key, NOW)))
    assert [fault in line.text for line in found] == ([True] if fault else [])


def test_each_worker_whose_address_is_known_is_asked(pipeline, environ) -> None:
    running, _ = pipeline
    addresses = [f"http://127.0.0.1:{worker.port}" for worker in running.workers.values()]
    code, lines = doctor(environ | {"HEALTH_URLS": ",".join(addresses)})
    assert (code, faults(lines)) == (0, [])
    assert [line.text for line in lines if line.area == "workers"] == [f"{one} is ready" for one in addresses]
    nobody = f"http://127.0.0.1:{free_port()}"
    line = only_fault(environ | {"HEALTH_URLS": f"{addresses[0]},{nobody}"})
    assert line.text.startswith(f"{nobody} does not answer as a worker does: ")


READ_RULES = ("classifier", "mover", "notifier")


def test_a_worker_that_runs_with_other_rules_is_named_with_what_to_do(pipeline, environ) -> None:
    running, _ = pipeline
    pages = {name: f"http://127.0.0.1:{running.workers[name].port}" for name in READ_RULES}
    there = environ | {"HEALTH_URLS": ",".join(pages.values())}
    code, lines = doctor(there | {"MANAGER_EMAIL": "somebody.else@example.com"})
    assert (code, [line.text for line in faults(lines)]) == (
        1,
        [f"the {name} at {page} runs with other rules than are configured here" for name, page in pages.items()],
    )
    assert faults(lines)[1].mend.startswith(
        "restart it: docker compose up --detach, then docker compose restart mover "
    )
    assert 'settled_total{code="no-rule",outcome="skip"}' in running.workers["classifier"].get("/metrics").text
    line = only_fault(there | {"MAIL_FROM": "billing@firm.example"})
    assert line.text == f"the notifier at {pages['notifier']} runs with other MAIL_FROM than are configured here"


def test_a_portal_that_is_down_is_one_failed_line_and_the_workers_wait_for_it(pipeline, environ) -> None:
    running, _ = pipeline
    waiting = ("classifier", "mover")
    pages = {name: f"http://127.0.0.1:{running.workers[name].port}" for name in waiting}
    running.mood(state="suspended")
    try:
        running.upload("Invoice of a dark hour.pdf")
        running.upload("Invoice of another.pdf")
        wait_until(lambda: "paused" in running.unready("classifier"), 60, "the classifier to be paused")
        code, lines = doctor(environ | {"HEALTH_URLS": pages["classifier"]})
        _, unseen = doctor(environ)
    finally:
        running.mood()
    found = faults(lines)
    assert (code, [line.area for line in found if line.level is Level.FAILED]) == (1, ["portal"])
    assert [line.text.partition(": ")[0] for line in found if line.area == "workers"] == [
        f"the classifier at {pages['classifier']} waits for the portal"
    ]
    assert [line.level for line in lines if "queue classifier has no consumer" in line.text] == [Level.OK]
    (told,) = [line for line in unseen if line.text.startswith("queue classifier has no consumer")]
    assert (told.level, told.text.endswith("the classifier waits for the portal, if it runs")) == (
        Level.WARNING,
        True,
    )
    wait_until(lambda: all(running.workers[name].ready() for name in waiting), 60, "all to be ready again")


def test_an_ingress_that_only_the_way_to_it_hides_is_told_from_one_that_is_down(pipeline, environ) -> None:
    running, _ = pipeline
    outside = f"http://127.0.0.1:{free_port()}/docspace/webhook"
    there = {"WEBHOOK_URL": outside, "INGRESS_PORT": running.workers["ingress"].environ["INGRESS_PORT"]}
    _, lines = doctor(environ | there)
    (line,) = [line for line in faults(lines) if line.area == "ingress"]
    assert f"the ingress itself does, at {running.webhook_url}" in line.text
    assert "reverse proxy" in line.mend
    _, lines = doctor(environ | there | {"INGRESS_PORT": str(free_port())})
    (line,) = [line for line in faults(lines) if line.area == "ingress"]
    assert line.mend.startswith("start the ingress")
