"""The connection to the mail server is kept for the next mail, and given up where it is no good any more."""

import pytest

from shared.errors import PermanentError
from shared.smtp import pool
from tests.integration.mail.inbox import send, sender
from tests.support.waiting import wait_until


def test_the_next_mail_goes_over_the_same_connection(serve, inbox, server_tls, client_tls):
    through = sender(f"smtps://{serve(ssl_context=server_tls)}", tls=client_tls)
    for _ in range(3):
        send(through)
    assert len(set(inbox.clients)) == 1


def test_a_connection_carries_so_many_mails_and_no_more(serve, inbox):
    through = sender(f"smtp://{serve()}")
    for _ in range(pool.MAILS_EACH + 1):
        send(through)
    assert inbox.clients[0] == inbox.clients[-2] != inbox.clients[-1]
    assert inbox.goodbyes == 1


def test_the_goodbye_after_so_many_mails_waits_until_the_next_mail(serve, inbox):
    through = sender(f"smtp://{serve()}")
    for _ in range(pool.MAILS_EACH):
        send(through)
    assert inbox.goodbyes == 0


def test_two_mails_at_once_have_a_connection_each(serve, inbox):
    through = sender(f"smtp://{serve()}")._connections
    with through.one(60) as first, through.one(60) as second:
        assert first is not second
    with through.one(60) as third:
        assert third is first or third is second


def test_a_connection_that_the_server_closed_meanwhile_is_not_used(serve, inbox):
    through = sender(f"smtp://{serve()}")
    inbox.hangs_up = True
    send(through)
    wait_until(lambda: inbox.hung_up == 1, timeout_s=4, what="the server to hang up")
    send(through)
    assert len(set(inbox.clients)) == 2


def test_a_connection_on_which_a_mail_failed_is_not_used_again(serve, inbox):
    through = sender(f"smtp://{serve()}")
    send(through)
    inbox.answers["RCPT"] = ["550 5.1.1 no such user"]
    with pytest.raises(PermanentError):
        send(through)
    send(through)
    assert len(set(inbox.clients)) == 2


def test_a_connection_that_nobody_needs_is_closed_with_a_goodbye(serve, inbox, monkeypatch):
    monkeypatch.setattr(pool, "IDLE_S", 0.2)
    send(sender(f"smtp://{serve()}"))
    wait_until(lambda: inbox.goodbyes == 1, timeout_s=10, what="a goodbye")
