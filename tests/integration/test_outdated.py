"""A program that is too old for its database says so, whichever it is, and changes nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.__main__ import app
from demo.ports import free_port
from shared.amqp.operator.whole import Whole
from shared.store.database import engine_for, url_of
from shared.store.parts import PARTS
from shared.store.schema import bring_up
from shared.wire.stages import NAMES
from tests.support.pipeline import Worker, mover_environ
from tests.support.runtime import DELAYS_S, plain_channel, waiting_in
from tests.support.waiting import wait_until

COMMANDS = (
    "action list",
    "action pause mover --for 1h --why x --yes",
    "audit",
    "backup",
    "find x",
    "history --rebuild",
    "list",
    "notifications",
    "reconcile",
    "dead discard --all --to {folder}/dead.jsonl --yes",
    "rules publish {folder}/rules.toml --comment x",
    "rules versions",
    "timeline x",
    "web invite --name anna --role viewer",
)
"""Those that work with the database."""


@pytest.fixture
def environ(any_vhost_url: str, tmp_path: Path) -> dict[str, str]:
    """With a database that the next release has changed in every part, and a message for each stage."""
    environ = mover_environ(any_vhost_url, tmp_path, "http://127.0.0.1:9")
    (tmp_path / "rules.toml").write_text(RULES)
    engine = engine_for(url_of(environ["DATABASE_URL"]))
    for part in PARTS:
        bring_up(engine, replace(part, steps=(*part.steps, ())))
    engine.dispose()
    with Whole([any_vhost_url], DELAYS_S) as whole:
        whole.declare(asked=False)
    with plain_channel(any_vhost_url) as channel:
        for name in NAMES:
            channel.basic_publish("", name, b"{}")
    return environ


RULES = """
[[rule]]
name = "acme"
rooms = [86190]
destination = 748239
recipients = ["manager@example.com"]
"""


def test_a_worker_takes_no_message_and_says_so_until_it_is_upgraded(
    environ: dict[str, str], any_vhost_url: str, tmp_path: Path
) -> None:
    workers = [
        Worker(name, environ | {"HEALTH_PORT": str(port)}, tmp_path / f"{name}.log", port)
        for name, port in ((name, free_port()) for name in NAMES)
    ]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            wait_until(lambda w=worker: w.answers() and "upgrade" in w.get("/readyz").text, 40, f"{worker.name}")
            assert worker.get("/readyz").status_code == 503
            wait_until(lambda w=worker: "program.outdated" in w.written(), 20, f"{worker.name} to log it")
        assert {name: waiting_in(any_vhost_url, name) for name in NAMES} == dict.fromkeys(NAMES, 1)
        assert [worker.stop() for worker in workers] == [0, 0, 0]
    finally:
        for worker in workers:
            if worker.running and worker.process:
                worker.process.kill()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_ends_with_a_sentence(environ: dict[str, str], tmp_path: Path, command: str) -> None:
    arguments = command.format(folder=tmp_path).split()
    done = CliRunner().invoke(app, arguments, env=environ, catch_exceptions=False)
    said = done.stdout + done.stderr
    assert done.exit_code == 1, said
    assert "newer (version" in said, said
    assert "upgrade the program" in " ".join(said.split()), said
