"""The page at /, and the small page that a link to a file opens."""

import html

import falcon

from simulator.api.dto import parse_id
from simulator.errors import NotFoundError
from simulator.page.page_html import FILE_PAGE, PAGE
from simulator.portal.portal import Portal

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"


class PageResource:
    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        _html(resp, PAGE)


class FilePage:
    """/doceditor?fileid=ID: which file it is and where it lies."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        wanted = next((value for name, value in req.params.items() if name.casefold() == "fileid"), "")
        try:
            with self._portal.lock:
                file = self._portal.tree.file(parse_id(wanted))
                title = file.title
                place = " / ".join(folder.title for folder in self._portal.tree.path(file.folder_id))
                facts = f"version {file.version}, {file.size} bytes"
        except NotFoundError as error:
            resp.status = falcon.HTTP_404
            title, place, facts = error.message, "", ""
        shown = FILE_PAGE
        for mark, text in (("{title}", title), ("{place}", place), ("{facts}", facts)):
            shown = shown.replace(mark, html.escape(text))
        _html(resp, shown)


def _html(resp: falcon.Response, text: str) -> None:
    resp.content_type = falcon.MEDIA_HTML
    resp.text = text
    resp.set_header("Content-Security-Policy", POLICY)
