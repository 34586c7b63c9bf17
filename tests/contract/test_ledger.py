"""The ledger keeps the same promises on SQLite and on PostgreSQL."""

import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    multiple,
    rule,
    run_state_machine_as_test,
)

from shared.errors import TransientError
from shared.housekeeping import prune, prune_in_background
from shared.ledger import BY_AGE, PRUNE_BATCH, ROWS, Done, Free, Held, Ledger, Won
from shared.ledger.rows import Claim, Note, Result
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
LONG_S = 300.0
SHORT_S = 0.3

RACER = """
import sys
from shared.ledger import Ledger, Won
url, name, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
ledger = Ledger(url, owner=name)
print("ready", flush=True)
sys.stdin.readline()
for number in range(rounds):
    if isinstance(ledger.claim(f"race:{number}", 300), Won):
        ledger.complete(f"race:{number}", name)
        print(number, flush=True)
ledger.close()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database: a new file, or a schema of its own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new/ledger.db"
        return
    url = request.getfixturevalue("postgres_url")
    schema = f"ledger_{uuid4().hex}"
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        yield f"{url}?options=-csearch_path%3D{schema}"
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    finally:
        engine.dispose()


@pytest.fixture
def open_ledger(database_url: str) -> Iterator[Callable[[], Ledger]]:
    opened: list[Ledger] = []

    def open_one() -> Ledger:
        opened.append(Ledger(database_url, owner=f"worker {len(opened)}"))
        return opened[-1]

    yield open_one
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Callable[[], Ledger]) -> Ledger:
    return open_ledger()


def won(claim: object) -> Won:
    assert isinstance(claim, Won), claim
    return claim


def run_out(ledger: Ledger, key: str) -> None:
    """As if the lease's time had passed."""
    with ledger.rows.engine.connect() as connection:
        past = sa.update(ROWS).where(ROWS.c.key == key, ROWS.c.leased_until.is_not(None))
        connection.execute(past.values(leased_until=ledger.rows.now - 1))


def test_a_new_claim_is_won_and_then_held(open_ledger):
    first, second = open_ledger(), open_ledger()
    claim = won(first.claim("k", LONG_S))
    assert (claim.progress, claim.taken_over) == (None, False)
    held = second.claim("k", LONG_S)
    assert isinstance(held, Held)
    assert LONG_S - 60 < held.remaining_s <= LONG_S
    assert held.owner == "worker 0"


def test_fifty_claims_at_once_have_one_winner(open_ledger):
    ledgers = [open_ledger() for _ in range(5)]
    together = threading.Barrier(50)

    def claim(number: int) -> object:
        together.wait()
        return ledgers[number % 5].claim("k", LONG_S)

    with ThreadPoolExecutor(50) as pool:
        claims = list(pool.map(claim, range(50)))
    assert sum(isinstance(claim, Won) for claim in claims) == 1
    assert sum(isinstance(claim, Held) for claim in claims) == 49


def test_fifty_claims_on_a_lease_that_ran_out_have_one_winner(open_ledger):
    ledger = open_ledger()
    ledger.claim("k", 0)
    together = threading.Barrier(50)

    def claim(_: int) -> object:
        together.wait()
        return ledger.claim("k", LONG_S)

    with ThreadPoolExecutor(50) as pool:
        claims = list(pool.map(claim, range(50)))
    winners = [claim for claim in claims if isinstance(claim, Won)]
    assert [winner.taken_over for winner in winners] == [True]


