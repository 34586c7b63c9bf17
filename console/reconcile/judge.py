"""Judges one file of a ruled room by what the rules and the ledger say: is it an invoice, how far has it come?

It reads, and asks the portal for nothing but who we are. The rules decide by the very function that the classifier
uses; the file's folder is known to lie in the room, for it was listed below it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Protocol

from console.reconcile import event
from console.reconcile.baseline import Baselines
from console.reconcile.dead_files import Subject
from console.reconcile.event import UNKNOWN, UPLOADS, Uploader
from console.reconcile.finding import Finding, State, Window
from console.reconcile.upload import identity, uploaded_at
from shared.docspace.errors import RefusedError, ScopeMissingError, UnexplainedError
from shared.docspace.ids import differ, is_own_storage
from shared.docspace.model import FileInfo, entry_time
from shared.docspace.payload import parse
from shared.rules.decide import Answer, Known, Match, NoMatch, decide
from shared.rules.ids import id_text
from shared.rules.model import RuleSet
from shared.rules.place import Folder
from shared.store import released
from shared.store.keys import move_key
from shared.store.ledger import Done, Free, Held
from shared.store.sweeps.store import EVERY_PART, Identity
from shared.wire.events import DEFAULT_PORTAL, EntryId


class Portal(Protocol):
    def self_id(self) -> str: ...


class Claims(Protocol):
    def peek(self, key: str, /) -> Done | Held | Free: ...


class Judge:
    def __init__(
        self,
        rules: RuleSet,
        portal: Portal,
        claims: Claims,
        host: str,
        dead: Collection[Subject],
        *,
        waits_s: float,
        no_webhook: str | None = None,
    ) -> None:
        """`dead` are the files that dead letters are about.

        `waits_s`: a message that goes on with its invoice comes back sooner than that.
        `no_webhook`: why none comes, where that is known.
        """
        self._rules = rules
        self._of_room: dict[EntryId, RuleSet] = {}
        self._dead: defaultdict[str, list[Subject]] = defaultdict(list)
        for subject in dead:
            self._dead[subject.file_id].append(subject)
        self._waits_s = waits_s
        self._portal = portal
        self._claims = claims
        self._host = host
        self._no_webhook = no_webhook
        self._service_user: Answer[str] | None = None

    def finding(
        self,
        file: FileInfo,
        room: EntryId,
        window: Window,
        known: Mapping[Identity, frozenset[str]],
        baselines: Baselines,
    ) -> Finding:
        """MISSED is what the webhooks and the history may still explain."""
        if any(id_text(rule.destination) == id_text(file.folder_id) for rule in self._rules.enabled):
            return Finding(file, room, State.FILED)
        found = self.verdict(file, room, UNKNOWN)
        if found.state is not State.MISSED:
            return found
        if before := self._of_the_baseline(found, known, baselines):
            return before
        if file.modified_at is not None and file.modified_at > window.until:
            return replace(found, state=State.FRESH, reason=self._of_what_is_young())
        return self._progress(found)

    def verdict(self, file: FileInfo, room: EntryId, uploader: Uploader) -> Finding:
        """MISSED where a rule takes it for an invoice of that uploader's, else NO_INVOICE."""
        rules = self._rules_of(room)
        reasons = ["no rule asks for uploads"]
        for trigger in filter(rules.listens_to, UPLOADS):
            webhook = parse(event.body(file, trigger, uploader))
            decision = decide(rules, webhook, self._known(file, room))
            if isinstance(decision, Match):
                return Finding(file, room, State.MISSED, f'rule "{decision.rule.name}"', trigger)
            if isinstance(decision, NoMatch):
                reasons.append(decision.reason)
        return Finding(file, room, State.NO_INVOICE, reasons[-1])

    def is_own(self, uploader: Uploader) -> bool:
        """Whether it is the service user, as far as we may know who that is."""
        own = self._own_id().value
        return own is not None and own.casefold() == uploader.id.casefold()

    def _of_what_is_young(self) -> str:
        if self._no_webhook:
            return f"a later pass sends it in; no webhook comes of it: {self._no_webhook}"
        return "its webhook may still come"

    def _of_the_baseline(
        self, found: Finding, known: Mapping[Identity, frozenset[str]], baselines: Baselines
    ) -> Finding | None:
        """What the room's baseline says of an invoice; None where nothing."""
        file, room = found.file, found.room
        if baselines.is_overridden(file):
            return None
        there = known.get(identity(file), frozenset())
        if EVERY_PART in there:
            return replace(found, state=State.BEFORE, reason="an earlier pass was through with it")
        parts = baselines.parts_for(room, file.title)
        left = [part for part in parts if part not in there and not baselines.is_before(room, part, file)]
        if not left:
            return replace(found, state=State.BEFORE, reason="it lay in the room when the rule was made")
        if all(baselines.is_new(room, part) for part in left):
            return replace(found, state=State.FRESH, reason="the rule is new: a later pass looks at it")
        return None

    def _progress(self, found: Finding) -> Finding:
        """Of an invoice: how far the pipeline has come with it."""
        claim = self._claim(found.file)
        if isinstance(claim, Done):
            return replace(found, state=State.DONE, reason="it was filed and put back here", settled=True)
        if self._is_dead(found.file):
            return replace(found, state=State.DEAD, reason="it waits as a dead letter: see `intake dead list`")
        if waits := self._what_it_waits_for(found.file, claim):
            return replace(found, state=State.UNDER_WAY, reason=waits)
        return replace(found, reason=found.reason + _gone_silent(claim))

    def _is_dead(self, file: FileInfo) -> bool:
        """Not by a letter about a file that had this id before."""
        return any(not differ(letter.created, file.created_at) for letter in self._dead.get(str(file.id), ()))

    def _what_it_waits_for(self, file: FileInfo, claim: Held | Free) -> str:
        """What nobody has touched for long has lost its message: sent in anew, it is taken over and done once."""
        if isinstance(claim, Held):
            return "a mover has it in hand"
        # uploads of one name share a claim in third-party storage, so that it belongs to no message there
        waits = bool(claim.message) or (claim.progress is not None and not is_own_storage(file.id))
        if not waits or claim.idle_s is None or claim.idle_s > self._waits_s:
            return ""
        left_s = max(0.0, self._waits_s - claim.idle_s)
        return (
            f"it waits for its next attempt, the last ended {claim.idle_s:.0f} s ago; "
            f"without one within {left_s:.0f} s it counts as missed"
        )

    def _claim(self, file: FileInfo) -> Done | Held | Free:
        """Of the first released version too, where it is about this file."""
        created = entry_time(file.created_at) if file.created_at else None
        at = uploaded_at(file)
        uploaded = entry_time(at) if at else None
        found = self._claims.peek(move_key(DEFAULT_PORTAL, file.id, file.version, created, uploaded))
        if isinstance(found, Free) and found.progress is None:
            old = self._claims.peek(released.move_key(self._host, file.id, file.version, uploaded))
            if isinstance(old, Held) or (
                isinstance(old, Done) and released.is_same_file(created, None, old.completed_at)
            ):
                return old
        return found

    def _rules_of(self, room: EntryId) -> RuleSet:
        """Another's room may lie within this one: it is listed by itself."""
        if room not in self._of_room:
            own = tuple(rule for rule in self._rules.enabled if id_text(room) in rule.rooms)
            self._of_room[room] = RuleSet(rules=own)
        return self._of_room[room]

    def _known(self, file: FileInfo, room: EntryId) -> Known:
        path = (Folder(room, ""), Folder(file.folder_id, ""))
        return Known(service_user=self._own_id(), path=Answer(path), title=Answer(file.title))

    def _own_id(self) -> Answer[str]:
        if self._service_user is None:
            try:
                self._service_user = Answer(self._portal.self_id())
            except (RefusedError, ScopeMissingError, UnexplainedError):
                self._service_user = Answer(None)
        return self._service_user


def _gone_silent(claim: Held | Free) -> str:
    if isinstance(claim, Held) or not (claim.message or claim.progress):
        return ""
    if claim.idle_s is None:
        return ", begun and left"
    return f", begun and left {claim.idle_s:.0f} s ago"
