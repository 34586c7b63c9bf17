"""The ledger's rows. Each method takes a set of keys, and does for each key what it would do for that key alone.

A set costs one commit. Times are by the database's clock. Methods raise only TransientError.
"""

import secrets
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from shared.errors import TransientError
from shared.store.database import transaction
from shared.store.ledger import statements
from shared.store.ledger.claim_states import Done, Free, Held, Won
from shared.store.ledger.connection import Database
from shared.store.ledger.table import ROWS
from shared.store.ledger.versions import LEDGER
from shared.store.schema import RELEASED, first_version
from shared.text.codes import Code

CLAIM_ROUNDS = 20
"""If a row changes between claim and look, both are repeated. If that happens so often, something is wrong."""

PRUNE_BATCH = 500
"""The most rows that one statement deletes. So other writers of SQLite wait for milliseconds, not seconds."""

TRIAL_ROWS, TRIAL_KEY_BYTES = 16, 480
"""More than fits into a page of the table or its index, so that the trial needs new pages."""


class Wanted(NamedTuple):
    key: str
    message: str = ""


class Note(NamedTuple):
    key: str
    token: str
    progress: str


class Result(NamedTuple):
    key: str
    text: str


class Latest(NamedTuple):
    key: str
    value: str


class Claim(NamedTuple):
    key: str
    token: str
    forget: bool = False


