"""What is kept of problems, on both databases: one row for one problem, one turn for one channel."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from shared.store.problems.known import Known, Seen, Silence, Told
from shared.store.problems.store import KEEP_S, ProblemStore
from shared.store.problems.turns import Turns

LASTS_S = 120.0
DOWN = Seen(
    family="portal:away", cause="portal:portal-unreachable", found_by="portal", level="failed", title="down",
    remedy="see", effects=("the mover waits",), since=900.0,
)  # fmt: skip
CHAT = "slack:1"


@pytest.fixture
def store(database_url: str) -> Iterator[ProblemStore]:
    with closing(ProblemStore(database_url)) as made:
        yield made


@pytest.fixture
def turns(database_url: str) -> Iterator[Turns]:
    with closing(Turns(database_url)) as made:
        yield made


def look(
    store: ProblemStore, at: float, *seen: Seen, gone: tuple[str, ...] = (), quiet: tuple[str, ...] = ()
) -> None:
    store.observe(seen, gone, at, lasts_s=LASTS_S, quiet=quiet)


def only(store: ProblemStore) -> Known:
    (found,) = store.live()
    return found


def test_a_problem_starts_once_it_lasted_and_ends_once_it_was_gone_as_long(store: ProblemStore):
    look(store, 1000, DOWN)
    assert only(store).started_at is None
    look(store, 1120, DOWN)
    assert (only(store).started_at, only(store).effects, only(store).began_at) == (1120, ("the mover waits",), 900)
    look(store, 1150, gone=("portal:away",))
    look(store, 1180, DOWN)
    assert only(store).gone_since is None
    look(store, 1210, gone=("portal:away",))
    look(store, 1300, gone=("portal:away",))
    assert only(store).ended_at is None
    look(store, 1330, gone=("portal:away",))
    assert (only(store).ended_at, only(store).last_seen_at) == (1210, 1180)


def test_one_that_ends_before_it_started_is_told_to_nobody(store: ProblemStore):
    look(store, 1000, DOWN)
    look(store, 1030, gone=("portal:away",))
    look(store, 1150, gone=("portal:away",))
    assert store.live() == []


def test_a_silenced_one_starts_when_the_silence_ends(store: ProblemStore):
    look(store, 1000, DOWN)
    look(store, 1500, DOWN, quiet=("portal:away",))
    assert only(store).started_at is None
    look(store, 1530, DOWN)
    assert only(store).started_at == 1530


def test_of_many_at_once_one_row_is_made(database_url: str):
    stores = [ProblemStore(database_url) for _ in range(8)]
    stores[0].live()
    together = threading.Barrier(len(stores))

    def see(store: ProblemStore) -> None:
        together.wait()
        look(store, 1000, DOWN)

    threads = [threading.Thread(target=see, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores[0].live()) == 1
    for store in stores:
        store.close()


def test_the_next_outage_is_another_problem(store: ProblemStore):
    look(store, 1000, DOWN)
    look(store, 1120, DOWN)
    look(store, 1150, gone=("portal:away",))
    look(store, 1270, gone=("portal:away",))
    look(store, 1300, DOWN)
    assert [problem.ended_at for problem in store.live()] == [1150, None]


def test_it_is_acknowledged_once_and_only_while_it_is_open(store: ProblemStore):
    assert not store.acknowledge("portal:away", "anna", 1000)
    look(store, 1000, DOWN)
    assert store.acknowledge("portal:away", "anna (web)", 1010)
    assert not store.acknowledge("portal:away", "ben", 1020)
    assert (only(store).acknowledged_by, only(store).acknowledged_at) == ("anna (web)", 1010)


def test_a_silence_holds_until_its_end_and_the_last_one_counts(store: ProblemStore):
    store.silence(Silence("portal:away", "anna", "upgrade", 1000, 2000))
    store.silence(Silence("portal:away", "ben", "longer", 1100, 3000))
    assert store.silences(2500) == {"portal:away": Silence("portal:away", "ben", "longer", 1100, 3000)}
    assert store.silences(3000) == {}


def test_what_was_closed_is_forgotten_after_its_time(store: ProblemStore, turns: Turns):
    look(store, 1000, DOWN)
    look(store, 1120, DOWN)
    name = only(store).id
    turns.record([Told(name, "start", CHAT, 1121)])
    store.close_problems([name], 1121)
    assert only(store).closed_at is None  # it is open
    look(store, 1150, gone=("portal:away",))
    look(store, 1270, gone=("portal:away",))
    store.close_problems([name], 1300)
    assert store.live() == []
    assert turns.told([name])
    store.close_problems([], 1301 + KEEP_S)
    assert turns.told([name]) == []


def test_what_was_told_while_it_could_not_be_kept_is_adopted_once(store: ProblemStore, turns: Turns):
    for _ in range(2):
        store.adopt(DOWN, 1000, [CHAT], 1300)
    assert only(store).started_at == 1300
    assert [(told.what, told.channel) for told in turns.told([only(store).id])] == [("start", CHAT)]


def test_of_many_processes_one_has_the_turn_of_a_channel(database_url: str):
    several = [Turns(database_url) for _ in range(6)]
    several[0].failing()
    together, all_asked = threading.Barrier(len(several)), threading.Barrier(len(several))
    won: list[str] = []

    def take(turns: Turns) -> None:
        together.wait()
        with turns.taken(CHAT, 1000) as token:
            won.extend([token] if token else [])
            all_asked.wait(30)

    threads = [threading.Thread(target=take, args=(turns,)) for turns in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    with several[0].taken(CHAT, 1000) as token, several[1].taken("slack:2", 1000) as other:
        assert token
        assert other
    for turns in several:
        turns.close()


def test_a_channel_that_failed_has_no_turn_before_its_time_and_is_well_once_it_works(turns: Turns):
    with turns.taken(CHAT, 1000):
        turns.failed(CHAT, "refused", 1060)
    with turns.taken(CHAT, 1059) as token:
        assert token is None
    assert (turns.failing()[CHAT].tries, turns.failing()[CHAT].fault) == (1, "refused")
    with turns.taken(CHAT, 1060) as token:
        assert token
        for _ in range(2):
            turns.record([Told("p", "start", CHAT, 1061)])
    assert turns.failing() == {}
    assert turns.told(["p"]) == [Told("p", "start", CHAT, 1061)]
