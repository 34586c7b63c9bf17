"""The FileDto: null values are left out, defaults are not."""

from datetime import timedelta

from simulator.api.entry_dto import ACCESS, UNSHARED, View, links, present, provider
from simulator.portal import seed
from simulator.portal.model import File, Folder, FolderType, JsonObject, Role

KIBIBYTE = 1024
IN_TRASH = timedelta(days=30)
"""How long a file stays in the trash before the portal deletes it."""

KINDS = {".pdf": 10, ".docx": 7, ".doc": 7, ".txt": 7, ".xml": 7, ".xlsx": 5, ".xls": 5, ".png": 4, ".jpg": 4}
"""`fileType` by extension; 0 for one that the portal does not know."""
EDITING = 1
VIEWS = (
    "ImageView", "MediaView", "WebView", "WebEdit", "WebReview", "WebCustomFilterEditing",
    "WebRestrictedEditing", "WebComment", "CanConvert", "MustConvert",
)  # fmt: skip
LINKS = ["Read"]


def file_shape(view: View, user_id: str, file: File, *, alone: bool = False) -> JsonObject:
    """`alone`: for GET file, the only answer that says where the file is."""
    tree, rights = view.portal.tree, view.portal.rights
    folder = tree.folder(file.folder_id)
    section, room = tree.section(folder.id), tree.room(folder.id)
    extension = file.title[file.title.rfind(".") :] if "." in file.title else ""
    extension = "" if extension == "." else extension
    role, security = rights.role(user_id, folder), rights.of_file(user_id, file)
    own = role == Role.OWNER or file.created_by == user_id
    managed = (role or 0) >= Role.MANAGER and section.type == FolderType.VIRTUAL_ROOMS
    link = f"{view.public_url}/filehandler.ashx?action=download&fileid={file.id}"
    in_trash = section.type == FolderType.TRASH
    return {
        "folderId": file.folder_id,
        "version": file.version,
        "versionGroup": file.version,
        "contentLength": size_text(file.size),
        **present(pureContentLength=file.size or None),
        "fileStatus": EDITING if file.editing and file.editing_shows else 0,
        **present(editingBy=_editors(file) or (None if view.portal.moods.now.no_editing_by else {})),
        "mute": False,
        "viewUrl": link,
        "webUrl": f"{view.public_url}/doceditor?fileid={file.id}&version={file.version}",
        "fileType": KINDS.get(extension.casefold(), 0),
        "fileExst": extension,
        **present(comment=file.comment or None),
        "thumbnailStatus": 0,
        **present(locked=bool(file.locked_by) or None, lockedBy=_locker(user_id, file)),
        **({"formFillingStatus": 0, "isForm": False} if extension.casefold() == ".pdf" else {}),
        "viewAccessibility": dict.fromkeys(VIEWS, False),
        "fileEntryType": 2,
        "id": file.id,
        "rootFolderId": section.id,
        **(_where(view, folder) if alone else {}),
        "canShare": managed,
        **present(shareSettings={"ExternalLink": 6} if managed else None),
        "security": security,
        "availableShareRights": links(LINKS, none=own and security["Edit"]) if room else {},
        "title": file.title,
        "access": 0 if own else ACCESS[role],
        **present(ownedBy=view.owner(user_id, room)),
        **UNSHARED,
        "created": view.moment(file.created),
        "createdBy": view.person(file.created_by),
        "updated": view.moment(file.modified),
        **present(autoDelete=view.moment(file.modified + IN_TRASH) if in_trash else None),
        "rootFolderType": int(section.type),
        **present(parentRoomType=int(room.type) if room and section.type == FolderType.VIRTUAL_ROOMS else None),
        "updatedBy": view.person(file.modified_by),
        **provider(folder),
    }


def _where(view: View, folder: Folder) -> JsonObject:
    """Where the file is now: `originRoom…` is its room, `origin…` its folder unless that is the room."""
    section, room = view.portal.tree.section(folder.id), view.portal.tree.room(folder.id)
    near = section if folder is room and section.type == FolderType.ARCHIVE else folder
    near_told = near is not room
    return present(
        originId=near.id if near_told else None,
        originRoomId=room.id if room else None,
        originTitle=near.title if near_told else None,
        originRoomTitle=room.title if room else None,
    )


def _editors(file: File) -> dict[str, str]:
    return {file.created_by: seed.USERS[file.created_by].display_name} if file.editing else {}


def _locker(user_id: str, file: File) -> str | None:
    other = file.locked_by and file.locked_by != user_id
    return seed.USERS[file.locked_by].display_name if other else None


def size_text(size: int) -> str:
    value, unit = float(size), "bytes"
    for bigger in ("KB", "MB", "GB"):
        if value < KIBIBYTE:
            break
        value, unit = value / KIBIBYTE, bigger
    return f"{value:.2f}".rstrip("0").rstrip(".") + f" {unit}"
