"""`/rules/edit`: the rules as a text, checked, compared with the last days, and published with a comment.

URLs hold secrets: they stand in the text as marks, which mean the URLs of the version that it began with.
"""

from dataclasses import dataclass
from hashlib import sha256

from console.rules.marks import marked, unmarked
from console.rules.masking import masked
from console.rules.publishing import Faults, Publishing
from console.setup.rules_text import NewRule, with_rule
from console.web.pages.known import rules_here
from console.web.pages.rules_desk import (
    BAD,
    CONFLICT,
    changing_desk,
    comment,
    last_switch,
    make_live,
    seen_switch,
    would_change,
)
from console.web.site import OK, Page, Redirect, RefusedError, Site, Visit
from shared.process.configuration import configuration
from shared.rules.ids import entry_id
from shared.rules.model import RuleSet
from shared.store.rulebook.reader import NoVersionError
from shared.store.rulebook.store import OvertakenError

NOT_FOUND = 404


def register(site: Site) -> None:
    site.get("/rules/edit", edit)
    site.post("/rules/check", check)
    site.post("/rules/publish", publish)


@dataclass(frozen=True, slots=True)
class Draft:
    text: str
    """With marks, as a person sees it."""
    base: int
    """The version whose URLs the marks stand for; 0 for the three variables'."""
    over: int
    """The last switch that its writer saw."""
    whole: str
    """With the URLs."""
    faults: tuple[str, ...] = ()
    rules: RuleSet | None = None
    """None where it has faults."""

    @property
    def hash(self) -> str:
        """What a person saw the changes of."""
        return sha256(self.text.encode()).hexdigest()


def edit(visit: Visit) -> Page:
    """Begins with the live rules, or with the version that `from` names."""
    desk = changing_desk(visit)
    over = last_switch(desk)
    begin = visit.first("from")
    current = desk.current()
    base = _number(visit, begin) if begin else current.number if current else 0
    whole = _text(visit, desk, base)
    text = marked(whole)
    if text is None:
        raise RefusedError(
            CONFLICT,
            visit._(
                "a channel's URL is written there in a way that cannot be masked: change it on the command line, "
                "with intake rules export --secrets and intake rules publish"
            ),
        )
    return _page(visit, Draft(text, base, over, whole))


def check(visit: Visit) -> Page:
    """Changes nothing: says every fault, or what would change."""
    desk = changing_desk(visit)
    return _page(visit, _draft(visit, desk))


def publish(visit: Visit) -> Page | Redirect:
    """What was not checked as it is now is checked first, and a person is asked anew."""
    desk = changing_desk(visit)
    draft = _draft(visit, desk)
    if draft.rules is None:
        return _page(visit, draft, status=BAD)
    if visit.given("checked") != draft.hash:
        return _page(visit, draft, notice="altered", status=CONFLICT)
    if not comment(visit):
        return _page(visit, draft, notice="comment", status=BAD)
    told = {"rules": configuration(draft.rules).rules}

    def live(name: str, why: str) -> int:
        return desk.publish(draft.whole, name, why, over=draft.over)

    try:
        make_live(visit, "publish rules", told, live, over=draft.over)
    except OvertakenError as error:
        return _overtaken(visit, desk, draft, str(error))
    return Redirect("/rules")


def _overtaken(visit: Visit, desk: Publishing, draft: Draft, error: str) -> Page:
    """Both texts; who publishes after that has seen the other one."""
    over, theirs = last_switch(desk), desk.current()
    shown = masked(theirs.text) if theirs else ""
    now = Draft(draft.text, draft.base, over, draft.whole, rules=draft.rules)
    return _page(visit, now, notice="overtaken", error=error, theirs=shown, status=CONFLICT)


def _draft(visit: Visit, desk: Publishing) -> Draft:
    text = (visit.form.get("text") or [""])[0].replace("\r\n", "\n")  # a form's lines end so
    base = _number(visit, visit.given("base", "0"))
    whole, faults = unmarked(text, _text(visit, desk, base))
    checked = Faults(faults) if faults else desk.check(whole)
    found = checked.lines if isinstance(checked, Faults) else ()
    rules = None if isinstance(checked, Faults) else checked
    return Draft(text, base, seen_switch(visit), whole, found, rules)


def _number(visit: Visit, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004 - what the databases count to
        raise RefusedError(NOT_FOUND, visit._("there is no such version"))
    return int(text)


def _text(visit: Visit, desk: Publishing, version: int) -> str:
    if version:
        try:
            return desk.version(version).text
        except NoVersionError as error:
            raise RefusedError(NOT_FOUND, str(error)) from None
    if desk.current() is not None:
        return ""  # nothing was published when the writer began, and the three variables hold no URL
    (rule,) = rules_here(visit.context.environ).rules
    return with_rule("", NewRule(rule.name, entry_id(rule.rooms[0]), "", rule.destination, "", rule.recipients))


def _page(
    visit: Visit, draft: Draft, *, notice: str = "", error: str = "", theirs: str = "", status: int = OK
) -> Page:
    facts = {
        "draft": draft,
        "notice": notice,
        "error": error,
        "theirs": theirs,
        "comment": comment(visit),
        "change": would_change(visit, draft.rules) if draft.rules else None,
    }
    return Page("rules_edit.html", visit._("Change the rules"), facts, status)
