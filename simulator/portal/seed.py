"""The portal at start. Ids are fixed, so that a compose file can name them."""

from datetime import datetime

from simulator.portal.model import Folder, FolderType, Id, Role, User

ROOMS = 52817
ARCHIVE = 52818
TRASH = 52819
"""The client's trash. A deleted file goes to the trash of the user who deleted it."""
SERVICE_TRASH = 52820
OWNER_TRASH = 52821
NO_RIGHTS_TRASH = 52822
GUEST_TRASH = 52823
SERVICE_DOCUMENTS = 52830
CLIENT_ROOM = 86190
CLIENT_SUBFOLDER = 86193
OTHER_CLIENT_ROOM = 86250
DROPBOX_ROOM = "sbox-12"
ACCOUNTING_ROOM = 748200
INCOMING = 748239
FIRST_FILE = 748301
FIRST_FOLDER = 910001

OWNER = User(
    "f6a4d2c0-5b1e-4f0a-8a3d-2c9e7b6d1a10",
    "Olive Owner",
    "olive@portal.example",
    is_admin=True,
    is_room_admin=True,
)
SERVICE = User(
    "3a1c6b0e-0d7c-4a7e-9a4f-6f0b7f1b2c3d", "Invoice Service", "invoices@portal.example", is_room_admin=True
)
CLIENT = User("66faa6e4-f133-11ea-b126-00ffeec8b4ef", "Jane Client", "jane@acme.example")
NO_RIGHTS = User("0c7e5b9a-44d1-4c3f-9d55-7f1e2a3b4c5d", "Nora Norights", "nora@portal.example")
GUEST = User("031bd0d7-e3b1-4bfd-9699-3bf023a404a7", "Gus Guest", "gus@acme.example", is_guest=True)
REMOVED = User("4f1c2d3e-0000-4000-8000-9d1e2f3a4b5c", "profile removed", "")
"""Shown in place of a user who was deleted."""
USERS = {user.id: user for user in (OWNER, SERVICE, CLIENT, NO_RIGHTS, GUEST, REMOVED)}
TRASHES = {
    OWNER.id: OWNER_TRASH,
    SERVICE.id: SERVICE_TRASH,
    CLIENT.id: TRASH,
    NO_RIGHTS.id: NO_RIGHTS_TRASH,
    GUEST.id: GUEST_TRASH,
}

OWNER_KEY = "sk-owner"
CLIENT_KEY = "sk-client"
NO_RIGHTS_KEY = "sk-norights"
LIMITED_KEY = "sk-files"
"""A key of the service user for files only. It cannot list rooms or see webhooks."""
READING_KEY = "sk-files-read"
ROOMS_KEY = "sk-rooms-read"
"""Keys of the service user, limited to what their names say."""
PERMISSIONS = {
    LIMITED_KEY: ("files:read", "files:write"),
    READING_KEY: ("files:read",),
    ROOMS_KEY: ("rooms:read",),
}
"""The permissions of the keys that have limits."""

CUSTOM_ROOM = 5


def api_keys(service_key: str) -> dict[str, User]:
    return {
        OWNER_KEY: OWNER,
        NO_RIGHTS_KEY: NO_RIGHTS,
        CLIENT_KEY: CLIENT,
        LIMITED_KEY: SERVICE,
        READING_KEY: SERVICE,
        ROOMS_KEY: SERVICE,
        service_key: SERVICE,
    }


def folders(now: datetime) -> dict[Id, Folder]:
    def section(id_: Id, title: str, kind: FolderType, owner: str = OWNER.id) -> Folder:
        return Folder(id_, title, None, owner, now, type=kind)

    def room(id_: Id, title: str, roles: dict[str, Role], provider: str = "") -> Folder:
        return Folder(
            id_, title, ROOMS, OWNER.id, now,
            type=FolderType.CUSTOM_ROOM, room_type=CUSTOM_ROOM, provider=provider, roles=roles,
        )  # fmt: skip

    client = {SERVICE.id: Role.MANAGER, CLIENT.id: Role.CREATOR, GUEST.id: Role.CREATOR, NO_RIGHTS.id: Role.VIEWER}
    tree = [
        section(ROOMS, "Rooms", FolderType.VIRTUAL_ROOMS),
        section(ARCHIVE, "Archive", FolderType.ARCHIVE),
        *(section(trash, "Trash", FolderType.TRASH, user_id) for user_id, trash in TRASHES.items()),
        section(SERVICE_DOCUMENTS, "My documents", FolderType.USER, SERVICE.id),
        room(CLIENT_ROOM, "Acme Ltd", dict(client)),
        Folder(CLIENT_SUBFOLDER, "2026", CLIENT_ROOM, OWNER.id, now),
        room(OTHER_CLIENT_ROOM, "Globex", dict(client)),
        room(DROPBOX_ROOM, "Northwind (Dropbox)", dict(client), provider="DropBox"),
        room(ACCOUNTING_ROOM, "Accounting", {SERVICE.id: Role.MANAGER}),
        Folder(INCOMING, "Incoming", ACCOUNTING_ROOM, OWNER.id, now),
    ]
    return {folder.id: folder for folder in tree}
