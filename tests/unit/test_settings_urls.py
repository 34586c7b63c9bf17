"""Each URL of the settings is read at the start by the library that will use it.

What is wrong with it is said of the variable's name, and nothing of its value is shown: any part of it may be
a part of a password.
"""

import traceback
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from console.settings import Address, Pages
from shared.amqp.client.address import parameters
from shared.process.settings import LedgerDatabase, PortalAddress, Process, SettingsError, SettingsGroup, load
from shared.smtp.settings import Mail

BAD = {
    "AMQP_URL": (
        Process,
        [
            "amqp://me:hunter2#x@h:5672/",
            "amqp://me:12#hunter2@h/",
            "amqp://me:hunter2/x@h/",
            "amqp://me:12/hunter2@h/",
            "amqp://me:12?hunter2@h/",
            "amqp://me:hunter2@h:hunter2/",
            "amqp://me:hunter2@h:99999/",
            "amqp://me:hunter2@h/a/hunter2",
            "amqp://hunter2@h/",
            "amqp://me:hunter2@h/?hunter2=3",
            "amqp://me:hunter2@h/?heartbeat=hunter2",
            "amqps://me:hunter2@h/?ssl_options=hunter2",
            "amqps://me:hunter2@h/?ssl_options={'cafile':'/hunter2'}",
            "amqp://me:hunter2@[::1/",
            "amqp://me:hunter2@☃.example/",
            "amqp://me:hun,ter2@h/",
            "amqp://a/,amqp://me:12#hunter2@h/",
            "http://me:hunter2@h/",
        ],
    ),
    "DATABASE_URL": (
        LedgerDatabase,
        [
            "postgresql://me:p@hunter2@h/d",
            "postgresql://me:hunter2@h:hunter2/d",
            "postgresql://me:hunter2@h/d?hunter2=1",
            "postgresql://me:hunter2@h/d?sslmode=hunter2",
            "mysql://me:hunter2@h/d",
            "postgresql:me:hunter2@h",
            "sqlite://hunter2",
            "sqlite:///:memory:",
        ],
    ),
    "SMTP_URL": (Mail, ["smtp://me:12#hunter2@h", "smtp://me:hunter2/x@h", "smtp://me:hunter2@☃.example", "h:25"]),
    "DOCSPACE_API_HOST": (
        PortalAddress,
        [
            "https://me:hunter2@portal.example",
            "https://hunter2@portal.example",
            "https://me:hunter2#x@portal.example",
            "https://me:12/hunter2@portal.example",
            "https://portal.example/?key=hunter2",
            "https://portal.example/#hunter2",
            "https://portal.example:hunter2",
            "https://hunter2☃.example",
            "https://",
            "ftp://hunter2.example",
            "portal.example",
        ],
    ),
    "WEBHOOK_URL": (Address, ["https://me:hunter2@h/x", "https://me:12#hunter2@h", "ftp://hunter2", "https:///x"]),
    "MANAGEMENT_URL": (Pages, ["https://me:hunter2@h/x", "https://h:hunter2"]),
    "HEALTH_URLS": (Pages, ["http://a:9100,http://me:hunter2@h"]),
}


@pytest.mark.parametrize(
    ("name", "kind", "url"), [(name, kind, url) for name, (kind, urls) in BAD.items() for url in urls]
)
def test_a_bad_url_is_said_of_its_variable_and_nothing_of_it_is_shown(name, kind, url):
    with pytest.raises(SettingsError) as raised:
        load(kind, {name: url})
    (line,) = str(raised.value).splitlines()
    assert line.startswith(f"{name}: ")
    shown = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert "ter2" not in shown
    assert "me:" not in line


@pytest.mark.parametrize(
    ("kind", "name", "url"),
    [
        (Process, "AMQP_URL", "amqp://me:p#w@h/"),
        (Process, "AMQP_URL", "amqp://me:p/w@h/"),
        (Process, "AMQP_URL", "amqp://h/a/b"),
        (LedgerDatabase, "DATABASE_URL", "postgresql://me:p@w@h/d"),
        (Mail, "SMTP_URL", "smtp://me:p#w@h"),
        (Mail, "SMTP_URL", "smtp://me:p/w@h"),
    ],
)
def test_where_a_special_character_is_what_is_wrong_it_is_said_how_to_write_it(kind, name, url):
    with pytest.raises(SettingsError, match=r"special character .*is written as %XX"):
        load(kind, {name: url})


@pytest.mark.parametrize(
    ("url", "host", "port", "vhost", "password"),
    [
        ("amqp://h", "h", 5672, "/", "guest"),
        ("AMQP://h/", "h", 5672, "/", "guest"),
        ("amqps://me:p%40%23%2F%25@h/%2F", "h", 5671, "/", "p@#/%"),
        ("amqp://me:p@w@h/a%2Fb?heartbeat=30", "h", 5672, "a/b", "p@w"),
        ("amqp://me:w@[::1]:5673/team", "::1", 5673, "team", "w"),
        ("amqp://faß.example", "xn--fa-hia.example", 5672, "/", "guest"),
    ],
)
def test_a_brokers_url_is_what_pika_makes_of_it(url, host, port, vhost, password):
    (kept,) = load(Process, {"AMQP_URL": url}).amqp_urls
    found = parameters(kept)
    assert (found.host, found.port, found.virtual_host, found.credentials.password) == (host, port, vhost, password)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("postgres://me:p#/?w@h/d", "postgresql://me:p#/?w@h/d"),
        ("PostgreSQL://me@[::1]:5433/d", "postgresql://me@[::1]:5433/d"),
        ("postgresql://h/d?sslmode=verify-full", "postgresql://h/d?sslmode=verify-full"),
        ("SQLite:///var/x.db", "sqlite:///var/x.db"),
    ],
)
def test_a_databases_url_is_taken_in_any_common_spelling(text, kept):
    assert load(LedgerDatabase, {"DATABASE_URL": text}).database_url == SecretStr(kept)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("HTTPS://Portal.Example.com/", "https://Portal.Example.com"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://faß.example/", "https://faß.example"),
        ("https://portal.example/docspace/", "https://portal.example/docspace"),
    ],
)
def test_a_portals_address_is_taken_in_any_common_spelling(text, kept):
    assert load(PortalAddress, {"DOCSPACE_API_HOST": text}).docspace_api_host == kept


