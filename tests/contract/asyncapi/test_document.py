"""The contract is an AsyncAPI document by AsyncAPI's own schema, and its examples are valid by their own."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from console.events.asyncapi import document, matches
from shared.amqp.topology import topology
from shared.wire.events import EVENTS
from shared.wire.stages import EVERY

CONTRACT = json.loads(json.dumps(document()))
MESSAGES = CONTRACT["components"]["messages"]
SCHEMAS = CONTRACT["components"]["schemas"]


@pytest.fixture(scope="module")
def judge() -> Draft7Validator:
    published = json.loads((Path(__file__).parent / "published/3.0.0.json").read_text())
    return Draft7Validator(published)


def test_asyncapis_own_schema_takes_the_document(judge: Draft7Validator) -> None:
    assert [error.message for error in judge.iter_errors(CONTRACT)] == []


def test_asyncapis_own_schema_would_refuse_a_wrong_one(judge: Draft7Validator) -> None:
    for path, wrong in (
        (("channels", "invoice.filed", "bindings", "amqp", "exchange", "type"), "topical"),
        (("operations", "publish.invoice.filed", "action"), "publish"),
        (("components", "messages", "invoice.filed", "payloads"), {}),
    ):
        broken = copy.deepcopy(CONTRACT)
        part = broken
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = wrong
        assert not judge.is_valid(broken), path


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str) and not part["$ref"].startswith("#/$defs/"):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from references(each)


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(CONTRACT)):
        part = CONTRACT
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
        assert part, reference


@pytest.mark.parametrize("name", MESSAGES)
def test_each_example_is_valid_by_its_own_schemas(name: str) -> None:
    message = MESSAGES[name]
    reference = message["payload"].get("$ref", "").rpartition("/")[2]
    body = SCHEMAS[reference] if reference else message["payload"]
    for schema in (body, message["headers"], message["x-amqp-properties"]):
        Draft202012Validator.check_schema(schema)
    assert message["examples"]
    for example in message["examples"]:
        Draft202012Validator(body).validate(example["payload"])
        Draft202012Validator(message["headers"]).validate(example["headers"])


def test_every_event_stage_and_queue_of_the_code_is_there() -> None:
    channels = CONTRACT["channels"]
    assert {event.routing_key for event in EVENTS} <= set(channels) & set(MESSAGES)
    wanted = topology((5, 30, 120, 600, 3600), EVERY)
    assert {f"queue.{queue.name}" for queue in wanted.queues} <= set(channels)
    for stage in EVERY:
        assert f"take.{stage.name}" in CONTRACT["operations"]
        assert stage.name in MESSAGES[stage.publishes.routing_key]["x-published-by"]


def test_queues_are_the_products_own_and_what_is_published_is_not() -> None:
    internal = {name for name, channel in CONTRACT["channels"].items() if channel.get("x-internal")}
    assert internal == {name for name in CONTRACT["channels"] if name.startswith("queue.")}


def test_each_schema_has_an_id_of_its_own_with_its_version() -> None:
    ids = [schema["$id"] for schema in SCHEMAS.values()]
    assert len(set(ids)) == len(SCHEMAS)
    assert all(each["$id"].endswith(f":{each['x-version']}") for each in SCHEMAS.values())


@pytest.mark.parametrize(
    ("binding", "key", "is_taken"),
    [
        ("#", "invoice.filed", True),
        ("webhook.#", "webhook.form.filled.out", True),
        ("webhook.#", "webhook", True),
        ("invoice.*", "invoice.filed", True),
        ("invoice.*", "invoice.filed.late", False),
        ("#.filed", "invoice.filed", True),
        ("invoice.filed", "invoice.files", False),
    ],
)
def test_a_binding_fits_as_on_a_topic_exchange(binding: str, key: str, *, is_taken: bool) -> None:
    assert matches(binding, key) is is_taken
