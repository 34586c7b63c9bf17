"""Who may do what: each room gives roles, and the state of a file takes rights away. Changes nothing."""

from simulator.portal import seed
from simulator.portal.model import File, Folder, FolderType, Role
from simulator.portal.tree import Tree

FILE_RIGHTS = (
    "Read", "Comment", "FillForms", "Review", "Edit", "Delete", "CustomFilter", "Rename", "ReadHistory", "Lock",
    "EditHistory", "Copy", "Move", "Duplicate", "SubmitToFormGallery", "Download", "Convert", "CreateRoomFrom",
    "CopyLink", "Embed", "StartFilling", "FillingStatus", "ResetFilling", "StopFilling", "OpenForm",
    "Vectorization", "AskAi", "UpdateXlsx",
)  # fmt: skip
FOLDER_RIGHTS = (
    "Read", "Create", "Delete", "EditRoom", "Rename", "CopyTo", "Copy", "MoveTo", "Move", "Pin", "Mute",
    "EditAccess", "Duplicate", "Download", "CopySharedLink", "Reconnect", "CreateRoomFrom", "CopyLink", "Embed",
    "ChangeOwner", "IndexExport", "UseChat", "UpdateXlsx", "AnalyzeResponses",
)  # fmt: skip

_LOOK = {"Read", "Copy", "Download"}
_EDIT = _LOOK | {
    "Comment", "Review", "Edit", "CustomFilter", "ReadHistory", "Lock", "EditHistory", "Convert", "CopyLink",
}  # fmt: skip
_OWN = _EDIT | {"Delete", "Rename", "Move", "Duplicate"}
"""The rights of a manager, and of the user who uploaded the file."""
_FILE = {
    Role.ADMIN: {"Read", "Download"},
    Role.VIEWER: _LOOK,
    Role.EDITOR: _EDIT - {"Lock", "EditHistory"},
    Role.CREATOR: _EDIT,
    Role.MANAGER: _OWN,
    Role.OWNER: _OWN,
}
_FILE_IN_TRASH = {"Read", "Delete", "Move"}
_ARCHIVED = _LOOK | {"ReadHistory"}
_LOCKED = _LOOK | {"ReadHistory"}
_LOCKED_MANAGED = _LOCKED | {"Lock", "Duplicate"}

_FILL = {"Read", "Create", "CopyTo", "Copy", "MoveTo", "Download", "CopyLink"}
_MANAGE = _FILL | {"EditRoom", "Rename", "EditAccess", "Duplicate", "CopySharedLink"}
_FOLDER = {
    Role.ADMIN: {"Read", "Download"},
    Role.VIEWER: _LOOK,
    Role.EDITOR: _LOOK,
    Role.CREATOR: _FILL,
    Role.MANAGER: _MANAGE | {"Delete", "Move"},
    Role.OWNER: _MANAGE | {"Delete", "Move"},
}
_ROOM = {
    Role.ADMIN: {"Read", "Move", "Download"},
    Role.VIEWER: _LOOK | {"Pin", "Mute"},
    Role.EDITOR: _LOOK | {"Pin", "Mute"},
    Role.CREATOR: _FILL | {"Pin", "Mute"},
    Role.MANAGER: _MANAGE | {"Pin", "Mute"},
    Role.OWNER: _MANAGE | {"Pin", "Mute", "Delete", "Move", "ChangeOwner"},
}


class Rights:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def role(self, user_id: str, folder: Folder) -> Role | None:
        """In a room, the user's role there. Everybody sees the sections of rooms; others only their owner."""
        section = self._tree.section(folder.id)
        if section.type in {FolderType.TRASH, FolderType.USER}:
            return Role.OWNER if section.created_by == user_id else None
        room = self._tree.room(folder.id)
        if room is None:
            return Role.VIEWER
        if room.created_by == user_id:
            return Role.OWNER
        return room.roles.get(user_id, Role.ADMIN if seed.USERS[user_id].is_admin else None)

    def may_read(self, user_id: str, folder: Folder) -> bool:
        return self.role(user_id, folder) is not None

    def may_read_file(self, user_id: str, file: File) -> bool:
        return self.may_read(user_id, self._tree.folder(file.folder_id))

    def may_create(self, user_id: str, folder: Folder) -> bool:
        """Also whether the user may move something there. Sections show this right, but refuse the move."""
        section = self._tree.section(folder.id)
        if section.type == FolderType.USER:
            return section.created_by == user_id
        if section.type != FolderType.VIRTUAL_ROOMS or folder is section:
            return False
        return (self.role(user_id, folder) or Role.ADMIN) >= Role.CREATOR

    def may_edit(self, user_id: str, file: File) -> bool:
        """Whether an upload with the same title becomes a new version of this file."""
        return not seed.USERS[user_id].is_guest and not file.editing and self.of_file(user_id, file)["Edit"]

    def may_move(self, user_id: str, file: File) -> bool:
        return self.of_file(user_id, file)["Move"]

    def is_locked_for(self, user_id: str, file: File) -> bool:
        return bool(file.locked_by) and file.locked_by != user_id

    def of_file(self, user_id: str, file: File) -> dict[str, bool]:
        """Each right. If a file is being edited, its rights stay the same, but a move is refused."""
        given = set(self._of_file(user_id, file))
        if file.denied:
            given -= {"Move", "Delete"}
        return {name: name in given for name in FILE_RIGHTS}

    def _of_file(self, user_id: str, file: File) -> set[str]:
        folder = self._tree.folder(file.folder_id)
        role = self.role(user_id, folder)
        section = self._tree.section(folder.id).type
        if role is None:
            return set()
        if section == FolderType.TRASH:
            return _FILE_IN_TRASH
        if section == FolderType.ARCHIVE:
            return _ARCHIVED
        if self.is_locked_for(user_id, file):
            return _LOCKED_MANAGED if role >= Role.MANAGER else _LOCKED
        if role == Role.CREATOR and file.created_by == user_id:
            return _OWN
        return _FILE[role]

    def of_folder(self, user_id: str, folder: Folder) -> dict[str, bool]:
        given = self._of_folder(user_id, folder)
        return {name: name in given for name in FOLDER_RIGHTS}

    def _of_folder(self, user_id: str, folder: Folder) -> set[str]:
        role = self.role(user_id, folder)
        section = self._tree.section(folder.id)
        if role is None:
            return set()
        if folder is section and section.type != FolderType.USER:
            return self._of_section(user_id, section)
        if section.type == FolderType.TRASH:
            return _FILE_IN_TRASH
        if section.type == FolderType.ARCHIVE:
            return _LOOK | ({"Delete", "Move"} if role == Role.OWNER and folder.room_type is not None else set())
        return (_ROOM if folder.room_type is not None else _FOLDER)[role]

    @staticmethod
    def _of_section(user_id: str, section: Folder) -> set[str]:
        if section.type == FolderType.VIRTUAL_ROOMS and seed.USERS[user_id].is_room_admin:
            return {"Read", "Create", "MoveTo"}
        return {"Read", "MoveTo"} if section.type == FolderType.ARCHIVE else {"Read"}
