"""Brings an installation in compose to users and passwords of its own, or back. Each step may be done again.

The well-known users go last, once everything is seen to work without them: until then there is a way back, and
whoever is killed on the way and begins again ends the same.
"""

import secrets
from collections.abc import Callable, Iterator
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

Failures = frozenset[tuple[str, str]]
"""What the doctor calls failed: each by its area and cause."""


class WentBackError(Exception):
    """It did not work, and all is as before. The message says why."""


def harden(env_file: Path, stack: Stack, tell: Callable[[str], None]) -> bool:
    """Whether anything runs, and now runs so. WentBackError, StackError; and what `access.make` raises."""
    folder = env_file.resolve().parent / access.NAME
    access.make(folder)
    tell(f"made      {folder}: a password for each service, for you alone")
    begun = access.is_set(dotenv.values(text_of(env_file)))
    if not stack.is_running:
        access.use(env_file, access.NAME)
        return False
    before = frozenset[tuple[str, str]]() if begun else failures(stack.doctor_report())
    access.use(env_file, access.NAME)
    tell("starting  each service as a user of its own")
    try:
        stack.start(rules_changed=False)
        new = failures(stack.doctor_report()) - before
    except StackError as error:
        _go_back(env_file, stack, begun=begun)
        raise WentBackError(str(error)) from None
    if new and not begun:
        _go_back(env_file, stack, begun=begun)
        raise WentBackError(f"the doctor found what it had not before: {', '.join(map(': '.join, sorted(new)))}")
    for what in _forget_known(folder, stack):
        tell(f"gone      {what}")
    return True


def failures(report: dict[str, Any]) -> Failures:
    return frozenset((line["area"], line["cause"]) for line in report["lines"] if line["level"] == Level.FAILED)


def _go_back(env_file: Path, stack: Stack, *, begun: bool) -> None:
    """Not where an earlier run came further: the well-known users may be gone."""
    if begun:
        return
    access.use(env_file, None)
    stack.start_as_before()


def _forget_known(folder: Path, stack: Stack) -> Iterator[str]:
    users = stack.told("rabbitmq", "rabbitmqctl", "--silent", "list_users", "--no-table-headers")
    if KNOWN_USER in {line.split("\t")[0] for line in users.splitlines()}:
        stack.told("rabbitmq", "rabbitmqctl", "--silent", "delete_user", KNOWN_USER)
        yield f"{KNOWN_USER}, the broker's user that everybody knows"
    password = text_of(folder / access.SUPERUSER).strip()
    kept = verifier(password, secrets.token_bytes(SALT_BYTES))
    sql = f"ALTER ROLE {SUPERUSER} PASSWORD '{kept}'"
    stack.told("postgres", *f"psql --username {SUPERUSER} --dbname {DATABASE} --quiet --file -".split(), given=sql)
    yield f"the old password of {SUPERUSER}, the database's superuser"
