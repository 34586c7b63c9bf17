"""Mail goes out over a real SMTP server, plain and encrypted, and each refusal means what the caller does next."""

import socket
from datetime import UTC, datetime

import pytest

from shared.errors import IntakeError, PermanentError, TransientError
from shared.smtp import pool
from shared.smtp.errors import NoMailNowError
from shared.smtp.sender import SmtpSender
from tests.integration.mail.inbox import KEY, MANAGER, SAID, send, sender


def test_a_mail_arrives_with_both_bodies_and_its_headers(serve, inbox):
    send(sender(f"smtp://{serve()}"))
    (letter,) = inbox.letters
    assert letter["Subject"] == SAID.subject
    assert letter["From"] == "Invoices <invoices@example.com>"
    assert letter["To"] == MANAGER
    assert letter["Date"].datetime == datetime(2026, 11, 24, 18, 19, tzinfo=UTC)
    assert letter["X-Correlation-ID"] == "corr-1"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "multipart/alternative"
    assert letter.get_body(("plain",)).get_content().replace("\r\n", "\n") == SAID.text
    assert letter.get_body(("html",)).get_content().replace("\r\n", "\n") == SAID.html
    (envelope,) = inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("invoices@example.com", [MANAGER])


def test_a_repeat_has_the_same_message_id_and_another_mail_another(serve, inbox):
    through = sender(f"smtp://{serve()}")
    send(through)
    send(through)
    send(through, key=KEY.replace(":3:", ":4:"))
    first, again, other = (letter["Message-ID"] for letter in inbox.letters)
    assert first == again != other
    assert first.endswith("@example.com>")


def test_smtps_is_encrypted_from_the_start(serve, inbox, server_tls, client_tls):
    send(sender(f"smtps://{serve(ssl_context=server_tls)}", tls=client_tls))
    assert inbox.encrypted == [True]


def test_starttls_is_encrypted_before_the_login(serve, inbox, server_tls, client_tls):
    address = serve(
        tls_context=server_tls, require_starttls=True, authenticator=inbox.authenticate, auth_required=True
    )
    through = sender(f"smtp+starttls://me%40example.com:p%40ss%3Aword%2F@{address}", tls=client_tls)
    assert through.check() is None
    send(through)
    assert inbox.encrypted == [True]
    assert inbox.logins[0] == (b"me@example.com", b"p@ss:word/")


def test_a_server_without_starttls_is_given_no_mail(serve, inbox, client_tls):
    with pytest.raises(TransientError, match="does not offer what SMTP_URL asks for"):
        send(sender(f"smtp+starttls://{serve()}", tls=client_tls))
    assert inbox.letters == []


def test_a_certificate_that_is_not_trusted_is_given_no_mail(serve, inbox, server_tls):
    with pytest.raises(TransientError, match="a certificate of an authority that is neither"):
        send(sender(f"smtps://{serve(ssl_context=server_tls)}"))
    assert inbox.letters == []


def test_a_refused_login_is_transient_so_that_the_message_outlives_a_wrong_setting(serve, inbox):
    address = serve(authenticator=inbox.authenticate, auth_require_tls=False)
    through = sender(f"smtp://me:hunter2@{address}")
    with pytest.raises(TransientError, match="refused the login of SMTP_URL: 535") as raised:
        send(through)
    assert "hunter2" not in str(raised.value)
    assert "refused the login" in str(through.check())


def test_a_server_that_wants_a_login_is_no_fault_of_the_recipient(serve, inbox):
    inbox.answers["RCPT"] = ["530 5.7.0 log in first"]
    with pytest.raises(TransientError, match=r"530 5\.7\.0 log in first"):
        send(sender(f"smtp://{serve()}"))


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_not_now_is_transient_and_the_next_try_arrives(serve, inbox, command):
    through = sender(f"smtp://{serve()}")
    inbox.answers[command] = ["451 greylisted, come back"]
    with pytest.raises(TransientError, match="451 greylisted"):
        send(through)
    send(through)
    assert len(inbox.letters) == 1


@pytest.mark.parametrize(("command", "what"), [("RCPT", "the recipient"), ("DATA", "the mail")])
def test_a_refusal_for_good_is_permanent(serve, inbox, command, what):
    inbox.answers[command] = ["550 5.1.1 no such user"]
    with pytest.raises(PermanentError, match=rf"refused {what}: 550 5\.1\.1 no such user"):
        send(sender(f"smtp://{serve()}"))


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("DATA", "550 5.4.5 Daily user sending limit exceeded."),
        ("DATA", "554 Transaction failed: 5.2.252 SendAsDenied"),
        ("RCPT", "554 5.7.1 <a@b.example>: Relay access denied"),
        ("MAIL", "550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
        ("MAIL", "452 4.3.1 Insufficient system storage"),
    ],
)
def test_what_would_be_said_of_any_mail_waits_and_stands_until_a_mail_is_taken(serve, inbox, command, answer):
    through = sender(f"smtp://{serve()}")
    inbox.answers[command] = [answer]
    with pytest.raises(NoMailNowError, match=answer.split()[-1]):
        send(through)
    assert through.check() is None
    assert answer in str(through.health.check())
    send(through)
    assert through.health.check() is None


