"""The records of the stages: they fit each other, their workers, docker-compose.yml, and the order of declaring."""

import importlib.util
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import yaml

from shared.amqp.topology import declare, topology
from shared.process.settings import Worker
from shared.wire.stages import DISPATCHER, EVERY, HEALTH_PORT, MOVER, NAMES, NOTIFIER, READER, STAGES, Stage, stages
from tests.support.compose import ROOT

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

each_stage = pytest.mark.parametrize("stage", STAGES, ids=NAMES)


@each_stage
def test_a_stage_is_run_by_the_worker_of_its_name(stage: Stage) -> None:
    assert importlib.util.find_spec(f"{stage.name}.__main__") is not None


@pytest.mark.parametrize("reader", [False, True])
def test_each_stage_receives_what_the_one_before_it_publishes(*, reader: bool) -> None:
    for before, after in itertools.pairwise(stages(reader=reader)):
        assert before.publishes.routing_key in after.bindings
        assert before.publishes.mandatory


@pytest.mark.parametrize("reader", [False, True])
def test_no_binding_is_made_and_retired_at_once(*, reader: bool) -> None:
    assert [stage.name for stage in stages(reader=reader) if {*stage.bindings} & {*stage.retired_bindings}] == []


@each_stage
def test_compose_runs_a_worker_of_each_stage(stage: Stage) -> None:
    service = SERVICES[stage.name]
    assert service["build"]["args"]["WORKER"] == stage.name
    assert service["environment"]["HEALTH_PORT"] == str(stage.health_port)


@each_stage
def test_compose_can_run_several_workers_of_a_stage(stage: Stage) -> None:
    assert SERVICES[stage.name].keys() & {"container_name", "ports", "hostname"} == set()


@each_stage
def test_compose_gives_the_rules_to_each_stage_that_reads_them(stage: Stage) -> None:
    service = SERVICES[stage.name]
    file = service["environment"].get("RULES_FILE", "").removeprefix("${RULES_FILE:+").removesuffix("}")
    mounted = [volume.rsplit(":", 2)[1] for volume in service.get("volumes", [])]
    assert (bool(file) and file in mounted) == stage.reads_rules


def test_compose_runs_no_other_worker_of_a_broker_queue() -> None:
    workers = {service["build"]["args"]["WORKER"] for service in SERVICES.values() if "build" in service}
    assert workers == {"ingress", "console", DISPATCHER, *NAMES}


def test_the_console_in_compose_asks_every_stage_at_its_health_port() -> None:
    switched = f"${{READER:+,http://{READER.name}:{READER.health_port}}}"
    told = SERVICES["console"]["environment"]["HEALTH_URLS"]
    default = told.removeprefix("${HEALTH_URLS:-").removesuffix(f"{switched}}}")
    wanted = [f"http://{stage.name}:{stage.health_port}" for stage in STAGES]
    assert default.split(",") == [f"http://ingress:{HEALTH_PORT}", *wanted]


@each_stage
def test_a_worker_listens_on_its_health_port_by_default(stage: Stage) -> None:
    assert Worker.model_fields["health_port"].default == stage.health_port


class Channel:
    """Answers each declaration at once, and keeps what it was."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def step(*_arguments: object, callback: Callable[[object], None], **_options: object) -> None:
            self.steps.append(name)
            callback(None)

        return step


def test_every_binding_is_made_before_one_is_taken_away() -> None:
    upgraded = (replace(MOVER, retired_bindings=("a", "b")), replace(NOTIFIER, retired_bindings=("c",)))
    channel: Any = Channel()
    ended: list[bool] = []
    declare(channel, topology((1,), upgraded), lambda: ended.append(True))
    off = [key for stage in EVERY if stage.name not in {"mover", "notifier"} for key in stage.bindings]
    last = -len(["a", "b", "c", *off]) - 1
    assert channel.steps[last:] == ["queue_unbind"] * (-last - 1) + ["exchange_declare"], "the marker comes last"
    assert "queue_unbind" not in channel.steps[:last]
    assert ended == [True]


def test_a_topology_with_another_binding_has_another_marker() -> None:
    bound_otherwise = (MOVER, replace(NOTIFIER, bindings=("another",)))
    markers = [topology(delays, stages).marker for delays in ((1,), (1, 2)) for stages in (STAGES, bound_otherwise)]
    assert len(set(markers)) == 2, "the ladder of retries is a setting: its exchanges are looked for by name"
    assert topology((1,)).marker == topology((1,)).marker
