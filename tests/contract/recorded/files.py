"""Files as they were read: in rooms, folders and trashes, locked, edited, in another time zone."""

from simulator.portal import seed
from tests.contract.recorded.situations import situation
from tests.contract.recorded.stage import CLIENT, OWNER, SERVICE

TOO_MANY = 429


def in_editing_room(stage):
    """A client's file in a folder of a room for editing, where the service user is content creator."""
    room = stage.room(OWNER, kind=2)
    stage.control("PUT", f"rooms/{room}", service="creator")
    folder = stage.folder(room)
    return folder, stage.upload(folder)


def in_own_room(stage):
    """A client's file in the service user's own room."""
    return stage.upload(stage.room(SERVICE))


def in_others_room(stage, **service):
    """A client's file in a room where the service user is manager, or what is said."""
    room = stage.room(OWNER)
    file_id = stage.upload(room)
    if service:
        stage.control("PUT", f"rooms/{room}", **service)
    return room, file_id


@situation("file-get")
def _(stage):
    return stage.again("file-get", {6: in_editing_room(stage)[1]})


@situation("read-file-in-timezone")
def _(stage):
    file_id = in_editing_room(stage)[1]
    stage.control("PUT", "portal", timezone="-05:00")
    return stage.again("read-file-in-timezone", {1071: file_id})


@situation("more-file-in-timezone-kolkata")
def _(stage):
    file_id = in_editing_room(stage)[1]
    stage.control("PUT", "portal", timezone="+05:30")
    return stage.again("more-file-in-timezone-kolkata", {1071: file_id})


@situation("read-presigneduri")
def _(stage):
    return stage.again("read-presigneduri", {11: in_editing_room(stage)[1]})


@situation("read-file-locked-by-other")
def _(stage):
    file_id = in_own_room(stage)
    stage.answered("PUT", f"files/file/{file_id}/lock", CLIENT, json={"lockFile": True})
    return stage.again("read-file-locked-by-other", {475: file_id})


@situation("read-file-locked-by-self")
def _(stage):
    file_id = in_own_room(stage)
    stage.answered("PUT", f"files/file/{file_id}/lock", CLIENT, json={"lockFile": True})
    return stage.again("read-file-locked-by-self", {475: file_id}, CLIENT)


@situation("read-file-in-own-trash")
def _(stage):
    file_id = in_own_room(stage)
    stage.trash(file_id, SERVICE)
    return stage.again("read-file-in-own-trash", {457: file_id})


@situation("read-403-file-in-others-trash")
def _(stage):
    file_id = in_own_room(stage)
    stage.trash(file_id, CLIENT)
    return stage.again("read-403-file-in-others-trash", {14: file_id})


@situation("read-file-in-subfolder")
def _(stage):
    folder = stage.folder(stage.room(SERVICE), SERVICE)
    return stage.again("read-file-in-subfolder", {691: stage.upload(folder, by=SERVICE)})


@situation("read-file-with-comment")
def _(stage):
    file_id = in_own_room(stage)
    comment = {"version": 1, "comment": "x" * 300}
    stage.answered("PUT", f"files/file/{file_id}/comment", CLIENT, json=comment)
    return stage.again("read-file-with-comment", {15: file_id}, CLIENT)


@situation("move-file-being-edited")
def _(stage):
    file_id = in_others_room(stage)[1]
    stage.control("PUT", f"files/{file_id}", editing=True)
    return stage.again("move-file-being-edited", {401: file_id})


@situation("move-id-used-again")
def _(stage):
    room, first = in_others_room(stage)
    stage.end_of(stage.ask("DELETE", f"files/file/{first}", json={"immediately": True}))
    second = stage.upload(room, "Invoice two.pdf")
    assert second == first
    return stage.again("move-id-used-again", {1044: second})


@situation("more-guest-file")
def _(stage):
    return stage.again("more-guest-file", {1072: stage.guest_upload("Guest one.pdf")})


@situation("more-file-of-deleted-user")
def _(stage):
    file_id = in_others_room(stage)[1]
    stage.control("DELETE", "users/client")
    answer = stage.again("more-file-of-deleted-user", {1098: file_id})
    told = answer.json()["response"]
    assert (told["createdBy"]["id"], told["updatedBy"]["displayName"]) == (seed.OWNER.id, "profile removed")
    return answer


@situation("read-404-file")
def _(stage):
    return stage.again("read-404-file")


@situation("read-404-huge-id")
def _(stage):
    return stage.again("read-404-huge-id")


@situation("move-file-missing")
def _(stage):
    return stage.again("move-file-missing")


@situation("move-file-not-member")
def _(stage):
    return stage.again("move-file-not-member", {370: in_others_room(stage, service=None)[1]})


@situation("more-archived-file")
def _(stage):
    return stage.again("more-archived-file", {1084: in_others_room(stage, archived=True)[1]})


@situation("more-german-missing-file")
def _(stage):
    stage.control("PUT", "portal", language="de")
    return stage.again("more-german-missing-file")


@situation("more-429-window")
def _(stage):
    """Of a portal that allows as many calls a minute as that one did."""
    file_id = stage.upload()
    with stage.limited(limit_minute=60) as limited:
        return next_refused(limited.again("more-429-window", {1071: file_id}) for _ in range(100))


def next_refused(answers):
    return next(answer for answer in answers if answer.status_code == TOO_MANY)


@situation("read-file-log")
def _(stage):
    room = stage.room(OWNER)
    file_id = stage.upload(room)
    for _ in range(2):
        stage.upload(room)
    return stage.again("read-file-log", {16: file_id})