def test_processes_that_race_from_an_empty_database_win_each_key_once(database_url):
    rounds = 40
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, database_url, f"racer {number}", str(rounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(6)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    wins = [int(line) for racer in racers for line in racer.communicate(timeout=60)[0].splitlines()]
    assert [racer.returncode for racer in racers] == [0] * 6
    assert sorted(wins) == list(range(rounds))


def test_a_lease_that_ran_out_is_won_by_another_who_is_told_so(open_ledger):
    first, second = open_ledger(), open_ledger()
    token = won(first.claim("k", SHORT_S)).token
    first.note("k", token, "operation 7")
    assert isinstance(second.claim("k", LONG_S), Held)
    claim = wait_until(lambda: _if_won(second.claim("k", LONG_S)), 5, "the lease to run out")
    assert (claim.progress, claim.taken_over) == ("operation 7", True)
    assert claim.token != token


def _if_won(claim: Won | Held | Done) -> Won | None:
    return claim if isinstance(claim, Won) else None


def test_a_released_claim_is_won_at_once(ledger):
    ledger.release("k", won(ledger.claim("k", LONG_S)).token)
    claim = won(ledger.claim("k", LONG_S))
    assert (claim.progress, claim.taken_over) == (None, False)


def test_progress_outlives_a_release_and_says_that_the_work_was_begun(ledger):
    token = won(ledger.claim("k", LONG_S)).token
    ledger.note("k", token, "operation 7")
    ledger.release("k", token)
    assert ledger.peek("k") == Free("operation 7")
    claim = won(ledger.claim("k", LONG_S))
    assert (claim.progress, claim.taken_over) == ("operation 7", True)


def test_who_took_over_and_gives_back_leaves_the_warning_for_the_next(ledger):
    ledger.claim("k", 0)
    claim = won(ledger.claim("k", LONG_S))
    ledger.release("k", claim.token)
    assert won(ledger.claim("k", LONG_S)).taken_over


def test_a_token_that_lost_its_claim_can_neither_release_nor_note(ledger):
    old = won(ledger.claim("k", 0)).token
    new = won(ledger.claim("k", LONG_S)).token
    ledger.note("k", old, "stale")
    ledger.release("k", old)
    held = ledger.claim("k", LONG_S)
    assert isinstance(held, Held)
    assert held.progress is None
    ledger.note("k", new, "mine")
    assert ledger.peek("k").progress == "mine"


def test_the_first_result_stays(ledger):
    token = won(ledger.claim("k", LONG_S)).token
    ledger.complete("k", "first")
    ledger.complete("k", "second")
    ledger.note("k", token, "late")
    ledger.release("k", token)
    assert ledger.claim("k", LONG_S) == Done("first")
    assert ledger.peek("k") == Done("first")


def test_a_result_counts_even_if_the_lease_was_lost_or_never_taken(ledger):
    ledger.claim("lost", 0)
    ledger.claim("lost", LONG_S)
    ledger.complete("lost", "moved")
    ledger.complete("never claimed", "seen")
    assert ledger.claim("lost", LONG_S) == Done("moved")
    assert ledger.claim("never claimed", LONG_S) == Done("seen")


# --- sets of keys ---


def test_a_set_is_told_of_each_key_in_its_order_and_of_a_key_that_is_there_twice_once(ledger):
    ledger.complete("done", "yes")
    ledger.claim("held", LONG_S)
    ledger.note("late", won(ledger.claim("late", 0)).token, "sent")
    claims = ledger.rows.claim(["new", "held", "late", "new", "done"], LONG_S)
    assert [type(claim) for claim in claims] == [Won, Held, Won, Held, Done]
    assert (claims[2].progress, claims[2].taken_over) == ("sent", True)
    assert isinstance(ledger.peek("new"), Held)


def test_overlapping_sets_from_several_processes_never_wait_in_a_circle_and_win_each_key_once(open_ledger):
    """Every set is in an order of its own; each ledger has connections of its own, as another process has."""
    ledgers = [open_ledger() for _ in range(6)]
    keys = [f"k {n}" for n in range(30)]

    def work(number: int) -> list[str]:
        mine: list[str] = []
        order = random.Random(number)
        for _ in range(8):
            chosen = order.sample(keys, 20)
            rows = ledgers[number].rows
            wins = [
                (key, claim.token)
                for key, claim in zip(chosen, rows.claim(chosen, LONG_S), strict=True)
                if isinstance(claim, Won)
            ]
            order.shuffle(wins)
            rows.note([Note(key, token, "begun") for key, token in wins])
            rows.complete([Result(key, "done") for key, _ in wins[::2]])
            rows.release([Claim(key, token) for key, token in wins])
            mine += [key for key, _ in wins[::2]]
        return mine

    with ThreadPoolExecutor(6) as pool:
        completed = [key for mine in pool.map(work, range(6)) for key in mine]
    assert len(completed) == len(set(completed))
    assert {key for key in keys if isinstance(ledgers[0].peek(key), Done)} == set(completed)


def test_a_set_of_writes_is_all_or_nothing(ledger):
    tokens = [won(ledger.claim(key, LONG_S)).token for key in ("a", "b")]
    with pytest.raises(TransientError):
        ledger.rows.note([Note("a", tokens[0], "sent"), Note("b", tokens[1], object())])
    assert ledger.peek("a").progress is None
    ledger.note("a", tokens[0], "sent")
    assert ledger.peek("a").progress == "sent"


def test_what_many_threads_ask_at_once_costs_few_commits(open_ledger, monkeypatch):
    ledger = open_ledger()
    sets: list[int] = []
    claim = ledger.rows.claim

    def counted(keys: list[str], lease_s: float) -> list[Won | Held | Done]:
        sets.append(len(keys))
        return claim(keys, lease_s)

    monkeypatch.setattr(ledger.rows, "claim", counted)
    together = threading.Barrier(100)

    def one(number: int) -> object:
        together.wait()
        return ledger.claim(f"k {number}", LONG_S)

    with ThreadPoolExecutor(100) as pool:
        assert all(isinstance(claim, Won) for claim in pool.map(one, range(100)))
    assert sum(sets) == 100
    assert len(sets) < 40


def test_peek_claims_nothing(ledger):
    assert ledger.peek("k") == Free()
    won(ledger.claim("k", LONG_S))
    assert isinstance(ledger.peek("k"), Held)


def test_prune_forgets_old_results_and_never_unfinished_work(ledger):
    ledger.complete("done", "yes")
    ledger.claim("open", 0)
    assert ledger.prune(older_than_s=60) == 0
    assert wait_until(lambda: ledger.prune(older_than_s=0), 5, "the result to be old") == 1
    assert ledger.peek("done") == Free()
    assert won(ledger.claim("open", LONG_S)).taken_over


def age(ledger: Ledger, days: float) -> None:
    """As if all had been done so long ago."""
    with ledger.rows.engine.connect() as connection:
        connection.execute(sa.update(ROWS).values(completed_at=ledger.rows.now - days * 86_400))


def test_a_round_of_pruning_takes_all_that_is_too_old_in_batches_and_nothing_younger(ledger):
    many = PRUNE_BATCH + 30
    ledger.complete("first", "yes")
    with ledger.rows.engine.connect() as connection:
        connection.execute(sa.insert(ROWS), [{"key": f"old {n}", "wins": 1, "result": "yes"} for n in range(many)])
    age(ledger, 401)
    ledger.complete("young", "yes")
    waits: list[float] = []
    assert prune(ledger, 400, lambda seconds: bool(waits.append(seconds))) == many + 1
    assert len(waits) == 1
    assert (ledger.peek("old 7"), ledger.peek("young")) == (Free(), Done("yes"))


def test_two_that_prune_at_once_do_not_disturb_each_other_nor_a_claim(open_ledger):
    ledgers = [open_ledger() for _ in range(4)]
    ledgers[0].complete("first", "yes")
    with ledgers[0].rows.engine.connect() as connection:
        connection.execute(sa.insert(ROWS), [{"key": f"old {n}", "wins": 1, "result": "yes"} for n in range(2000)])
    age(ledgers[0], 401)
    with ThreadPoolExecutor(8) as pool:
        rounds = [pool.submit(prune, ledger, 400, lambda _: False) for ledger in ledgers]
        claims = [pool.submit(ledger.claim, f"new {n}", LONG_S) for n, ledger in enumerate(ledgers)]
    assert sum(done.result() for done in rounds) == 2001
    assert all(isinstance(claim.result(), Won) for claim in claims)


def test_the_background_prunes_first_survives_a_database_that_is_away_and_ends_when_asked(ledger, monkeypatch):
    ledger.complete("old", "yes")
    age(ledger, 401)
    stop = threading.Event()
    asked: list[float] = []
    working = ledger.prune

    def fails_once(older_than_s: float) -> int:
        monkeypatch.setattr(ledger, "prune", working)
        raise TransientError("the ledger cannot be reached")

    def wait(seconds: float) -> bool:
        asked.append(seconds)
        return stop.wait(0.01)

    monkeypatch.setattr(ledger, "prune", fails_once)
    prune_in_background(ledger, 400, wait)
    wait_until(lambda: ledger.peek("old") == Free(), 10, "the second round")
    stop.set()
    wait_until(lambda: not any(t.name == "housekeeping" for t in threading.enumerate()), 10, "the thread's end")
    assert asked[0] <= 60 < min(asked[1:])


def indexes(ledger: Ledger) -> list[str]:
    return [str(index["name"]) for index in sa.inspect(ledger.rows.engine).get_indexes(ROWS.name)]


def test_a_table_from_before_gets_its_index_from_whoever_comes_first(open_ledger):
    first = open_ledger()
    first.complete("k", "yes")
    with first.rows.engine.connect() as connection:
        connection.exec_driver_sql(f"DROP INDEX {BY_AGE.name}")
    assert indexes(first) == []
    ledgers = [open_ledger() for _ in range(8)]
    together = threading.Barrier(8)

    def claim(ledger: Ledger) -> object:
        together.wait()
        return ledger.claim("k", LONG_S)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(claim, ledgers)) == [Done("yes")] * 8
    assert indexes(first) == [BY_AGE.name]


