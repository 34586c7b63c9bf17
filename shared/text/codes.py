"""The codes of reasons: short and stable, for programs and for who looks for one. Only the sentences may change.

docs/reference/failures.md has them as a table, which `make docs` writes.
"""

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """Each with what it means, and what a person does; without that, nothing is to be done."""

    meaning: str
    remedy: str

    def __new__(cls, code: str, meaning: str, remedy: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        member.remedy = remedy
        return member

    # nothing to do
    NO_RULE = (
        "no-rule",
        "no rule takes the upload; the sentence says why the closest rule does not",
        "if it is an invoice: correct the rule",
    )
    FORM = "form", "`form.submit` names no file; what was submitted is found by reconciling"
    GONE = "gone", "the file no longer exists, or the service user can no longer see it"
    DELETED = "deleted", "the file is in a trash", "if that was a mistake: upload it again"
    ALREADY_FILED = "already-filed", "another message filed this upload"
    WAITS_FOR_HOUR = (
        "waits-for-hour",
        "it is told at the hour that its recipient wants, or with others in one message",
    )
    ALREADY_ANNOUNCED = "already-announced", "another message told everybody of this upload"
    SAME_UPLOAD = "same-upload", "another message of the same upload is at work on it"

    # a person's, at the portal
    NO_RIGHT = (
        "no-right",
        "the service user lacks a right",
        "give it the role that the sentence names, in the room that it names; then replay",
    )
    HIDDEN = (
        "hidden",
        "the service user does not see the file, its room or the destination",
        "make it a member of the room",
    )
    LOCKED = "locked", "somebody locked the file", "ask who locked it to unlock it"
    OPEN_IN_EDITOR = "open-in-editor", "somebody has the file open in the editor", "ask them to close it"
    ARCHIVED = "archived", "the room, or the destination's room, is archived", "restore it"
    IN_TRASH = "in-trash", "the destination is in a trash", "restore it"
    NO_DESTINATION = "no-destination", "the rule's destination does not exist", "correct the rule, then replay"
    FORMS_ONLY = (
        "forms-only",
        "the destination is in a form-filling room",
        "name another folder in the rule, then replay",
    )
    NO_FOLDER = "no-folder", "the destination is a section of the portal", "name a folder in a room in the rule"
    PUT_ELSEWHERE = (
        "put-elsewhere",
        "while the file was being moved, somebody put it elsewhere: it is left there",
        "if it belongs in the destination: move it by hand",
    )

    # the portal as a whole
    PAUSED = "paused", "the worker takes no messages now", "what the sentence and `/readyz` say"
    PORTAL_UNREACHABLE = (
        "portal-unreachable",
        "no answer: network, TLS or a timeout",
        "if it does not end: repair the network, or correct DOCSPACE_API_HOST",
    )
    PORTAL_NOT_ITSELF = (
        "portal-not-itself",
        "something else answers in the portal's place, or it gives no reason",
        "correct DOCSPACE_API_HOST, or wait for the maintenance to end",
    )
    PORTAL_ERROR = (
        "portal-error",
        "the portal answered with a fault of its own, or not as it documents",
        "if it does not end: look at the portal's own log",
    )
    PORTAL_SUSPENDED = "portal-suspended", "the portal is suspended", "its owner renews it"
    PORTAL_CHANGING = "portal-changing", "the portal is being restored, moved or encrypted: that ends by itself"
    PORTAL_UNPAID = "portal-unpaid", "the portal's plan or quota does not allow it", "its owner changes the plan"
    PORTAL_REFUSED = (
        "portal-refused",
        "the portal declined for a reason of its own, which the sentence quotes",
        "what the sentence says",
    )
    RATE_LIMIT = (
        "rate-limit",
        "the portal limits how much it does for the service user",
        "if it does not pass: see who else works with the key's user",
    )
    KEY_REFUSED = (
        "key-refused",
        "the portal refuses the API key: wrong, switched off or expired",
        "switch it on again, or set a new one in DOCSPACE_API_KEY",
    )
    KEY_LOST = (
        "key-lost",
        "the API key does not arrive at the portal: a proxy drops the header",
        "let the proxy pass the `Authorization` header",
    )
    KEY_LACKS_PERMISSION = "key-lacks-permission", "the API key lacks a permission", "give it the one that is named"

    # a move
    AT_WORK = "at-work", "another worker is at work on it and will be done in a moment"
    CLAIM_LOST = "claim-lost", "another worker may have taken the work over"
    UNDATED = "undated", "the portal does not say when the file was created", "report it"
    NOT_ARRIVED = (
        "not-arrived",
        "a move was sent, and the file is not in the destination",
        "if it is a dead letter: look for the file, then replay",
    )
    NAME_TAKEN = (
        "name-taken",
        "another upload of that name became the file in the destination",
        "look at the file in the destination",
    )

    # telling
    NOBODY_TO_TELL = (
        "nobody-to-tell",
        "the rule has no recipient and no channel here",
        "correct the rule, then replay",
    )
    NO_MANAGERS = (
        "no-managers",
        "the rule tells the room's managers alone, and the portal names none with an e-mail address",
        "make the service user a member of the room, or name an address in the rule; then replay",
    )
    MAIL_UNAVAILABLE = (
        "mail-unavailable",
        "the mail server cannot be used, or would refuse any mail of ours now",
        "repair the server, or correct SMTP_URL or MAIL_FROM",
    )
    MAIL_LATER = "mail-later", "the mail server takes this mail later"
    MAIL_REFUSED = (
        "mail-refused",
        "the mail server refuses this recipient or mail for good",
        "correct the rule, then replay",
    )
    OUT_OF_TIME = (
        "out-of-time",
        "time ran out before everyone was told; the others are told at the next attempt",
    )
    CHANNEL_BUSY = (
        "channel-busy",
        "a chat is told at the pace that its service takes, and others are told before",
        "nothing: it is told soon; `digest` tells many invoices in one message",
    )
    CHANNEL_REFUSED = (
        "channel-refused",
        "a channel other than mail did not accept the message",
        "if it does not end: correct the channel's URL in the rule",
    )

    # handing on
    NOT_WANTED = "not-wanted", "the endpoint does not ask for this event, or the rules no longer name it"
    HOOK_DISABLED = (
        "hook-disabled",
        "the endpoint is disabled: nothing is sent to it",
        "repair it; then `intake hooks enable` and `intake hooks replay`",
    )
    HOOK_GAVE_UP = (
        "hook-gave-up",
        "the endpoint refused this one event for as long as RETRY_MAX_AGE_S",
        "look at its answers with `intake hooks show`; then `intake hooks replay`",
    )
    HOOK_UNREACHED = (
        "hook-unreached",
        "the endpoint gave no answer, or its address or its secret cannot be used",
        "if it does not end: see the sentence and `intake hooks show`",
    )
    HOOK_REFUSED = (
        "hook-refused",
        "the endpoint answered with another status than 2xx",
        "if it does not end: look at the receiver's own log",
    )

    # our own side
    DATABASE = "database", "the ledger's database cannot be used", "bring it back"
    UNSTORABLE = "unstorable", "the database refuses what it was given", "report it"
    UNREADABLE = "unreadable", "the message cannot be read", "look at it with `intake dead show`"
    UNEXPECTED = "unexpected", "a fault of this program: the log has a traceback", "report it"
    UNKEPT = "unkept", "the history could not keep the step, and shows this in its place"

    # the broker
    DELIVERY_LIMIT = "delivery-limit", "the message killed its worker again and again", "report it"
    BROKER_REFUSED = (
        "broker-refused",
        "the broker does not take what the worker published for the message",
        "look at it with `intake dead show`",
    )
    BROKER_BURIED = (
        "broker-buried",
        "the broker made it a dead letter for another reason",
        "look at it with `intake dead show`",
    )
