"""What lay in a room when its rule was made: by ids and title patterns; by its time while it is not read yet."""

from datetime import timedelta

from console.reconcile.finding import State
from console.reconcile.upload import identity
from shared.rules.model import Rule, RuleSet
from shared.store.sweeps.store import EVERY_PART, Baseline, Identity
from tests.unit.reconcile.desk import CREATED, DESTINATION, NOW, ROOM, a_file, judged

MADE = Baseline(since=NOW.timestamp(), begun_at=NOW.timestamp(), done=True)
STORED = {(str(ROOM), "invoice"): MADE}


def rules(*titles: str) -> RuleSet:
    table = {
        "name": "two", "rooms": [ROOM], "destination": DESTINATION, "recipients": ["m@example.com"],
        "titles": list(titles),
    }  # fmt: skip
    return RuleSet(rules=(Rule.model_validate(table),))


def known(*parts: str) -> dict[Identity, frozenset[str]]:
    return {identity(a_file()): frozenset(parts)}


def test_what_was_written_down_is_there_before() -> None:
    assert judged(a_file(), known=known("invoice"), stored=STORED).state is State.BEFORE


def test_a_new_version_or_another_file_of_that_id_is_none_of_it() -> None:
    for changed in ({"version": 2}, {"created_at": CREATED + timedelta(days=1)}):
        assert judged(a_file(**changed), known=known("invoice"), stored=STORED).state is State.MISSED


def test_an_old_file_whose_folder_came_into_the_room_later_is_missed() -> None:
    long_ago = CREATED - timedelta(days=900)
    assert judged(a_file(created_at=long_ago, modified_at=long_ago), stored=STORED).state is State.MISSED


def test_a_renamed_file_is_the_one_that_lay_there() -> None:
    renamed = a_file(title="invoice 8.pdf", modified_at=NOW - timedelta(minutes=5))
    assert judged(renamed, known=known("invoice"), stored=STORED).state is State.BEFORE


def test_since_overrides_it_for_what_changed_since_then() -> None:
    for since, expected in ((CREATED, State.MISSED), (CREATED + timedelta(seconds=1), State.BEFORE)):
        assert judged(a_file(), known=known("invoice"), stored=STORED, overridden=since).state is expected


def test_a_pattern_that_is_added_leaves_missed_what_the_old_one_misses() -> None:
    two = rules("invoice", "glob:*.pdf")
    stored = STORED | {(str(ROOM), "glob:*.pdf"): MADE}
    found = judged(a_file(), known=known("glob:*.pdf"), stored=stored, rules=two)
    assert found.state is State.MISSED
    scan = a_file(title="Scan.pdf")
    assert judged(scan, known=known("glob:*.pdf"), stored=stored, rules=two).state is State.BEFORE


def test_what_an_earlier_pass_settled_is_left_alone_under_any_new_rules() -> None:
    found = judged(a_file(title="x.pdf"), known=known(EVERY_PART), stored=STORED, rules=rules("glob:*"))
    assert found.state is State.BEFORE


def test_while_a_baseline_is_not_finished_its_time_decides() -> None:
    for since, expected in ((CREATED, State.MISSED), (CREATED + timedelta(seconds=1), State.BEFORE)):
        begun = {(str(ROOM), "invoice"): Baseline(since.timestamp(), since.timestamp(), done=False)}
        assert judged(a_file(), stored=begun).state is expected


def test_a_rule_that_was_met_a_moment_ago_is_left_to_who_makes_it() -> None:
    begun = {(str(ROOM), "invoice"): Baseline(CREATED.timestamp(), NOW.timestamp(), done=False)}
    assert judged(a_file(), stored=begun, new_since=NOW.timestamp() - 1).state is State.FRESH
    assert judged(a_file(), stored=begun, new_since=NOW.timestamp() + 1).state is State.MISSED


def test_in_third_party_storage_an_uploads_time_tells_files_of_one_name_apart() -> None:
    first = a_file(id="sbox-12-|a.pdf")
    there = {identity(first): frozenset({"invoice"})}
    again = a_file(id="sbox-12-|a.pdf", modified_at=CREATED + timedelta(seconds=1))
    assert judged(first, known=there, stored=STORED).state is State.BEFORE
    assert judged(again, known=there, stored=STORED).state is State.MISSED
