"""What is copied for support names nobody, and still tells what is wrong."""

import pytest

from console.web.pages.shown.redacted import redacted


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("amqps://user:pass@mq.example.com:5671/ refused", "amqps://… refused"),
        ("told anna.b+x@example.co.uk at 14:02", "told …@… at 14:02"),
        ('folder 748239 "Acme GmbH & Co", the destination', 'folder 748239 "…", the destination'),
        ("no answer from portal.example.com:443", "no answer from …"),
        ("10.0.3.17:9100 is not ready", "… is not ready"),
        ("[fd00:12:34::7]:9100 is not ready", "…:9100 is not ready"),
        ("http://127.0.0.1:9100 is ready", "http://… is ready"),
        ("127.0.0.1:9100 is ready", "127.0.0.1:9100 is ready"),
    ],
)
def test_hosts_addresses_people_and_titles_are_left_out(line, kept):
    assert redacted(line) == kept


@pytest.mark.parametrize(
    "line",
    [
        "trigger file.uploaded is not file.created",
        "12 in retry.5s, 3 in retry.10m",
        "portal-unreachable: no answer within 10 s",
        "mover: 3 waiting, 1.5 out/s, the oldest for 12 min, version 0.2.0",
    ],
)
def test_codes_figures_triggers_and_queues_stay(line):
    assert redacted(line) == line