def test_a_role_that_may_not_make_the_index_still_works(postgres_url):
    role, schema = f"worker_{uuid4().hex[:8]}", f"ledger_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {schema}")
        owner = Ledger(f"{postgres_url}?options=-csearch_path%3D{schema}", owner="admin")
        owner.complete("k", "yes")
        owner.close()
        admin.execute(f"DROP INDEX {schema}.{BY_AGE.name}")
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'pw'")
        admin.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        admin.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.ledger TO {role}")
        url = sa.make_url(postgres_url).set(username=role, password="pw").render_as_string(hide_password=False)
        ledger = Ledger(f"{url}?options=-csearch_path%3D{schema}", owner="worker")
        try:
            assert ledger.claim("k", LONG_S) == Done("yes")
            assert wait_until(lambda: ledger.prune(older_than_s=0), 5, "the result to be old") == 1
        finally:
            ledger.close()
            admin.execute(f"DROP SCHEMA {schema} CASCADE")
            admin.execute(f"DROP ROLE {role}")


def test_texts_come_back_as_they_went_in(ledger):
    key = "announce:портал:'; DROP TABLE ledger; --:счёт 🧾"
    token = won(ledger.claim(key, LONG_S)).token
    ledger.note(key, token, "ход\n½")
    assert ledger.peek(key).progress == "ход\n½"
    ledger.complete(key, "готово")
    assert ledger.claim(key, LONG_S) == Done("готово")


