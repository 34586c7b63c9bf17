"""What a mail server's refusal means for the mail: a table. Pure.

Decided by what was refused, by the enhanced status code (RFC 3463, and the registry of RFC 5248), and by the words
where real servers give one code two meanings. Sources of the rows: Google's "Gmail SMTP errors and codes"
(support.google.com/a/answer/3726730), Microsoft's "NDRs and SMTP errors in Exchange Online" (learn.microsoft.com,
non-delivery-reports-in-exchange-online), Postfix 3.7 (postconf(5), smtpd), Amazon's "SMTP response codes" of SES.
What is in no row waits, and is a dead letter only when its time is over.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from enum import Enum


class Scope(Enum):
    """What was refused, in words."""

    SENDER = "the sender (MAIL_FROM)"
    RECIPIENT = "the recipient"
    MAIL = "the mail"


class Verdict(Enum):
    EVERY_MAIL = "it would be said of any mail: waits, and the notifier is not ready"
    LATER = "passing, or unknown: this one waits"
    NEVER = "for this recipient or this mail, for good"


ANY = frozenset(Scope)
TO = frozenset({Scope.RECIPIENT})
CONTENT = frozenset({Scope.MAIL})
PERMANENT_CLASS = 5
LONGEST = 2_000
"""Characters that are looked at. Code and cause come first, and the time for some rows grows with the square."""


@dataclass(frozen=True, slots=True)
class Row:
    verdict: Verdict
    codes: str = ".*"
    """Pattern of the whole of an enhanced code's subject and detail, as `2.1`; where there is none, of ``."""
    words: str = ""
    """Pattern of some of the answer's words, in any case."""
    scopes: frozenset[Scope] = ANY
    replies: Container[int] = range(400, 600)

    def fits(self, scope: Scope, reply: int, code: str, said: str) -> bool:
        return (
            scope in self.scopes
            and reply in self.replies
            and re.fullmatch(self.codes, code) is not None
            and re.search(self.words, said, re.IGNORECASE) is not None
        )


OURS = (
    # the server itself goes, or wants another login (RFC 4954, 6; RFC 5321, 3.8; RFC 7504)
    Row(Verdict.EVERY_MAIL, replies=(421, 432, 454, 521, 525, 530, 534, 535, 538)),
    # Google says these of a recipient under a code that elsewhere means "disabled"
    Row(Verdict.LATER, r"2\.1", "receiving mail (at a rate|too quickly)"),
    # a recipient's own organisation: Exchange's receiving limits, its lists of blocked senders, its TLS
    Row(Verdict.LATER, r"2\.12[12]|7\.507|7\.513|7\.32[1-5]"),
    # our rights: SendAsDenied; the sender's address or domain; SPF, DKIM, reverse DNS, null MX (RFC 7372, 7505)
    Row(Verdict.EVERY_MAIL, r"1\.7|1\.8|2\.252|7\.2[0-9]"),
    # our limits: Google's 5.4.5, Exchange's 5.1.90, 5.7.232, 5.7.233
    Row(Verdict.EVERY_MAIL, r"4\.5|1\.90|7\.23[23]"),
    # our login or connector: RFC 4954 and 5248; Exchange's 5.7.54, .57, .60, .64, .139
    Row(Verdict.EVERY_MAIL, r"7\.(3|4|8|9|10|11|14|54|57|60|64|139)"),
    # groups and mailboxes that take mail from some senders only; an address with another owner (RFC 7293)
    Row(Verdict.NEVER, r"7\.(2|12|13|17|18|124|13[3-6])"),
    # recipients among Exchange's denials of senders, addresses and tenants
    Row(Verdict.NEVER, r"7\.50[45]|7\.703"),
    Row(Verdict.EVERY_MAIL, r"7\.[5-9]\d\d"),
    # a full or unwilling server
    Row(Verdict.EVERY_MAIL, r"3\.[125]"),
    # Postfix says what it thinks of sender and client only at RCPT (smtpd_delay_reject)
    Row(Verdict.EVERY_MAIL, words=r"sender (address )?(rejected|denied)|bad outbound sender|\bfrom address\b.*not"),
    Row(Verdict.EVERY_MAIL, words=r"(client host|helo command|etrn command).*(rejected|blocked)|blocked using"),
    Row(Verdict.EVERY_MAIL, words=r"\brelay(ing)?\b.*(denied|not (allowed|permitted))|unable to relay|for relay"),
    Row(Verdict.EVERY_MAIL, words=r"\b(spf|dkim|dmarc|sender policy framework|reverse dns|reputation)\b"),
    Row(
        Verdict.EVERY_MAIL,
        words=r"(client was not |un)authenticated|(authentication|login|log in) (is )?required"
        r"|sending (denied|paused)|not authorized to (send|perform|relay)"
        r"|identit(y|ies)\b.*(fail|verif)|not verified|sendasdenied",
    ),
    Row(
        Verdict.EVERY_MAIL,
        words=r"\b(sending|submission|relay|e?mail|outgoing|hourly|daily)\b.{0,20} (limit|quota|rate)\b.*exceed"
        r"|daily limit|rate[- ]limited|unusual rate|too (many (messages|mails|connections|unauth)|much mail)"
        r"|maximum (sending rate|credits)|throttl",
    ),
)
"""What is known of ourselves: it comes first, as its words are clear under codes that are not."""

