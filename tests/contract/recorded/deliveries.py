"""The recorded deliveries: what makes the portal send each of them."""

from collections.abc import Callable

from simulator.portal import seed
from tests.contract.recorded.hooks import rows
from tests.contract.recorded.stage import CLIENT, OWNER, SERVICE, Stage, until

Sent = tuple[dict[str, str], bytes]
ALL, UPLOADS = 0, 384
ODD = "hé Ünï 😀 %22q%22 <b>&amp;'x'|`z` №1.PDF"

DELIVERIES: dict[str, Callable[[Stage], Sent]] = {}


def delivery(name: str) -> Callable[[Callable[[Stage], Sent]], Callable[[Stage], Sent]]:
    def named(build: Callable[[Stage], Sent]) -> Callable[[Stage], Sent]:
        DELIVERIES[name] = build
        return build

    return named


def listening(stage, mask=ALL, owner=seed.OWNER, strangers=None):
    """By the owner of the rooms, for whom no share is looked up.

    `strangers`: the triggers of a webhook whose owner may not open them, which the payload tells.
    """
    if strangers is not None:
        stage.hook("stranger", strangers, seed.REMOVED)
    stage.hook("all", mask, owner)


@delivery("hook-delivery-file.created")
def _(stage):
    listening(stage, strangers=UPLOADS)
    stage.upload()
    return stage.sent("file.created")


@delivery("hook-delivery-file.created-shareRecord")
def _(stage):
    """Of a room that the webhook's owner may not read, because another webhook's owner may."""
    stage.hook("first")
    listening(stage, owner=seed.REMOVED)
    room = stage.room(OWNER)
    until(lambda: stage.bodies("first") == [], "nothing yet")
    stage.upload(room)
    until(lambda: [body for body in stage.bodies("all") if body["event"]["trigger"] == "file.created"], "it")
    return next(post for post in stage.receiver.posts if b'"name":"all"' in post[1] and b"file.created" in post[1])


@delivery("hook-delivery-file.created-unicode")
def _(stage):
    listening(stage, strangers=UPLOADS)
    stage.upload(name=ODD)
    return stage.sent("file.created")


@delivery("hook-delivery-file.uploaded")
def _(stage):
    listening(stage, strangers=UPLOADS)
    stage.upload()
    return stage.sent("file.uploaded")


@delivery("hook-delivery-file.uploaded-version-2")
def _(stage):
    listening(stage, strangers=UPLOADS)
    stage.upload()
    stage.upload()
    return stage.sent("file.uploaded", 2)


@delivery("hook-delivery-file.uploaded-chunked")
def _(stage):
    listening(stage, strangers=UPLOADS)
    asked = {"fileName": "hk chunk.pdf", "fileSize": 4}
    path = f"files/{seed.CLIENT_ROOM}/session"
    session = stage.answered("POST", path, CLIENT, json=asked)["id"]
    stage.answered("POST", f"{path}/{session}/upload?chunkNumber=1", CLIENT, files={"file": ("c", b"%PDF")})
    answer = stage.ask("PUT", f"{path}/{session}/finalize", CLIENT)
    assert answer.status_code == 201
    sent = stage.sent("file.uploaded")
    assert [body["event"]["trigger"] for body in stage.bodies("all")] == ["file.uploaded"]
    return sent


@delivery("hook-delivery-file.updated")
def _(stage):
    file_id = stage.upload(name="a.PDF")
    listening(stage)
    stage.answered("PUT", f"files/file/{file_id}", CLIENT, json={"title": 'say "x".PDF', "lastVersion": 0})
    return stage.sent("file.updated")


@delivery("hook-delivery-file.moved")
def _(stage):
    """Told to a room's owner, after a member was asked about."""
    file_id, folder = stage.upload(), stage.folder(seed.CLIENT_ROOM, OWNER)
    stage.hook("member", ALL, seed.CLIENT)
    listening(stage)
    stage.end_of(stage.move(file_id, to=folder, key=OWNER), OWNER)
    return stage.sent("file.moved")


@delivery("hook-delivery-file.copied")
def _(stage):
    file_id = stage.upload()
    stage.hook("member", ALL, seed.CLIENT)
    listening(stage)
    asked = {"fileIds": [file_id], "destFolderId": seed.CLIENT_ROOM}
    stage.end_of(stage.ask("PUT", "files/fileops/copy", OWNER, json=asked), OWNER)
    return stage.sent("file.copied")


@delivery("hook-delivery-file.trashed")
def _(stage):
    file_id = stage.upload()
    listening(stage)
    stage.trash(file_id, SERVICE)
    return stage.sent("file.trashed")


@delivery("hook-delivery-file.deleted")
def _(stage):
    file_id = stage.upload()
    listening(stage)
    stage.end_of(stage.ask("DELETE", f"files/file/{file_id}", json={"immediately": True}))
    return stage.sent("file.deleted")


@delivery("hook-delivery-folder.created")
def _(stage):
    listening(stage)
    stage.folder(seed.CLIENT_ROOM)
    return stage.sent("folder.created")


@delivery("hook-delivery-room.created")
def _(stage):
    listening(stage, strangers=ALL)
    stage.room(SERVICE)
    return stage.sent("room.created")


@delivery("hook-delivery-room.updated")
def _(stage):
    """Renamed, and shared by a link before."""
    room = stage.room(SERVICE)
    stage.simulator.portal.tree.folder(room).has_link = True
    listening(stage, strangers=ALL)
    stage.answered("PUT", f"files/rooms/{room}", json={"title": "hook room 2b"})
    return stage.sent("room.updated")


@delivery("hook-delivery-user.created")
def _(stage):
    listening(stage)
    stage.control("POST", "users/client")
    return stage.sent("user.created")


@delivery("hook-delivery-attempt-1")
def _(stage):
    return attempt(stage, 1)


@delivery("hook-delivery-attempt-6")
def _(stage):
    return attempt(stage, 6)


def attempt(stage, number):
    stage.receiver.answers = [500]
    listening(stage, mask=256, strangers=256)
    stage.upload(name="retry é.pdf")
    return stage.sent("file.uploaded", number)


@delivery("hook-delivery-retry-by-hand")
def _(stage):
    """Of a row whose attempts are over: nothing in it tells of them."""
    stage.receiver.answers = [404] * 6 + [200]
    listening(stage, mask=256, strangers=256)
    stage.upload(name="retry é.pdf")
    row = until(lambda: [row for row in rows(stage, OWNER) if row["status"] == 404], "the end of the attempts")[0]
    stage.answered("PUT", f"settings/webhook/{row['id']}/retry", OWNER)
    return stage.sent("file.uploaded", 7)


@delivery("body-3.7.2")
def _(stage):
    stage.simulator.portal.tree.folder(seed.CLIENT_ROOM).has_link = True
    listening(stage)
    stage.upload(name="Invoice №321 & co.xlsx")
    return stage.sent("file.created")
