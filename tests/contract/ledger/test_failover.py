"""PostgreSQL changes behind one address: a connection that lives and is of no use is left, and work goes on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import pytest
import sqlalchemy as sa

from console.doctor.ledger import check as doctor
from shared.errors import TransientError
from shared.store.history.queries import Queries
from shared.store.history.step import Outcome, Step
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.ledger import Done, Held, Ledger
from shared.store.ledger.pruning import prune
from shared.store.ledger.rows import Claim
from tests.conftest import NO_DATABASE
from tests.contract.ledger.claims import LONG_S, won
from tests.support.databases import find_postgres
from tests.support.failover import Pair, primary_and_standby
from tests.support.waiting import wait_until

STEP = Step(
    key="a step",
    correlation_id="an upload",
    at=100,
    stage="ingress",
    outcome=Outcome.RECEIVED,
    type="webhook.file.uploaded",
    message_id="a message",
)


@contextmanager
def two_servers() -> Iterator[Pair]:
    programs = find_postgres()
    if programs is None:
        pytest.fail(NO_DATABASE)
    with primary_and_standby(programs) as running:
        yield running


@pytest.fixture
def own_pair() -> Iterator[Pair]:
    """For a test that promotes: there is no way back."""
    with two_servers() as running:
        yield running


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    with two_servers() as running:
        yield running


@pytest.fixture
def pair(servers: Pair) -> Iterator[Pair]:
    """The address leads to the primary, and the primary writes."""
    yield servers
    servers.mend()


@pytest.fixture
def key() -> str:
    return uuid4().hex


@pytest.fixture
def ledger(pair: Pair) -> Iterator[Ledger]:
    ledger = Ledger(pair.url, owner="worker")
    yield ledger
    ledger.close()


def processes(ledger: Ledger, connections: int = 5) -> set[tuple[int, int]]:
    """The server processes, by port and id, that so many users at once are given a connection to."""
    asks = sa.text("SELECT inet_server_port(), pg_backend_pid()")
    with ExitStack() as opened:
        held = [opened.enter_context(ledger.rows.engine.connect()) for _ in range(connections)]
        return {tuple(each.execute(asks).one()) for each in held}


def test_after_a_failover_everything_goes_on_by_itself_and_nothing_is_forgotten(own_pair):
    pair, ledger = own_pair, Ledger(own_pair.url, owner="worker")
    database = Database(pair.url, writes=True)
    database.create()
    store, asked = Store(database), Queries(Database(pair.url))
    store.record([STEP], 1)
    assert asked.timeline("an upload") == [STEP]
    processes(ledger)
    done, mine = "done before", won(ledger.claim("in hand", LONG_S))
    ledger.complete(done, "filed")

    before = processes(ledger)
    pair.demote()
    pair.promote()
    after = processes(ledger)
    assert {port for port, _ in before} == {pair.primary.port}
    assert {port for port, _ in after} == {pair.standby.port}

    assert ledger.check() is None
    assert ledger.claim(done, LONG_S) == Done("filed")
    assert isinstance(ledger.claim("in hand", LONG_S), Held)
    ledger.rows.renew([Claim("in hand", mine.token)], LONG_S)
    assert ledger.note("in hand", mine.token, "operation 7")
    ledger.complete("in hand", "filed")
    assert prune(ledger, 0, lambda _: False) == 2
    store.record([], 2)
    assert store.offset() == 2
    assert asked.timeline("an upload") == [STEP]
    for each in (ledger, database, asked._database):
        each.close()


def test_without_a_server_that_writes_the_ledger_is_not_ready_and_is_again_by_itself(pair, ledger, key):
    claim = won(ledger.claim(key, LONG_S))
    processes(ledger)
    pair.demote()
    for call in (
        lambda: ledger.claim("k", LONG_S),
        lambda: ledger.note(key, claim.token, "progress"),
        lambda: ledger.rows.renew([Claim(key, claim.token)], LONG_S),
        lambda: ledger.release(key, claim.token),
        lambda: ledger.prune(0),
        lambda: ledger.abandon(["message"]),
        lambda: ledger.peek(key),
    ):
        with pytest.raises(TransientError, match=r"the ledger cannot be reached: .*read-only"):
            call()
    assert "read-only" in str(ledger.check())
    assert any("read-only" in line.text for line in doctor(pair.url))
    pair.mend()
    assert ledger.check() is None
    assert isinstance(ledger.claim(key, LONG_S), Held)


def test_a_server_that_stops_to_write_in_the_middle_of_a_call_costs_that_call_alone(pair, ledger, key):
    ledger.check()
    before = processes(ledger)
    connected = ledger.rows._database.connection(writes=True)

    def write() -> None:
        with connected as connection:
            pair.demote()
            connection.execute(ledger.rows._check_statement)

    with pytest.raises(TransientError, match="read-only"):
        write()
    pair.mend()
    assert not processes(ledger) & before
    won(ledger.claim(key, LONG_S))


def test_a_standby_is_refused_and_the_primary_is_taken_again(pair, ledger, key):
    ledger.claim(key, LONG_S)
    pair.address.lead_to(pair.standby.port)
    pair.address.down()
    pair.address.up()
    assert "read-only" in str(ledger.check())
    pair.address.lead_to(pair.primary.port)
    assert ledger.check() is None
    assert isinstance(ledger.claim(key, LONG_S), Held)


def test_a_server_that_is_starting_is_waited_for(pair, ledger, key):
    """It accepts the connection and says 57P03, as does one after a crash."""
    ledger.claim(key, LONG_S)
    pair.standby.stop()
    pair.standby.launch("hot_standby=off")
    pair.address.lead_to(pair.standby.port)
    pair.address.down()
    pair.address.up()
    wait_until(lambda: "not accepting connections" in str(ledger.check()), 30, "the server to say that it starts")
    with pytest.raises(TransientError, match="the ledger cannot be reached"):
        ledger.claim(key, LONG_S)
    pair.standby.stop()
    pair.standby.start()
    pair.address.lead_to(pair.primary.port)
    assert ledger.check() is None
    assert isinstance(ledger.claim(key, LONG_S), Held)


def test_of_several_hosts_the_one_that_writes_is_found(pair, ledger, key):
    ledger.claim(key, LONG_S)
    ports = (pair.standby.port, pair.primary.port)
    for url in (
        "postgresql://postgres@127.0.0.1:{},127.0.0.1:{}/postgres".format(*ports),
        "postgresql://postgres@/postgres?host=127.0.0.1,127.0.0.1&port={},{}".format(*ports),
    ):
        other = Ledger(url, owner="other")
        assert isinstance(other.claim(key, LONG_S), Held)
        other.close()


def test_a_history_can_be_asked_at_a_standby(pair):
    database = Database(pair.url, writes=True)
    database.create()
    Store(database).record([STEP], 1)
    database.close()
    replica = Database(pair.standby.url)
    try:
        for _ in range(2):
            assert wait_until(lambda: Queries(replica).timeline("an upload"), 30, "the replica to have it") == [
                STEP
            ]
    finally:
        replica.close()