class Rows:
    """`database_url` and `owner` are as for `Ledger`. Connects, and makes or upgrades the table, on first use."""

    def __init__(self, database_url: str, *, owner: str) -> None:
        self._owner = owner
        self._database = Database(database_url)
        self.engine = self._database.engine
        self.now = self._database.now
        insert = self._database.insert
        self._claim_statements = {
            each: statements.claiming(insert, self.now, owner, take_over=each) for each in (False, True)
        }
        self._complete_statement = statements.completing(insert, self.now, owner)
        self._replace_statement = statements.replacing(insert, self.now, owner)
        self._give_back_statement = statements.giving_back(self.now)
        self._renew_statement = statements.renewing(self.engine.dialect.name, self.now)
        self._abandon_statement = statements.abandoning(self.engine.dialect.name)
        # on SQLite reading is enough, as no failover changes an open file, and a write would wait for others
        looks = self.engine.dialect.name == "sqlite"
        self._check_statement = sa.select(ROWS.c.key).limit(1) if looks else statements.writable(insert)

    def claim(
        self, wanted: Sequence[Wanted], lease_s: float, *, take_over: bool = False
    ) -> list[Won | Held | Done]:
        """The answers are in the order of `wanted`. If a key is there twice, one wins and the other gets Held."""
        found: dict[Wanted, Won | Held | Done] = {}
        left = list(dict.fromkeys(wanted))
        if not left:
            return []
        with self._database.connection(writes=True) as connection:
            while left:  # more than once only if several messages want one key
                turn = {each.key: each.message for each in reversed(left)}
                told = self._claim(connection, turn, lease_s, take_over=take_over)
                found |= {Wanted(key, turn[key]): answer for key, answer in told.items()}
                for each in left:
                    if each not in found and not isinstance(told[each.key], Held):
                        found[each] = self._beside(told[each.key], turn[each.key], lease_s)
                left = [each for each in left if each not in found]
        given: set[Wanted] = set()
        claims: list[Won | Held | Done] = []
        for each in wanted:
            claims.append(self._beside(found[each], each.message, lease_s) if each in given else found[each])
            given.add(each)
        return claims

    def note(self, notes: Sequence[Note]) -> list[bool]:
        """Whether each claim is still its holder's. If a key is there twice, the last progress stays."""
        if not notes:
            return []
        rows = [{"of_key": note.key, "of_token": note.token, "of_progress": note.progress} for note in notes]
        with self._database.connection(writes=True) as connection, transaction(connection, needed=len(rows) > 1):
            if connection.execute(statements.NOTE, _in_order(rows)).rowcount == len(notes):
                return [True] * len(notes)
            if len(notes) == 1:
                return [False]
            # the noted rows are locked until the commit, and a lost token never becomes valid again
            held = sa.select(ROWS.c.key, ROWS.c.token).where(
                ROWS.c.key.in_({note.key for note in notes}), statements.OPEN
            )
            mine = {(row.key, row.token) for row in connection.execute(held)}
        return [(note.key, note.token) in mine for note in notes]

    def complete(self, results: Sequence[Result]) -> None:
        """If a key is there twice, the first result stays."""
        self._each(self._complete_statement, [{"of_key": each.key, "of_result": each.text} for each in results])

    def replace(self, latest: Sequence[Latest]) -> list[str | None]:
        """The value before each. If a key is there twice, the second gets the value of the first."""
        before: dict[int, str | None] = {}
        with self._database.connection(writes=True) as connection, transaction(connection, needed=len(latest) > 1):
            for place, each in sorted(enumerate(latest), key=lambda found: found[1].key):
                row = {"of_key": each.key, "of_value": each.value}
                before[place] = connection.execute(self._replace_statement, row).scalar_one()
        return [before[place] for place in range(len(latest))]

    def release(self, claims: Sequence[Claim]) -> None:
        rows = [{"of_key": each.key, "of_token": each.token, "of_forget": each.forget} for each in claims]
        for statement in (statements.FORGET_UNTOUCHED, self._give_back_statement):
            self._each(statement, rows)  # one transaction each, so that rows are locked in order

    def renew(self, claims: Sequence[Claim], lease_s: float) -> None:
        """Let the leases end `lease_s` from now. A claim that was lost, given back or done stays as it is."""
        keys, tokens = [each.key for each in claims], [each.token for each in claims]
        with self._database.connection(writes=True) as connection:
            connection.execute(self._renew_statement, {"keys": keys, "tokens": tokens, "lease_s": lease_s})

    def abandon(self, messages: Sequence[str]) -> None:
        """Unfinished work of these messages no longer belongs to a message."""
        with self._database.connection(writes=True) as connection:
            connection.execute(self._abandon_statement, {"messages": list(messages)})

    def look(self, key: str) -> Done | Held | Free:
        with self._database.connection() as connection:
            row = self._look(connection, [key]).get(key)
        return Free() if row is None else _seen(row)

    def prune(self, older_than_s: float, at_most: int) -> int:
        with self._database.connection(writes=True) as connection:
            return connection.execute(statements.pruning(self.now, older_than_s, at_most)).rowcount

    def check(self) -> None:
        if self._database.write_failed:
            self._database.write_failed = False  # the trial sets it again if it fails
            self._try_to_write()
            return
        with self._database.connection() as connection:
            connection.execute(self._check_statement)

    def _try_to_write(self) -> None:
        """Insert rows and delete them in one transaction, so nobody else sees them."""
        rows = [{"key": f"check:{secrets.token_hex(TRIAL_KEY_BYTES)}", "wins": 0} for _ in range(TRIAL_ROWS)]
        with self._database.connection(writes=True) as connection, transaction(connection):
            connection.execute(sa.insert(ROWS), rows)
            connection.execute(sa.delete(ROWS).where(ROWS.c.key.in_([row["key"] for row in rows])))

    def upgraded(self) -> bool:
        with self._database.connection() as connection:
            return first_version(connection, LEDGER) == RELEASED

    def _claim(
        self, connection: sa.Connection, turn: dict[str, str], lease_s: float, *, take_over: bool
    ) -> dict[str, Won | Held | Done]:
        """`turn` has one message for each key."""
        found: dict[str, Won | Held | Done] = {}
        open_keys = sorted(turn)
        for _ in range(CLAIM_ROUNDS):
            rows = [
                {"of_key": key, "of_token": uuid.uuid4().hex, "lease_s": lease_s, "of_message": turn[key] or None}
                for key in open_keys
            ]
            for row in connection.execute(self._claim_statements[take_over], rows):
                found[row.key] = Won(row.token, row.progress, taken_over=row.wins > 1)
            looked = self._look(connection, [key for key in open_keys if key not in found])
            for key, row in looked.items():
                answer = _answer(row, "" if take_over else turn[key])
                if answer is not None:
                    found[key] = answer
            open_keys = [key for key in open_keys if key not in found]
            if not open_keys:
                return found
        raise TransientError(f"the ledger's row {open_keys[0]} changes hands too fast", code=Code.DATABASE)

    def _look(self, connection: sa.Connection, keys: list[str]) -> dict[str, sa.Row[Any]]:
        if not keys:
            return {}
        return {row.key: row for row in connection.execute(statements.looking(self.now, keys))}

    def _beside(self, told: Won | Held | Done, message: str, lease_s: float) -> Held | Done:
        """What a claim gets if another of the same set, for the same key, got `told`."""
        return Held(lease_s, self._owner, told.progress, message) if isinstance(told, Won) else told

    def _each(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        """Execute the statement for each row, in one transaction."""
        if not rows:
            return
        with self._database.connection(writes=True) as connection, transaction(connection, needed=len(rows) > 1):
            connection.execute(statement, _in_order(rows))


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["of_key"]))


def _seen(row: sa.Row[Any]) -> Done | Held | Free:
    if row.result is not None:
        return Done(row.result, row.completed_at)
    if row.token is not None and row.remaining_s is not None and row.remaining_s > 0:
        return Held(row.remaining_s, row.owner or "", row.progress, row.message or "")
    idle_s = None if row.remaining_s is None else max(0.0, -row.remaining_s)
    return Free(row.progress, row.message or "", idle_s)


def _answer(row: sa.Row[Any], message: str) -> Held | Done | None:
    """What a claim for this message gets if it did not win the row. None: it might win now."""
    seen = _seen(row)
    if not isinstance(seen, Free):
        return seen
    if message and seen.message and seen.message != message:
        return Held(0.0, row.owner or "", seen.progress, seen.message)
    return None
