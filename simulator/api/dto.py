"""The JSON shapes of the API in one place: files, folders, pages and operations."""

from typing import Any

from simulator.api.entry_dto import View, present
from simulator.api.file_dto import file_shape
from simulator.api.folder_dto import current_shape, folder_shape
from simulator.portal.model import File, Folder, Id, JsonObject, Operation, OperationStatus
from simulator.portal.operations import progress


def parse_id(text: Any) -> Id:
    """The id as a number if it can be one: the portal takes numeric strings too."""
    shown = str(text)
    return int(shown) if shown.removeprefix("-").isdecimal() else shown


class Shapes(View):
    """`user_id` is the user who asks. Users get different answers."""

    def file(self, user_id: str, file: File, *, alone: bool = False) -> JsonObject:
        """`alone`: for GET file, the only answer that says where the file is."""
        return file_shape(self, user_id, file, alone=alone)

    def folder(self, user_id: str, folder: Folder, *, alone: bool = False, listed: bool = False) -> JsonObject:
        """`alone`: for GET folder. `listed`: for a page, where rooms have `parentRoomType` too."""
        return folder_shape(self, user_id, folder, alone=alone, listed=listed)

    def current(self, user_id: str, folder: Folder) -> JsonObject:
        """The folder that was listed, as a page shows it."""
        return current_shape(self, user_id, folder)

    def path_parts(self, folder_id: Id) -> list[JsonObject]:
        return [
            {
                "id": folder.id,
                "title": folder.title,
                **present(roomType=folder.room_type),
                "folderType": int(folder.type),
            }
            for folder in self.portal.tree.path(folder_id)
        ]

    def operation(self, operation: Operation) -> JsonObject:
        """What the operation has done so far. It does not show what is still to do."""
        tree, user_id = self.portal.tree, operation.user_id
        files = [self.file(user_id, tree.files[id_]) for id_ in _shuffled(operation) if id_ in tree.files]
        folders = [self.folder(user_id, tree.folders[id_]) for id_ in operation.done_folders if id_ in tree.folders]
        return {
            "id": operation.id,
            "Operation": int(operation.type),
            "progress": progress(operation),
            "error": operation.error if operation.finished else "",
            "processed": str(operation.processed),
            "finished": operation.finished,
            **present(files=files or None, folders=folders or None),
            "status": int(OperationStatus.COMPLETED if operation.finished else OperationStatus.RUNNING),
        }


def _shuffled(operation: Operation) -> list[Id]:
    """The portal does not keep the order of the request."""
    return sorted(operation.done_files, key=lambda id_: str(id_)[::-1])
