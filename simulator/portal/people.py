"""Users, as the portal's answers show them."""

import functools
import zlib
from urllib.parse import quote

from simulator.portal import seed
from simulator.portal.model import JsonObject, User

PICTURES = (("avatar", 82), ("avatarOriginal", 200), ("avatarMax", 200), ("avatarMedium", 48), ("avatarSmall", 32))


@functools.lru_cache(64)
def person(user_id: str, public_url: str) -> JsonObject:
    """A user in an entry, with the e-mail address in `profileUrl`. Callers must not change the result."""
    user = seed.USERS[user_id]
    mark = zlib.crc32(user.id.encode())
    kind = "guests" if user.is_guest else "people"
    return {
        "id": user.id,
        "displayName": user.display_name,
        **{
            name: f"/static/images/default_user_photo_size_{size}-{size}.png?hash={mark}" for name, size in PICTURES
        },
        "profileUrl": f"{public_url}/accounts/{kind}/filter?search={quote(user.email)}",
        "hasAvatar": False,
        "isAnonim": False,
    }


def profile(user: User, public_url: str, registered: str) -> JsonObject:
    """The answer of people/@self. `registered` is a time as the portal writes it."""
    first, _, last = user.display_name.partition(" ")
    return {
        "firstName": first,
        "lastName": last,
        "userName": user.email.split("@")[0],
        "email": user.email,
        "status": 1,
        "activationStatus": 2,
        "department": "",
        "isAdmin": user.is_admin,
        "isRoomAdmin": user.is_room_admin and not user.is_admin,
        "isLDAP": False,
        "isOwner": user.is_admin,
        "isVisitor": user.is_guest,
        "isCollaborator": not (user.is_room_admin or user.is_guest),
        "mobilePhoneActivationStatus": 0,
        "isSSO": False,
        "theme": "System",
        "loginEventId": 0,
        "registrationDate": registered,
        "hasPersonalFolder": not user.is_guest,
        **person(user.id, public_url),
    }
