"""What the management API says of queues, also where it leaves things out or writes an empty object as a list."""

import pytest

from console.connect import management
from console.connect.management import Management, Traffic

ANSWERS = {
    "overview?columns=cluster_name,rates_mode,disable_stats": {"rates_mode": "basic"},
    "queues/%2F": [{"name": "mover", "message_stats": []}, {"name": "notifier", "messages_unacknowledged": 2}],
    "connections": [{"name": "c1", "client_properties": []}],
    "consumers/%2F": [
        {"queue": {"name": "mover"}, "channel_details": []},
        {"queue": {"name": "mover"}, "channel_details": {"connection_name": "c1"}},
        [],
    ],
}


def test_an_empty_object_is_a_list_there_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Management(["amqp://guest:guest@broker.example.com/"], "http://broker.example.com:15672")
    monkeypatch.setattr(broker, "_get", lambda path: ANSWERS[path])
    nobody = (management.NAMELESS, management.NAMELESS)
    assert broker.traffic(None) == {"mover": Traffic(0.0, 0.0, 0, nobody), "notifier": Traffic(0.0, 0.0, 2, ())}
