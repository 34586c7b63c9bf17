"""All that the console knows of people, over one connection pool."""

from shared.store.ledger.connection import Database
from shared.store.people.attempts import Attempts
from shared.store.people.people import People
from shared.store.people.sessions import Sessions
from shared.store.people.versions import PEOPLE


class Membership:
    """`database_url` as the ledger takes it. Connects on first use, and makes its tables then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, PEOPLE)
        self.people = People(self._database)
        self.sessions = Sessions(self._database)
        self.attempts = Attempts(self._database)

    def close(self) -> None:
        self._database.engine.dispose()