@pytest.mark.parametrize(
    ("command", "answer"),
    [("RCPT", "550 5.2.1 The email account that you tried to reach is disabled"), ("RCPT", "451 4.7.1 Greylisted")],
)
def test_what_is_said_of_one_recipient_does_not_stand(serve, inbox, command, answer):
    through = sender(f"smtp://{serve()}")
    inbox.answers[command] = [answer]
    with pytest.raises(IntakeError, match=answer.split()[-1]):
        send(through)
    assert through.health.check() is None


def test_an_answer_of_many_long_lines_is_said_in_short(serve, inbox):
    inbox.answers["RCPT"] = ["\r\n".join(["550-5.1.1 " + "x" * 400] * 90 + ["550 5.1.1 end"])]
    with pytest.raises(PermanentError, match=r"550 5\.1\.1 x+") as raised:
        send(sender(f"smtp://{serve()}"))
    assert len(str(raised.value)) < 700


def test_a_server_that_is_away_stands_until_it_can_be_reached(serve, inbox, free_port):
    away = sender(f"smtp://127.0.0.1:{free_port()}")
    with pytest.raises(NoMailNowError, match="cannot be reached"):
        send(away)
    assert "cannot be reached" in str(away.health.check())
    back = sender(f"smtp://{serve()}")
    back.health.failed(NoMailNowError("away", connecting_tells=True))
    assert back.check() is None
    assert back.health.check() is None


def test_a_refused_sender_is_a_setting_and_transient(serve, inbox):
    inbox.answers["MAIL"] = ["550 not from here"]
    with pytest.raises(TransientError, match=r"refused the sender \(MAIL_FROM\): 550 not from here"):
        send(sender(f"smtp://{serve()}"))


def test_a_bad_goodbye_does_not_undo_what_was_accepted(serve, inbox):
    inbox.answers["QUIT"] = ["451 not yet"]
    through = sender(f"smtp://{serve()}")
    for _ in range(pool.MAILS_EACH + 1):
        send(through)
    assert len(inbox.letters) == pool.MAILS_EACH + 1
    assert inbox.goodbyes == 1


def test_no_server_is_transient(free_port):
    through = sender(f"smtp://127.0.0.1:{free_port()}")
    with pytest.raises(TransientError, match="cannot be reached: Connection refused"):
        send(through)
    assert "cannot be reached" in str(through.check())


def test_a_server_that_says_nothing_is_transient_in_bounded_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        through = SmtpSender(f"smtp://127.0.0.1:{silent.getsockname()[1]}", "invoices@example.com", 0.2)
        with pytest.raises(TransientError, match="did not answer in time"):
            send(through)


def test_a_server_that_is_going_down_is_transient(serve, inbox):
    inbox.answers["DATA"] = ["421 shutting down"]
    with pytest.raises(TransientError, match="421 shutting down"):
        send(sender(f"smtp://{serve()}"))


def test_an_international_address_goes_where_the_server_takes_it(serve, inbox):
    send(sender(f"smtp://{serve(enable_SMTPUTF8=True)}"), "менеджер@example.com")
    (envelope,) = inbox.envelopes
    assert envelope.rcpt_tos == ["менеджер@example.com"]
    assert inbox.letters[0]["Subject"] == SAID.subject
    assert inbox.letters[0]["To"] == "менеджер@example.com"


def test_an_international_address_is_refused_for_good_where_the_server_cannot(serve, inbox):
    with pytest.raises(PermanentError, match="cannot take addresses that are not ASCII"):
        send(sender(f"smtp://{serve(enable_SMTPUTF8=False)}"), "менеджер@example.com")
    assert inbox.letters == []


@pytest.mark.parametrize(
    ("recipient", "sent_to"),
    [
        ("manager@bücher.example", "manager@xn--bcher-kva.example"),
        ("info@faß.de", "info@xn--fa-hia.de"),
    ],
)
def test_an_international_domain_needs_nothing_of_the_server(serve, inbox, recipient, sent_to):
    send(sender(f"smtp://{serve(enable_SMTPUTF8=False)}"), recipient)
    assert inbox.envelopes[0].rcpt_tos == [sent_to]


def test_a_mailbox_that_needs_smtputf8_is_sent_to_its_domain_of_idna_2008(serve, inbox):
    send(sender(f"smtp://{serve(enable_SMTPUTF8=True)}"), "инфо@faß.de")
    assert inbox.envelopes[0].rcpt_tos == ["инфо@xn--fa-hia.de"]
    assert "SMTPUTF8" in inbox.envelopes[0].mail_options


@pytest.mark.parametrize("recipient", ["nobody", "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", ""])
def test_what_is_no_address_is_refused_for_good(serve, inbox, recipient):
    with pytest.raises(PermanentError, match="is not an e-mail address"):
        send(sender(f"smtp://{serve()}"), recipient)
    assert inbox.letters == []


def test_what_arrives_says_who_gets_the_answers_and_belongs_to_one_conversation(inbox, serve):
    through = sender(f"smtp://{serve()}", reply_to="Büro <team@example.com>")
    for key in (KEY, f"{KEY}:o-1"):
        send(through, key=key)
    first, again = inbox.letters
    assert [address.addr_spec for address in first["Reply-To"].addresses] == ["team@example.com"]
    assert first["Reply-To"].addresses[0].display_name == "Büro"
    assert first["List-Id"] == "<invoices.example.com>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["References"] == first["In-Reply-To"] == again["References"]
    assert len({first["Message-ID"], again["Message-ID"], first["References"]}) == 3
    assert first.defects == []
