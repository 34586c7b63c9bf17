"""Managing webhooks, and the log of what they sent."""

import requests

from simulator.portal import seed
from tests.contract.recorded.situations import situation
from tests.contract.recorded.stage import CLIENT, OWNER, SERVICE, until

SECRET = "Secret-123"
NOBODY = "http://127.0.0.1:1/x"


def made(stage, name, key=SERVICE, **body):
    """The recorded request to the receiver of here; the recorded secret is not told."""
    asked = {"uri": f"{stage.receiver.url}/a", "secretKey": SECRET}
    return stage.again(name, key=key, body=asked | body)


@situation("hook-created")
def _(stage):
    return made(stage, "hook-created")


@situation("hook-dup")
def _(stage):
    made(stage, "hook-created")
    return made(stage, "hook-dup")


@situation("hook-name-51")
def _(stage):
    return made(stage, "hook-name-51")


@situation("hook-secret-refused")
def _(stage):
    return made(stage, "hook-secret-refused", secretKey="1234567")


@situation("hook-http-with-ssl")
def _(stage):
    return made(stage, "hook-http-with-ssl")


@situation("hook-head-refused")
def _(stage):
    stage.receiver.head = 405
    return made(stage, "hook-head-refused")


@situation("hook-head-timeout")
def _(stage):
    """The ten seconds are not waited for."""

    def late(*_, **__):
        raise requests.ReadTimeout

    stage.patch.setattr(requests.Session, "head", late)
    return made(stage, "hook-head-timeout")


@situation("hook-unreachable")
def _(stage):
    return made(stage, "hook-unreachable", uri=NOBODY)


@situation("hook-tls-refused")
def _(stage):
    """A receiver that speaks no TLS is told of as one whose certificate is bad."""
    return made(stage, "hook-tls-refused", uri=stage.receiver.url.replace("http:", "https:"))


@situation("hook-disabled")
def _(stage):
    hook = stage.hook()
    stage.answered("PUT", "settings/webhook", json=stage.hook_body(id=hook, uri=f"{stage.receiver.url}/hook"))
    return stage.again("hook-disabled", {10: hook})


@situation("hook-enable-http-refused")
def _(stage):
    hook = made(stage, "hook-created").json()["response"]["id"]
    return stage.again("hook-enable-http-refused", {24: hook})


@situation("hook-put-missing")
def _(stage):
    return made(stage, "hook-put-missing")


@situation("hook-delete-missing")
def _(stage):
    return stage.again("hook-delete-missing")


@situation("hook-forbidden-other")
def _(stage):
    return stage.again("hook-forbidden-other", {10: stage.hook()}, CLIENT)


@situation("hook-key-without-scope")
def _(stage):
    return stage.again("hook-key-without-scope", key=seed.LIMITED_KEY)


@situation("hook-triggers-admin")
def _(stage):
    return stage.again("hook-triggers-admin", key=OWNER)


@situation("hook-rotate-during-delivery")
def _(stage):
    """The answer says that it is done; what the end of the delivery makes of it has a test of its own."""
    hook = stage.hook()
    body = stage.hook_body(id=hook, uri=f"{stage.receiver.url}/hook")
    stage.answered("PUT", "settings/webhook", json=body)
    stage.receiver.hold.clear()
    stage.upload()
    until(lambda: stage.receiver.posts, "a delivery")
    return made(stage, "hook-rotate-during-delivery", id=hook)


def delivered(stage, **more):
    """A webhook that has sent two events, and was changed before."""
    stage.receiver.answer = b'{"status":"ok"}'
    hook = stage.hook(**more)
    stage.upload()
    until(lambda: len(rows(stage)) == 2 and all(row["status"] == 200 for row in rows(stage)), "both in the log")
    return hook


def rows(stage, key=SERVICE):
    return stage.answered("GET", "settings/webhooks/log", key)


@situation("hook-list")
def _(stage):
    hook = delivered(stage, mask=0)
    asked = stage.hook_body(id=hook, enabled=False)
    stage.answered("PUT", "settings/webhook/enable", json=asked)
    return stage.again("hook-list")


@situation("more-webhook-delete")
def _(stage):
    answer = stage.again("more-webhook-delete", {59: delivered(stage, mask=0)})
    assert rows(stage) == []
    return answer


@situation("read-webhook-list-in-timezone")
def _(stage):
    for name in ("a", "b"):
        body = stage.hook_body(name=name)
        hook = stage.answered("POST", "settings/webhook", json=body)["id"]
        stage.answered("PUT", "settings/webhook/enable", json=body | {"id": hook, "enabled": False})
    stage.control("PUT", "portal", timezone="+01:00")
    return stage.again("read-webhook-list-in-timezone")


@situation("hook-log")
def _(stage):
    logged(stage, [200], 200, seed.CLIENT_SUBFOLDER)
    return stage.again("hook-log")


def logged(stage, answers, status, folder=None):
    """The row of an event whose attempts got these answers, when they are over."""
    stage.receiver.answers = list(answers)
    stage.receiver.answer = b'{"status":"ok"}'
    folder = folder or stage.own_room()
    stage.hook(mask=256)
    stage.upload(folder)
    until(lambda: len(stage.receiver.posts) == len(answers), "all attempts")
    return until(
        lambda: [row["id"] for row in rows(stage) if row["status"] == status and "requestHeaders" in row], "the end"
    )[0]


@situation("hook-log-delivered")
def _(stage):
    return stage.again("hook-log-delivered", {3135: logged(stage, [500, 503, 200], 200)})


@situation("hook-log-failed")
def _(stage):
    return stage.again("hook-log-failed", {3141: logged(stage, [500] * 6, 500)})


@situation("hook-log-reset")
def _(stage):
    row = logged(stage, [0] * 6, 0)
    return stage.again("hook-log-reset", {3134: row})


def pending(stage, folder):
    stage.receiver.hold.clear()
    stage.hook(mask=256)
    stage.upload(folder)
    until(lambda: stage.receiver.posts, "an attempt")


@situation("hook-log-pending")
def _(stage):
    pending(stage, stage.own_room())
    return stage.again("hook-log-pending")


@situation("read-webhook-log-in-timezone")
def _(stage):
    pending(stage, seed.CLIENT_ROOM)
    stage.control("PUT", "portal", timezone="+01:00")
    return stage.again("read-webhook-log-in-timezone")


@situation("hook-retry")
def _(stage):
    return stage.again("hook-retry", {3128: logged(stage, [404] * 6, 404)})
