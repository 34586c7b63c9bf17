"""A ledger in which a mover of the first release has worked, or still works beside this one."""

import msgspec
import pytest

from mover import plan
from shared.store.ledger import Done, Won
from shared.wire.events import InvoiceFiled
from shared.wire.outcome import Forward, Retry, Skip
from tests.contract.store import released
from tests.unit.mover_handler.world import CREATED_AT, EVENT, FILE, INCOMING, KEY, ROOM, World

OLD = f"move:portal.example:{FILE}:1"
"""As the first release named this upload."""
UPLOADED = msgspec.structs.replace(EVENT, uploaded_at="2026-11-29T20:35:12Z")
LATER = "2026-11-29T20:41:00.000000Z"


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    with released.released(world.url) as program:
        program.run(*released.LEDGER)
    yield world
    world.ledger.close()


@pytest.fixture
def portal(world):
    return world.portal


@pytest.fixture
def old(world):
    """A mover of the first release, at its database."""
    with released.released(world.url) as program:
        yield program


def filed(uploaded_at="2026-11-29T20:35:12Z"):
    """What the first release kept of it."""
    event = InvoiceFiled(
        file_id=FILE,
        source_file_id=FILE,
        version=1,
        title="Invoice 7.pdf",
        rule="default",
        destination=INCOMING,
        recipients=("manager@example.org",),
        uploaded_at=uploaded_at,
    )
    return msgspec.json.encode(plan.Result("m-0", event)).decode()


def note(sent_at, operation_id="op-0"):
    return msgspec.json.encode(
        plan.Progress(sent_at=sent_at, source=ROOM, title="Invoice 7.pdf", operation_id=operation_id)
    ).decode()


def test_what_the_first_release_filed_is_not_filed_again(world, portal, old):
    old.run(released.COMPLETE, key=OLD, result=filed())
    portal.change(folder_id=77)  # and a person has moved it on since
    outcome = world.handle("m-2", event=UPLOADED)
    assert outcome.code == "already-filed"
    assert portal.moves == []
    assert isinstance(world.ledger.peek(KEY), Done)


def test_the_message_that_the_first_release_filed_and_could_not_forward_is_forwarded(world, portal, old):
    old.run(released.COMPLETE, key=OLD, result=filed())
    assert isinstance(world.handle("m-0", event=UPLOADED), Forward)
    assert portal.moves == []


def test_what_it_filed_under_that_id_before_is_another_file(world, portal, old):
    old.run(released.COMPLETE, key=OLD, result=filed(uploaded_at="2026-11-29T20:31:00Z"))
    assert isinstance(world.handle("m-2", event=UPLOADED), Forward)
    assert len(portal.moves) == 1


@pytest.mark.parametrize(("completed_later", "code"), [(True, "already-filed"), (False, "")])
def test_where_it_kept_no_time_of_the_upload_the_time_of_its_filing_tells(
    world, portal, old, completed_later, code
):
    old.run(released.COMPLETE, key=OLD, result=filed(uploaded_at=None))  # completed now, by the database's clock
    if not completed_later:
        old.run("UPDATE ledger SET completed_at = 1795984000")  # before the file was created
    assert getattr(world.handle("m-2", event=UPLOADED), "code", "") == code
    assert len(portal.moves) == (not completed_later)


def test_while_a_first_release_mover_works_nothing_is_sent_then_it_is_done(world, portal, old):
    [won] = old.run(released.CLAIM, key=OLD, token="t-old", lease_s=120)
    assert won.token == "t-old"
    assert isinstance(world.handle("m-2", event=UPLOADED), Retry)
    assert portal.moves == []
    portal.arrive()
    old.run(released.COMPLETE, key=OLD, result=filed())
    assert world.handle("m-2", event=UPLOADED).code == "already-filed"


def test_a_move_that_the_first_release_sent_is_not_sent_again(world, portal, old):
    old.run(released.CLAIM, key=OLD, token="t-old", lease_s=120)
    old.run(released.NOTE, key=OLD, token="t-old", progress=note(world.now - 5, operation_id=None))
    old.run(released.GIVE_BACK, key=OLD, token="t-old")
    outcome = world.handle("m-0", event=UPLOADED)
    assert "it may still happen" in outcome.reason
    assert portal.moves == []
    portal.arrive()
    assert isinstance(world.handle("m-0", event=UPLOADED), Forward)
    assert portal.moves == []


def test_a_move_that_it_sent_of_an_earlier_file_with_that_id_keeps_nothing_back(world, portal, old):
    old.run(released.CLAIM, key=OLD, token="t-old", lease_s=120)
    old.run(released.NOTE, key=OLD, token="t-old", progress=note(1_795_984_000))
    old.run(released.GIVE_BACK, key=OLD, token="t-old")
    assert isinstance(world.handle("m-2", event=UPLOADED), Forward)
    assert len(portal.moves) == 1


def test_what_this_release_has_filed_the_first_one_finds_done(world, portal, old):
    assert isinstance(world.handle("m-1", event=UPLOADED), Forward)
    assert old.run(released.CLAIM, key=OLD, token="t-old", lease_s=120) == []
    [row] = old.run(released.LOOK, key=OLD)
    assert msgspec.json.decode(row.result, type=plan.Result).message_id == "m-1"


def test_what_this_release_is_at_the_first_one_finds_held(world, portal, old):
    looks = []
    look = portal.file

    def file(file_id):
        looks.append(old.run(released.CLAIM, key=OLD, token="t-old", lease_s=120))
        return look(file_id)

    portal.file = file
    assert isinstance(world.handle("m-1", event=UPLOADED), Forward)
    assert looks
    assert not any(looks)


def test_a_crash_between_the_two_records_moves_nothing_again(world, portal, old):
    world.handle("m-1", event=UPLOADED)
    old.run("DELETE FROM ledger WHERE key = 'move:portal.example:5:1'")
    assert world.handle("m-1", event=UPLOADED) == world.handle("m-1", event=UPLOADED)
    assert isinstance(world.handle("m-2", event=UPLOADED), Skip)
    assert len(portal.moves) == 1


def test_an_event_of_the_first_release_names_its_file_by_asking_for_it(world, portal):
    event = msgspec.structs.replace(UPLOADED, created_at=None)
    assert isinstance(world.handle("m-1", event=event), Forward)
    assert isinstance(world.ledger.peek(KEY), Done)
    again = msgspec.structs.replace(UPLOADED, created_at=LATER)
    assert world.handle("m-2", event=again).code == "gone"


def test_a_fresh_database_holds_no_second_name_of_an_upload(tmp_path, world):
    (tmp_path / "fresh").mkdir()
    fresh = type(world)(tmp_path / "fresh")
    assert isinstance(fresh.handle("m-1"), Forward)
    assert isinstance(fresh.ledger.claim(OLD, 5), Won)
    assert CREATED_AT in KEY