THEIRS = (
    Row(Verdict.NEVER, r"1\.(0|1|2|3|4|6|10|20)"),
    Row(Verdict.NEVER, r"2\.[0-4]"),
    Row(Verdict.NEVER, r"3\.4"),
    Row(Verdict.NEVER, r"6\.\d+|7\.7"),
    # Exchange's edge knows no such recipient; 5.5.0 is what outlook.com says of one
    Row(Verdict.NEVER, r"4\.1|7\.1", "recipient address rejected: access denied", TO),
    Row(Verdict.NEVER, r"5\.0", scopes=TO),
    Row(Verdict.NEVER, r"7\.1", r"RESOLVER\.RST"),
    # once it has seen the text: spam, an attachment, a policy (Google's 5.7.0 and 5.7.1, Postfix's header_checks)
    Row(Verdict.NEVER, r"7\.[01]", scopes=CONTENT),
)
"""What is known of the recipient or the mail."""

UNCODED = (
    Row(Verdict.EVERY_MAIL, words=r"spamhaus|blacklist|block ?list|\brbl\b|dnsbl|your (ip|host)\b", scopes=TO),
    Row(Verdict.NEVER, "|0\\..*", scopes=TO, replies=(550, 551, 552, 553, 556)),
    Row(Verdict.NEVER, "|0\\..*", scopes=CONTENT, replies=(550, 552, 554)),
)
"""Servers without enhanced codes, by RFC 5321, 4.2.2; `5.0.x` tells no more."""

OF_THE_SENDER = (Row(Verdict.NEVER, r"3\.4|2\.3|6\.7"), Row(Verdict.EVERY_MAIL))
"""MAIL FROM is the same for every mail, but for the size and the SMTPUTF8 that it announces."""


def verdict(scope: Scope, reply: int, said: str) -> Verdict:
    """What to do after the server answered `reply` and these words (a line, without the reply) to a command.

    A reply of 4xx is never for good, whatever its words.
    """
    said = said[:LONGEST]
    code = enhanced_code(reply, said)
    rows = OF_THE_SENDER if scope is Scope.SENDER else (*OURS, *THEIRS, *UNCODED)
    found = next((row.verdict for row in rows if row.fits(scope, reply, code, said)), Verdict.LATER)
    passing = reply // 100 != PERMANENT_CLASS
    return Verdict.LATER if passing and found is Verdict.NEVER else found


def enhanced_code(reply: int, said: str) -> str:
    """Subject and detail of the first code of the reply's class, wherever it stands: `2.252`; else ``."""
    found = re.search(rf"(?<![\d.]){reply // 100}\.(\d{{1,3}}\.\d{{1,3}})(?!\.?\d)", said)
    return found.group(1) if found else ""
