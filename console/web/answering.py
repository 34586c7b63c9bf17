"""From a request to its answer, on a thread of the pool: who it is, whether they may, the view, the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote
from uuid import uuid4

import structlog

from console.web.address import FORBIDDEN, OurAddress, check_same_origin, our_address
from console.web.door import PLAIN_COOKIE, SECURE_COOKIE, Door, Entered, Knock, client_address
from console.web.rendering import Renderer
from console.web.roles import NEEDED, Route
from console.web.site import Answer, Download, Page, Redirect, RefusedError, Site, Visit
from console.web.translations import Translations, chosen
from console.web.zones import zone_or
from shared.errors import IntakeError
from shared.text.outside import cut

SAFE = frozenset({"GET", "HEAD"})
SEE_OTHER, FAILED, UNAVAILABLE = 303, 500, 503
MOST_FIELDS = 2_000
AGENT_BYTES = 200
HTML = "text/html; charset=utf-8"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, as far as it matters here."""

    method: str
    route: str | None
    """The template of the path; None where there is none."""
    values: Mapping[str, str]
    path: str
    query: str
    body: bytes
    header: Callable[[str], str | None]
    cookies: Mapping[str, str]
    peer: str
    """The address that the connection comes from."""

    @property
    def changes(self) -> bool:
        return self.method not in SAFE

    @property
    def key(self) -> Route:
        return ("GET" if self.method == "HEAD" else self.method), self.route or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer as it goes out."""

    status: int
    body: bytes = b""
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)


class Answering:
    """Safe from several threads."""

    def __init__(self, site: Site, door: Door, renderer: Renderer, languages: Mapping[str, Translations]) -> None:
        self._site = site
        self._door = door
        self._renderer = renderer
        self._languages = languages

    def answer(self, asked: Asked) -> Given:
        """Never raises."""
        entered: Entered | None = None
        try:
            ours = our_address(asked.header, self._site.context.settings.web_public_url)
            if asked.changes:
                check_same_origin(asked.header, ours)
            entered = self.entered(asked, ours)
            visit = self._visit(asked, entered, ours)
            return self._given(self._answer(asked, visit), visit)
        except RefusedError as error:
            return self.refusal(asked, error.status, str(error), entered)
        except IntakeError as error:
            return self.refusal(asked, UNAVAILABLE, str(error), entered)
        except Exception:
            mark = uuid4().hex[:8]
            log.exception("web.failed", method=asked.method, route=asked.route, mark=mark)
            return self.refusal(
                asked, FAILED, f"this page failed by a fault of ours; the log says why, under {mark}", entered
            )

    def entered(self, asked: Asked, ours: OurAddress) -> Entered | None:
        """Who asks; None for nobody. TransientError where it cannot be known."""
        cookie = SECURE_COOKIE if ours.is_https else PLAIN_COOKIE
        token = asked.cookies.get(cookie) if ours.keeps_cookies else None
        return self._door.who(Knock(token, asked.peer, asked.header, asked.changes))

    def may(self, asked: Asked) -> bool:
        """Whether somebody who may do that asks: for what no view answers. Raises nothing but IntakeError."""
        try:
            ours = our_address(asked.header, self._site.context.settings.web_public_url)
        except RefusedError:
            return False
        entered, needed = self.entered(asked, ours), NEEDED[asked.key]
        return needed is None or (entered is not None and entered.person.role.may(needed))

    def refusal(self, asked: Asked, status: int, sentence: str, entered: Entered | None = None) -> Given:
        """A page that says why not."""
        visit = self._visit(asked, entered, None)
        page = Page("refused.html", visit._("Not possible"), {"sentence": sentence, "status": status}, status)
        return self._given(page, visit)

    def _answer(self, asked: Asked, visit: Visit) -> Answer:
        needed = NEEDED[asked.key]
        if needed is not None and visit.person is None:
            back = asked.path + (f"?{asked.query}" if asked.query else "")
            return Redirect("/login" + ("" if asked.changes else f"?to={quote(back, safe='')}"))
        if not visit.may(*asked.key):
            raise RefusedError(FORBIDDEN, f"this needs the role {needed}, and yours is {visit.role}")
        return self._site.views[asked.key](visit)

    def _given(self, answer: Answer, visit: Visit) -> Given:
        match answer:
            case Page():
                body = self._renderer.html(answer, visit).encode(errors="replace")
                return Given(status=answer.status, body=body, headers=answer.headers)
            case Redirect():
                return Given(status=SEE_OTHER, headers={**answer.headers, "Location": answer.to})
            case Download():
                name = quote(answer.name)
                headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
                return Given(status=200, body=answer.body, content_type=answer.content_type, headers=headers)

    def _visit(self, asked: Asked, entered: Entered | None, ours: OurAddress | None) -> Visit:
        context = self._site.context
        person = entered.person if entered else None
        language = chosen(
            person.language if person else None, asked.header("Accept-Language") or "", tuple(self._languages)
        )
        return Visit(
            context=context,
            person=person,
            path=asked.path,
            query=_fields(asked.query),
            form=_fields(asked.body.decode(errors="replace")),
            values=asked.values,
            now=context.clock(),
            zone=zone_or(person.zone if person else None, context.zone),
            words=self._languages[language],
            cursor=self._cursor() if person and not asked.changes else "",
            address=client_address(asked.peer, asked.header("X-Forwarded-For"), context.settings),
            agent=cut(asked.header("User-Agent") or "", AGENT_BYTES),
            origin=ours.origin if ours else "",
            session=entered.session if entered else None,
            keeps_cookies=ours is None or ours.keeps_cookies,
            is_https=ours is not None and ours.is_https,
        )

    def _cursor(self) -> str:
        try:
            return self._site.context.position()
        except IntakeError:
            return ""  # the page is told as soon as it is known


def _fields(text: str) -> dict[str, list[str]]:
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:
        return {}
