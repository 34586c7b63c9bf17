"""What this machine can run tests against, and the fixtures for it.

`broker` gives each kind of RabbitMQ the machine has: in a container where an engine answers, and a private node
where the rabbitmq-server package is installed. Where neither can be had, a test that needs one fails: none skips.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog
from xdist.scheduler import LoadFileScheduling

from demo import ports

# Before testcontainers reads it. Every container here is removed by its own context manager: no reaper is needed.
os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"

from demo.broker import find_rabbitmq
from demo.engine import engine_answers
from demo.ports import free_port as find_free_port
from tests.support.brokers import Broker, container_broker, fresh_vhost, private_broker
from tests.support.databases import Database, container_database, find_postgres, private_database
from tests.support.signals import heed

heed()

# How fast examples are made is the machine's business: with other work beside it, a sound generator is "too slow".
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

configure = structlog.configure


def configure_uncached(**options: Any) -> None:
    """A command that a test runs in this process sets up its logs: of cached loggers no later test captures any."""
    configure(**options | {"cache_logger_on_first_use": False})


structlog.configure = configure_uncached  # type: ignore[assignment]  # it passes on what it is given


@pytest.fixture(autouse=True)
def logs_as_they_come() -> Iterator[None]:
    """A command that a test runs in this process also raises the level: the next test's log would lack lines."""
    yield
    structlog.reset_defaults()


# Of several processes that run tests, each takes its free ports from a range of its own.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    ports.LOWEST_PORT += 1000 * int(worker.removeprefix("gw"))
    ports.HIGHEST_PORT = ports.LOWEST_PORT + 1000

HAS_ENGINE = engine_answers()
BROKER_KINDS = [
    *(["container"] if HAS_ENGINE else []),
    *(["private"] if find_rabbitmq() else []),
] or ["none"]

TESTS = Path(__file__).parent
STARTS_THE_STACK = ("test_compose.py", "test_demo.py", "test_https.py", "test_make.py")
KINDS = ("e2e", "chaos", "fuzz", "integration", "contract")

NO_BROKER = (
    "This test needs RabbitMQ: start a container engine, or `apt-get install rabbitmq-server` (`make test` does)"
)
NO_DATABASE = (
    "This test needs PostgreSQL: start a container engine, or `apt-get install postgresql` (`make test` does)"
)


def pytest_report_header() -> list[str]:
    engine = "answers" if HAS_ENGINE else "none answers: the tests marked `containers` are not collected"
    return [f"container engine: {engine}", f"brokers: {', '.join(BROKER_KINDS)}"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [] if HAS_ENGINE else [item for item in items if item.get_closest_marker("containers")]
    items[:] = [item for item in items if item not in left_out]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=_kind)


def _kind(item: pytest.Item) -> int:
    """The longest first, so that no process of several is left with one of them at the end."""
    kind = item.path.relative_to(TESTS).parts[0]
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


class ByFile(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file's tests share their fixtures, so one process runs them; all that starts the stack, one process too."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "the stack" if Path(file).name in STARTS_THE_STACK else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.fixture(scope="session")
def broker_container() -> Iterator[Broker]:
    """RabbitMQ in a container."""
    if not HAS_ENGINE:
        pytest.fail("This test needs a container engine, and none answers")
    with container_broker() as broker:
        yield broker


@pytest.fixture(scope="session")
def broker_private() -> Iterator[Broker]:
    """A private RabbitMQ node from the system's package."""
    if find_rabbitmq() is None:
        pytest.fail("This test needs a private RabbitMQ node: `apt-get install rabbitmq-server` (`make test` does)")
    with private_broker() as broker:
        yield broker


@pytest.fixture(scope="session", params=BROKER_KINDS)
def broker(request: pytest.FixtureRequest) -> Broker:
    """RabbitMQ, once of each kind that this machine can have."""
    if request.param == "none":
        pytest.fail(NO_BROKER)
    broker: Broker = request.getfixturevalue(f"broker_{request.param}")
    return broker


@pytest.fixture
def vhost_url(broker: Broker) -> Iterator[str]:
    """The AMQP URL of a virtual host of this test's own, on each kind of broker."""
    with fresh_vhost(broker) as url:
        yield url


@pytest.fixture(scope="session")
def any_broker(request: pytest.FixtureRequest) -> Broker:
    """One RabbitMQ of whichever kind, for tests to which the kind makes no difference."""
    kind = BROKER_KINDS[-1]  # a private node first: it starts sooner
    if kind == "none":
        pytest.fail(NO_BROKER)
    broker: Broker = request.getfixturevalue(f"broker_{kind}")
    return broker


@pytest.fixture
def any_vhost_url(any_broker: Broker) -> Iterator[str]:
    """The AMQP URL of a virtual host of this test's own, on one broker of whichever kind."""
    with fresh_vhost(any_broker) as url:
        yield url


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    """PostgreSQL: in a container where an engine answers, else a private cluster from the system's package."""
    programs = find_postgres()
    if HAS_ENGINE:
        with container_database() as database:
            yield database
    elif programs is not None:
        with private_database(programs) as database:
            yield database
    else:
        pytest.fail(NO_DATABASE)


@pytest.fixture(scope="session")
def postgres_url(postgres: Database) -> str:
    return postgres.url


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Gives a free TCP port below 32768 at each call."""
    return find_free_port
