"""Rooms, folders, their paths and what they list."""

from concurrent.futures import ThreadPoolExecutor

from simulator.portal import seed
from tests.contract.recorded.files import in_editing_room, in_others_room, next_refused
from tests.contract.recorded.moves import full, trashed_folder
from tests.contract.recorded.situations import situation
from tests.contract.recorded.stage import OWNER, SERVICE

SEEDED = (seed.CLIENT_ROOM, seed.OTHER_CLIENT_ROOM, seed.DROPBOX_ROOM, seed.ACCOUNTING_ROOM)


def out_of_the_seeded_rooms(stage):
    for room in SEEDED:
        stage.control("PUT", f"rooms/{room}", service=None)


@situation("read-room")
def _(stage):
    return stage.again("read-room", {21: stage.room(SERVICE)})


@situation("more-room-share")
def _(stage):
    return stage.again("more-room-share", {12: seed.ACCOUNTING_ROOM})


@situation("read-folder-path")
def _(stage):
    return stage.again("read-folder-path", {21: stage.room(SERVICE)})


@situation("move-path")
def _(stage):
    return stage.again("move-path", {119: stage.folder(stage.room(OWNER))})


@situation("move-folder-missing")
def _(stage):
    return stage.again("move-folder-missing")


@situation("move-folder-not-member")
def _(stage):
    return stage.again("move-folder-not-member", {69: in_others_room(stage, service=None)[0]})


@situation("move-list-not-member")
def _(stage):
    return stage.again("move-list-not-member", {69: in_others_room(stage, service=None)[0]})


@situation("move-path-not-member")
def _(stage):
    return stage.again("move-path-not-member", {69: in_others_room(stage, service=None)[0]})


@situation("move-list-count-101")
def _(stage):
    return stage.again("move-list-count-101", {118: seed.CLIENT_ROOM})


@situation("read-400-validation")
def _(stage):
    return stage.again("read-400-validation", {21: seed.CLIENT_ROOM})


@situation("move-list")
def _(stage):
    """The last of five folders, and the first file."""
    room = stage.room(OWNER)
    for number in range(5):
        stage.folder(room, title=f"F{number}")
    stage.upload(room, "a.pdf")
    stage.upload(room, "b.pdf")
    return stage.again("move-list", {118: room})


@situation("move-list-deep-without-filter")
def _(stage):
    """The very last of what lies directly in it; what lies in its folder is neither listed nor counted."""
    room = stage.room(OWNER)
    stage.upload(stage.folder(room))
    for number in range(115):
        stage.upload(room, f"L{number}.pdf")
    answer = stage.again("move-list-deep-without-filter", {118: room})
    assert (answer.json()["response"]["total"], answer.json()["response"]["current"]["filesCount"]) == (116, 116)
    return answer


def deep(stage):
    room = stage.room(SERVICE)
    stage.upload(room, "top.pdf", by=SERVICE)
    stage.upload(stage.folder(room, SERVICE, "sub"), "below.pdf", by=SERVICE)
    return room


@situation("read-page-deep-unfiltered")
def _(stage):
    return stage.again("read-page-deep-unfiltered", {112: deep(stage)})


@situation("read-page-deep-files-only")
def _(stage):
    return stage.again("read-page-deep-files-only", {112: deep(stage)})


@situation("more-page-in-timezone-kolkata")
def _(stage):
    folder = in_editing_room(stage)[0]
    stage.control("PUT", "portal", timezone="+05:30")
    return stage.again("more-page-in-timezone-kolkata", {14: folder})


@situation("read-rooms")
def _(stage):
    out_of_the_seeded_rooms(stage)
    for title in ("Read Acme", "Read Names"):
        stage.room(SERVICE, title=title)
    return stage.again("read-rooms")


@situation("more-rooms-archive")
def _(stage):
    in_others_room(stage, archived=True)
    return stage.again("more-rooms-archive")


@situation("more-archived-folder")
def _(stage):
    return stage.again("more-archived-folder", {143: in_others_room(stage, archived=True)[0]})


@situation("more-archived-path")
def _(stage):
    room = stage.room(OWNER)
    folder = stage.folder(room)
    stage.control("PUT", f"rooms/{room}", archived=True)
    return stage.again("more-archived-path", {145: folder})


@situation("more-archive-put")
def _(stage):
    return stage.again("more-archive-put", {143: stage.room(OWNER)}, OWNER)


@situation("more-archive-finished")
def _(stage):
    started = stage.again("more-archive-put", {143: stage.room(OWNER)}, OWNER)
    return stage.end_of(started, OWNER, filtered=False)


@situation("more-trash-folder")
def _(stage):
    return stage.again("more-trash-folder", {160: stage.folder(stage.room(OWNER))}, OWNER)


@situation("more-trashed-folder-svc")
def _(stage):
    return stage.again("more-trashed-folder-svc", {160: trashed_folder(stage)})


@situation("more-quota-room")
def _(stage):
    return stage.again("more-quota-room", {175: full(stage)[0]})


@situation("more-room-over-tariff")
def _(stage):
    for number in range(12 - len(SEEDED)):
        stage.room(OWNER, title=f"Room {number}")
    stage.control("PUT", "portal", most_rooms=12)
    return stage.again("more-room-over-tariff")


@situation("more-429-reads-at-once")
def _(stage):
    with stage.limited(latency_ms=2000) as limited, ThreadPoolExecutor(55) as pool:
        asked = {14: seed.CLIENT_ROOM}
        answers = pool.map(lambda _: limited.alone().again("more-429-reads-at-once", asked), range(55))
        return next_refused(answers)
