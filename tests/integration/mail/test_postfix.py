"""A real Postfix as the relay: what it takes arrives, and what it refuses is understood.

Not collected where Postfix is not installed, or the tests do not run as root.
"""

from collections.abc import Iterator

import pytest
import trustme

from shared.errors import PermanentError, TransientError
from shared.network.tls import trusting
from shared.smtp.errors import NoMailNowError
from shared.text.announcement import Announcement
from tests.integration.mail.inbox import KEY, MANAGER, SAID, Inbox, send, sender
from tests.integration.mail.postfix import postfix
from tests.support.waiting import wait_until


@pytest.fixture
def relay(serve, free_port) -> Iterator[str]:
    behind = int(serve(enable_SMTPUTF8=True).rpartition(":")[2])
    with postfix(free_port(), behind) as where:
        yield where


def arrived(inbox: Inbox, count: int) -> None:
    wait_until(lambda: len(inbox.envelopes) == count, timeout_s=60, what="the relay to pass it on")


def test_a_relay_passes_on_what_it_takes_and_says_what_it_refuses(relay, inbox):
    """One Postfix for all that it says: it takes seconds to start."""
    through = sender(f"smtp://{relay}")
    assert through.check() is None

    send(through)
    send(through, "info@faß.de")
    send(through, "инфо@faß.de")
    arrived(inbox, 3)
    told = sorted(envelope.rcpt_tos[0] for envelope in inbox.envelopes)
    assert told == ["info@xn--fa-hia.de", MANAGER, "инфо@xn--fa-hia.de"]

    with pytest.raises(PermanentError, match=r"refused the recipient: 550 5\.1\.1 .*User unknown"):
        send(through, "nobody@local.example")
    stranger = sender(f"smtp://{relay}", "stranger@example.com")
    with pytest.raises(NoMailNowError, match=r"refused the recipient: 554 5\.7\.1 .*Relay access denied"):
        send(stranger)
    assert "Relay access denied" in str(stranger.health.check())
    with pytest.raises(NoMailNowError, match=r"refused the recipient: 554 5\.7\.1 .*Sender address rejected"):
        send(sender(f"smtp://{relay}", "banned@example.com"))

    def say(said: Announcement) -> None:
        through.send(MANAGER, said, key=KEY, correlation_id="corr-1")

    with pytest.raises(PermanentError, match=r"refused the mail: 550 5\.7\.1 message content rejected"):
        say(Announcement("forbidden", "text", "<p>html</p>"))
    with pytest.raises(PermanentError, match=r"552 5\.3\.4 Message size exceeds fixed limit"):
        say(Announcement("large", "text " * 5000, "<p>html</p>"))


def test_a_relay_with_starttls_is_sent_to_under_tls(serve, free_port, inbox, tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    chain = tmp_path / "chain.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(chain)
    behind = int(serve().rpartition(":")[2])
    with postfix(free_port(), behind, chain) as where:
        send(sender(f"smtp+starttls://{where}", tls=trusting(tmp_path / "ca.pem")))
        arrived(inbox, 1)
        with pytest.raises(TransientError, match="a certificate of an authority that is neither"):
            send(sender(f"smtp+starttls://{where}"))
        with pytest.raises(NoMailNowError, match=r"530 5\.7\.0 Must issue a STARTTLS command first"):
            send(sender(f"smtp://{where}"))
    assert SAID.subject == inbox.letters[0]["Subject"]
