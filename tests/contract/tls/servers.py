"""A RabbitMQ and a PostgreSQL that run already are made to speak TLS, with the certificates of a test."""

import base64
import contextlib
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import psycopg
import trustme
from cryptography.hazmat.primitives import serialization
from psycopg import sql

from demo.ports import free_ports
from tests.support.brokers import Broker, ContainerBroker
from tests.support.databases import answers
from tests.support.waiting import wait_until

ASKS_FOR_OURS = "asks for a certificate"


def host_of(broker: Broker) -> str:
    """Where a port of the broker's own can be reached: a container's are not published."""
    return broker.address if isinstance(broker, ContainerBroker) else "127.0.0.1"


def tls_ports(broker: Broker, certificates: Mapping[str, trustme.LeafCert], authority: bytes) -> dict[str, int]:
    """A TLS port of the running broker for each certificate, which stays open until it stops. One of them asks for
    a certificate that the authority signed.
    """
    ports = dict(zip(certificates, free_ports(len(certificates)), strict=True))
    listeners = ",".join(
        f"{{{ports[how]}, [{_erlang(certificate)}{_asks(authority) if how == ASKS_FOR_OURS else ''}]}}"
        for how, certificate in certificates.items()
    )
    broker.ctl(
        "eval",
        "[case erlang:function_exported(rabbit_networking, start_ssl_listener, 4) of"
        " true -> rabbit_networking:start_ssl_listener(Port, Options, 1, 1);"
        " false -> rabbit_networking:start_ssl_listener(Port, Options, 1) end"
        f" || {{Port, Options}} <- [{listeners}]].",
    )
    return ports


def _asks(authority: bytes) -> str:
    return f", {{cacerts, [{_binary(_der(authority))}]}}, {{verify, verify_peer}}, {{fail_if_no_peer_cert, true}}"


def _erlang(certificate: trustme.LeafCert) -> str:
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    cert = _binary(_der(certificate.cert_chain_pems[0].bytes()))
    return f"{{cert, {cert}}}, {{key, {{'PrivateKeyInfo', {_binary(key)}}}}}"


def _der(pem: bytes) -> bytes:
    return base64.b64decode(b"".join(pem.split(b"-----")[2].split()))


def _binary(content: bytes) -> str:
    return f'base64:decode("{base64.b64encode(content).decode()}")'


@contextlib.contextmanager
def tls_database(url: str, certificate: trustme.LeafCert, authority: bytes) -> Iterator[str]:
    """The database's URL without a query. Meanwhile it speaks TLS with this certificate and asks for one."""
    parts = urlsplit(url)
    files = {
        "server.key": certificate.private_key_pem.bytes(),
        "server.pem": b"".join(part.bytes() for part in certificate.cert_chain_pems),
        "authority.pem": authority,
    }
    settings = {
        "ssl_cert_file": "server.pem",
        "ssl_key_file": "server.key",
        "ssl_ca_file": "authority.pem",
        "ssl": "on",
    }
    with psycopg.connect(url, autocommit=True) as admin:
        for name, content in files.items():
            write = f"umask 077; base64 -d > {name}"  # in the server's own folder
            admin.execute(
                sql.SQL("COPY (SELECT {}) TO PROGRAM {}").format(base64.b64encode(content).decode(), write)
            )
        for name, value in settings.items():
            admin.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value))
        admin.execute("SELECT pg_reload_conf()")
    wait_until(lambda: answers(f"{url}?sslmode=require"), 20, "the database to speak TLS")
    try:
        yield f"postgresql://{parts.netloc}{parts.path}"
    finally:
        with psycopg.connect(url, autocommit=True) as admin:
            for name in settings:
                admin.execute(sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(name)))
            admin.execute("SELECT pg_reload_conf()")
