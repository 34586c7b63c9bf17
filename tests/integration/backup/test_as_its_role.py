"""Backup and restore as the broker's user `intake-backup`, which may do no more than its role says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers import Broker, fresh_vhost
from tests.support.runtime import messages_in, plain_channel
from tests.support.users import Users

LYING = ("classifier", "mover", "notifier", "mover.dead", "retry.1h")


@pytest.fixture
def users(broker: Broker, tmp_path: Path) -> Iterator[Users]:
    with fresh_vhost(broker) as url, Users(broker, url, tmp_path) as users:
        yield users


def test_what_a_backup_reads_a_restore_puts_back(users: Users, tmp_path: Path) -> None:
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
        "MANAGEMENT_URL": users.management_url,
        "SPOOL_PATH": str(tmp_path / "spool.db"),
        "RETRY_DELAYS_S": "2,3600",
    }
    url = users.url("backup")
    assert users.run("topology", "topology", **settings).exit_code == 0
    with plain_channel(url) as channel:
        for queue in LYING:
            channel.basic_publish("", queue, b"{}")
    lying = messages_in(url, LYING)
    assert lying == dict.fromkeys(LYING, 1)

    done = users.run("backup", "backup", "--out", str(tmp_path), "--json", **settings)
    assert done.exit_code == 0, done.output
    assert messages_in(url, LYING) == lying
    with plain_channel(url) as channel:
        for queue in LYING:
            channel.queue_purge(queue)
    file = json.loads(done.stdout)["file"]
    restored = users.run("backup", "restore", file, "--replace", "--yes", **settings)
    assert restored.exit_code == 0, restored.output
    assert messages_in(url, LYING) == lying
