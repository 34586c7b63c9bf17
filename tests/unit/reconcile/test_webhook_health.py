"""Why no webhook brings an upload, and by which command it is mended."""

from dataclasses import replace

import pytest

from console.reconcile.webhook_health import fault
from shared.docspace.webhooks import Webhook

HOOK = Webhook(
    id=7, name="intake", url="https://h.example/docspace/webhook", enabled=True, triggers=frozenset({"*"})
)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], "`intake webhook register https://your.host/docspace/webhook`"),
        (
            [replace(HOOK, enabled=False, last_failure="503")],
            'the webhook 7 "intake" is disabled (its last failure: 503): `intake webhook enable 7`',
        ),
        (
            [replace(HOOK, triggers=frozenset({"file.created"}))],
            "lacks the triggers file.uploaded: `intake webhook register https://h.example/docspace/webhook`",
        ),
    ],
)
def test_a_webhook_that_cannot_bring_uploads_is_named_with_the_command_that_mends_it(
    found: list[Webhook], said: str
) -> None:
    assert (fault(found, {"file.created", "file.uploaded"}) or "").endswith(said)


def test_a_webhook_that_brings_them_is_none() -> None:
    assert fault([replace(HOOK, enabled=False), HOOK], {"file.created", "file.uploaded"}) is None
