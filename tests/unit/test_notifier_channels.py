"""Further channels: named without their secrets, refused when built if they cannot be read."""

import logging
from collections.abc import Iterator

import msgspec
import pytest

from shared.announcing.channels import apprise
from shared.announcing.channels.channel import Channel
from shared.announcing.channels.table import ChannelsOf, channel_at
from shared.errors import TransientError
from shared.rules.model import Rule, RuleSet
from tests.support.notices import TOOLS, Hook, a_notice

# Apprise loads its plug-ins on first use, and one of them still asks for a module that Python 3.13 has dropped.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOTICE = a_notice("счёт & <b>.pdf")


def at(url: str) -> Channel:
    return apprise.channel(url, TOOLS)


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        yield server


def test_what_a_channel_is_sent_is_the_subject_and_the_text(hook):
    at(f"json://127.0.0.1:{hook.server_port}/").send(NOTICE)
    [sent] = hook.received
    assert sent["title"] == "Invoice filed: счёт & \u2039b\u203a.pdf"
    assert sent["message"].startswith("счёт & \u2039b\u203a.pdf\n\nAn invoice was uploaded and filed.\n")


def test_mattermost_gets_no_mention_channel_link_or_markup_of_a_title(hook):
    """It obeys Markdown in whatever it is sent, and Apprise hands a plain text on as it is."""
    notice = a_notice("~town-square @all **Paid** _now_ [pay](https://evil.example).pdf")
    at(f"mmost://127.0.0.1:{hook.server_port}/abcdefghijklmnopqrstuvwxyz").send(notice)
    [sent] = hook.received
    assert (
        "\u223ctown-square @\u200ball \u2217\u2217Paid\u2217\u2217 \uff3fnow\uff3f \uff3bpay\uff3d(https:\u200b//"
        in sent["text"]
    )


def test_a_channel_that_does_not_accept_is_tried_again_later(hook):
    hook.status = 503
    with pytest.raises(TransientError, match="the channel json did not accept"):
        at(f"json://127.0.0.1:{hook.server_port}/").send(NOTICE)


def test_a_channel_is_named_by_its_scheme_and_told_apart_by_a_hash():
    first, again, other = (at(f"json://user:{word}@h/") for word in ("hunter2", "hunter2", "hunter3"))
    assert first.scheme == "json"
    assert first.id == again.id != other.id
    assert first.id.startswith("json:")
    assert "hunter" not in repr(first)


def test_a_url_that_apprise_cannot_read_is_refused_without_showing_it():
    rule = Rule(name="acme", rooms=("1",), destination=2, notify=("slack://hunter2",))
    with pytest.raises(ValueError, match=r'notify of the rule "acme": .* slack://') as raised:
        ChannelsOf(RuleSet(rules=(rule,)), TOOLS)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("url", ["slack://hunter2", "nosuch://hunter2", "json://me:hunter2@[::1"])
def test_nor_does_the_library_log_it(url, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(ValueError, match="not a URL that Apprise can read"):
        at(url)
    assert "hunter2" not in caplog.text


def test_what_the_library_logs_of_a_failure_shows_no_secret(hook, caplog):
    hook.status = 503
    with caplog.at_level(logging.INFO), pytest.raises(TransientError):
        at(f"json://me:hunter2@127.0.0.1:{hook.server_port}/hunter2").send(NOTICE)
    assert "hunter2" not in caplog.text


def test_an_invoice_is_told_to_its_recipients_and_then_on_its_rules_own_channels():
    rule = Rule(name="acme", rooms=("1",), destination=2, notify=("json://h/",))
    channels = ChannelsOf(RuleSet(rules=(rule,)), TOOLS)
    invoice = msgspec.structs.replace(NOTICE.invoices[0], recipients=("Anna@example.com",))
    mail, hook = channels(invoice)
    assert (mail.scheme, mail.name, mail.id) == ("mail", "Anna@example.com", "anna@example.com")
    assert (hook.scheme, mail.listed, hook.listed) == ("json", False, True)
    assert channels(msgspec.structs.replace(invoice, rule="renamed"))[1:] == ()


@pytest.mark.parametrize("url", ["mail://anna@example.com", "MAIL://anna@example.com"])
def test_no_url_of_a_rule_is_taken_for_a_recipient(url):
    with pytest.raises(ValueError, match="not a URL that Apprise can read; it begins with mail://"):
        channel_at(url, TOOLS)