def test_a_table_that_is_gone_is_made_again(ledger):
    ledger.complete("k", "yes")
    with ledger.rows.engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE ledger")
    with pytest.raises(TransientError, match="the ledger cannot be reached"):
        ledger.claim("k", LONG_S)
    won(ledger.claim("k", LONG_S))


def test_a_working_ledger_has_no_complaint(ledger):
    assert ledger.check() is None
    ledger.close()
    assert ledger.check() is None


def test_a_connection_that_was_cut_is_replaced_unnoticed(postgres_url):
    ledger = Ledger(postgres_url, owner="worker")
    key = uuid4().hex
    with psycopg.connect(postgres_url, autocommit=True) as other:
        ledger.claim(key, LONG_S)
        cut = other.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND query LIKE '%ledger%'"
        ).fetchone()
        assert cut[0] >= 1
    assert isinstance(ledger.claim(key, LONG_S), Held)
    ledger.close()


def test_a_database_that_is_down_is_a_transient_error_on_use(free_port):
    ledger = Ledger(f"postgresql://intake:s3cret-word@127.0.0.1:{free_port()}/intake", owner="worker")
    with pytest.raises(TransientError, match=r"the ledger cannot be reached: .*refused") as raised:
        ledger.claim("k", LONG_S)
    assert "s3cret-word" not in str(raised.value) + repr(ledger) + str(ledger.check())
    ledger.close()


