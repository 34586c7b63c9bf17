"""Why a webhook is an invoice, or not: the classifier's own inquiry and decision, and the trace of its checks."""

from dataclasses import dataclass, replace

from console.explain.filed import Filed
from shared.deciding.inquiry import FileGoneError, Inquiry, Portal
from shared.deciding.memory import Memory
from shared.docspace.errors import UnreachableError
from shared.docspace.model import FileInfo, FolderInfo, entry_time
from shared.docspace.payload import Entry, Webhook
from shared.errors import PermanentError, TransientError
from shared.rules.decide import Answer, Ask, Decision, Match, NoMatch, Question, conclusion, trace
from shared.rules.finding import Finding
from shared.rules.model import RuleSet
from shared.runtime.handling import retry_for
from shared.text.codes import Code
from shared.wire.events import EntryId
from shared.wire.outcome import Dead, Retry, Skip

UPLOADED = "file.uploaded"


class NoPortal:
    """Stands where no portal is asked: what only a portal knows stays unknown."""

    def __init__(self, why: str = "set DOCSPACE_API_HOST and DOCSPACE_API_KEY") -> None:
        self._why = why

    def file(self, file_id: EntryId) -> FileInfo:
        raise self._unknown(f"file {file_id}")

    def folder(self, folder_id: EntryId) -> FolderInfo:
        raise self._unknown(f"folder {folder_id}")

    def folder_path(self, folder_id: EntryId) -> tuple[FolderInfo, ...]:
        raise self._unknown(f"the room of folder {folder_id}")

    def self_id(self) -> str:
        raise self._unknown("the service user")

    def _unknown(self, what: str) -> UnreachableError:
        return UnreachableError(f"only the portal knows {what}: {self._why}")


@dataclass(frozen=True, slots=True)
class Explanation:
    webhook: Webhook
    rules: RuleSet
    steps: tuple[Finding | Match | Ask, ...]
    fate: Match | Skip | Retry | Dead
    """What the classifier does with it now."""
    missing: tuple[Question, ...]
    """What the portal was asked for and did not tell."""
    filed: Filed | None = None
    """What became of it, where that is known."""

    @property
    def gone(self) -> bool:
        return isinstance(self.fate, Skip) and self.fate.code is Code.GONE


def explain(webhook: Webhook, rules: RuleSet, portal: Portal) -> Explanation:
    """Asks `portal` what the classifier would ask."""
    inquiry = Inquiry(webhook, rules, portal, Memory())
    fate = _fate(inquiry)
    steps = tuple(trace(rules, webhook, inquiry.known))
    told = Explanation(webhook, rules, steps, fate, _missing(inquiry, conclusion(steps)))
    return replace(told, missing=()) if told.gone else told


def uploaded(file: FileInfo) -> Webhook:
    """The webhook that an upload of this file by its creator would have sent."""
    entry = Entry(
        id=file.id,
        title=file.title or None,
        parent_id=file.folder_id,
        is_file=True,
        created_by=file.created_by,
        created_by_name=file.created_by_name,
        created_at=entry_time(file.created_at) if file.created_at else None,
        version=file.version,
    )
    return Webhook(trigger=UPLOADED, entry=entry, actor=file.created_by)


def _fate(inquiry: Inquiry) -> Match | Skip | Retry | Dead:
    try:
        decision = inquiry.decision()
    except FileGoneError as error:
        return Skip(str(error), Code.GONE)
    except TransientError as error:
        return retry_for(error)
    except PermanentError as error:
        return Dead(str(error), error.code)
    return Skip(decision.reason, Code.NO_RULE) if isinstance(decision, NoMatch) else decision


def _missing(inquiry: Inquiry, decision: Decision) -> tuple[Question, ...]:
    """A path that is None is an answer: the folder is hidden."""
    unanswered = {Question.SERVICE_USER: inquiry.known.service_user, Question.TITLE: inquiry.known.title}
    missing = [question for question, answer in unanswered.items() if answer == Answer(None)]
    return (*missing, decision.question) if isinstance(decision, Ask) else tuple(missing)
