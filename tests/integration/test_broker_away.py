"""While the broker is away, `status` and `find` show what can be seen without it, and say what they cannot see."""

import json
import time

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from console.__main__ import app
from console.connect.management import Management, NotToldError
from demo.ports import free_port
from shared.runtime.health import HealthServer, Readiness
from shared.runtime.metrics import Metrics
from shared.runtime.settle import EXCHANGE
from shared.store.history.step import step_of
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.ledger import Ledger
from shared.wire.events import InvoiceFiled, encode
from shared.wire.message import Publication
from tests.support.brokers import private_broker
from tests.support.pipes import read_line
from tests.support.proxy import Proxy
from tests.support.runtime import event, running_publisher, waiting_in
from tests.support.waiting import wait_until
from tests.unit.test_history import on_stream

NOBODY = "amqp://guest:hunter2@127.0.0.1:1/"
FILED = InvoiceFiled(
    file_id=748301, source_file_id=748301, version=1, title="Invoice Ünal.pdf", rule="acme", destination=748239,
    recipients=("manager@example.com",), room_id=86190,
)  # fmt: skip


def run(*arguments: str, **environ: str):
    settings = {"AMQP_URL": NOBODY, "RETRY_DELAYS_S": "1,2", "HEALTH_PORT": "1"}
    return CliRunner().invoke(app, list(arguments), env=settings | environ)


@pytest.fixture
def ingress() -> str:
    """A health page with three events in the spool."""
    metrics = Metrics()
    metrics.watch_spool(lambda: 3, lambda: 75.0, lambda: 0, lambda: True)
    server = HealthServer("127.0.0.1", 0, Readiness({"broker": lambda: "not connected"}, metrics), metrics)
    server.start()
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture
def database(tmp_path) -> str:
    """A history with an upload that came ten minutes ago; a ledger with a filed one and one that is begun."""
    url = f"sqlite:///{tmp_path}/ledger.db"
    opened = Database(url)
    opened.create()
    came = replace(event(1).message, timestamp=int(time.time()) - 610)
    upload = Publication(exchange=EXCHANGE, routing_key=came.type, message=came, mandatory=True)
    step = step_of(on_stream(upload))
    assert step is not None
    Store(opened).record([step], 0)
    opened.close()
    ledger = Ledger(url, owner="mover@test")
    ledger.complete("move:default:748301:1:2026-01-01T00:00:00Z", '{"filed":' + encode(FILED).decode() + "}")
    ledger.claim("move:default:5:1:2026-01-01T00:00:00Z", 60)
    ledger.close()
    return url


def test_status_shows_spool_workers_history_and_ledger_without_the_broker(ingress, database) -> None:
    shown = run("status", HEALTH_URLS=ingress, DATABASE_URL=database)
    assert shown.exit_code == 1
    lines = shown.stdout.splitlines()
    (row,) = [line.split() for line in lines if line.startswith("classifier  ")]
    assert row[:6] == ["classifier", "?", "?", "?", "?", "10m"]
    assert row[7:] == ["?", "?"]
    assert lines[0].startswith(("1 thing needs you: ", "2 things need you: ", "3 things need you: "))
    assert "to be tried again: ?" in lines
    assert "spool: 3 events, the oldest 1m 15s old" in lines
    assert f"{ingress}: NOT READY, broker: not connected" in lines
    assert any(line.startswith("history: 1 under way, 0 failed, the last step 10m ") for line in lines)
    assert "ledger: 1 begun and not ended" in lines
    assert any(line.startswith("? broker: no broker answers at 127.0.0.1:1 (") for line in lines)
    assert "hunter2" not in shown.output


def test_what_is_not_known_without_the_broker_is_null_for_a_program(ingress, database) -> None:
    told = json.loads(run("status", "--json", HEALTH_URLS=ingress, DATABASE_URL=database).stdout)
    assert [told["stages"][0][name] for name in ("waiting", "in_hand", "consumers", "dead")] == [None] * 4
    assert told["delays"] is None
    assert told["workers"][0]["spool_events"] == 3
    assert (told["history"]["waiting"], told["unfinished"]) == (1, 1)


