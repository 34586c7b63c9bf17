"""Keys that are refused or limited, who one is, and a portal that is suspended, restored or unpaid."""

from simulator.portal import seed
from tests.contract.recorded.situations import situation


def off(stage):
    file_id = stage.upload()
    stage.control("PUT", "portal", key_off=True)
    return file_id


@situation("read-key-off-file")
def _(stage):
    return stage.again("read-key-off-file", {11: off(stage)})


@situation("read-key-off-move")
def _(stage):
    return stage.again("read-key-off-move", {11: off(stage), 21: seed.INCOMING})


@situation("read-scope-file")
def _(stage):
    return stage.again("read-scope-file", {11: stage.upload()}, seed.ROOMS_KEY)


@situation("read-scope-self")
def _(stage):
    return stage.again("read-scope-self", key=seed.ROOMS_KEY)


@situation("read-key-self")
def _(stage):
    stage.get("keys/@self")
    return stage.again("read-key-self")


@situation("read-key-self-scoped")
def _(stage):
    stage.get("keys/@self", seed.ROOMS_KEY)
    return stage.again("read-key-self-scoped", key=seed.ROOMS_KEY)


@situation("read-keys-in-timezone")
def _(stage):
    stage.get("keys/@self")
    stage.control("PUT", "portal", timezone="+01:00")
    return stage.again("read-keys-in-timezone")


@situation("read-people-self")
def _(stage):
    return stage.again("read-people-self")


@situation("more-settings-active")
def _(stage):
    return stage.again("more-settings-active", key=None)


@situation("more-settings-restoring")
def _(stage):
    stage.control("PUT", "portal", state="restoring")
    return stage.again("more-settings-restoring", key=None)


@situation("more-settings-suspended")
def _(stage):
    stage.control("PUT", "portal", state="suspended")
    return stage.again("more-settings-suspended", key=None)


@situation("more-portal-suspended-file")
def _(stage):
    file_id = stage.upload()
    stage.control("PUT", "portal", state="suspended")
    return stage.again("more-portal-suspended-file", {1166: file_id})


@situation("more-portal-restoring-file")
def _(stage):
    file_id = stage.upload()
    stage.control("PUT", "portal", state="restoring")
    return stage.again("more-portal-restoring-file", {1166: file_id})


@situation("more-portal-restoring-move")
def _(stage):
    file_id = stage.upload()
    stage.control("PUT", "portal", state="restoring")
    return stage.again("more-portal-restoring-move", {1166: file_id, 184: seed.INCOMING})


@situation("more-portal-unpaid-file")
def _(stage):
    file_id = stage.upload()
    stage.control("PUT", "portal", state="unpaid")
    return stage.again("more-portal-unpaid-file", {1166: file_id})


@situation("more-portal-unpaid-move")
def _(stage):
    file_id = stage.upload()
    stage.control("PUT", "portal", state="unpaid")
    return stage.again("more-portal-unpaid-move", {1166: file_id, 184: seed.INCOMING})
