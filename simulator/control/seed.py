"""POST /simulator/seed makes many files in many folders at once, as in a room that was used for long."""

from datetime import timedelta

import falcon

from simulator.api.dto import parse_id
from simulator.errors import BadRequestError
from simulator.portal import seed
from simulator.portal.model import Act, File, Folder, Id
from simulator.portal.portal import Portal

KNOWN = {"folder", "folders", "depth", "files", "title", "age_s"}


class SeedResource:
    """{"folder": id, "folders": n, "depth": levels, "files": n, "title": "Invoice {}.pdf", "age_s": seconds}.

    Sends no events. Each `depth` folders form one path. The files are spread over all folders in turn. Each is a
    second older than the next. Answers {"folders": [id, …], "files": [id, …]}.
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = req.get_media()
        if not isinstance(body, dict) or not set(body) <= KNOWN:
            raise BadRequestError(f"seeding takes {', '.join(sorted(KNOWN))}")
        with self._portal.lock:
            top = self._portal.tree.folder(parse_id(body.get("folder", seed.CLIENT_ROOM)))
            folders = self._folders(top, int(body.get("folders", 0)), int(body.get("depth", 1)))
            title, age = str(body.get("title", "Invoice {}.pdf")), timedelta(seconds=float(body.get("age_s", 0)))
            files = self._files(folders or [top], int(body.get("files", 0)), title, age)
        resp.media = {"folders": [folder.id for folder in folders], "files": files}

    def _folders(self, top: Folder, count: int, depth: int) -> list[Folder]:
        tree, made = self._portal.tree, list[Folder]()
        for number in range(count):
            parent = top if number % depth == 0 else made[-1]
            title = f"Folder {number}"
            folder = Folder(
                tree.new_folder_id(parent, title), title, parent.id, seed.OWNER.id, self._portal.now(),
                provider=parent.provider,
            )  # fmt: skip
            tree.folders[folder.id] = folder
            made.append(folder)
        return made

    def _files(self, folders: list[Folder], count: int, title: str, age: timedelta) -> list[Id]:
        tree, now, made = self._portal.tree, self._portal.now(), list[Id]()
        for number in range(count):
            folder, name = folders[number % len(folders)], title.format(number)
            at = now - age - timedelta(seconds=count - number)
            file = File(
                tree.new_file_id(folder, name), name, folder.id, 1000, seed.CLIENT.id, at, seed.CLIENT.id, at,
                acts=(Act("FileUploaded", seed.CLIENT.id, at),),
            )  # fmt: skip
            tree.files[file.id] = file
            made.append(file.id)
        return made
