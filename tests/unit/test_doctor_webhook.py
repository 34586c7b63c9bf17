"""What the doctor says of a webhook, by its configuration, its log, what arrived, and whose it is."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.doctor import webhook_config, webhook_log, webhook_others
from console.doctor.last_upload import last_upload
from console.doctor.line import Level, Line
from console.doctor.webhook_log import Upload
from console.doctor.webhook_others import Arrivals
from console.webhook.choice import BROUGHT_IN, needed_triggers
from shared.docspace.errors import ForbiddenError
from shared.docspace.model import FileInfo, FolderInfo, FolderPage
from shared.docspace.signature import sign
from shared.docspace.webhook_log import LogEntry
from shared.docspace.webhooks import REMOVED, Webhook
from shared.rules.file import parse_rules, single_rule

RULES = single_rule("1", "2", "manager@example.com")
URL = "http://hooks.example/docspace/webhook"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
RULE = '[[rule]]\nname = "clients"\n{}\ndestination = 2\nrecipients = ["m@example.com"]\n'
OLD, NEW = b"Old-Secret-1", b"New-Secret-2"
HOOK = Webhook(
    id=7, name="intake", url=URL, enabled=True, triggers=frozenset(needed_triggers(RULES)),
    checks_certificate=False, owner_id="service", last_success_at="2026-11-30T13:00:00+00:00",
)  # fmt: skip


def row(number: int, ago_s: float = 0, *, secret: bytes | None = None, waiting: bool = False) -> LogEntry:
    body = json.dumps({"event": {"id": number}}).encode()
    return LogEntry(
        id=number, happened_at=NOW - timedelta(seconds=ago_s), body=body,
        signature=None if secret is None else sign(secret, body), waiting=waiting, delivered=not waiting,
    )  # fmt: skip


def doubts(lines: Any) -> list[Line]:
    return [line for line in lines if line.level is not Level.OK]


def of_config(offset: timedelta | None = timedelta(hours=1), **changed: Any) -> list[Line]:
    return list(webhook_config.lines(replace(HOOK, **changed), RULES, offset))


def of_log(
    *rows: LogEntry, secrets: tuple[bytes, ...] = (OLD, NEW), others: tuple[Webhook, ...] = ()
) -> list[Line]:
    newest_first = sorted(rows, key=lambda row: -row.id)
    return list(webhook_log.lines(HOOK, newest_first, secrets, others, NOW))


def test_an_http_webhook_that_asks_for_a_certificate_ends_at_its_first_event() -> None:
    (line,) = doubts(of_config(checks_certificate=True))
    assert line.level is Level.FAILED
    assert "will be switched off at its next event" in line.text
    assert line.mend == "intake webhook enable 7"
    (disabled,) = doubts(of_config(checks_certificate=True, enabled=False))
    assert "is disabled: the portal asks for a certificate (ssl)" in disabled.text
    assert doubts(of_config(checks_certificate=True, url="https://hooks.example/docspace/webhook")) == []
    assert doubts(of_config()) == []


def test_times_of_a_webhook_are_told_in_utc_or_as_the_portals_own() -> None:
    assert of_config()[-1].text.endswith("last reached us at 2026-11-30 12:00:00 UTC")
    assert of_config(offset=None)[-1].text.endswith(
        "last reached us at 2026-11-30 13:00:00 by the portal's own clock"
    )
    failed = of_config(timedelta(hours=-5), last_failure_at="2026-11-30T14:00:00+00:00", last_failure="500")[-1]
    assert "failed at 2026-11-30 19:00:00 UTC: 500; last success 2026-11-30 18:00:00 UTC" in failed.text


def test_triggers_that_the_portal_does_not_tell_are_not_called_complete() -> None:
    (line,) = doubts(of_config(triggers=frozenset()))
    assert line.level is Level.WARNING
    assert "does not say which triggers" in line.text


def test_a_webhook_without_folders_is_a_warning_and_one_without_uploads_fails() -> None:
    (line,) = doubts(of_config(triggers=frozenset({"file.created", "file.uploaded"})))
    assert (line.level, "folder.moved" in line.text) == (Level.WARNING, True)
    (line,) = doubts(of_config(triggers=frozenset({"file.created", *BROUGHT_IN})))
    assert (line.level, line.text.endswith("does not send file.uploaded")) == (Level.FAILED, True)


@pytest.mark.parametrize(
    ("secret", "level", "said"),
    [
        (NEW, Level.OK, "was signed with secret 2 of 2"),
        (OLD, Level.WARNING, "the portal still signs with the old one"),
        (b"Somebody-Elses", Level.FAILED, "a secret that is none of ours"),
    ],
)
def test_the_logs_last_signature_tells_with_which_secret_the_portal_signs(
    secret: bytes, level: Level, said: str
) -> None:
    other = OLD if secret == NEW else NEW
    (line,) = of_log(row(3, waiting=True), row(2, secret=secret), row(1, secret=other))
    assert (line.level, said in line.text) == (level, True)


def test_events_that_wait_over_a_minute_are_told_with_the_failing_webhook() -> None:
    assert doubts(of_log(row(2, 59, waiting=True))) == []
    failing = replace(
        HOOK, id=9, name="crm", url="http://crm.example", owner_name="Ann", last_failure_at="2026-11-30T13:01:00"
    )
    well = replace(failing, id=10, name="well", last_success_at="2026-11-30T13:02:00")
    rows = (row(3, 61, waiting=True), row(2, 300, waiting=True), row(1, 400, secret=NEW))
    (line,) = doubts(of_log(*rows, others=(failing, well)))
    assert '2 events of 7 "intake" wait in the portal, the oldest for 5m 0s' in line.text
    assert 'likely held up by 9 "crm" of Ann, which calls http://crm.example' in line.text
    assert '"well"' not in line.text
    assert "late, not never" in line.mend
    (unseen,) = doubts(of_log(*rows))
    assert "ask a DocSpace administrator" in unseen.mend


def test_a_retry_by_hand_of_an_old_event_has_not_waited_since_that_event() -> None:
    assert doubts(of_log(row(5, 90_000, waiting=True), row(4, 30, secret=NEW))) == []


def test_an_event_overtaken_by_much_later_ones_was_lost_at_a_portals_restart() -> None:
    (line,) = doubts(of_log(row(5, 600, waiting=True), row(6, 100, secret=NEW)))
    assert "the portal was restarted" in line.text
    assert "intake reconcile" in line.mend
    (near,) = doubts(of_log(row(5, 600, waiting=True), row(6, 590, secret=NEW)))
    assert "wait in the portal" in near.text, "those of one batch overtake each other"


UPLOAD = Upload("Invoice.pdf", NOW - timedelta(minutes=10))


def silent(
    *rows: LogEntry, upload: Upload | None = UPLOAD, since: datetime | None = None, **changed: Any
) -> list[Line]:
    return list(webhook_log.silence(replace(HOOK, **changed), rows, upload, since, NOW))


def test_an_enabled_webhook_without_an_event_for_the_last_upload_is_silent() -> None:
    (line,) = silent(row(3, 3600, secret=NEW))
    assert 'no event for the upload "Invoice.pdf" of 2026-11-30 11:50:00 UTC' in line.text
    assert line.mend.startswith("intake webhook enable 7 renews that copy")
    assert silent(since=NOW - timedelta(hours=1)), "nor has it sent any since it was made"


@pytest.mark.parametrize(
    "case",
    [
        {"rows": [row(3, 601, secret=NEW)]},
        {"rows": [row(3, 590, waiting=True)]},
        {"since": NOW - timedelta(minutes=5)},
        {"upload": Upload("now.pdf", NOW - timedelta(seconds=20)), "rows": [row(3, 900, secret=NEW)]},
        {"upload": None},
        {"enabled": False, "rows": [row(3, 3600, secret=NEW)]},
        {},
    ],
    ids=["sent", "waits", "made later", "too young", "no upload", "off", "unknown since when"],
)
def test_what_is_no_sign_of_silence(case: dict[str, Any]) -> None:
    assert silent(*case.pop("rows", ()), **case) == []


class Folders:
    def folder_page(self, folder_id: int | str, start: int, *, count: int) -> FolderPage:
        assert (start, count) == (0, 25)
        if folder_id == 1:
            raise ForbiddenError("no")
        ages = {"old.pdf": 30, "filed.pdf": 10, "moved.pdf": 20}
        files = (
            FileInfo(id=9, title=t, folder_id=2, created_at=NOW - timedelta(minutes=m)) for t, m in ages.items()
        )
        return FolderPage((*files, FileInfo(id=8, title="untold", folder_id=2)), 4, 4)


def test_the_last_upload_is_the_newest_visible_file_where_invoices_come_and_go() -> None:
    assert last_upload(Folders(), RULES) == Upload("filed.pdf", NOW - timedelta(minutes=10))


def test_the_last_upload_may_lie_in_a_room_that_a_rule_takes_by_name_or_tag() -> None:
    """Of a rule that names no room by its id the destination alone was looked into."""
    moments = {2: 50, 11: 30, 12: 20, 13: 5}

    class Rooms:
        def folder_page(self, folder_id: int | str, start: int, *, count: int) -> FolderPage:
            assert (start, count) == (0, 25)
            at = NOW - timedelta(minutes=moments[int(folder_id)])
            return FolderPage((FileInfo(id=9, title=f"{folder_id}.pdf", folder_id=folder_id, created_at=at),), 1, 1)

    def rooms() -> tuple[FolderInfo, ...]:
        return (
            FolderInfo(id=11, title="Client Acme", room_type=2),
            FolderInfo(id=12, title="Beta", room_type=2, tags=("clients",)),
            FolderInfo(id=13, title="Staff", room_type=2),
        )

    def refused() -> tuple[FolderInfo, ...]:
        raise ForbiddenError("no")

    by_name = parse_rules(RULE.format('room_names = ["Client *"]').encode(), "rules")
    by_tag = parse_rules(RULE.format('room_tags = ["clients"]').encode(), "rules")
    assert last_upload(Rooms(), by_name, rooms) == Upload("11.pdf", NOW - timedelta(minutes=30))
    assert last_upload(Rooms(), by_tag, rooms) == Upload("12.pdf", NOW - timedelta(minutes=20))
    assert last_upload(Rooms(), by_name, refused) == Upload("2.pdf", NOW - timedelta(minutes=50))


def test_another_users_webhook_is_told_with_who_may_remove_it() -> None:
    assert list(webhook_others.owner(HOOK, "service", disabled=False)) == []
    assert list(webhook_others.owner(HOOK, None, disabled=False)) == []
    (other,) = webhook_others.owner(replace(HOOK, owner_id="ann", owner_name="Ann"), "service", disabled=False)
    assert "another user's: Ann" in other.text
    gone = replace(HOOK, owner_id=REMOVED, owner_name="profile removed")
    for hook, disabled, said in (
        (gone, False, "was removed"),
        (replace(HOOK, owner_id="ann"), True, "is disabled"),
    ):
        (line,) = webhook_others.owner(hook, "service", disabled=disabled)
        assert f"{said}: it goes on calling us" in line.text
        assert line.mend.startswith("an administrator alone can change or remove it")


def test_what_is_not_seen_may_be_there_so_nobody_is_just_told_to_register() -> None:
    unknown = webhook_others.none((), URL, None, sees_all=None)
    assert unknown.mend.startswith(f"intake webhook register {URL}; but where another service user was before")
    assert "first ask a DocSpace administrator" in unknown.mend
    came = webhook_others.none((), URL, Arrivals(0, NOW), sees_all=False)
    assert "yet an event came at 2026-11-30 12:00:00 UTC" in came.text
    everything = webhook_others.none((), URL, Arrivals(0, NOW), sees_all=True)
    assert (everything.text, everything.mend) == (
        f"no webhook of the portal calls {URL}",
        f"intake webhook register {URL}",
    )


def test_refused_events_beside_a_webhook_of_ours_tell_of_another_sender() -> None:
    (line,) = webhook_others.unseen([HOOK], Arrivals(4), sees_all=None)
    assert "the ingress refused 4 events" in line.text
    assert "ask a DocSpace administrator" in line.mend
    for arrivals in (Arrivals(0), None):
        assert list(webhook_others.unseen([HOOK], arrivals, sees_all=None)) == []
    ours = replace(HOOK, last_failure="Response status code does not indicate success: 401 (Unauthorized).")
    assert list(webhook_others.unseen([ours], Arrivals(4), sees_all=None)) == [], "they may be its own"
