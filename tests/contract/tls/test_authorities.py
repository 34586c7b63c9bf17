"""TLS_CA_FILE is trusted by every library that connects, beside the system's authorities; on IPv6 too."""

import contextlib
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import trustme

from console.doctor import mail as doctors_mail
from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.connect import connect
from shared.announcing.channels.channel import Tools
from shared.announcing.channels.table import ChannelsOf
from shared.chat import apprise
from shared.docspace.client import Client
from shared.docspace.errors import TryLaterError
from shared.errors import TransientError
from shared.process.settings import LedgerDatabase, Portal, Process, Tls, load
from shared.rules.model import Rule, RuleSet
from shared.smtp.settings import Mail
from shared.store.database import engine_for, url_of
from tests.contract.tls.server import Handshakes
from tests.support.notices import TOOLS, a_notice

# Apprise loads its plug-ins on first use, and one of them still asks for a module that Python 3.13 has dropped;
# it says of each request that is to verify nothing that it does not.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
]


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def broker(where: str, authorities: dict[str, str]) -> None:
    settings = load(Process, {"AMQP_URL": f"amqps://me:w@{where}/", **authorities})
    with contextlib.suppress(UnavailableError):
        connect(settings.amqp_urls, "test")


def database(where: str, authorities: dict[str, str]) -> None:
    url = f"postgresql://me:w@{where}/d?sslmode=verify-full"
    settings = load(LedgerDatabase, {"DATABASE_URL": url, **authorities})
    engine = engine_for(url_of(settings.database_url.get_secret_value()))
    with contextlib.suppress(sa.exc.OperationalError), engine.connect():
        pass


def mail(where: str, authorities: dict[str, str]) -> None:
    settings = load(Mail, {"SMTP_URL": f"smtps://{where}", **authorities})
    list(doctors_mail.check(settings.smtp_url.get_secret_value(), settings.tls_ca_file))


def portal(where: str, authorities: dict[str, str]) -> None:
    settings = load(Portal, {"DOCSPACE_API_HOST": f"https://{where}", "DOCSPACE_API_KEY": "k", **authorities})
    client = Client(settings.docspace_api_host, "k", pool_size=1, ca_file=settings.tls_ca_file)
    with contextlib.closing(client), contextlib.suppress(TryLaterError):
        client.self_id()


def channel(where: str, authorities: dict[str, str]) -> None:
    rules = RuleSet(rules=(Rule(name="acme", rooms=("1",), destination=2, notify=(f"jsons://{where}/",)),))
    settings = load(Tls, authorities)
    notice = a_notice()
    with apprise.authorities(settings.tls_ca_file) as trusted, contextlib.suppress(TransientError):
        for each in ChannelsOf(rules, Tools(TOOLS.mail, trusted))(notice.invoices[0]):
            each.send(notice)


LIBRARIES = [broker, database, mail, portal, channel]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "our authority.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture(scope="module")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    return context


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__)
def library(request: pytest.FixtureRequest) -> Callable[[str, dict[str, str]], None]:
    chosen: Callable[[str, dict[str, str]], None] = request.param
    return chosen


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@contextlib.contextmanager
def serving(tls: ssl.SSLContext, host: str, library: Callable[..., None]) -> Iterator[Handshakes]:
    greeting = b"220 test\r\n" if library is mail else b""
    with Handshakes(tls, host, asked=library is database, greeting=greeting) as server:
        yield server


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.usefixtures("no_proxy")
def test_a_server_with_a_certificate_of_our_authority_is_trusted(library, host, server_tls, ca_file):
    with serving(server_tls, host, library) as server:
        library(f"{_host(host)}:{server.port}", {"TLS_CA_FILE": str(ca_file)})
    assert "trusted" in server.ended


@pytest.mark.usefixtures("no_proxy")
def test_without_the_setting_it_is_not(library, server_tls):
    with serving(server_tls, "127.0.0.1", library) as server:
        library(f"127.0.0.1:{server.port}", {})
    assert "trusted" not in server.ended


@pytest.mark.usefixtures("no_proxy")
def test_our_authoritys_certificate_for_another_host_is_not_trusted(library, authority, ca_file):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("elsewhere.example").configure_cert(context)
    with serving(context, "127.0.0.1", library) as server:
        library(f"127.0.0.1:{server.port}", {"TLS_CA_FILE": str(ca_file)})
    assert server.ended
    assert "trusted" not in server.ended


@pytest.mark.usefixtures("no_proxy")
@pytest.mark.parametrize("library", [broker, mail, portal, channel], ids=lambda library: library.__name__)
def test_the_systems_authorities_stay_trusted_beside_it(library, server_tls, authority, tmp_path, monkeypatch):
    """The system's store is one of the test's own, as OpenSSL keeps it: each file named by its subject's hash."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    authority.cert_pem.write_to_path(tmp_path / "system.pem")
    subprocess.run(["openssl", "rehash", tmp_path], check=True)
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    with serving(server_tls, "127.0.0.1", library) as server:
        library(f"127.0.0.1:{server.port}", {"TLS_CA_FILE": str(other)})
        if library is not channel:  # without the setting it goes by the authorities that Apprise brings along
            library(f"127.0.0.1:{server.port}", {})
    assert server.ended == ["trusted"] * (1 if library is channel else 2)


@pytest.mark.usefixtures("no_proxy")
def test_a_channel_that_is_to_verify_nothing_verifies_nothing(server_tls, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    with serving(server_tls, "127.0.0.1", channel) as server:
        channel(f"127.0.0.1:{server.port}/?verify=no", {"TLS_CA_FILE": str(other)})
    assert server.ended == ["trusted"]