def test_a_folder_that_cannot_be_made_is_a_transient_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    ledger = Ledger(f"sqlite:///{tmp_path}/file/ledger.db", owner="worker")
    assert str(ledger.check()).startswith("the ledger cannot be reached: ")


@pytest.mark.parametrize(
    "url",
    ["mysql://root:hunter2@db/x", "sqlite://", "sqlite:///:memory:", "hunter2", "postgresql://a:hunter2@b:port/x"],
)
def test_another_kind_of_url_is_refused_without_showing_it(url):
    with pytest.raises(ValueError, match="the database URL") as raised:
        Ledger(url, owner="worker")
    assert "hunter2" not in str(raised.value)


class Model:
    """What the ledger should know about one key, in plain Python."""

    def __init__(self) -> None:
        self.result: str | None = None
        self.progress: str | None = None
        self.holder: str | None = None
        self.owner = ""
        self.leased = False
        self.begun = False
        """Someone held it before and did not give it back untouched."""
        self.old = False
        """Done for long enough to be pruned."""

    def claim(self) -> str:
        if self.result is not None:
            return "done"
        if self.leased:
            return "held"
        self.begun = self.begun or self.holder is not None
        self.leased = True
        return "won"

    def expire(self) -> None:
        self.leased = False

    def note(self, token: str, progress: str) -> None:
        if self.result is None and token == self.holder:
            self.progress = progress

    def complete(self, result: str) -> None:
        if self.result is None:
            self.result, self.holder, self.leased = result, None, False

    def release(self, token: str) -> None:
        if self.result is None and token == self.holder:
            self.holder, self.leased = None, False
            self.begun = self.begun or self.progress is not None


KEYS = count()
OWNERS = st.sampled_from(["anna", "ben", "cleo"])
WORK = st.sampled_from(["a", "b"])


