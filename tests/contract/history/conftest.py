"""A history's database of each kind, whose text index is made."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from shared.store.history.tables import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/new/ledger.db", writes=True)
        yield database
        database.close()
        return
    url, schema = request.getfixturevalue("postgres_url"), f"history_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")  # else it goes with this schema
        admin.execute(f"CREATE SCHEMA {schema}")
        database = Database(f"{url}?options=-csearch_path%3D{schema}", writes=True)
        yield database
        database.close()
        admin.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def database(empty: Database) -> Database:
    empty.create()
    return empty
