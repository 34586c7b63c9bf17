"""The codes of reasons: short and stable, for programs and for who looks for one. Only the sentences may change.

docs/reference/failures.md has them as a table, which a test compares with this list.
"""

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """Each with what it means, and where it is not plain, what a person does."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    # nothing to do
    NO_RULE = "no-rule", "no rule takes the upload; the sentence names what failed of the rule that came closest"
    FORM = "form", "`form.submit` names no file; what was submitted is found by reconciling"
    GONE = "gone", "the file no longer exists, or left what the service user sees"
    DELETED = "deleted", "the file is in a trash"
    ALREADY_FILED = "already-filed", "another message filed this upload"
    ALREADY_ANNOUNCED = "already-announced", "another message told everybody of this upload"
    SAME_UPLOAD = "same-upload", "another message of the same upload is at work on it"

    # a person's, at the portal
    NO_RIGHT = "no-right", "the service user lacks a right; the sentence says which role to give it, and where"
    HIDDEN = "hidden", "the service user does not see the file, its room or the destination: make it a member"
    LOCKED = "locked", "somebody locked the file"
    OPEN_IN_EDITOR = "open-in-editor", "somebody has the file open in the editor"
    ARCHIVED = "archived", "the room, or the destination's room, is archived"
    IN_TRASH = "in-trash", "the destination is in a trash"
    NO_DESTINATION = "no-destination", "the rule's destination does not exist: correct the rule"
    FORMS_ONLY = "forms-only", "the destination is in a form-filling room: name another folder in the rule"
    NO_FOLDER = "no-folder", "the destination is a section of the portal: name a folder in a room in the rule"
    PUT_ELSEWHERE = "put-elsewhere", "somebody moved the file elsewhere while we moved it: it is left there"

    # the portal as a whole
    PAUSED = "paused", "the worker takes no messages now; the sentence and `/readyz` say why"
    PORTAL_UNREACHABLE = "portal-unreachable", "no answer: network, TLS or a timeout"
    PORTAL_NOT_ITSELF = "portal-not-itself", "something else answers in the portal's place, or it gives no reason"
    PORTAL_ERROR = "portal-error", "the portal answered with a fault of its own, or not as it documents"
    PORTAL_SUSPENDED = "portal-suspended", "the portal is suspended: its owner renews it"
    PORTAL_CHANGING = "portal-changing", "the portal is being restored, moved or encrypted"
    PORTAL_UNPAID = "portal-unpaid", "the portal's plan or quota does not allow it"
    PORTAL_REFUSED = "portal-refused", "the portal declined for a reason of its own, which the sentence quotes"
    RATE_LIMIT = "rate-limit", "the portal limits how much it does for the service user"
    KEY_REFUSED = "key-refused", "the portal refuses the API key: wrong, switched off or expired"
    KEY_LOST = "key-lost", "the API key does not arrive at the portal: a proxy drops the header"
    KEY_LACKS_PERMISSION = "key-lacks-permission", "the API key lacks a permission, which the sentence names"

    # a move
    AT_WORK = "at-work", "another worker is at it: it ends in a moment"
    CLAIM_LOST = "claim-lost", "another worker may have taken the work over"
    UNDATED = "undated", "the portal does not say when the file was created"
    NOT_ARRIVED = (
        "not-arrived",
        "a move was sent, and the file is not in the destination; if it is dead, look for it",
    )
    NAME_TAKEN = "name-taken", "another upload of that name became the file in the destination"

    # telling
    NOBODY_TO_TELL = "nobody-to-tell", "the rule has no recipient and no channel here"
    MAIL_UNAVAILABLE = "mail-unavailable", "the mail server cannot be used, or would refuse any mail of ours now"
    MAIL_LATER = "mail-later", "the mail server takes this mail later"
    MAIL_REFUSED = "mail-refused", "the mail server refuses this recipient or mail for good"
    OUT_OF_TIME = "out-of-time", "telling those before took too long; who is left is told at the next attempt"
    CHANNEL_REFUSED = "channel-refused", "a channel other than mail did not accept the message"

    # our own side
    DATABASE = "database", "the ledger's database cannot be used"
    UNSTORABLE = "unstorable", "the database refuses what it was given"
    UNREADABLE = "unreadable", "the message cannot be read"
    UNEXPECTED = "unexpected", "a fault of this program: the log has a traceback; report it"
    UNKEPT = "unkept", "the history could not keep the step, and shows this in its place"

    # the broker
    DELIVERY_LIMIT = "delivery-limit", "the message killed its worker again and again; report it"
    BROKER_REFUSED = "broker-refused", "the broker does not take what came of the message"
    BROKER_BURIED = "broker-buried", "the broker made it a dead letter for another reason"