class AnyOrder(RuleBasedStateMachine):
    """Three processes on one database beside the model of each of two keys.

    One that dies gives nothing back. Its tokens stay in the bundle: what was only frozen comes back and uses them.
    """

    tokens = Bundle("tokens")

    def __init__(self, ledgers: dict[str, Ledger], database_url: str) -> None:
        super().__init__()
        self.ledgers = ledgers
        self.database_url = database_url
        self.dead: list[Ledger] = []
        self.models = {"a": Model(), "b": Model()}
        self.example = next(KEYS)
        self.texts = map("text {}".format, count())

    def key(self, work: str) -> str:
        return f"{work} {self.example}"

    @rule(target=tokens, owner=OWNERS, work=WORK)
    def claim(self, owner: str, work: str) -> MultipleResults[tuple[str, str]] | tuple[str, str]:
        model = self.models[work]
        expected = model.claim()
        claim = self.ledgers[owner].claim(self.key(work), LONG_S)
        assert type(claim).__name__.lower() == expected
        if not isinstance(claim, Won):
            return multiple()
        assert (claim.progress, claim.taken_over) == (model.progress, model.begun)
        model.holder, model.owner = claim.token, owner
        return work, claim.token

    @rule(target=tokens, owner=OWNERS, order=st.permutations(["a", "b", "b"]))
    def claim_a_set(self, owner: str, order: list[str]) -> MultipleResults[tuple[str, str]]:
        expected = [self.models[work].claim() for work in order]
        claims = self.ledgers[owner].rows.claim([self.key(work) for work in order], LONG_S)
        assert [type(claim).__name__.lower() for claim in claims] == expected
        wins = [(work, claim) for work, claim in zip(order, claims, strict=True) if isinstance(claim, Won)]
        for work, claim in wins:
            model = self.models[work]
            assert (claim.progress, claim.taken_over) == (model.progress, model.begun)
            model.holder, model.owner = claim.token, owner
        return multiple(*((work, claim.token) for work, claim in wins))

    @rule(held=st.lists(tokens, max_size=4), owner=OWNERS, step=st.sampled_from(["note", "complete", "release"]))
    def change_a_set(self, held: list[tuple[str, str]], owner: str, step: str) -> None:
        """Tokens of either key, of now and of long ago, the same one twice."""
        rows = self.ledgers[owner].rows
        texts = [next(self.texts) for _ in held]
        for (work, token), text in zip(held, texts, strict=True):
            model = self.models[work]
            {
                "note": lambda m=model, t=token, x=text: m.note(t, x),
                "complete": lambda m=model, x=text: m.complete(x),
                "release": lambda m=model, t=token: m.release(t),
            }[step]()
        match step:
            case "note":
                rows.note([Note(self.key(w), token, text) for (w, token), text in zip(held, texts, strict=True)])
            case "complete":
                rows.complete([Result(self.key(work), text) for (work, _), text in zip(held, texts, strict=True)])
            case "release":
                rows.release([Claim(self.key(work), token) for work, token in held])

    @rule(held=tokens, owner=OWNERS)
    def note(self, held: tuple[str, str], owner: str) -> None:
        (work, token), text = held, next(self.texts)
        self.models[work].note(token, text)
        self.ledgers[owner].note(self.key(work), token, text)

    @rule(held=tokens, owner=OWNERS)
    def release(self, held: tuple[str, str], owner: str) -> None:
        work, token = held
        self.models[work].release(token)
        self.ledgers[owner].release(self.key(work), token)

    @rule(work=WORK, owner=OWNERS)
    def complete(self, work: str, owner: str) -> None:
        text = next(self.texts)
        self.models[work].complete(text)
        self.ledgers[owner].complete(self.key(work), text)

    @rule(work=WORK)
    def expire(self, work: str) -> None:
        self.models[work].expire()
        run_out(self.ledgers["anna"], self.key(work))

    @rule(target=tokens, owner=OWNERS, work=WORK)
    def take_over(self, owner: str, work: str) -> MultipleResults[tuple[str, str]] | tuple[str, str]:
        self.expire(work)
        return self.claim(owner, work)

    @rule(owner=OWNERS)
    def crash_and_start_again(self, owner: str) -> None:
        self.dead.append(self.ledgers[owner])
        self.ledgers[owner] = Ledger(self.database_url, owner=owner)

    @rule()
    def let_results_grow_old(self) -> None:
        ledger = self.ledgers["anna"]
        for model in self.models.values():
            model.old = model.result is not None
        with ledger.rows.engine.connect() as connection:
            done = sa.update(ROWS).where(ROWS.c.result.is_not(None))
            connection.execute(done.values(completed_at=ledger.rows.now - 2 * LONG_S))

    @rule(owner=OWNERS)
    def prune(self, owner: str) -> None:
        old = [work for work, model in self.models.items() if model.old]
        assert self.ledgers[owner].prune(older_than_s=LONG_S) == len(old)
        self.models |= {work: Model() for work in old}

    @rule(owner=OWNERS)
    def look(self, owner: str) -> None:
        for work, model in self.models.items():
            _agree(self.ledgers[owner].peek(self.key(work)), model)

    def teardown(self) -> None:
        for owner in self.ledgers:
            self.look(owner)
        for work in self.models:
            self.ledgers["anna"].complete(self.key(work), "so that the next example prunes nothing but its own")
        self.ledgers["anna"].prune(older_than_s=-LONG_S)
        for ledger in self.dead:
            ledger.close()


@pytest.mark.timeout(400)  # it takes seconds; where it fails, hypothesis shortens the steps for up to 300 s
def test_any_order_of_steps_ends_as_in_the_model(database_url):
    ledgers = {owner: Ledger(database_url, owner=owner) for owner in ("anna", "ben", "cleo")}
    assert ledgers["anna"].check() is None  # the table is there
    run_state_machine_as_test(
        lambda: AnyOrder(ledgers, database_url),
        settings=settings(max_examples=60, stateful_step_count=40, deadline=None),
    )
    for ledger in ledgers.values():
        ledger.close()


def _agree(found: Done | Held | Free, model: Model) -> None:
    if model.result is not None:
        assert found == Done(model.result)
    elif model.leased:
        assert isinstance(found, Held)
        assert (found.owner, found.progress) == (model.owner, model.progress)
    else:
        assert found == Free(model.progress)
