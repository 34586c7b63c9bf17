"""The JSON shapes of the API: FileDto, FolderDto, FileOperationDto; what is null is left out, defaults are not."""

from datetime import datetime, timedelta
from typing import Any

from simulator import people, seed, times
from simulator.model import File, Folder, FolderType, Id, JsonObject, Operation, OperationStatus, Role
from simulator.operations import progress
from simulator.portal import Portal

KIBIBYTE = 1024
ACCESS = {
    None: 0, Role.OWNER: 0, Role.MANAGER: 9, Role.EDITOR: 10, Role.CREATOR: 11, Role.VIEWER: 2, Role.ADMIN: 2,
}  # fmt: skip
ARCHIVE_ACCESS = 3
IN_TRASH = timedelta(days=30)
"""Until a file in a trash is deleted by itself."""

KINDS = {".pdf": 10, ".docx": 7, ".doc": 7, ".txt": 7, ".xml": 7, ".xlsx": 5, ".xls": 5, ".png": 4, ".jpg": 4}
"""`fileType`; 0 for what the portal does not know."""
EDITING = 1
VIEWS = (
    "ImageView", "MediaView", "WebView", "WebEdit", "WebReview", "WebCustomFilterEditing",
    "WebRestrictedEditing", "WebComment", "CanConvert", "MustConvert",
)  # fmt: skip
FILE_LINKS = ["Read"]
FOLDER_LINKS = ["Editing", "Review", "Comment", "Read"]


def size_text(size: int) -> str:
    value, unit = float(size), "bytes"
    for bigger in ("KB", "MB", "GB"):
        if value < KIBIBYTE:
            break
        value, unit = value / KIBIBYTE, bigger
    return f"{value:.2f}".rstrip("0").rstrip(".") + f" {unit}"


def parse_id(text: Any) -> Id:
    """A number where it reads as one, as the portal takes numeric strings."""
    shown = str(text)
    return int(shown) if shown.removeprefix("-").isdecimal() else shown


