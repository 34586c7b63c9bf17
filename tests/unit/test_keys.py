"""What names a piece of work: one name for one upload, however a time or a host is spelled."""

import pytest

from mover.names import arrivals, names_of
from shared.docspace.ids import whole_second
from shared.store import released
from shared.store.keys import announcement_key, move_key
from shared.wire.events import DEFAULT_PORTAL, InvoiceDetected

CREATED = "2026-11-29T20:39:52.222061Z"


def key(file_id=1044, version=1, created=CREATED, uploaded="2026-11-29T20:39:52.222061Z"):
    return move_key(DEFAULT_PORTAL, file_id, version, created, uploaded)


def test_a_file_is_named_by_its_id_its_version_and_when_it_was_created():
    assert key() == f"move:default:1044:1:{CREATED}"
    others = {key(file_id=1045), key(version=2), key(created="2026-11-29T20:39:52.222062Z")}
    assert key() not in others
    assert len(others) == 3


def test_the_time_of_a_new_version_or_the_way_in_is_no_part_of_its_name():
    assert key(uploaded="2026-11-30T00:00:00Z") == key()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-11-29T20:39:52.222061Z", "2026-11-29T20:39:52Z"),
        ("2026-11-29T20:39:52.9Z", "2026-11-29T21:39:52+01:00"),
        ("2026-11-29T20:39:52", "2026-11-29T20:39:52Z"),
    ],
)
def test_in_third_party_storage_an_uploads_second_names_it_in_any_spelling(one, other):
    assert key("sbox-1-|a.pdf", uploaded=one) == key("sbox-1-|a.pdf", uploaded=other)
    assert key("sbox-1-|a.pdf", uploaded=one) != key("sbox-1-|a.pdf", uploaded="2026-11-29T20:39:53Z")


@pytest.mark.parametrize("text", ["", "soon", None])
def test_what_is_no_time_stays_as_it_came(text):
    assert whole_second(text) == (text or "")


def test_the_names_of_the_work_on_one_upload_stay_as_ledgers_have_them():
    event = InvoiceDetected(
        file_id="sbox-1-|a.pdf",
        title="a.pdf",
        rule="default",
        destination=9,
        recipients=("m@example.org",),
        uploaded_at="2026-11-29T20:39:52Z",
    )
    work = names_of(event, "portal.example", upgraded=True)
    second = work.of_turn(2)
    assert second.key == "move:default:sbox-1-|a.pdf:2026-11-29T20:39:52Z:2"
    assert second.released == "move:portal.example:sbox-1-|a.pdf:2026-11-29T20:39:52Z:2"
    assert work.overridden("o-1").key == "move:default:sbox-1-|a.pdf:2026-11-29T20:39:52Z:o-1"
    assert arrivals(event, "portal.example", second, 700, CREATED) == [
        (f"arrived:default:700:{CREATED}", second.key),
        ("arrived:portal.example:700", second.released),
    ]


def test_a_filed_invoice_is_announced_under_the_file_that_was_uploaded():
    one = announcement_key(DEFAULT_PORTAL, 5, 5, 1, CREATED)
    assert one == announcement_key(DEFAULT_PORTAL, 5, "5", 1, CREATED)
    assert one != announcement_key(DEFAULT_PORTAL, 5, 5, 1, "2026-11-29T20:40:00.000000Z")
    assert one != announcement_key(DEFAULT_PORTAL, 5, "sbox-1-|a.pdf", 1, CREATED)


# --- claims of the first release ---

AT = 1_795_984_792.0
"""20:39:52 UTC of that day."""


@pytest.mark.parametrize(
    ("kept", "or_at", "same"),
    [
        ("2026-11-29T20:39:52.222061Z", None, True),  # version 1: created and uploaded in one moment
        ("2026-11-29T21:00:00Z", None, True),  # a later version of it
        ("2026-11-29T20:39:52Z", None, True),  # told in whole seconds
        ("2026-11-29T20:39:51Z", None, False),  # an earlier file of that id: it was uploaded before this was made
        ("2026-11-29T21:39:51+01:00", None, False),
        (None, AT + 60, True),
        (None, AT - 60, False),
        (None, None, True),
    ],
)
def test_a_claim_of_the_first_release_is_about_the_file_that_was_there_by_its_time(kept, or_at, same):
    assert released.is_same_file(CREATED, kept, or_at) is same
