"""The database goes, in which it is kept who was told: operators hear of it all the same, and of its end."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from console.operator.times import PORTAL
from simulator.server import Simulator
from simulator.settings import Settings
from tests.integration.operator.conftest import Hook, Start, environ_of
from tests.support.databases import Database
from tests.support.waiting import wait_until


@pytest.fixture
def schema_url(postgres: Database) -> Iterator[str]:
    """A schema of its own on a server that runs at the end as well."""
    schema = f"operator_{uuid4().hex}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    try:
        yield f"{postgres.url}?options=-csearch_path%3D{schema}"
    finally:
        postgres.start()
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture
def portal_url() -> Iterator[str]:
    simulator = Simulator(Settings(port=0, smtp_port=0))
    simulator.start()
    yield simulator.url
    simulator.stop()


def test_a_database_that_is_away_is_told_once_and_so_is_its_end(
    postgres: Database, schema_url: str, portal_url: str, hook: Hook, operate: Start
) -> None:
    worker = operate(environ_of(schema_url, portal_url, OPERATOR=hook.url), checks=[PORTAL])
    wait_until(lambda: "operator.started" in worker.written(), 60, "the operator")
    postgres.stop()
    wait_until(lambda: hook.posts, 60, f"the message: {worker.log}")
    assert hook.posts[0]["title"] == "Problem: the database cannot be used"
    looks = worker.written().count("operator.database_away")
    wait_until(lambda: worker.written().count("operator.database_away") > looks + 3, 60, "some more looks")
    postgres.start()
    wait_until(lambda: len(hook.posts) > 1, 60, f"its end: {worker.log}")
    assert hook.posts[1]["title"].startswith("Over: the database cannot be used")
    assert worker.stop() == 0
    assert len(hook.posts) == 2
