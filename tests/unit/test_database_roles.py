"""The table of the database's roles: each table is in it, and what the command prints of it."""

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.__main__ import app
from shared.store.parts import PARTS
from shared.store.roles import GRANTED, ROLES, TABLES
from shared.store.schema import VERSIONS, Table
from shared.store.scram import verifier


def roles(*options: str, url: str = "sqlite:///ledger.db"):
    return CliRunner().invoke(app, ["database", "roles", *options], env={"DATABASE_URL": url})


def test_each_table_of_each_part_says_who_may_do_what() -> None:
    made = {each.name for part in PARTS for step in part.steps for each in step if isinstance(each, Table)}
    missing = (made | {VERSIONS.name}) - TABLES.keys()
    assert not missing, f"say in shared/store/roles.py which role may do what with: {', '.join(sorted(missing))}"
    assert TABLES.keys() - made == {VERSIONS.name}


def test_each_right_is_of_a_role_that_there_is() -> None:
    assert {role for rights in TABLES.values() for role in rights} == {*GRANTED}


def test_a_password_is_kept_as_the_example_of_rfc_7677_has_it() -> None:
    """The server's signature there is made with the server's key; the client's proof shows the stored key."""
    kept = verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    scheme, iterations, keys = kept.split("$")
    stored, server = map(base64.b64decode, keys.split(":"))
    said = (
        b"n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    )
    proof = base64.b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    key = bytes(a ^ b for a, b in zip(proof, hmac.digest(stored, said, "sha256"), strict=True))
    assert (scheme, iterations) == ("SCRAM-SHA-256", "4096:W22ZaJ0SNY7soEsUEjb6gQ==")
    assert hmac.digest(server, said, "sha256") == base64.b64decode("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    assert hashlib.sha256(key).digest() == stored


def test_the_sql_holds_no_password(tmp_path: Path) -> None:
    told = roles("--sql", "--secrets", str(tmp_path)).stdout
    assert {file.name for file in tmp_path.iterdir()} == {*ROLES}
    assert [file.name for file in tmp_path.iterdir() if file.read_text().strip() in told] == []
    assert told.count("SCRAM-SHA-256$") == len(ROLES)
    assert "PASSWORD" not in roles("--sql").stdout


def test_a_password_that_is_not_ascii_is_refused_by_its_role(tmp_path: Path) -> None:
    (tmp_path / "mover").write_text("ein-schönes-langes-Passwort")
    done = roles("--sql", "--secrets", str(tmp_path))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "the password of mover cannot be used: a password is of ASCII characters" in done.stderr


def test_sqlite_has_no_roles() -> None:
    done = roles("--apply")
    assert done.exit_code == 1
    assert "SQLite has no roles" in done.stderr


@pytest.mark.parametrize("options", [("--sql", "--apply"), ("--secrets", "nowhere")])
def test_what_does_not_go_together_is_wrong_usage(options: tuple[str, ...]) -> None:
    assert roles(*options).exit_code == 2


def test_the_table_names_every_role() -> None:
    assert [role["role"] for role in json.loads(roles("--json").stdout)] == [*ROLES]
    assert [role for role in ROLES if f"{role}, as intake-{role}\n" not in roles().stdout] == []
