"""Webhooks: their bodies and signatures, their retries, and what a new one must answer."""

import json

import pytest

from simulator.outgoing import signature
from simulator.portal import seed
from tests.contract.simulator_quirks.portal import until
from tests.contract.simulator_quirks.receiver import SECRET

BOTH = 128 + 256


@pytest.mark.parametrize(
    ("secret", "body", "expected"),
    [
        (
            "test123!@#%ABC",
            (
                '{"event":{"id":42,"createOn":"2026-09-16T10:30:00Z","createBy":"c9b1f0e2-3a4b-4c5d-8e9f-0a1b2c3d4e5f",'
                '"trigger":"file.created","triggerId":128},"payload":{"id":1001,"pureTitle":"Q3 report.docx",'
                '"fileEntryType":1},"webhook":{"id":7,"name":"ci","url":"https://example.com/hooks",'
                '"triggers":["file.created"]}}'
            ),
            "sha256=E87CD656882927F296A70F1B7A67F83F9F70D7F087A108088E7B5CE223B3088E",
        ),
        (
            "test123!@#%ABC",
            '{"payload":{"pureTitle":"Отчёт.docx"}}',
            "sha256=08EF5457202BA6E1E7D023B9C1975755B307BB10D49A09F0675A2FB97065E0CC",
        ),
    ],
)
def test_the_published_vectors_sign_as_published(secret, body, expected):
    assert signature.sign(secret, body.encode()) == expected


def test_a_simple_upload_fires_created_and_then_uploaded_with_two_event_ids(portal, receiver):
    file_id = portal.upload(kind="simple")
    until(lambda: len(receiver.posts) == 2)
    created, uploaded = sorted(receiver.bodies(), key=lambda body: body["event"]["id"])
    assert (created["event"]["trigger"], created["event"]["triggerId"]) == ("file.created", 128)
    assert (uploaded["event"]["trigger"], uploaded["event"]["triggerId"]) == ("file.uploaded", 256)
    assert created["payload"] == uploaded["payload"]
    assert created["payload"]["id"] == file_id


def test_a_chunked_upload_fires_uploaded_alone(portal, receiver):
    portal.upload(kind="chunked")
    portal.upload(name="second.pdf", kind="chunked")
    until(lambda: len(receiver.posts) == 2)
    assert [body["event"]["trigger"] for body in receiver.bodies()] == ["file.uploaded"] * 2


def test_a_first_body_leaves_out_defaults_and_names_the_section_as_root(portal, receiver):
    portal.upload(name="Счёт.pdf", folder=seed.CLIENT_SUBFOLDER)
    until(lambda: receiver.posts)
    headers, body = receiver.posts[0]
    assert b"\\u0421\\u0447" in body
    assert body.isascii()
    parsed = json.loads(body)
    assert parsed["payload"]["rootId"] == seed.ROOMS
    assert parsed["payload"]["parentId"] == seed.CLIENT_SUBFOLDER
    assert parsed["payload"]["securityByUsers"] == {}
    assert "retryCount" not in parsed["webhook"]
    assert {"version", "contentLength", "roomId", "folderId"}.isdisjoint(parsed["payload"])
    assert headers["Accept"] == "*/*"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert "User-Agent" not in headers


def test_retries_differ_in_body_and_signature_keep_the_event_id_and_all_verify(portal, receiver):
    receiver.answers = [500, 302, 200]
    portal.upload()
    until(lambda: len(receiver.posts) == 3)
    bodies = [body for _, body in receiver.posts]
    signatures = [headers["x-docspace-signature-256"] for headers, _ in receiver.posts]
    assert len(set(bodies)) == len(set(signatures)) == 3
    assert [signature.sign(SECRET, body) for body in bodies] == signatures
    assert all(value.removeprefix("sha256=").isupper() for value in signatures)
    assert len({body["event"]["id"] for body in receiver.bodies()}) == 1
    assert [body["webhook"].get("retryCount") for body in receiver.bodies()] == [None, 1, 2]
    assert "500" in receiver.bodies()[1]["webhook"]["lastFailureContent"]


def test_a_delivery_is_given_up_after_six_attempts_and_each_is_recorded(portal, receiver):
    receiver.answers = [503]
    portal.upload()
    attempts = until(lambda: (found := portal.state()["deliveries"]) and len(found) == 6 and found)
    assert [(attempt["attempt"], attempt["status"]) for attempt in attempts] == [(n, 503) for n in range(6)]


def test_a_last_410_deletes_the_webhook(portal, receiver):
    receiver.answers = [410]
    portal.upload()
    until(lambda: not portal.state()["webhooks"])
    assert len(receiver.posts) == 6


def test_a_manual_retry_has_a_new_event_id_and_the_old_event(portal, receiver):
    portal.upload()
    until(lambda: receiver.posts)
    log = until(lambda: portal.call("GET", "settings/webhooks/log").json()["response"])
    assert portal.call("PUT", f"settings/webhook/{log[0]['id']}/retry").ok
    until(lambda: len(receiver.posts) == 2)
    first, second = receiver.bodies()
    assert first["event"].pop("id") != second["event"].pop("id")
    assert first["event"] == second["event"]


def test_a_webhook_gets_only_the_triggers_it_asked_for(portal, receiver):
    file_id = portal.upload()
    portal.finished(portal.move(file_id))
    portal.upload(name="next.pdf")
    until(lambda: len(receiver.posts) == 2)
    assert {body["event"]["trigger"] for body in receiver.bodies()} == {"file.uploaded"}


@pytest.mark.parametrize("status", [302, 401, 404, 500])
def test_creating_a_webhook_needs_a_2xx_to_head(portal, receiver, status):
    receiver.head = status
    body = {"name": "n", "uri": receiver.url, "secretKey": SECRET, "enabled": True, "triggers": BOTH}
    assert portal.call("POST", "settings/webhook", json=body).status_code == 400
    receiver.head = 200
    assert portal.call("POST", "settings/webhook", json=body).status_code == 200
    assert receiver.heads == 2


def test_enabling_a_webhook_checks_head_again(portal, receiver):
    hook = portal.state()["webhooks"][0]
    off = {**hook, "enabled": False}
    assert portal.call("PUT", "settings/webhook/enable", json=off).ok
    receiver.head = 500
    assert portal.call("PUT", "settings/webhook/enable", json={**off, "enabled": True}).status_code == 400
    assert portal.state()["webhooks"][0]["enabled"] is False
