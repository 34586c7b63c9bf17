"""A real broker and a real database over TLS: who is trusted, what is said if not, and who we say we are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.connect import connect
from shared.process.settings import LedgerDatabase, Process, load
from shared.store.database import engine_for, url_of
from shared.store.faults import sentence
from tests.contract.tls.certificates import BAD, Authority
from tests.contract.tls.servers import ASKS_FOR_OURS, host_of, tls_database, tls_ports
from tests.support.brokers import Broker, fresh_vhost
from tests.support.ingress import event, post, running_ingress
from tests.support.runtime import running_publisher, waiting_in
from tests.support.waiting import wait_until

SENTENCES = {
    "of another authority": "of an authority that is neither the system's nor in TLS_CA_FILE",
    "for another name": "for another name",
    "expired": "that has expired",
}
RIGHT = "right"


@pytest.fixture(scope="module")
def ports(any_broker: Broker, authority: Authority) -> dict[str, int]:
    host = host_of(any_broker)
    certificates = {how: authority.server(host, how) for how in (RIGHT, *BAD, ASKS_FOR_OURS)}
    return tls_ports(any_broker, certificates, authority.pem)


def amqp_url(broker: Broker, port: int, vhost: str = "") -> str:
    return f"amqps://guest:guest@{host_of(broker)}:{port}/{vhost}"


def reached(url: str, settings: dict[str, str]) -> None:
    """UnavailableError where it cannot be."""
    connect(load(Process, {"AMQP_URL": url} | settings).amqp_urls, "test").close()


def test_a_broker_is_reached_whose_certificate_our_authority_signed(any_broker, ports, authority):
    reached(amqp_url(any_broker, ports[RIGHT]), authority.trusted)


@pytest.mark.parametrize("how", BAD)
def test_what_is_wrong_with_a_brokers_certificate_is_one_sentence(any_broker, ports, authority, how):
    with pytest.raises(UnavailableError) as caught:
        reached(amqp_url(any_broker, ports[how]), authority.trusted)
    assert f"(it has a certificate {SENTENCES[how]}" in str(caught.value)
    assert "_ssl.c" not in str(caught.value)


def test_a_broker_that_asks_for_a_certificate_gets_ours(any_broker, ports, authority):
    url = amqp_url(any_broker, ports[ASKS_FOR_OURS])
    with pytest.raises(UnavailableError):
        reached(url, authority.trusted)
    reached(url, authority.trusted | authority.client("worker"))


@pytest.fixture
def wanted(any_broker: Broker) -> Iterator[str]:
    """A virtual host with the topology; its name."""
    with fresh_vhost(any_broker) as url:
        with running_publisher(url):
            pass
        yield url


def test_what_came_while_the_broker_was_not_trusted_is_there_once_it_is(
    any_broker: Broker, ports: dict[str, int], authority: Authority, wanted: str, tmp_path: Path
) -> None:
    vhost = wanted.rsplit("/", 1)[1]
    url = amqp_url(any_broker, ports["expired"], vhost)
    with running_ingress("waitress", url, tmp_path, TLS_CA_FILE=str(authority.file)) as ingress:
        assert post(ingress, event(1)).status_code == 200
        wait_until(lambda: "the broker has a certificate that has expired" in ingress.written(), 20, "the reason")
    url = amqp_url(any_broker, ports[RIGHT], vhost)
    with running_ingress("waitress", url, tmp_path, TLS_CA_FILE=str(authority.file)):
        wait_until(lambda: waiting_in(wanted, "classifier") == 1, 30, "the event")


def asked(url: str, settings: dict[str, str]) -> str:
    """Who we are to the database; empty if it was shown no certificate. DBAPIError where it cannot be reached."""
    loaded = load(LedgerDatabase, {"DATABASE_URL": url} | settings)
    engine = engine_for(url_of(loaded.database_url.get_secret_value()))
    try:
        with engine.connect() as connection:
            who = "SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            encrypted, name = connection.exec_driver_sql(who).one()
        assert encrypted
        return str(name or "")
    finally:
        engine.dispose()


def test_a_database_is_reached_whose_certificate_our_authority_signed_and_gets_ours(postgres_url, authority):
    with tls_database(postgres_url, authority.server("127.0.0.1"), authority.pem) as url:
        for mode in ("verify-full", "verify-ca"):
            assert asked(f"{url}?sslmode={mode}", authority.trusted) == ""
        shown = asked(f"{url}?sslmode=verify-full", authority.trusted | authority.client("worker"))
        assert "CN=worker" in shown


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("of another authority", "(it has expired, or its authority is not the one of TLS_CA_FILE or sslrootcert)"),
        ("for another name", 'server certificate for "elsewhere.example" does not match host name "127.0.0.1"'),
        ("expired", "(it has expired, or its authority is not the one of TLS_CA_FILE or sslrootcert)"),
    ],
)
def test_what_is_wrong_with_a_databases_certificate_is_one_sentence(postgres_url, authority, how, said):
    with (
        tls_database(postgres_url, authority.server("127.0.0.1", how), authority.pem) as url,
        pytest.raises(sa.exc.DBAPIError) as caught,
    ):
        asked(f"{url}?sslmode=verify-full", authority.trusted)
    assert said in sentence(caught.value, "")
