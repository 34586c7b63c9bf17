"""Makes and moves folders as the owner of their room, under /simulator/folders."""

import falcon

from simulator.api.dto import parse_id
from simulator.errors import BadRequestError
from simulator.portal import seed
from simulator.portal.portal import Portal


class FoldersResource:
    """POST `{"title": …, "parent": id}` makes a folder. PUT `{"parent": id}` moves one with everything in it.

    The API does the same with `files/folder/{id}` and `files/fileops/move`. These routes also work while a fault is
    in force, and answer once the move has ended. The events are the same: `folder.created`, `folder.moved`.
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = req.get_media()
        if not isinstance(body, dict) or set(body) != {"title", "parent"}:
            raise BadRequestError('a folder is made of {"title": …, "parent": id}')
        folder = self._portal.create_folder(seed.OWNER, parse_id(body["parent"]), str(body["title"]))
        resp.media = {"id": folder.id}

    def on_put_one(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        body = req.get_media()
        if not isinstance(body, dict) or set(body) != {"parent"}:
            raise BadRequestError('a folder is moved by {"parent": id}')
        with self._portal.lock:
            folder = self._portal.tree.folder(parse_id(folder_id))
            folder.parent_id = self._portal.tree.folder(parse_id(body["parent"])).id
            self._portal.publish_folder("folder.moved", seed.OWNER.id, folder)
        resp.media = {"id": folder.id, "parent": folder.parent_id}
