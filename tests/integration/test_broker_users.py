"""Each role's user on a real broker: it may do what is written here by hand, and is refused all else."""

from collections.abc import Callable, Iterator

import pika
import pytest
import requests
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from shared.amqp.operator.roles import roles
from tests.support.brokers import Broker, fresh_vhost
from tests.support.users import Users

ROLES = tuple(role.name for role in roles())
QUEUES = (
    *("classifier", "mover", "notifier", "classifier.dead", "mover.dead", "notifier.dead"),
    *("reader", "reader.dead", "retry.1s", "reconciler.asked", "dispatcher.erp", "dispatcher.erp.dead"),
)
EVENTS = (
    *("webhook.file.uploaded", "webhook.unreadable", "invoice.detected", "invoice.filed", "invoice.announced"),
    *(
        "invoice.read",
        "notification.waiting",
        "digest.due",
        "digest.sent",
        "event.skipped",
        "room.asked",
        "stage.paused",
    ),
    *("stage.resumed", "rules.published", "invoice.dead", "hook.delivered", "hook.skipped", "anything.else"),
)
ACCESS_REFUSED = 403
LOCK = "console.dead.command.lock"

Act = Callable[[BlockingChannel], object]


def publish(exchange: str, key: str) -> Act:
    def act(channel: BlockingChannel) -> None:
        channel.confirm_delivery()
        channel.basic_publish(exchange, key, b"{}")

    return act


def consume(queue: str) -> Act:
    def act(channel: BlockingChannel) -> None:
        channel.basic_qos(prefetch_count=1)  # a stream demands it
        channel.basic_consume(queue, lambda *_: None)

    return act


def call(method: str, *names: str, **options: bool) -> Act:
    def act(channel: BlockingChannel) -> None:
        getattr(channel, method)(*names, **options)

    return act


def acts() -> Iterator[tuple[str, Act]]:
    for queue in (*QUEUES, "history"):
        yield f"read {queue}", consume(queue)
    for queue in QUEUES:
        yield f"purge {queue}", call("queue_purge", queue)
    for queue in ("mover", "mover.dead", "retry.1s", "reconciler.asked", "history"):
        yield f"delete {queue}", call("queue_delete", queue)
        yield f"bind {queue}", call("queue_bind", queue, "docspace", "#")
        yield f"unbind {queue}", call("queue_unbind", queue, "docspace", "#")
    for exchange in ("docspace", "dead", "retry.1s"):
        yield f"delete exchange {exchange}", call("exchange_delete", exchange)
        yield f"bind exchange {exchange}", call("exchange_bind", "amq.fanout", exchange)
    for queue in ("another", "dispatcher.own", "dev.anna.orders", "dev.berta.orders", LOCK):
        yield f"declare {queue}", call("queue_declare", queue, exclusive=True)
    yield "declare amq.gen", call("queue_declare", "", exclusive=True)
    yield "declare exchange", call("exchange_declare", "another", "fanout", auto_delete=True)
    for key in EVENTS:
        yield f"publish {key}", publish("docspace", key)
    yield "publish to dead", publish("dead", "nobody.dead")
    yield "publish to retry", publish("retry.1s", "nobody")
    yield "publish by the default exchange", publish("", "mover")


def may(*, reads: str = "", publishes: str = "", to: str = "docspace", declares: str = "") -> frozenset[str]:
    """AMQP lets who may read a queue purge it too, and has no purge of a stream."""
    return frozenset(
        [
            *(f"read {queue}" for queue in reads.split()),
            *(f"purge {queue}" for queue in reads.split() if queue != "history"),
            *(f"publish {key}" for key in publishes.split()),
            *(f"publish to {exchange}" for exchange in to.split() if exchange != "docspace"),
            *(f"declare {queue}" for queue in declares.split()),
        ]
    )


