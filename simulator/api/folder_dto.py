"""The FolderDto of sections, rooms and folders: null values are left out, defaults are not."""

from simulator.api.entry_dto import ACCESS, UNSHARED, View, links, present, provider
from simulator.portal.model import Folder, FolderType, JsonObject, Role

ARCHIVE_ACCESS = 3
LINKS = ["Editing", "Review", "Comment", "Read"]
_LOGO = {"original": "", "large": "", "medium": "", "small": "", "color": "1FCECB"}


def folder_shape(
    view: View, user_id: str, folder: Folder, *, alone: bool = False, listed: bool = False
) -> JsonObject:
    """`alone`: for GET folder. `listed`: for a page, where rooms have `parentRoomType` too."""
    tree = view.portal.tree
    section, room = tree.section(folder.id), tree.room(folder.id)
    role = view.portal.rights.role(user_id, folder)
    is_room, active = folder is room, section.type == FolderType.VIRTUAL_ROOMS
    managed = (role or 0) >= Role.MANAGER and active and room is not None
    files, folders = (0, 0) if folder is section else _counts(view, folder)
    settings = {"PrimaryExternalLink": 1, "ExternalLink": 5} if is_room else {"ExternalLink": 6}
    may_link = links(LINKS, none=role == Role.OWNER) if room else {}
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
        **present(roomType=folder.room_type),
        "private": False,
        "indexing": False,
        "denyDownload": False,
        **({"inRoom": role != Role.ADMIN} if is_room else {}),
        **(_quota(view, folder) if is_room else {}),
        "fileEntryType": 1,
        "id": folder.id,
        "rootFolderId": section.id,
        "canShare": managed,
        **present(shareSettings=settings if managed else None),
        "security": view.portal.rights.of_folder(user_id, folder),
        "availableShareRights": may_link,
        "title": folder.title,
        "access": access,
        **present(ownedBy=view.owner(user_id, room)),
        **UNSHARED,
        "created": view.moment(folder.created),
        "createdBy": view.person(folder.created_by),
        "updated": view.moment(folder.created),
        "rootFolderType": int(section.type),
        **present(parentRoomType=int(around.type) if told else None),
        "updatedBy": view.person(folder.created_by),
        **({"isFavorite": False} if alone and is_room else {}),
        **provider(folder),
    }


def current_shape(view: View, user_id: str, folder: Folder) -> JsonObject:
    """The folder that was listed, as a page shows it."""
    shape = folder_shape(view, user_id, folder, listed=True)
    if folder.room_type is None:
        return shape
    told = {"parentRoomType": int(folder.type)} if "parentRoomType" in shape else {}
    head = {name: shape.pop(name) for name in ("parentId", "filesCount", "foldersCount")}
    return head | {"isShareable": True} | shape | told


def _counts(view: View, folder: Folder) -> tuple[int, int]:
    inner = list(view.portal.tree.below(folder.id))
    files = sum(len(view.portal.tree.files.inside(id_)) for id_ in (folder.id, *(found.id for found in inner)))
    return files, len(inner)


def _quota(view: View, room: Folder) -> JsonObject:
    if room.quota is None:
        return {}
    return {"quotaLimit": room.quota, "isCustomQuota": True, "usedSpace": view.portal.tree.size(room.id)}
