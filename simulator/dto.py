"""The JSON shapes of the API: FileDto, FolderDto, FileOperationDto, and what they are made of."""

from datetime import datetime
from typing import Any

from simulator import seed
from simulator.model import File, Folder, Id, JsonObject, Operation, OperationStatus
from simulator.operations import progress
from simulator.portal import Portal

KIBIBYTE = 1024


def date(moment: datetime) -> str:
    """A string in the portal's own time zone, with seven digits of a second."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + ".0000000+00:00"


def person(user_id: str) -> JsonObject:
    user = seed.USERS[user_id]
    return {
        "id": user.id,
        "displayName": user.display_name,
        "avatar": "/static/images/default_user_photo_size_48-48.png",
        "profileUrl": "",
        "hasAvatar": False,
        "isAnonim": False,
    }


def size_text(size: int) -> str:
    value, unit = float(size), "bytes"
    for bigger in ("KB", "MB", "GB"):
        if value < KIBIBYTE:
            break
        value, unit = value / KIBIBYTE, bigger
    return f"{value:.2f}".rstrip("0").rstrip(".") + f" {unit}"


def parse_id(text: Any) -> Id:
    """A number where it reads as one, as the portal takes numeric strings."""
    return int(text) if str(text).isdecimal() else str(text)


class Shapes:
    def __init__(self, portal: Portal, public_url: str) -> None:
        self._portal = portal
        self.public_url = public_url

    def _entry(self, folder_id: Id, title: str) -> JsonObject:
        tree = self._portal.tree
        section = tree.section(folder_id)
        provider = tree.folder(folder_id).provider
        return {
            "title": title,
            "access": 0,
            "shared": False,
            "rootFolderId": section.id,
            "rootFolderType": int(section.type),
            "parentRoomType": int(room.type) if (room := tree.room(folder_id)) else None,
            **({"providerItem": True, "providerKey": provider, "providerId": 12} if provider else {}),
        }

    def file(self, user_id: str, file: File) -> JsonObject:
        security = self._portal.rights.of_file(user_id, file)
        extension = file.title[file.title.rfind(".") :] if "." in file.title else ""
        return {
            **self._entry(file.folder_id, file.title),
            "id": file.id,
            "folderId": file.folder_id,
            "version": file.version,
            "versionGroup": file.version,
            "contentLength": size_text(file.size),
            "pureContentLength": file.size,
            "fileStatus": 1 if file.editing else 0,
            "mute": False,
            "viewUrl": f"{self.public_url}/filehandler.ashx?action=download&fileid={file.id}",
            "webUrl": f"{self.public_url}/doceditor?fileid={file.id}&version={file.version}",
            "fileType": 7,
            "fileExst": extension,
            "comment": "Created",
            "thumbnailStatus": 0,
            "locked": bool(file.locked_by),
            **({"lockedBy": seed.USERS[file.locked_by].display_name} if file.locked_by else {}),
            "viewAccessibility": {
                "ImageView": False, "MediaView": False, "WebView": True, "WebEdit": False, "WebReview": False,
                "WebCustomFilterEditing": False, "WebRestrictedEditing": False, "WebComment": False,
                "CanConvert": True, "MustConvert": False,
            },
            "created": date(file.created),
            "createdBy": person(file.created_by),
            "updated": date(file.modified),
            "updatedBy": person(file.modified_by),
            "canShare": security["Edit"],
            "security": security,
            "fileEntryType": 2,
        }  # fmt: skip

    def folder(self, user_id: str, folder: Folder) -> JsonObject:
        tree = self._portal.tree
        room = tree.room(folder.id)
        return {
            **self._entry(folder.id, folder.title),
            "id": folder.id,
            "parentId": folder.parent_id if folder.parent_id is not None else 0,
            "filesCount": len(tree.files.inside(folder.id)),
            "foldersCount": sum(1 for _ in tree.folders_in(folder.id)),
            "new": 0,
            "mute": False,
            "tags": folder.tags,
            "pinned": False,
            "private": False,
            **({"roomType": folder.room_type} if folder.room_type is not None else {}),
            **({"rootRoomType": room.room_type} if room is not None else {}),
            "type": int(folder.type),
            "inRoom": room is not None,
            "created": date(folder.created),
            "createdBy": person(folder.created_by),
            "updated": date(folder.created),
            "updatedBy": person(folder.created_by),
            "canShare": False,
            "security": self._portal.rights.of_folder(user_id, folder),
            "fileEntryType": 1,
        }

    def path_parts(self, folder_id: Id) -> list[JsonObject]:
        return [
            {"id": folder.id, "title": folder.title, "roomType": folder.room_type, "folderType": int(folder.type)}
            for folder in self._portal.tree.path(folder_id)
        ]

    def operation(self, operation: Operation, now: float) -> JsonObject:
        tree = self._portal.tree
        share = progress(operation, now)
        running = OperationStatus.RUNNING if share else OperationStatus.CREATED
        return {
            "id": operation.id,
            "Operation": int(operation.type),
            "progress": share,
            "error": operation.error if operation.finished else "",
            "processed": str(operation.processed),
            "finished": operation.finished,
            "url": "",
            "files": [
                self.file(operation.user_id, tree.files[id_]) for id_ in operation.done_files if id_ in tree.files
            ],
            "folders": [
                self.folder(operation.user_id, tree.folders[id_])
                for id_ in operation.done_folders
                if id_ in tree.folders
            ],
            "status": int(OperationStatus.COMPLETED if operation.finished else running),
        }
