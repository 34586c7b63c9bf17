"""The whole pipeline with a history, and a person who asks for things."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.actions.ask import Actions
from console.actions.run import run
from console.actions.site import Site
from console.actions.verb import Filter
from shared.store.actions.action import Action
from shared.store.audit.store import AuditStore, Entry, Person, Through
from tests.support import forks
from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import Pipeline, running_pipeline
from tests.support.waiting import wait_until

ANNA = Person("Anna", Through.WEB)


@dataclass
class Desk:
    """Where Anna sits."""

    pipeline: Pipeline
    projector: Projector
    site: Site

    def asks(self, verb: str, filter_: Filter) -> Action:
        """And has it done in this process, to its end."""
        with Actions(self.site) as actions:
            action_id = actions.start(actions.prepare(verb, filter_), ANNA)
            assert run(self.site, action_id)
            found = actions.state(action_id)
            assert found is not None
            return found

    def audit(self) -> list[Entry]:
        store = AuditStore(self.site.database_url)
        try:
            return store.latest(99)
        finally:
            store.close()

    def is_so(self, title: str, state: str) -> str:
        """The id of that upload, once the history says so. The ledger may say so before, and knows no id."""

        def id_of() -> str | None:
            found = self.projector.ask("find", title)
            return found[0]["correlation_id"] if found and found[0]["state"] == state else None

        return wait_until(id_of, 60, f"{title} to be {state}")

    def process(self, *arguments: str) -> forks.Started:
        """`python -m …`, with the settings of the pipeline."""
        environ = self.pipeline.workers["mover"].environ | {"PATH": os.environ["PATH"]}
        return forks.start((sys.executable, "-m", *arguments), environ, None)


@pytest.fixture(scope="module")
def desk(any_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("actions")
    with fresh_vhost(any_broker) as url, running_pipeline(url, folder) as pipeline:
        projector = Projector(url, folder)
        pipeline.wait_ready()
        yield Desk(pipeline, projector, Site((url,), f"sqlite:///{folder}/ledger.db", (1, 2)))
        projector.kill()