def test_watching_goes_on_while_the_broker_is_away_and_when_it_is_back(any_broker, any_vhost_url, database) -> None:
    from tests.integration.test_status_and_tail import _console  # noqa: PLC0415

    port = free_port()
    own = any_vhost_url.rpartition(":")[2]
    proxy = Proxy(port, int(own.partition("/")[0]))
    url = any_vhost_url.replace(own, f"{port}/{own.partition('/')[2]}")
    with running_publisher(any_vhost_url) as publisher:
        publisher.publish(event(1), 30)
        wait_until(lambda: waiting_in(any_vhost_url, "classifier") == 1, 30, "a message")
    with _console("status", "--watch", "--every", "0.2", "--json", url=url) as console:

        def waiting() -> int | None:
            found: int | None = json.loads(read_line(console.stdout))["stages"][0]["waiting"]
            return found

        assert waiting() is None
        for turn, wanted in ((proxy.up, 1), (proxy.down, None), (proxy.up, 1)):
            turn()
            wait_until(lambda wanted=wanted: waiting() == wanted, 60, f"a look that finds {wanted}")
    proxy.down()


def test_find_says_how_much_lies_in_the_spool_and_cannot_be_searched(ingress, database) -> None:
    missing = run("find", "Invoice 4711", HEALTH_URLS=ingress, DATABASE_URL=database)
    assert missing.exit_code == 1
    spooled = f"3 events wait in the ingress's spool at {ingress}, the oldest for 1m 15s, and cannot be searched"
    assert spooled in missing.stderr
    there = run("find", event(1).message.correlation_id, HEALTH_URLS=ingress, DATABASE_URL=database)
    assert there.exit_code == 0
    assert spooled in there.stderr


def test_find_asks_the_health_port_of_this_machine_where_no_other_is_named(ingress, database) -> None:
    missing = run("find", "Invoice 4711", HEALTH_PORT=ingress.rpartition(":")[2], DATABASE_URL=database)
    assert f"3 events wait in the ingress's spool at {ingress}, " in missing.stderr


def test_find_says_what_it_could_not_see(database, tmp_path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    missing = run("find", "Invoice 4711", HEALTH_URLS=nobody, DATABASE_URL=database)
    assert f"what waits in the ingress's spool is not known: {nobody}: " in missing.stderr
    (tmp_path / "text.db").write_text("This is no database, and was never meant to be one." * 50)
    broken = run("find", "Invoice 4711", HEALTH_URLS=nobody, DATABASE_URL=f"sqlite:///{tmp_path}/text.db")
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert "file is not a database" in broken.stderr
    assert nobody in broken.stderr


@pytest.mark.parametrize("text", ["ünal", "Invoice Ü", "748301"])
def test_find_knows_from_the_ledger_what_the_history_does_not(database, text) -> None:
    found = run("find", text, "--json", DATABASE_URL=database)
    (upload,) = json.loads(found.stdout)
    assert (upload["file_id"], upload["title"], upload["state"]) == ("748301", FILED.title, "filed")
    assert "the ledger says that it was filed" in upload["reason"]


def test_find_knows_from_the_ledger_that_a_mover_has_begun(database) -> None:
    (upload,) = json.loads(run("find", "5", "--json", DATABASE_URL=database).stdout)
    assert (upload["file_id"], upload["state"]) == ("5", "waiting")


def test_find_takes_no_text_for_a_pattern_and_no_other_field_for_a_title(database) -> None:
    for text in ("%", "acme", "74830_", "manager@example.com"):
        assert run("find", text, DATABASE_URL=database).exit_code == 1


def test_the_management_api_of_another_broker_is_told_apart(broker_private, database) -> None:
    with private_broker() as other:
        shown = run(
            "status", "--json", AMQP_URL=broker_private.amqp_url, MANAGEMENT_URL=other.management_url,
            DATABASE_URL=database,
        )  # fmt: skip
    told = json.loads(shown.stdout)
    assert "is the management API of another broker" in told["unknown"]["rates"]
    assert told["stages"][0]["in_per_s"] is None


@pytest.mark.parametrize(
    ("amqp_url", "address"),
    [
        ("amqp://me:secret@mq.example/", "http://mq.example:15672"),
        ("amqp://me:secret@mq.example:5672/", "http://mq.example:15672"),
        ("amqps://me:secret@[2001:db8::1]:5671/", "https://[2001:db8::1]:15671"),
        ("amqp://me:secret@mq.example:5673/", ""),
        ("amqps://me:secret@mq.example:5672/", ""),
    ],
)
def test_the_password_goes_only_where_the_brokers_own_port_leads(amqp_url, address) -> None:
    management = Management([amqp_url], None)
    assert management.address == address
    if not address:
        with pytest.raises(NotToldError, match="MANAGEMENT_URL says it"):
            management.traffic(None)