class Shapes:
    """`user_id` is who asks: the answer to another one differs."""

    def __init__(self, portal: Portal, public_url: str) -> None:
        self._portal = portal
        self.public_url = public_url

    @property
    def offset(self) -> timedelta:
        """The portal's, from UTC."""
        return self._portal.moods.now.offset

    def moment(self, moment: datetime) -> str:
        return times.api(moment, self.offset)

    def person(self, user_id: str) -> JsonObject:
        return people.person(user_id, self.public_url)

    def file(self, user_id: str, file: File, *, alone: bool = False) -> JsonObject:
        """`alone`: the answer to GET file, which alone tells where the file is."""
        tree, rights = self._portal.tree, self._portal.rights
        folder = tree.folder(file.folder_id)
        section, room = tree.section(folder.id), tree.room(folder.id)
        extension = file.title[file.title.rfind(".") :] if "." in file.title else ""
        extension = "" if extension == "." else extension
        role, security = rights.role(user_id, folder), rights.of_file(user_id, file)
        own = role == Role.OWNER or file.created_by == user_id
        managed = (role or 0) >= Role.MANAGER and section.type == FolderType.VIRTUAL_ROOMS
        link = f"{self.public_url}/filehandler.ashx?action=download&fileid={file.id}"
        in_trash = section.type == FolderType.TRASH
        return {
            "folderId": file.folder_id,
            "version": file.version,
            "versionGroup": file.version,
            "contentLength": size_text(file.size),
            **_set(pureContentLength=file.size or None),
            "fileStatus": EDITING if file.editing and file.editing_shows else 0,
            "editingBy": {file.created_by: seed.USERS[file.created_by].display_name} if file.editing else {},
            "mute": False,
            "viewUrl": link,
            "webUrl": f"{self.public_url}/doceditor?fileid={file.id}&version={file.version}",
            "fileType": KINDS.get(extension.casefold(), 0),
            "fileExst": extension,
            **_set(comment=file.comment or None),
            "thumbnailStatus": 0,
            **_set(locked=bool(file.locked_by) or None, lockedBy=self._locker(user_id, file)),
            **({"formFillingStatus": 0, "isForm": False} if extension.casefold() == ".pdf" else {}),
            "viewAccessibility": dict.fromkeys(VIEWS, False),
            "fileEntryType": 2,
            "id": file.id,
            "rootFolderId": section.id,
            **(self._where(folder) if alone else {}),
            "canShare": managed,
            **_set(shareSettings={"ExternalLink": 6} if managed else None),
            "security": security,
            "availableShareRights": _links(FILE_LINKS, none=own and security["Edit"]) if room else {},
            "title": file.title,
            "access": 0 if own else ACCESS[role],
            **_set(ownedBy=self._owner(user_id, room)),
            **_UNSHARED,
            "created": self.moment(file.created),
            "createdBy": self.person(file.created_by),
            "updated": self.moment(file.modified),
            **_set(autoDelete=self.moment(file.modified + IN_TRASH) if in_trash else None),
            "rootFolderType": int(section.type),
            **_set(parentRoomType=int(room.type) if room and section.type == FolderType.VIRTUAL_ROOMS else None),
            "updatedBy": self.person(file.modified_by),
            **_provider(folder),
        }

    def folder(self, user_id: str, folder: Folder, *, alone: bool = False, listed: bool = False) -> JsonObject:
        """`alone`: the answer to GET folder; `listed`: in a page, which tells `parentRoomType` of rooms too."""
        tree = self._portal.tree
        section, room = tree.section(folder.id), tree.room(folder.id)
        role = self._portal.rights.role(user_id, folder)
        is_room, active = folder is room, section.type == FolderType.VIRTUAL_ROOMS
        managed = (role or 0) >= Role.MANAGER and active and room is not None
        files, folders = (0, 0) if folder is section else self._counts(folder)
        settings = {"PrimaryExternalLink": 1, "ExternalLink": 5} if is_room else {"ExternalLink": 6}
        links = _links(FOLDER_LINKS, none=role == Role.OWNER) if room else {}
        access = ARCHIVE_ACCESS if folder.type == FolderType.ARCHIVE else 0 if folder is section else ACCESS[role]
        around = section if is_room or room is None else room
        told = active and (listed or not (is_room or folder is section))
        return {
            "parentId": folder.parent_id if folder.parent_id is not None else 0,
            "filesCount": files,
            "foldersCount": folders,
            "new": 0,
            "mute": False,
            **({"tags": folder.tags, "logo": _LOGO} if is_room else {}),
            "pinned": False,
            **_set(roomType=folder.room_type),
            "private": False,
            "indexing": False,
            "denyDownload": False,
            **({"inRoom": role != Role.ADMIN} if is_room else {}),
            **(self._quota(folder) if is_room else {}),
            "fileEntryType": 1,
            "id": folder.id,
            "rootFolderId": section.id,
            "canShare": managed,
            **_set(shareSettings=settings if managed else None),
            "security": self._portal.rights.of_folder(user_id, folder),
            "availableShareRights": links,
            "title": folder.title,
            "access": access,
            **_set(ownedBy=self._owner(user_id, room)),
            **_UNSHARED,
            "created": self.moment(folder.created),
            "createdBy": self.person(folder.created_by),
            "updated": self.moment(folder.created),
            "rootFolderType": int(section.type),
            **_set(parentRoomType=int(around.type) if told else None),
            "updatedBy": self.person(folder.created_by),
            **({"isFavorite": False} if alone and is_room else {}),
            **_provider(folder),
        }

    def current(self, user_id: str, folder: Folder) -> JsonObject:
        """The folder whose page it is."""
        shape = self.folder(user_id, folder, listed=True)
        if folder.room_type is None:
            return shape
        told = {"parentRoomType": int(folder.type)} if "parentRoomType" in shape else {}
        head = {name: shape.pop(name) for name in ("parentId", "filesCount", "foldersCount")}
        return head | {"isShareable": True} | shape | told

    def path_parts(self, folder_id: Id) -> list[JsonObject]:
        return [
            {
                "id": folder.id,
                "title": folder.title,
                **_set(roomType=folder.room_type),
                "folderType": int(folder.type),
            }
            for folder in self._portal.tree.path(folder_id)
        ]

    def operation(self, operation: Operation) -> JsonObject:
        """What it has done so far; nothing of what it has not."""
        tree, user_id = self._portal.tree, operation.user_id
        files = [self.file(user_id, tree.files[id_]) for id_ in _shuffled(operation) if id_ in tree.files]
        folders = [self.folder(user_id, tree.folders[id_]) for id_ in operation.done_folders if id_ in tree.folders]
        return {
            "id": operation.id,
            "Operation": int(operation.type),
            "progress": progress(operation),
            "error": operation.error if operation.finished else "",
            "processed": str(operation.processed),
            "finished": operation.finished,
            **_set(files=files or None, folders=folders or None),
            "status": int(OperationStatus.COMPLETED if operation.finished else OperationStatus.RUNNING),
        }

    def _where(self, folder: Folder) -> JsonObject:
        """`origin…` is where the file is now: its folder, unless that is the room, and the room."""
        section, room = self._portal.tree.section(folder.id), self._portal.tree.room(folder.id)
        near = section if folder is room and section.type == FolderType.ARCHIVE else folder
        near_told = near is not room
        return _set(
            originId=near.id if near_told else None,
            originRoomId=room.id if room else None,
            originTitle=near.title if near_told else None,
            originRoomTitle=room.title if room else None,
        )

    def _owner(self, user_id: str, room: Folder | None) -> JsonObject | None:
        return self.person(room.created_by) if room is not None and room.created_by != user_id else None

    @staticmethod
    def _locker(user_id: str, file: File) -> str | None:
        other = file.locked_by and file.locked_by != user_id
        return seed.USERS[file.locked_by].display_name if other else None

    def _counts(self, folder: Folder) -> tuple[int, int]:
        inner = list(self._portal.tree.below(folder.id))
        files = sum(len(self._portal.tree.files.inside(id_)) for id_ in (folder.id, *(found.id for found in inner)))
        return files, len(inner)

    def _quota(self, room: Folder) -> JsonObject:
        if room.quota is None:
            return {}
        return {"quotaLimit": room.quota, "isCustomQuota": True, "usedSpace": self._portal.tree.size(room.id)}


_UNSHARED = {
    "shared": False,
    "sharedForUser": False,
    "sharedExternal": False,
    "parentShared": False,
    "shortWebUrl": "",
}
_LOGO = {"original": "", "large": "", "medium": "", "small": "", "color": "1FCECB"}


def _set(**members: Any) -> JsonObject:
    return {name: value for name, value in members.items() if value is not None}


def _links(rights: list[str], *, none: bool) -> JsonObject:
    shown = [*rights, "None"] if none else rights
    return {"ExternalLink": shown, "PrimaryExternalLink": shown}


def _provider(folder: Folder) -> JsonObject:
    if not folder.provider:
        return {}
    return {"providerItem": True, "providerKey": folder.provider, "providerId": 12}


def _shuffled(operation: Operation) -> list[Id]:
    """Not in the order asked for."""
    return sorted(operation.done_files, key=lambda id_: str(id_)[::-1])
