"""Further channels: named without their secrets, refused when built if they cannot be read."""

import http.server
import json
import logging
import threading
from collections.abc import Iterator

import pytest

from notifier.channels.apprise import apprise_channel, channels_of
from notifier.text import Announcement
from shared.errors import TransientError
from shared.rules.model import Rule, RuleSet

# Apprise loads its plug-ins on first use, and one of them still asks for a module that Python 3.13 has dropped.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SAID = Announcement("Invoice filed: счёт", "text <b>", "<p>html</p>")


class Hook(http.server.ThreadingHTTPServer):
    """A webhook receiver that answers `status`."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.received: list[dict[str, str]] = []


class _Taker(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        hook = self.server
        hook.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(hook.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_what_a_channel_is_sent_is_the_subject_and_the_text(hook):
    apprise_channel(f"json://127.0.0.1:{hook.server_port}/").send(SAID)
    assert [(sent["title"], sent["message"]) for sent in hook.received] == [("Invoice filed: счёт", "text <b>")]


def test_a_channel_that_does_not_accept_is_tried_again_later(hook):
    hook.status = 503
    with pytest.raises(TransientError, match="the channel json did not accept"):
        apprise_channel(f"json://127.0.0.1:{hook.server_port}/").send(SAID)


def test_a_channel_is_named_by_its_scheme_and_told_apart_by_a_hash():
    first, again, other = (apprise_channel(f"json://user:{word}@h/") for word in ("hunter2", "hunter2", "hunter3"))
    assert first.name == "json"
    assert first.id == again.id != other.id
    assert first.id.startswith("json:")
    assert "hunter" not in repr(first)


def test_a_url_that_apprise_cannot_read_is_refused_without_showing_it():
    rule = Rule(name="acme", rooms=("1",), destination=2, notify=("slack://hunter2",))
    with pytest.raises(ValueError, match=r'notify of the rule "acme": .* slack://') as raised:
        channels_of(RuleSet(rules=(rule,)))
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("url", ["slack://hunter2", "nosuch://hunter2", "json://me:hunter2@[::1"])
def test_nor_does_the_library_log_it(url, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(ValueError, match="not a URL that Apprise can read"):
        apprise_channel(url)
    assert "hunter2" not in caplog.text


def test_what_the_library_logs_of_a_failure_shows_no_secret(hook, caplog):
    hook.status = 503
    with caplog.at_level(logging.INFO), pytest.raises(TransientError):
        apprise_channel(f"json://me:hunter2@127.0.0.1:{hook.server_port}/hunter2").send(SAID)
    assert "hunter2" not in caplog.text


def test_a_rule_has_its_own_channels_and_an_unknown_one_has_none():
    rule = Rule(name="acme", rooms=("1",), destination=2, notify=("json://h/",))
    channels = channels_of(RuleSet(rules=(rule,)))
    assert [channel.name for channel in channels("acme")] == ["json"]
    assert channels("renamed") == ()
