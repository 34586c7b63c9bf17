"""`intake notifications`: what waits, sending it now, and a test message over real mail and HTTP servers."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from console.__main__ import app
from shared.store.audit.store import AuditStore, Entry
from tests.integration.mail.inbox import Inbox
from tests.support.notices import Hook
from tests.support.outbox import ANNA, Desk
from tests.support.stories import DESTINATION, MANAGER, ROOM, Past

pytestmark = pytest.mark.filterwarnings("ignore")  # Apprise's plug-ins, as in test_notifier_channels
HOSTILE = "Invoice \x1b[31m<script>@everyone.pdf"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def past(url: str) -> Iterator[Past]:
    with contextlib.closing(Past(url)) as made:
        yield made


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    with contextlib.closing(Desk(url)) as made:
        yield made


def run(url: str, *arguments: str, **environ: str) -> Result:
    settings = {
        "DATABASE_URL": url,
        "CLIENT_ROOM_ID": str(ROOM),
        "INCOMING_FOLDER_ID": str(DESTINATION),
        "MANAGER_EMAIL": MANAGER,
        "MAIL_FROM": "invoices@example.com",
        **environ,
    }
    return CliRunner().invoke(app, ["notifications", *arguments], env=settings)


def audit(url: str) -> list[Entry]:
    with contextlib.closing(AuditStore(url)) as store:
        return store.latest(9)


def plain(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def filed(past: Past, title: str = "Invoice 4711.pdf", ago_s: float = 600) -> str:
    at = time.time() - ago_s
    return (
        past.upload(title, at).done(at).in_ledger(past.database_url, destination_path=("Accounting", "Incoming")).id
    )


def test_what_waits_says_to_whom_it_goes_when_and_how_many_it_names(url, desk):
    desk.join("one")
    desk.join("two")
    [waiting] = desk.people.waiting(9)
    shown = run(url).stdout
    assert shown.startswith(f"{waiting.id[:8]}  at ")
    assert "in 1m  Anna@example.com  2 invoices, the oldest for " in shown
    [told] = json.loads(run(url, "--json").stdout)
    assert (told["id"], told["name"], told["count"], told["state"]) == (waiting.id, ANNA.name, 2, "open")


def test_nothing_that_waits_is_said_as_a_sentence(url):
    assert run(url).stdout == "Nothing waits to be told.\n"


def test_show_lists_the_invoices_of_a_message(url, desk):
    desk.join("one")
    desk.join("two")
    [waiting] = desk.people.waiting(9)
    shown = run(url, "show", waiting.id[:8]).stdout
    assert ['"one.pdf"' in shown, '"two.pdf"' in shown] == [True, True]
    told = json.loads(run(url, "show", waiting.id, "--json").stdout)
    assert [each["title"] for each in told["invoices"]] == ["one.pdf", "two.pdf"]
    assert run(url, "show", waiting.id[:7]).exit_code == 1


def test_send_makes_a_message_due_now_and_is_on_the_audit(url, desk):
    desk.join("one")
    [waiting] = desk.people.waiting(9)
    assert desk.sending.due() == []
    assert run(url, "send", waiting.id[:8], "--yes").exit_code == 0
    assert desk.sent() == [["one"]]
    assert [(each.verb, each.target, each.result) for each in audit(url)] == [
        ("send now", waiting.id, "done: 1 of 1 done")
    ]
    assert run(url, "send", waiting.id, "--yes").exit_code == 1


def test_a_test_mail_is_the_real_message_marked_in_its_subject(
    url: str, past: Past, inbox: Inbox, serve: Callable[..., str]
) -> None:
    upload = filed(past)
    done = run(url, "test", "me@example.com", SMTP_URL=f"smtp://{serve()}", MESSAGE_LANGUAGE="de")
    assert done.exit_code == 0, done.output
    assert "✓ me@example.com took it\n" in done.stdout
    [letter] = inbox.letters
    assert (letter["To"], letter["Subject"]) == ("me@example.com", "[TEST] Acme Ltd: Invoice 4711.pdf")
    text = plain(letter)
    assert "Accounting / Incoming" in text
    assert "Hochgeladen von" in text
    assert MANAGER in text
    [entry] = audit(url)
    assert (entry.verb, entry.target, entry.filter, entry.result) == (
        "test message",
        "me@example.com",
        {"upload": upload},
        "done",
    )


def test_a_refusal_is_said_as_the_mail_server_said_it(
    url: str, past: Past, inbox: Inbox, serve: Callable[..., str]
) -> None:
    filed(past)
    inbox.answers["RCPT"] = ["550 no such user here"]
    done = run(url, "test", "me@example.com", "--json", SMTP_URL=f"smtp://{serve()}")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["fault"].endswith("refused the recipient: 550 no such user here")
    assert str(audit(url)[0].result).startswith("failed: the mail server ")


def test_a_service_gets_the_invoice_that_was_named_and_its_url_stays_secret(url: str, past: Past) -> None:
    older = filed(past, HOSTILE, 900)
    filed(past)
    with Hook() as hook:
        done = run(url, "test", f"json://me:hunter2@127.0.0.1:{hook.server_port}/", "--upload", older[:8])
        [posted] = hook.received
        hook.status = 500
        refused = run(url, "test", f"json://me:hunter2@127.0.0.1:{hook.server_port}/")
    assert posted["title"].startswith("[TEST] Acme Ltd: Invoice ")
    assert "@everyone" not in posted["title"]
    assert "<script>" not in posted["message"]
    assert (done.exit_code, refused.exit_code) == (0, 1)
    assert "did not accept the message" in refused.stdout
    for said in (done.output, refused.output, *(str(entry) for entry in audit(url))):
        assert "hunter2" not in said
        assert "\x1b" not in said


def test_without_a_filed_invoice_or_a_readable_address_nothing_is_sent(url: str, past: Past) -> None:
    assert past.database_url == url
    none = run(url, "test", "me@example.com")
    assert (none.exit_code, "no invoice was filed yet" in none.stderr) == (1, True)
    bad = run(url, "test", "nosuch://hunter2")
    assert (bad.exit_code, "hunter2" in bad.output) == (2, False)
    assert audit(url) == []


def test_a_broken_template_of_ones_own_is_said_and_ours_is_sent(
    url: str, past: Past, inbox: Inbox, serve: Callable[..., str], tmp_path: Path
) -> None:
    filed(past)
    (tmp_path / "subject.txt").write_text("{{ nonsense }}")
    (tmp_path / "announcement.txt").write_text("{{ title }}, as we say it")
    done = run(url, "test", "me@example.com", SMTP_URL=f"smtp://{serve()}", TEMPLATES_DIR=str(tmp_path))
    assert "subject.txt: 'nonsense' is undefined" in done.stdout
    [letter] = inbox.letters
    assert letter["Subject"] == "[TEST] Acme Ltd: Invoice 4711.pdf"
    assert plain(letter).strip() == "Invoice 4711.pdf, as we say it"
