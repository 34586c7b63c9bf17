"""The routes that change the whole portal, under /simulator/portal and /simulator/users."""

from datetime import timedelta

import falcon

from simulator.api.reading import Reading
from simulator.errors import BadRequestError
from simulator.outgoing import payload
from simulator.outgoing.payload import Event
from simulator.portal import seed, times
from simulator.portal.portal import Portal

REMOVABLE = {"client": seed.CLIENT, "guest": seed.GUEST}


class PortalResource:
    """PUT changes the members of the mood that it names. DELETE brings back the ordinary mood."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = self._portal.moods.as_json()

    def on_put(self, req: falcon.Request, resp: falcon.Response) -> None:
        self._portal.moods.change(req.get_media())
        resp.media = self._portal.moods.as_json()

    def on_delete(self, _req: falcon.Request, resp: falcon.Response) -> None:
        self._portal.moods.clear()
        resp.media = self._portal.moods.as_json()

    def on_post_backup(self, _req: falcon.Request, resp: falcon.Response) -> None:
        self._portal.back_up()
        resp.media = {"files": len(self._portal.tree.files)}

    def on_post_restore(self, _req: falcon.Request, resp: falcon.Response) -> None:
        self._portal.restore()
        resp.media = {"files": len(self._portal.tree.files)}

    def on_post_user(self, _req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """Sends `user.created` to every webhook that wants it and whose owner may make rooms."""
        if name not in REMOVABLE:
            raise BadRequestError(f"a user to be made is one of {', '.join(REMOVABLE)}")
        now = self._portal.now()
        at = times.api(now, timedelta())
        told = payload.of_person(REMOVABLE[name], payload.Made(seed.OWNER.id, at, at, at))
        self._portal.publish(
            Event("user.created", seed.OWNER.id, now, told),
            lambda reader: Reading(seed.USERS[reader].is_room_admin),
        )
        resp.media = {"made": name}

    def on_delete_user(self, _req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """Deletes the user from the portal. Here their key still works."""
        if name not in REMOVABLE:
            raise BadRequestError(f"a user to be deleted is one of {', '.join(REMOVABLE)}")
        self._portal.remove_user(REMOVABLE[name])
        resp.media = {"deleted": name}
