"""What real mail servers say, and what it means: by what was refused, the enhanced code and, where that is not
enough, the words. The texts are the servers' own; sources as in `shared.smtp.refusals`.
"""

import pytest

from shared.smtp.refusals import Scope, Verdict, enhanced_code, verdict

EVERY, LATER, NEVER = Verdict.EVERY_MAIL, Verdict.LATER, Verdict.NEVER
FROM, TO, TEXT = Scope.SENDER, Scope.RECIPIENT, Scope.MAIL

GOOGLE = [
    (EVERY, TEXT, 550, "5.4.5 Daily user sending limit exceeded."),
    (EVERY, TEXT, 550, "5.4.5 Daily SMTP relay limit exceeded for user."),
    (EVERY, TEXT, 550, "5.7.1 Daily SMTP relay limit exceeded for customer."),
    (EVERY, TEXT, 550, "5.7.1 Email quota exceeded."),
    (EVERY, TEXT, 450, "4.2.1 Peak SMTP relay limit exceeded for customer."),
    (EVERY, TEXT, 421, "4.7.0 Try again later, closing connection."),
    (EVERY, TO, 530, "5.7.0 Must issue a STARTTLS command first."),
    (EVERY, FROM, 530, "5.7.0 Authentication Required."),
    (EVERY, TO, 550, "5.7.0 Mail relay denied."),
    (EVERY, FROM, 550, "5.7.0 Mail Sending denied."),
    (EVERY, TO, 550, "5.7.1 Invalid credentials for relay [192.0.2.7]."),
    (
        EVERY,
        TEXT,
        550,
        "5.7.1 Our system has detected an unusual rate of unsolicited mail originating from your IP.",
    ),
    (
        EVERY,
        TEXT,
        550,
        "5.7.1 The IP you're using to send mail is not authorized to send email directly to our servers.",
    ),
    (
        EVERY,
        TEXT,
        550,
        "5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy.",
    ),
    (EVERY, TEXT, 554, "5.7.0 Too Many Unauthenticated commands."),
    (
        LATER,
        TO,
        550,
        "5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional",
    ),
    (LATER, TO, 452, "4.2.2 The email account that you tried to reach is over quota."),
    (LATER, TEXT, 451, "4.3.0 Mail server temporarily rejected message."),
    (NEVER, TO, 550, "5.1.1 The email account that you tried to reach does not exist."),
    (NEVER, TO, 550, "5.2.1 The email account that you tried to reach is disabled."),
    (NEVER, TO, 552, "5.2.2 The email account that you tried to reach is over quota."),
    (NEVER, TO, 553, "5.1.2 We weren't able to find the recipient domain."),
    (NEVER, TEXT, 552, "5.2.3 Your message exceeded Google's message size limits."),
    (NEVER, TEXT, 552, "5.7.0 This message was blocked because its content presents a potential security issue."),
    (NEVER, TEXT, 550, "5.7.1 Our system has detected that this message is likely unsolicited mail."),
    (NEVER, TEXT, 554, "5.6.0 Mail message is malformed. Not accepted."),
]
EXCHANGE = [
    (EVERY, TEXT, 554, "5.2.252 SendAsDenied; a@example.com not allowed to send as b@example.com"),
    (EVERY, TEXT, 554, "Transaction failed: 5.2.252 SendAsDenied"),
    (EVERY, TO, 550, "5.1.8 Access denied, bad outbound sender"),
    (EVERY, TEXT, 550, "5.1.90 Your message can't be sent because you've reached your daily limit for recipients"),
    (EVERY, TEXT, 550, "5.2.2 Submission quota exceeded"),
    (EVERY, TO, 550, "5.4.1 Relay Access Denied"),
    (EVERY, TO, 550, "5.7.1 Unable to relay"),
    (EVERY, TO, 550, "5.7.1 Client was not authenticated"),
    (EVERY, TO, 550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
    (EVERY, FROM, 530, "5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM"),
    (EVERY, TEXT, 550, "5.7.60 SMTP; Client does not have permissions to send as this sender"),
    (EVERY, TO, 550, "5.7.64 TenantAttribution; Relay Access Denied"),
    (EVERY, TEXT, 550, "5.7.708 Access denied, traffic not accepted from this IP"),
    (EVERY, TEXT, 451, "4.7.500 Server busy. Please try again later"),
    (LATER, TO, 550, "5.2.121 Recipient's per hour message receive limit from specific sender exceeded"),
    (LATER, TO, 550, "5.7.513 Service unavailable, Client host [192.0.2.7] blocked by example.com"),
    (EVERY, TEXT, 432, "4.3.2 STOREDRV.Deliver; recipient thread limit exceeded"),
    (NEVER, TO, 550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"),
    (NEVER, TO, 550, "5.4.1 Recipient address rejected: Access denied. AS(201806281)"),
    (NEVER, TO, 550, "5.5.0 Requested action not taken: mailbox unavailable"),
    (NEVER, TO, 550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required"),
    (NEVER, TO, 550, "5.7.504 [a@example.com]: Recipient address rejected: Access denied"),
    (NEVER, TEXT, 550, "5.6.11 Invalid characters"),
]
POSTFIX = [
    (EVERY, TO, 554, "5.7.1 <a@example.com>: Relay access denied"),
    (EVERY, TO, 553, "5.7.1 <b@example.com>: Sender address rejected: not owned by user me"),
    (EVERY, TO, 550, "5.1.0 <b@example.com>: Sender address rejected: User unknown in virtual mailbox table"),
    (EVERY, TO, 554, "5.7.1 Service unavailable; Client host [5.1.1.7] blocked using zen.spamhaus.org"),
    (EVERY, TO, 504, "5.5.2 <h>: Helo command rejected: need fully-qualified hostname"),
    (EVERY, FROM, 452, "4.3.1 Insufficient system storage"),
    (EVERY, TO, 450, "4.7.1 Error: too much mail from 192.0.2.7"),
    (LATER, TO, 450, "4.2.0 <a@example.com>: Recipient address rejected: Greylisted"),
    (LATER, TO, 450, "4.1.2 <a@example.com>: Recipient address rejected: Domain not found"),
    (LATER, TO, 451, "4.3.0 <a@example.com>: Temporary lookup failure"),
    (NEVER, TO, 550, "5.1.1 <a@example.com>: Recipient address rejected: User unknown in local recipient table"),
    (NEVER, TO, 550, "5.1.2 <a@example.com>: Recipient address rejected: Domain not found"),
    (NEVER, TO, 501, "5.1.3 Bad recipient address syntax"),
    (NEVER, FROM, 552, "5.3.4 Message size exceeds fixed limit"),
    (NEVER, TEXT, 552, "5.3.4 Error: message file too big"),
    (NEVER, TEXT, 550, "5.7.1 message content rejected"),
]
OTHERS = [
    (EVERY, TEXT, 454, "Throttling failure: Maximum sending rate exceeded."),  # Amazon SES
    (EVERY, TEXT, 454, "Throttling failure: Daily message quota exceeded."),
    (
        EVERY,
        TEXT,
        554,
        "Message rejected: Email address is not verified. The following identities failed the check",
    ),
    (EVERY, TEXT, 550, "The from address does not match a verified Sender Identity."),  # SendGrid
    (EVERY, FROM, 550, "not from here"),
    (EVERY, TO, 550, "relay not permitted"),  # Exim
    (EVERY, TO, 550, "blocked, see https://www.spamhaus.org/query/ip/192.0.2.7"),
    (LATER, TO, 554, "Transaction failed"),
    (LATER, TO, 550, "5.9.9 a code that nobody has"),
    (LATER, TO, 550, "5.7.1 a policy that says no more"),
    (NEVER, TO, 550, "No such user here"),
    (NEVER, TO, 550, "5.0.0 <a@example.com>... User unknown"),
    (NEVER, TEXT, 554, "rejected as spam"),
]


@pytest.mark.parametrize(("meant", "scope", "reply", "said"), [*GOOGLE, *EXCHANGE, *POSTFIX, *OTHERS])
def test_a_servers_own_words_mean(meant, scope, reply, said):
    assert verdict(scope, reply, said) is meant


@pytest.mark.parametrize(("meant", "scope", "reply", "said"), [*GOOGLE, *EXCHANGE, *POSTFIX, *OTHERS])
def test_the_same_words_as_a_passing_refusal_are_never_for_good(meant, scope, reply, said):
    passing = said.replace("5.", "4.", 1)
    assert verdict(scope, 450, passing) is not NEVER


@pytest.mark.parametrize(
    ("reply", "said", "code"),
    [
        (550, "5.1.1 no such user", "1.1"),
        (554, "Transaction failed: 5.2.252 SendAsDenied", "2.252"),
        (550, "no such user. (5.1.1)", "1.1"),
        (550, "#5.1.0 Address rejected.", "1.0"),
        (550, "Client host [5.1.1.7] is not welcome", ""),
        (550, "version 15.1.1 and 4.7.0 and 5.1.1.1", ""),
        (450, "5.1.1 is of another class than the reply", ""),
        (550, "", ""),
    ],
)
def test_the_code_is_found_wherever_it_stands_and_an_address_is_none(reply, said, code):
    assert enhanced_code(reply, said) == code
