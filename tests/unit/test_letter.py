"""The headers of a mail, as the library's own reader reads them. Its texts: `test_text`."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from shared.errors import PermanentError
from shared.process.settings import SettingsError, load
from shared.rules.file import RulesError, single_rule
from shared.smtp.letter import letter
from shared.smtp.mailbox import Mailbox, mailbox
from shared.smtp.settings import Mail
from shared.text.announcement import Announcement


@pytest.mark.parametrize("name", ["", "Invoices", 'A "quoted", name', "Bücher & Söhne", "發票" * 20])
@pytest.mark.parametrize("address", ["manager@example.com", "менеджер@example.com"])
def test_a_mailbox_comes_back_from_both_headers(name: str, address: str) -> None:
    quoted = name.replace('"', r"\"")
    text = f'"{quoted}" <{address}>' if name else address
    now = datetime(2026, 11, 24, 18, 19, tzinfo=UTC)
    said = Announcement("Invoice filed: 7.pdf", "text", "<p>html</p>")
    written = letter(said, sender=mailbox(text), recipient=text, key="k", correlation_id="c", now=now)
    read = message_from_bytes(written.content, policy=policy.default)
    for header in ("From", "To"):
        (found,) = read[header].addresses
        bare = f"{found.username}@{found.domain}".encode("ascii", "surrogateescape").decode()
        assert (found.display_name, bare) == (name, address)
    assert (written.sender, written.recipient) == (address, address)
    assert written.international is not address.isascii()


@pytest.mark.parametrize(
    ("domain", "in_ascii"),
    [
        ("faß.de", "xn--fa-hia.de"),
        ("βόλος.com", "xn--nxasmm1c.com"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("xn--fa-hia.de", "xn--fa-hia.de"),
        ("Mail_1.Example", "Mail_1.Example"),
        ("localhost", "localhost"),
    ],
)
def test_a_domain_is_written_as_idna_2008_says_whatever_stands_before_it(domain, in_ascii):
    assert mailbox(f"info@{domain}").domain == in_ascii
    assert str(mailbox(f"Инфо <инфо@{domain}>")) == f"инфо@{in_ascii}"


@pytest.mark.parametrize("domain", ["☃.example", "i❤.example", "-ä.example", "ä..example", "ä" * 64 + ".example"])
def test_a_domain_that_is_none_is_refused_in_a_sentence_that_names_it(domain):
    with pytest.raises(ValueError, match="none that IDNA 2008 allows") as raised:
        mailbox(f"info@{domain}")
    assert domain in str(raised.value)
    said = Announcement("s", "t", "h")
    now = datetime(2026, 11, 24, tzinfo=UTC)
    with pytest.raises(PermanentError, match="none that IDNA 2008 allows"):
        letter(said, sender=mailbox("a@b.de"), recipient=f"i@{domain}", key="k", correlation_id="c", now=now)


def test_a_rule_with_a_recipient_outside_idna_2008_is_refused_when_read():
    with pytest.raises(RulesError, match=r'MANAGER_EMAIL: "me@☃.example" is not an e-mail address: .*IDNA 2008'):
        single_rule("1", "2", "me@☃.example")
    (rule,) = single_rule("1", "2", "me@faß.de").rules
    assert rule.recipients == ("me@faß.de",)


def test_a_sender_in_no_domain_of_idna_2008_is_refused_at_the_start():
    with pytest.raises(SettingsError, match=r"MAIL_FROM: .*IDNA 2008"):
        load(Mail, {"MAIL_FROM": "Invoices <me@☃.example>"})


def headers(correlation_id: str = "c", key: str = "k", reply_to: Mailbox | None = None) -> EmailMessage:
    written = letter(
        Announcement("s", "t", "h"), sender=mailbox("Invoices <info@bücher.example>"), recipient="a@b.de", key=key,
        correlation_id=correlation_id, now=datetime(2026, 11, 24, tzinfo=UTC), reply_to=reply_to,
    )  # fmt: skip
    return message_from_bytes(written.content, policy=policy.default)


def test_the_mails_about_one_upload_are_one_conversation():
    first, again, other = headers(key="k1"), headers(key="k2"), headers("d", key="k3")
    assert first["References"] == first["In-Reply-To"] == again["References"] == again["In-Reply-To"]
    assert first["References"] != other["References"]
    assert len({first["Message-ID"], again["Message-ID"], other["Message-ID"], first["References"]}) == 4
    assert re.fullmatch(r"<[0-9a-f]{32}@xn--bcher-kva\.example>", first["References"])


def test_a_mail_says_that_a_program_sent_it_and_which_list_it_belongs_to():
    read = headers()
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["List-Id"] == "<invoices.xn--bcher-kva.example>"


def test_answers_go_where_the_setting_says_and_else_to_the_sender():
    assert headers()["Reply-To"] is None
    (found,) = headers(reply_to=mailbox('"Büro, Team" <team@example.com>'))["Reply-To"].addresses
    assert (found.display_name, found.addr_spec) == ("Büro, Team", "team@example.com")


def test_an_address_for_answers_that_is_none_is_refused_at_the_start():
    assert load(Mail, {"MAIL_REPLY_TO": " "}).mail_reply_to is None
    assert load(Mail, {"MAIL_REPLY_TO": "team@example.com"}).mail_reply_to == "team@example.com"
    with pytest.raises(SettingsError, match=r"MAIL_REPLY_TO: .*is not an e-mail address"):
        load(Mail, {"MAIL_REPLY_TO": "team"})