def test_the_consoles_addresses_may_be_ipv6_and_in_capitals():
    pages = load(
        Pages, {"HEALTH_URLS": "HTTP://[::1]:9100, http://mover:9100", "MANAGEMENT_URL": "http://[::1]:15672"}
    )
    assert pages.health_urls == ("http://[::1]:9100", "http://mover:9100")
    assert load(Address, {"WEBHOOK_URL": "HTTPS://[::1]/x"}).webhook_url == "https://[::1]/x"


def test_no_setting_shows_its_password_in_its_repr():
    class All(Process, LedgerDatabase, Mail):
        pass

    urls = {
        "AMQP_URL": "amqp://me:hunter2@h/",
        "DATABASE_URL": "postgresql://me:hunter2@h/d",
        "SMTP_URL": "smtp://me:hunter2@h",
    }
    settings = load(All, urls)
    assert "hunter2" not in repr(settings) + str(settings) + repr(settings.model_dump())


def test_a_secret_in_a_file_that_is_not_text_is_said_of_its_variable(tmp_path):
    path = tmp_path / "url"
    path.write_bytes(b"amqp://me:\xff@h/")
    with pytest.raises(SettingsError, match=r"^AMQP_URL_FILE: is not UTF-8$"):
        load(Process, {"AMQP_URL_FILE": str(path)})


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot be read: No such file"), (b"no certificate", "holds no certificate in PEM")],
)
@pytest.mark.parametrize("kind", [Process, LedgerDatabase, PortalAddress, Mail])
def test_a_file_of_authorities_that_is_of_no_use_is_said_at_the_start(
    tmp_path, kind: type[SettingsGroup], content, words
):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=f"TLS_CA_FILE: .*ca.pem {words}"):
        load(kind, {"TLS_CA_FILE": str(path)})


def test_the_urls_name_the_authorities_where_they_say_nothing_themselves(tmp_path):
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(path)

    class Both(Process, LedgerDatabase):
        pass

    def kept(amqp: str, database: str) -> tuple[str, str]:
        found = load(Both, {"TLS_CA_FILE": str(path), "AMQP_URL": amqp, "DATABASE_URL": database})
        return found.amqp_urls[0], found.database_url.get_secret_value()

    amqp, database = kept("amqps://h/", "postgresql://me:p#w@h/d?sslmode=verify-full")
    assert "ca.pem" in amqp
    assert database.endswith(f"sslrootcert={str(path).replace('/', '%2F')}")
    for urls in (
        ("amqp://h/", "postgresql://h/d?sslmode=require"),
        (
            f"amqps://h/?ssl_options={{'cafile':'{path}'}}",
            "postgresql://h/d?sslmode=verify-full&sslrootcert=system",
        ),
    ):
        assert kept(*urls) == urls


@pytest.fixture
def client(tmp_path: Path) -> dict[str, str]:
    """The settings for a certificate of ours."""
    issued = trustme.CA().issue_cert("worker")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "client.pem")
    issued.private_key_pem.write_to_path(tmp_path / "client.key")
    return {"TLS_CERT_FILE": f"{tmp_path}/client.pem", "TLS_KEY_FILE": f"{tmp_path}/client.key"}


def test_our_certificate_is_shown_to_broker_and_database_where_tls_is_asked_for(client):
    class Both(Process, LedgerDatabase):
        pass

    def kept(amqp: str, database: str) -> tuple[str, str]:
        found = load(Both, client | {"AMQP_URL": amqp, "DATABASE_URL": database})
        return found.amqp_urls[0], found.database_url.get_secret_value()

    amqp, database = kept("amqps://h/", "postgresql://h/d?sslmode=require")
    assert all(name in amqp for name in ("certfile", "client.pem", "keyfile", "client.key"))
    assert all(name in database for name in ("sslcert", "client.pem", "sslkey", "client.key"))
    plain = ("amqp://h/", "postgresql://h/d")
    assert kept(*plain) == plain


def test_a_certificate_without_its_key_is_refused_at_the_start(client, tmp_path):
    for name in client:
        with pytest.raises(SettingsError, match="TLS_CERT_FILE: it and TLS_KEY_FILE are set together, or neither"):
            load(Process, {name: client[name]})
    with pytest.raises(SettingsError, match=r"TLS_CERT_FILE: .* cannot be read"):
        load(Process, client | {"TLS_KEY_FILE": str(tmp_path / "none.key")})
    with pytest.raises(SettingsError, match=r"TLS_CERT_FILE: .* are not a certificate and its key"):
        load(Process, client | {"TLS_KEY_FILE": client["TLS_CERT_FILE"]})