WEBHOOKS = "webhook.file.uploaded webhook.unreadable"
DEAD_QUEUES = "classifier.dead mover.dead reader.dead notifier.dead"
OF_PEOPLE = "invoice.detected room.asked stage.paused stage.resumed rules.published"
MAY = {
    "ingress": may(publishes=WEBHOOKS),
    "classifier": may(reads="classifier", publishes="invoice.detected event.skipped", to="dead retry"),
    "mover": may(reads="mover", publishes="invoice.filed event.skipped", to="dead retry"),
    "reader": may(reads="reader", publishes="invoice.read", to="dead retry"),
    "notifier": may(
        reads="notifier",
        publishes="invoice.announced notification.waiting digest.due digest.sent event.skipped",
        to="dead retry",
    ),
    "dispatcher": may(
        reads="dispatcher.erp dispatcher.erp.dead",
        publishes="hook.delivered hook.skipped",
        to="dead retry",
        declares="dispatcher.own",
    ),
    "history": may(reads="history", publishes="invoice.dead"),
    "reconciler": may(
        reads=f"{DEAD_QUEUES} history reconciler.asked", publishes=WEBHOOKS, to="dead", declares=LOCK
    ),
    "console": may(
        reads=f"{DEAD_QUEUES} dispatcher.erp.dead history",
        publishes=f"{WEBHOOKS} {OF_PEOPLE}",
        to="dead",
        declares=f"{LOCK} amq.gen",
    ),
    "web": may(reads=f"{DEAD_QUEUES} history", publishes=OF_PEOPLE, to="dead", declares=LOCK),
    "monitoring": may(),
    "dev.anna": may(declares="dev.anna.orders"),
}
"""By hand: a table that grants more, or less, is not this one."""
MAKES = {"topology": frozenset[str](), "backup": frozenset({f"declare {LOCK}"})}
"""What they may beyond the queues and exchanges of ours, with which they may do everything."""


@pytest.fixture(scope="module")
def users(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Users]:
    """All of them on a virtual host of their own, on which `intake topology` ran as its own user."""
    folder = tmp_path_factory.mktemp("users")
    with (
        fresh_vhost(broker) as url,
        Users(broker, url, folder, "--developer", "anna", "--hears", "invoice.#") as users,
    ):
        settings = {"DATABASE_URL": f"sqlite:///{folder}/ledger.db", "READER": "on"}
        assert users.run("topology", "topology", **settings).exit_code == 0
        with users.connected("dispatcher") as connection:
            for queue in ("dispatcher.erp", "dispatcher.erp.dead"):
                connection.channel().queue_declare(queue, durable=True)
        yield users


def refused(connection: pika.BlockingConnection, act: Act) -> bool:
    channel = connection.channel()
    try:
        act(channel)
    except ChannelClosedByBroker as error:
        if error.reply_code != ACCESS_REFUSED:
            raise
        return True
    channel.close()
    return False


def test_every_role_is_tried() -> None:
    assert {*MAY, *MAKES} == {*ROLES, "dev.anna"}


@pytest.mark.parametrize("role", MAY)
def test_a_roles_user_may_do_what_it_needs_and_nothing_else(users: Users, role: str) -> None:
    with users.connected(role) as connection:
        assert {what for what, act in acts() if not refused(connection, act)} == MAY[role]


@pytest.mark.parametrize("role", MAKES)
def test_who_makes_the_topology_publishes_no_event_and_makes_nothing_else(users: Users, role: str) -> None:
    wanted = ("publish", "declare")
    with users.connected(role) as connection:
        done = {what for what, act in acts() if what.startswith(wanted) and not refused(connection, act)}
    assert done == {"publish to dead", "publish to retry", "publish by the default exchange", *MAKES[role]}


@pytest.mark.parametrize("key", ["invoice.filed", "invoice.#", "webhook.#", "#"])
def test_a_developer_hears_what_was_granted_alone(users: Users, key: str) -> None:
    def listen(channel: BlockingChannel) -> None:
        channel.queue_declare("dev.anna.orders", exclusive=True)
        channel.queue_bind("dev.anna.orders", "docspace", key)

    with users.connected("dev.anna") as connection:
        assert refused(connection, listen) == (not key.startswith("invoice."))


def test_monitoring_sees_the_queues_and_changes_none(users: Users) -> None:
    queues = f"{users.management_url}/api/queues/{users.vhost}"
    login = users.login("monitoring")
    seen = requests.get(queues, auth=login, timeout=10)
    assert {"mover", "mover.dead"} <= {queue["name"] for queue in seen.json()}
    assert not requests.delete(f"{queues}/mover/contents", auth=login, timeout=10).ok
    assert requests.get(queues, auth=users.login("mover"), timeout=10).status_code == 401
