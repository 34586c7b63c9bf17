"""SMTP_URL is read as it is documented, and refused in words without its secret."""

import pytest

from shared.smtp.sender import SmtpSender
from shared.smtp.url import SmtpServer, parse_smtp_url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:1025", SmtpServer("127.0.0.1", 1025)),
        ("smtp://mail.example.com", SmtpServer("mail.example.com", 25)),
        ("smtps://mail.example.com/", SmtpServer("mail.example.com", 465, "tls")),
        ("SMTP+STARTTLS://mail.example.com", SmtpServer("mail.example.com", 587, "starttls")),
        ("smtps://me%40example.com:p%3A%2F%40ss@h:1", SmtpServer("h", 1, "tls", "me@example.com", "p:/@ss")),
        ("smtp://[::1]:1025", SmtpServer("::1", 1025)),
        ("smtps://[2001:DB8::1]", SmtpServer("2001:db8::1", 465, "tls")),
        ("smtp://mail.faß.de", SmtpServer("mail.xn--fa-hia.de", 25)),
        ("smtp://postfäch.example:26", SmtpServer("xn--postfch-9wa.example", 26)),
        ("smtp://me:100%25@h", SmtpServer("h", 25, "none", "me", "100%")),
    ],
)
def test_a_url_names_the_server_the_security_and_the_login(url, server):
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mail.example.com:25", "must start with smtp://"),
        ("http://me:hunter2@mail.example.com", "must start with smtp://"),
        ("smtp://", "names no host"),
        ("smtp://me:hunter2/x@mail.example.com:25", "special character"),
        ("smtp://me:hunter2#x@mail.example.com", "special character"),
        ("smtp://me:hunter2@mail.example.com:99999", "a port that cannot be read"),
        ("smtp://me:hunter2@mail.example.com:0", "from 1 to 65535"),
        ("smtp://me:hunter2@[::1", "cannot be read"),
        ("smtp://me:12#hunter2@mail.example.com", "special character"),
        ("smtp://me:12?hunter2@mail.example.com", "special character"),
        ("smtp://me:12/hunter2@mail.example.com", "special character"),
        ("smtp://me:hunter2@☃.example", "IDNA 2008"),
        ("smtp://hunter2@mail.example.com", "both a user name and a password"),
        ("smtp://:hunter2@mail.example.com", "both a user name and a password"),
        ("smtp://me:hunter2ä@mail.example.com", "ASCII"),
    ],
)
def test_a_bad_url_is_refused_without_showing_its_secret(url, words):
    with pytest.raises(ValueError, match=words) as raised:
        parse_smtp_url(url)
    assert "hunter2" not in str(raised.value)


def test_the_password_shows_in_no_repr():
    url = "smtps://me:hunter2@mail.example.com"
    assert "hunter2" not in repr(parse_smtp_url(url)) + repr(SmtpSender(url, "invoices@example.com"))


@pytest.mark.parametrize("sender", ["", "invoices", "a@b@c", "a@b.example\r\nBcc: c@d.example"])
def test_a_sender_that_is_no_address_is_refused_at_the_start(sender):
    with pytest.raises(ValueError, match="is not an e-mail address"):
        SmtpSender("smtp://127.0.0.1", sender)
