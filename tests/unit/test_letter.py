"""The addresses of a mail, as the library's own reader reads them. Its texts: `test_text`."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from notifier.letter import letter
from notifier.text import Announcement
from shared.smtp.mailbox import mailbox


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
