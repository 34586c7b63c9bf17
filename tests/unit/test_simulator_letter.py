"""What the simulated mailbox reads out of a mail."""

from email import message_from_bytes, policy

import pytest

from simulator.mailbox.letter import read

MAIL = b"""\
From: =?utf-8?q?R=C3=A4kning?= <a@x.example>
To: "B, C" <b@x.example>
Message-ID: <1@x.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=="
Subject: %s

--==
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

4pyTIGZpbGVk
--==
Content-Type: text/html; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

<b>R=E4kning</b>
--==--
"""
SUBJECTS = {
    "folded words": (b"=?utf-8?q?Invoice_filed=3A_?=\n =?utf-8?b?55m856Wo?=", "Invoice filed: 發票"),
    "a title like a word": (b"=?utf-8?b?PT91dGYtOD9xP25vdD89LnBkZg==?=", "=?utf-8?q?not?=.pdf"),
    "two plain lines": (b"Invoice\n\t7.pdf", "Invoice\t7.pdf"),
    "an unknown charset": (b"=?x-none?q?abc?=", "abc"),
    "an unfinished word": (b"=?utf-8?b?xx", "=?utf-8?b?xx"),
    "bytes that are no ASCII": (b"R\xe4kning", "R\ufffdkning"),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_subject_reads_as_a_mail_program_shows_it(name: str) -> None:
    written, shown = SUBJECTS[name]
    assert read(MAIL % written).subject == shown


def test_both_texts_are_decoded() -> None:
    letter = read(MAIL % b"x")
    assert (letter.text, letter.html) == ("✓ filed", "<b>Räkning</b>")


def test_every_header_reads_as_the_library_alone_reads_it_also_the_second_time() -> None:
    for written, _ in [*SUBJECTS.values(), *SUBJECTS.values()]:
        content = MAIL % written
        own = message_from_bytes(content, policy=policy.default)
        assert read(content).headers == tuple((name, str(value)) for name, value in own.items())


def test_a_mail_without_anything_reads_as_empty() -> None:
    letter = read(b"")
    assert (letter.message_id, letter.subject, letter.text, letter.html, letter.headers) == ("", "", "", "", ())


UNREADABLE = {
    "an unknown charset": b"Subject: a\r\nContent-Type: text/plain; charset=x-none\r\n\r\nR\xe4kning",
    "a broken id": b"Message-ID: <[]>\r\n\r\nRechnung",
    "a broken address": b"From: =?x?q?a?= <\r\nTo: [\r\n\r\nRechnung",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_shown_as_it_came(name: str) -> None:
    letter = read(UNREADABLE[name])
    assert letter.subject == "(this mail cannot be read)"
    assert letter.text == UNREADABLE[name].decode(errors="replace")
