"""Brings an installation in compose to users and passwords of its own, or back. Each step may be done again.

The well-known users go last, once everything is seen to work without them: until then there is a way back, and
whoever is killed on the way and begins again ends the same.
"""

import secrets
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from console.doctor.line import Level
from console.harden import access
from console.setup import dotenv
from console.setup.files import text_of
from console.setup.stack import Stack, StackError
from shared.store.scram import SALT_BYTES, verifier

KNOWN_USER = "guest"
SUPERUSER = "intake"
DATABASE = "intake"
BROKER, SERVER = "rabbitmq", "postgres"
"""The services of both."""
IMPORT = 'printf %s "$1" > /tmp/users.json && rabbitmqctl --silent import_definitions /tmp/users.json'
"""The users, with hashes of passwords, as an argument: rabbitmqctl does not see the end of what it is handed."""

Failures = frozenset[tuple[str, str]]
"""What the doctor calls failed: each by its area and cause."""
NONE: Failures = frozenset()


class WentBackError(Exception):
    """It did not work, and all is as before. The message says why."""


def harden(env_file: Path, stack: Stack, tell: Callable[[str], None], renewed: Collection[str] = ()) -> bool:
    """Whether anything runs, and now runs so. Those of `renewed`, of `access.NAMES`, get another password.

    WentBackError, StackError; and what `access.make` raises.
    """
    name = access.named(dotenv.values(text_of(env_file)))
    begun = name is not None
    folder = env_file.resolve().parent / (name or access.NAME)
    access.forget(folder, renewed)
    access.make(folder)
    tell(f"made      {folder}: a password for each service, for you alone")
    if not stack.is_running:
        access.use(env_file, folder.name)
        return False
    before = NONE if begun else failures(stack.doctor_report())
    access.use(env_file, folder.name)
    tell("starting  each service as a user of its own")
    try:
        _start(folder, stack, again=begun)
        new = failures(stack.doctor_report()) - before
    except StackError as error:
        if begun:
            raise
        _go_back(env_file, stack)
        raise WentBackError(str(error)) from None
    if new:
        found = ", ".join(map(": ".join, sorted(new)))
        if not begun:
            _go_back(env_file, stack)
            raise WentBackError(f"the doctor found what it had not before: {found}")
        tell(f"doctor    finds {found}")  # perhaps before too: what an earlier run was told is gone with it
    for what in _forget_known(folder, stack):
        tell(f"gone      {what}")
    return True


def _start(folder: Path, stack: Stack, *, again: bool) -> None:
    """The servers first: they read the files when they start, and are told while they are at work.

    A service has the password that was there when it started, and keeps its connections when the servers are told
    of another. So `again` restarts all of them: an earlier run may have been killed before it did.
    """
    stack.start_alone(BROKER, SERVER)
    stack.told(BROKER, "sh", "-c", IMPORT, "sh", text_of(folder / access.USERS))
    _to_database(stack, text_of(folder / access.ROLES_SQL))
    stack.start(rules_changed=False)
    if again:
        stack.restart(set(access.NAMES) - {access.SUPERUSER})


def _to_database(stack: Stack, sql: str) -> None:
    psql = f"psql --username {SUPERUSER} --dbname {DATABASE} --set ON_ERROR_STOP=1 --quiet --output /dev/null"
    stack.told(SERVER, *psql.split(), "--file", "-", given=sql)


def failures(report: dict[str, Any]) -> Failures:
    return frozenset((line["area"], line["cause"]) for line in report["lines"] if line["level"] == Level.FAILED)


def _go_back(env_file: Path, stack: Stack) -> None:
    access.use(env_file, None)
    stack.start_as_before()


def _forget_known(folder: Path, stack: Stack) -> Iterator[str]:
    users = stack.told(BROKER, *["rabbitmqctl", "--silent", "list_users", "--no-table-headers"])
    if KNOWN_USER in {line.split("\t")[0] for line in users.splitlines()}:
        stack.told(BROKER, *["rabbitmqctl", "--silent", "delete_user"], KNOWN_USER)
        yield f"{KNOWN_USER}, the broker's user that everybody knows"
    password = text_of(folder / access.SUPERUSER).strip()
    kept = verifier(password, secrets.token_bytes(SALT_BYTES))
    _to_database(stack, f"ALTER ROLE {SUPERUSER} PASSWORD '{kept}'")
    yield f"the old password of {SUPERUSER}, the database's superuser"
