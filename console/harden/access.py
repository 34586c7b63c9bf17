"""The folder that SECRETS_DIR names: a password for each user of broker and database, and what makes these users.

    secrets/broker/ROLE      a password of a user on the broker
    secrets/broker.json      what RabbitMQ takes when it starts: the users, with hashes of the passwords
    secrets/database/ROLE    a password of a role of the database
    secrets/database.sql     what makes the roles, with what PostgreSQL keeps of the passwords
    secrets/postgres         the password of the database's superuser

A file that Compose mounts has its owner and mode of this machine in the container too, where another user reads it.
So the files may be read by all, and the folder, which no container sees, by its owner alone.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from console.broker.passwords import FOLDER, password_in, passwords_in
from console.setup import dotenv
from console.setup.files import PLAIN, SECRET, text_of, write
from shared.amqp.operator.definitions import definitions
from shared.amqp.operator.roles import roles
from shared.store import grants
from shared.store.roles import ROLES

SETTING = "SECRETS_DIR"
NAME = "secrets"
VHOST = "/"
"""Of the broker in compose."""
SUPERUSER = "postgres"
USERS, ROLES_SQL = "broker.json", "database.sql"
NAMES = (*dict.fromkeys((*(role.name for role in roles()), *ROLES)), SUPERUSER)
"""Whose passwords there are."""


def make(folder: Path) -> None:
    """Make what is missing, and write anew what is derived. Repeating is safe: a password that is there stays.

    OSError, UnicodeDecodeError where it cannot be read or written; PermanentError for a password that is too short.
    """
    folder.mkdir(mode=FOLDER, exist_ok=True)
    folder.chmod(FOLDER)
    known = roles()
    of_broker = passwords_in(folder / "broker", [role.name for role in known], PLAIN)
    of_database = passwords_in(folder / "database", ROLES, PLAIN)
    password_in(folder / SUPERUSER, PLAIN)
    for file in (*(folder / "broker").iterdir(), *(folder / "database").iterdir(), folder / SUPERUSER):
        file.chmod(PLAIN)  # `intake broker users` makes them for their owner alone
    made = definitions(known, of_broker, VHOST, makes_vhost=True)
    write(folder / USERS, f"{json.dumps(made, indent=2)}\n", PLAIN)
    write(folder / ROLES_SQL, grants.script(of_database), PLAIN)


def forget(folder: Path, names: Collection[str]) -> None:
    """The passwords of these of `NAMES`: `make` then makes others."""
    for name in names:
        for file in (folder / "broker" / name, folder / "database" / name):
            file.unlink(missing_ok=True)
        if name == SUPERUSER:
            (folder / SUPERUSER).unlink(missing_ok=True)


def named(written: Mapping[str, str]) -> str | None:
    """The folder's name in `.env`; None where it names none."""
    return written.get(SETTING, "").strip() or None


def use(env_file: Path, name: str | None) -> None:
    """`.env` names the folder from now on, or no longer. Whoever looks sees the old file or the new one."""
    write(env_file, dotenv.changed(text_of(env_file), {SETTING: name}), SECRET)
