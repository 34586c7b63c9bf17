"""Moves as they were asked for, refused and told of."""

from concurrent.futures import ThreadPoolExecutor

from simulator.portal import seed
from tests.contract.recorded.files import in_others_room, next_refused
from tests.contract.recorded.situations import situation
from tests.contract.recorded.stage import CLIENT, OWNER


def place(stage):
    """A client's file, and a folder that takes it."""
    return in_others_room(stage)[1], stage.folder(stage.room(OWNER))


@situation("move-put")
def _(stage):
    file_id, folder = place(stage)
    return stage.again("move-put", {446: file_id, 18: folder})


@situation("move-batch")
def _(stage):
    (room, first), folder = in_others_room(stage), stage.folder(stage.room(OWNER))
    more = [stage.upload(room, name) for name in ("b.pdf", "c.pdf")]
    return stage.again("move-batch", {443: first, 444: more[0], 445: more[1], 18: folder})


@situation("move-operation-finished")
def _(stage):
    file_id = stage.upload()
    room = stage.room(OWNER)
    return stage.end_of(stage.move(file_id, to=room))


@situation("move-operation-skipped")
def _(stage):
    folder = stage.folder(stage.room(OWNER))
    stage.end_of(stage.move(stage.upload(), to=folder))
    return stage.end_of(stage.move(stage.upload(), to=folder, conflict=0))


@situation("move-operation-told-already")
def _(stage):
    file_id, folder = place(stage)
    told = stage.end_of(stage.move(file_id, to=folder)).json()["response"][0]
    return stage.again("move-operation-told-already", {"d98386e1-fe66-478d-beb1-1b2220b0dbb8": told["id"]})


@situation("move-batch-one-locked")
def _(stage):
    (room, first), folder = in_others_room(stage), stage.folder(stage.room(OWNER))
    locked = stage.upload(room, "locked.pdf")
    stage.answered("PUT", f"files/file/{locked}/lock", CLIENT, json={"lockFile": True})
    return stage.again("move-batch-one-locked", {454: first, 462: locked, 18: folder})


@situation("move-batch-one-missing")
def _(stage):
    (room, first), folder = in_others_room(stage), stage.folder(stage.room(OWNER))
    other = stage.upload(room, "other.pdf")
    return stage.again("move-batch-one-missing", {1042: first, 1043: other, 18: folder})


@situation("move-source-missing")
def _(stage):
    return stage.again("move-source-missing", {18: seed.INCOMING})


@situation("move-dest-missing")
def _(stage):
    return stage.again("move-dest-missing", {368: stage.upload()})


@situation("move-into-form-room")
def _(stage):
    return stage.again("move-into-form-room", {448: stage.upload(), 88: stage.room(OWNER, kind=1)})


@situation("move-into-room-not-member")
def _(stage):
    room = in_others_room(stage, service=None)[0]
    return stage.again("move-into-room-not-member", {369: stage.upload(), 69: room})


@situation("move-key-read-only")
def _(stage):
    return stage.again("move-key-read-only", {1038: stage.upload(), 18: seed.INCOMING}, seed.READING_KEY)


@situation("move-refused-being-edited")
def _(stage):
    file_id, folder = place(stage)
    stage.control("PUT", f"files/{file_id}", editing=True)
    return stage.again("move-refused-being-edited", {401: file_id, 18: folder})


@situation("read-415")
def _(stage):
    return stage.again("read-415", data=b'{"fileIds":[]}')


@situation("more-german-dest")
def _(stage):
    stage.control("PUT", "portal", language="de")
    return stage.again("more-german-dest", {1071: stage.upload()})


@situation("more-german-move")
def _(stage):
    stage.control("PUT", "portal", language="de")
    return stage.again("more-german-move", {14: seed.INCOMING})


@situation("more-archived-move-in")
def _(stage):
    room = in_others_room(stage, archived=True)[0]
    return stage.again("more-archived-move-in", {1088: stage.upload(), 143: room})


@situation("more-archived-move-out")
def _(stage):
    file_id = in_others_room(stage, archived=True)[1]
    return stage.again("more-archived-move-out", {1084: file_id, 144: seed.INCOMING})


@situation("more-move-to-trashed-folder")
def _(stage):
    folder = trashed_folder(stage)
    return stage.again("more-move-to-trashed-folder", {1091: stage.upload(), 160: folder})


def trashed_folder(stage):
    """In its owner's trash."""
    folder = stage.folder(stage.room(OWNER))
    stage.end_of(stage.ask("DELETE", f"files/folder/{folder}", OWNER, json={"deleteAfter": False}), OWNER)
    return folder


def full(stage):
    """A folder in a room of 1,000 bytes, where the service user is content creator."""
    room = stage.room(OWNER)
    folder = stage.folder(room)
    stage.control("PUT", f"rooms/{room}", service="creator", quota=1000)
    return room, folder


@situation("more-quota-move")
def _(stage):
    file_id = stage.upload(size=2000)
    return stage.again("more-quota-move", {1111: file_id, 176: full(stage)[1]})


@situation("more-quota-move-finished")
def _(stage):
    return stage.end_of(stage.move(stage.upload(size=2000), to=full(stage)[1]), filtered=False)


@situation("more-quota-upload")
def _(stage):
    files = {"file": ("a.pdf", b"x" * 2000)}
    return stage.again("more-quota-upload", {178: full(stage)[1]}, OWNER, files=files)


@situation("more-429-writes-a-day")
def _(stage):
    with stage.limited(limit_day=30) as limited:
        return next_refused(limited.move(seed.FIRST_FILE) for _ in range(100))


@situation("more-429-writes-at-once")
def _(stage):
    with stage.limited(latency_ms=2000) as limited, ThreadPoolExecutor(20) as pool:
        answers = pool.map(lambda _: limited.alone().move(seed.FIRST_FILE), range(20))
        return next_refused(answers)
