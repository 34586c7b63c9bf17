"""The table of roles: its patterns, its passwords, and the definitions that RabbitMQ imports."""

import json
import re
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.__main__ import app
from shared.amqp.operator.definitions import password_hash
from shared.amqp.operator.roles import developer, key_pattern, pattern, roles
from shared.wire.events import EVENTS
from shared.wire.stages import STAGES


def users(*options: str, url: str = "amqp://127.0.0.1/"):
    return CliRunner().invoke(app, ["broker", "users", *options], env={"AMQP_URL": url})


@pytest.mark.parametrize(
    ("keys", "taken", "refused"),
    [
        (("a.#",), ("a", "a.b", "a.b.c", "a.#"), ("ab", "b.a", "#", "")),
        (("a.*",), ("a.b", "a.*"), ("a", "a.b.c", "a.#")),
        (("#",), ("a", "#", "*.b"), ()),
        (("a.#.z",), ("a.z", "a.b.z"), ("a", "az", "a.b")),
        (("a.b", "c"), ("a.b", "c"), ("aXb", "a.b.c", "cc")),
        ((), (), ("a", "#")),
    ],
)
def test_a_pattern_of_keys_takes_what_amqp_would_and_no_wider_binding(
    keys: tuple[str, ...], taken: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    found = re.compile(key_pattern(keys))
    assert [key for key in taken if not found.search(key)] == []
    assert [key for key in refused if found.search(key)] == []


def test_a_pattern_of_names_takes_whole_names_alone() -> None:
    found = re.compile(pattern(("mover", "retry.*", "dispatcher.*.dead")))
    own = ("dispatcher.erp.dead", "dispatcher.erp", "dispatcher.erp.deadly", "dispatcherXerp.dead")
    names = ("mover", "mover.dead", "remover", "retry.5s", "retryX5s", "", *own)
    assert [name for name in names if found.search(name)] == ["mover", "retry.5s", "dispatcher.erp.dead"]


def test_each_event_has_a_role_that_publishes_it() -> None:
    published = {key for role in roles() for key in role.publishes}
    assert {event.routing_key for event in EVENTS} <= published


def test_each_event_that_a_stage_takes_has_a_role_that_publishes_it() -> None:
    published = {key for role in roles() for key in role.publishes}
    assert {key for stage in STAGES for key in stage.bindings} <= published


def test_a_password_is_hashed_as_rabbitmqs_documentation_shows() -> None:
    salt = bytes.fromhex("908DC60A")
    assert password_hash("test12", salt) == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"


def test_passwords_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "secrets"
    options = ("--definitions", "--secrets", str(folder))
    assert users(*options).exit_code == 0
    made = {file.name: file.read_text() for file in folder.iterdir()}
    assert made.keys() == {role.name for role in roles()}
    assert all(len(password.strip()) >= 43 for password in made.values())
    assert len(set(made.values())) == len(made)
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert users(*options).exit_code == 0
    assert {file.name: file.read_text() for file in folder.iterdir()} == made


def test_no_password_is_printed(tmp_path: Path) -> None:
    told = users("--definitions", "--secrets", str(tmp_path)).stdout
    assert [file.name for file in tmp_path.iterdir() if file.read_text().strip() in told] == []


@pytest.mark.parametrize("text", ["", "short\n"])
def test_a_password_that_is_too_short_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "mover").write_text(text)
    done = users("--definitions", "--secrets", str(tmp_path))
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"{tmp_path}/mover holds no password" in done.stderr


def test_definitions_without_a_folder_for_passwords_are_wrong_usage() -> None:
    done = users("--definitions")
    assert (done.exit_code, done.stdout) == (2, "")


@pytest.mark.parametrize("name", ["", "anna.b", "a*", "A"])
def test_a_developers_name_that_would_widen_the_pattern_is_refused(name: str) -> None:
    assert users("--developer", name).exit_code == 2


@pytest.mark.parametrize(
    ("url", "vhost"), [("amqp://h/", "/"), ("amqp://h", "/"), ("amqp://h/a", "a"), ("amqp://h/%2Fa", "/a")]
)
def test_the_virtual_host_is_that_of_the_brokers_url(tmp_path: Path, url: str, vhost: str) -> None:
    told = json.loads(users("--definitions", "--secrets", str(tmp_path), url=url).stdout)
    assert {permission["vhost"] for permission in told["permissions"]} == {vhost}
    named = json.loads(users("--definitions", "--secrets", str(tmp_path), "--vhost", "b", url=url).stdout)
    assert {permission["vhost"] for permission in named["topic_permissions"]} == {"b"}


def test_a_developer_is_another_role_with_queues_of_their_own() -> None:
    (anna,) = (role for role in json.loads(users("--developer", "anna", "--json").stdout) if "anna" in role["role"])
    assert anna["user"] == "dev.anna"
    assert anna["configure"] == list(developer("anna").configure) == ["dev.anna.*"]
    assert anna["patterns"]["configure"] == r"^(dev\.anna\..*)$"


def test_the_table_names_every_role() -> None:
    told = users().stdout
    assert [role.name for role in roles() if f"{role.name}, as {role.user}\n" not in told] == []
