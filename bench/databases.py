"""A PostgreSQL for a measurement: in a container where an engine answers, else a private one of the package.

The private one is the tests' own, with `fsync` off: its absolute figures flatter, its ratios do not.
"""

import contextlib
import os
from collections.abc import Iterator

# Before testcontainers reads it: the container is removed by its own context manager, no reaper is needed.
os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"

from demo.engine import engine_answers
from tests.support.databases import container_database, find_postgres, private_database


@contextlib.contextmanager
def postgres_url() -> Iterator[str]:
    """RuntimeError where there is neither."""
    programs = find_postgres()
    if engine_answers():
        with container_database() as database:
            yield database.url
    elif programs is not None:
        with private_database(programs) as private:
            yield private.url
    else:
        raise RuntimeError("PostgreSQL is needed: start a container engine, or `apt-get install postgresql`")
