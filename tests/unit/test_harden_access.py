"""The folder of passwords: made once, kept, changed by name, and open to its owner alone."""

import json
import stat
from pathlib import Path

import pytest

from console.harden import access
from shared.amqp.operator.roles import roles
from shared.store.roles import ROLES, user_of


def passwords(folder: Path) -> dict[Path, str]:
    files = [*(folder / "broker").iterdir(), *(folder / "database").iterdir(), folder / access.SUPERUSER]
    return {file: file.read_text() for file in files}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    access.make(tmp_path / access.NAME)
    return tmp_path / access.NAME


def test_each_user_of_both_servers_has_a_password_of_its_own(folder: Path) -> None:
    found = passwords(folder)
    assert {file.name for file in found if file.parent.name == "broker"} == {role.name for role in roles()}
    assert {file.name for file in found if file.parent.name == "database"} == set(ROLES)
    assert len(set(found.values())) == len(found)


def test_what_the_servers_are_told_names_every_user_and_holds_no_password(folder: Path) -> None:
    told = (folder / access.USERS).read_text(), (folder / access.ROLES_SQL).read_text()
    assert {user["name"] for user in json.loads(told[0])["users"]} == {role.user for role in roles()}
    assert all(user_of(role) in told[1] for role in ROLES)
    assert not [file for file, password in passwords(folder).items() if password.strip() in "".join(told)]


def test_made_again_it_keeps_the_passwords_and_containers_can_read_all(folder: Path) -> None:
    before = passwords(folder)
    by_hand = folder / "broker" / "mover"
    by_hand.chmod(0o600)
    access.make(folder)
    assert passwords(folder) == before
    assert stat.S_IMODE(by_hand.stat().st_mode) == 0o644
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_name_gets_another_password_on_both_servers_and_no_other_does(folder: Path) -> None:
    before = passwords(folder)
    access.forget(folder, ["mover"])
    access.make(folder)
    changed = {file for file, password in passwords(folder).items() if before[file] != password}
    assert changed == {folder / "broker" / "mover", folder / "database" / "mover"}


def test_the_superuser_is_a_name_too(folder: Path) -> None:
    before = passwords(folder)
    access.forget(folder, [access.SUPERUSER])
    access.make(folder)
    assert {file.name for file, password in passwords(folder).items() if before[file] != password} == {"postgres"}


def test_dotenv_names_the_folder_and_no_longer(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("A=1\n")
    access.use(env_file, access.NAME)
    assert "SECRETS_DIR=secrets" in env_file.read_text().splitlines()
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    access.use(env_file, None)
    assert env_file.read_text().splitlines()[0] == "A=1"
    assert "SECRETS_DIR=secrets" not in env_file.read_text().splitlines()
