"""ONLYOFFICE's own client reads our answers strictly, but for what it refuses of a real portal's too."""

import json
import warnings

import pydantic
import pytest

from tests.contract.recorded import corpus
from tests.contract.recorded.built import SITUATIONS
from tests.contract.recorded.tolerated import SDK_WRONG

with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # a field of the sdk's shadows one of pydantic's
    import docspace_api_sdk as sdk

MODELS = {
    "file-get": sdk.FileIntegerWrapper,
    "move-file-being-edited": sdk.FileIntegerWrapper,
    "read-file-in-own-trash": sdk.FileIntegerWrapper,
    "read-file-locked-by-other": sdk.FileIntegerWrapper,
    "read-file-locked-by-self": sdk.FileIntegerWrapper,
    "more-archived-file": sdk.FileIntegerWrapper,
    "more-file-in-timezone-kolkata": sdk.FileIntegerWrapper,
    "read-room": sdk.FolderIntegerWrapper,
    "more-archived-folder": sdk.FolderIntegerWrapper,
    "more-quota-room": sdk.FolderIntegerWrapper,
    "move-path": sdk.FileEntryBaseArrayWrapper,
    "more-archived-path": sdk.FileEntryBaseArrayWrapper,
    "move-list": sdk.FolderContentIntegerWrapper,
    "read-page-deep-files-only": sdk.FolderContentIntegerWrapper,
    "read-rooms": sdk.FolderContentIntegerWrapper,
    "move-put": sdk.FileOperationArrayWrapper,
    "move-operation-finished": sdk.FileOperationArrayWrapper,
    "move-operation-skipped": sdk.FileOperationArrayWrapper,
    "move-operation-told-already": sdk.FileOperationArrayWrapper,
    "more-quota-move-finished": sdk.FileOperationArrayWrapper,
    "read-people-self": sdk.EmployeeFullWrapper,
    "read-key-self": sdk.ApiKeyResponseWrapper,
    "read-key-self-scoped": sdk.ApiKeyResponseWrapper,
    "more-settings-active": sdk.SettingsWrapper,
    "hook-list": sdk.WebhooksConfigWithStatusArrayWrapper,
    "hook-created": sdk.WebhooksConfigWrapper,
    "hook-disabled": sdk.WebhooksConfigWrapper,
    "hook-rotate-during-delivery": sdk.WebhooksConfigWrapper,
    "more-webhook-delete": sdk.WebhooksConfigWrapper,
    "hook-triggers-admin": sdk.WebhookTriggerArrayWrapper,
    "hook-log-delivered": sdk.WebhooksLogArrayWrapper,
    "hook-log-pending": sdk.WebhooksLogArrayWrapper,
    "hook-retry": sdk.WebhooksLogWrapper,
}
"""The recorded answers to each call that the product makes, and to those of tests; each by its kind."""
ROUTES = {
    ("GET", "files/file"), ("GET", "files/folder"), ("GET", "files"), ("PUT", "files/fileops/move"),
    ("GET", "files/fileops"), ("GET", "people/@self"), ("GET", "keys/@self"), ("GET", "settings/webhook"),
    ("POST", "settings/webhook"), ("PUT", "settings/webhook"), ("PUT", "settings/webhook/enable"),
    ("DELETE", "settings/webhook"), ("GET", "settings/webhook/triggers"), ("GET", "settings/webhooks/log"),
}  # fmt: skip
"""What shared/docspace calls, without ids."""


def refused(model, body):
    """What the model does not take: places and kinds, numbers of items left out."""
    try:
        model.model_validate_json(body, strict=True)
    except pydantic.ValidationError as error:
        return {
            ("".join(f".{part}" for part in fault["loc"] if not isinstance(part, int)), fault["type"])
            for fault in error.errors()
        }
    return set()


def unexplained(faults):
    return {fault for fault in faults if not any(wrong.covers(*fault) for wrong in SDK_WRONG)}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_sdk_refuses_of_ours_only_what_it_refuses_of_a_real_portal(stage, name):
    answer = SITUATIONS[name](stage)
    there = refused(MODELS[name], json.dumps(corpus.EXCHANGES[name].answer))
    here = refused(MODELS[name], answer.content)
    assert here - there == set()
    assert unexplained(there) == set()


@pytest.mark.parametrize("wrong", SDK_WRONG, ids=lambda wrong: wrong.where)
def test_what_is_called_the_sdks_fault_is_shown_by_a_recorded_answer(wrong):
    answers = ((model, json.dumps(corpus.EXCHANGES[name].answer)) for name, model in MODELS.items())
    assert any(wrong.covers(*fault) for model, body in answers for fault in refused(model, body))


def test_every_call_of_the_product_has_an_answer_here():
    exchanges = [corpus.EXCHANGES[name] for name in MODELS]
    asked = {(exchange.method, _without_ids(exchange.path)) for exchange in exchanges}
    assert asked >= ROUTES


def _without_ids(path):
    parts = path.removeprefix("/api/2.0/").partition("?")[0].split("/")
    return "/".join(part for part in parts if not part.isdigit())
