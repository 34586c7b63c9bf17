"""What is wrong with a certificate is one sentence, and the commands' own requests trust TLS_CA_FILE too."""

import ssl
from collections.abc import Callable, Iterator

import pytest

from console.connect import authorities
from console.connect.http import NoAnswerError, call
from console.doctor import mail as doctors_mail
from shared.docspace.client import Client
from shared.docspace.errors import TryLaterError
from shared.process.settings import Portal, load
from shared.smtp.settings import Mail
from tests.contract.tls.certificates import BAD, Authority
from tests.contract.tls.server import Handshakes
from tests.contract.tls.test_servers import SENTENCES


def mail(where: str, authority: Authority) -> str:
    settings = load(Mail, {"SMTP_URL": f"smtps://{where}", **authority.trusted})
    (line,) = doctors_mail.check(settings.smtp_url.get_secret_value(), settings.tls_ca_file)
    return line.text


def portal(where: str, authority: Authority) -> str:
    settings = load(Portal, {"DOCSPACE_API_HOST": f"https://{where}", "DOCSPACE_API_KEY": "k", **authority.trusted})
    client = Client(settings.docspace_api_host, "k", pool_size=1, ca_file=settings.tls_ca_file)
    with pytest.raises(TryLaterError) as caught:
        client.self_id()
    client.close()
    return str(caught.value)


def command(where: str, authority: Authority) -> str:
    """The commands' own requests: to the ingress, the workers' pages and RabbitMQ's management."""
    authorities.trust(str(authority.file))
    with pytest.raises(NoAnswerError) as caught:
        call("GET", f"https://{where}/", timeout_s=5)
    return str(caught.value)


@pytest.fixture(autouse=True)
def nobody_between(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NO_PROXY", "*")
    yield
    authorities.trust("")


@pytest.mark.parametrize("asking", [mail, portal, command], ids=lambda asking: asking.__name__)
@pytest.mark.parametrize("how", BAD)
def test_a_bad_certificate_is_told_in_one_sentence(
    authority: Authority, asking: Callable[[str, Authority], str], how: str
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.server("127.0.0.1", how).configure_cert(tls)
    with Handshakes(tls, "127.0.0.1", greeting=b"220 test\r\n") as server:
        told = asking(f"127.0.0.1:{server.port}", authority)
    assert f"has a certificate {SENTENCES[how]}" in told
    assert "_ssl.c" not in told


def test_a_commands_own_requests_trust_the_file(authority: Authority) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.server("127.0.0.1").configure_cert(tls)
    for file in (str(authority.file), ""):
        authorities.trust(file)
        with Handshakes(tls, "127.0.0.1") as server, pytest.raises(NoAnswerError):
            call("GET", f"https://127.0.0.1:{server.port}/", timeout_s=5)
        assert (server.ended == ["trusted"]) is bool(file)
