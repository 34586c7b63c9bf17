"""Who may do what: a role per room, and what a file's own state takes away. Decides only, changes nothing."""

from simulator import seed
from simulator.model import File, Folder, Role
from simulator.tree import Tree


class Rights:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def role(self, user_id: str, folder: Folder) -> Role | None:
        if seed.USERS[user_id].is_admin:
            return Role.MANAGER
        if self._tree.is_section(folder):
            return Role.VIEWER
        room = self._tree.room(folder.id)
        if room is None:
            return Role.MANAGER if folder.created_by == user_id else None
        return Role.MANAGER if room.created_by == user_id else room.roles.get(user_id)

    def may_read(self, user_id: str, folder: Folder) -> bool:
        return self.role(user_id, folder) is not None

    def may_read_file(self, user_id: str, file: File) -> bool:
        folder = self._tree.folder(file.folder_id)
        if folder.id == seed.TRASH:
            return file.modified_by == user_id or seed.USERS[user_id].is_admin
        return self.may_read(user_id, folder)

    def may_create(self, user_id: str, folder: Folder) -> bool:
        return not self._tree.is_section(folder) and (self.role(user_id, folder) or 0) >= Role.CREATOR

    def may_move(self, user_id: str, file: File) -> bool:
        """A room's manager moves any file, a content creator only their own."""
        if file.denied:
            return False
        if file.folder_id == seed.TRASH:
            return self.may_read_file(user_id, file)
        role = self.role(user_id, self._tree.folder(file.folder_id))
        return role == Role.MANAGER or (role == Role.CREATOR and file.created_by == user_id)

    def is_busy(self, user_id: str, file: File) -> bool:
        """Being edited, or locked by somebody else."""
        return file.editing or (bool(file.locked_by) and file.locked_by != user_id)

    def of_file(self, user_id: str, file: File) -> dict[str, bool]:
        move = self.may_move(user_id, file)
        edit = move or file.created_by == user_id
        read = move or self.may_read_file(user_id, file)
        names = {
            "Read": read, "Edit": edit, "Rename": edit, "Lock": edit, "Delete": move, "Move": move,
            "Copy": read, "Download": read and not file.denied, "ReadHistory": edit, "EditHistory": edit,
            "Comment": edit, "Review": edit, "FillForms": edit, "Convert": read, "Duplicate": edit,
        }  # fmt: skip
        return dict(names)

    def of_folder(self, user_id: str, folder: Folder) -> dict[str, bool]:
        role = self.role(user_id, folder) or 0
        create = self.may_create(user_id, folder)
        manage = role == Role.MANAGER and not self._tree.is_section(folder)
        return {
            "Read": role > 0, "Create": create, "MoveTo": create, "CopyTo": create, "Rename": manage,
            "Delete": manage, "Move": manage and folder.room_type is None, "EditRoom": manage,
            "EditAccess": manage, "Copy": role > 0, "Download": role > 0,
        }  # fmt: skip
