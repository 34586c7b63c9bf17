"""Any order of steps by three processes ends as in a model of a few lines."""

from itertools import count

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

from shared.store.ledger import ROWS, Ledger, Won
from shared.store.ledger.rows import Claim, Note, Result, Wanted
from tests.contract.ledger.claims import LONG_S
from tests.contract.ledger.model import Model, agree

KEYS = count()
OWNERS = st.sampled_from(["anna", "ben", "cleo"])
WORK = st.sampled_from(["a", "b"])
MESSAGES = st.sampled_from(["", "m", "n"])


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

    @rule(target=tokens, owner=OWNERS, work=WORK, message=MESSAGES, take_over=st.booleans())
    def claim(
        self, owner: str, work: str, message: str, *, take_over: bool
    ) -> MultipleResults[tuple[str, str]] | tuple[str, str]:
        model = self.models[work]
        expected = model.claim(message, take_over=take_over)
        claim = self.ledgers[owner].claim(self.key(work), LONG_S, message=message, take_over=take_over)
        assert type(claim).__name__.lower() == expected
        if not isinstance(claim, Won):
            return multiple()
        assert (claim.progress, claim.taken_over) == (model.progress, model.begun)
        model.holder, model.owner = claim.token, owner
        return work, claim.token

    @rule(target=tokens, owner=OWNERS, order=st.lists(st.tuples(WORK, MESSAGES), max_size=6))
    def claim_a_set(self, owner: str, order: list[tuple[str, str]]) -> MultipleResults[tuple[str, str]]:
        expected = [self.models[work].claim(message) for work, message in order]
        claims = self.ledgers[owner].rows.claim(
            [Wanted(self.key(work), message) for work, message in order], LONG_S
        )
        assert [type(claim).__name__.lower() for claim in claims] == expected
        wins = [(work, claim) for (work, _), claim in zip(order, claims, strict=True) if isinstance(claim, Won)]
        for work, claim in wins:
            model = self.models[work]
            assert (claim.progress, claim.taken_over) == (model.progress, model.begun)
            model.holder, model.owner = claim.token, owner
        return multiple(*((work, claim.token) for work, claim in wins))

    @rule(
        held=st.lists(tokens, max_size=4),
        owner=OWNERS,
        step=st.sampled_from(["note", "complete", "release"]),
        forget=st.booleans(),
    )
    def change_a_set(self, held: list[tuple[str, str]], owner: str, step: str, *, forget: bool) -> None:
        """Tokens of either key, of now and of long ago, the same one twice."""
        rows = self.ledgers[owner].rows
        texts = [next(self.texts) for _ in held]
        match step:
            case "note":
                told = [self.models[w].note(token, text) for (w, token), text in zip(held, texts, strict=True)]
                notes = [Note(self.key(w), token, text) for (w, token), text in zip(held, texts, strict=True)]
                assert rows.note(notes) == told
            case "complete":
                for (work, _), text in zip(held, texts, strict=True):
                    self.models[work].complete(text)
                rows.complete([Result(self.key(work), text) for (work, _), text in zip(held, texts, strict=True)])
            case "release":
                for work, token in held:
                    self.models[work].release(token, forget=forget)
                rows.release([Claim(self.key(work), token, forget) for work, token in held])

    @rule(held=tokens, owner=OWNERS)
    def note(self, held: tuple[str, str], owner: str) -> None:
        (work, token), text = held, next(self.texts)
        assert self.ledgers[owner].note(self.key(work), token, text) == self.models[work].note(token, text)

    @rule(held=tokens, owner=OWNERS, forget=st.booleans())
    def release(self, held: tuple[str, str], owner: str, *, forget: bool) -> None:
        work, token = held
        self.models[work].release(token, forget=forget)
        self.ledgers[owner].release(self.key(work), token, forget=forget)

    @rule(held=st.lists(tokens, max_size=4), owner=OWNERS)
    def renew(self, held: list[tuple[str, str]], owner: str) -> None:
        """Also what ran out and nobody took: it is its holder's again."""
        for work, token in held:
            model = self.models[work]
            model.leased = model.leased or (model.result is None and token == model.holder)
        self.ledgers[owner].rows.renew([Claim(self.key(work), token) for work, token in held], LONG_S)

    @rule(work=WORK, owner=OWNERS)
    def complete(self, work: str, owner: str) -> None:
        text = next(self.texts)
        self.models[work].complete(text)
        self.ledgers[owner].complete(self.key(work), text)

    @rule(work=WORK)
    def expire(self, work: str) -> None:
        self.models[work].expire()
        run_out(self.ledgers["anna"], self.key(work))

    @rule(target=tokens, owner=OWNERS, work=WORK, message=MESSAGES)
    def take_over(self, owner: str, work: str, message: str) -> MultipleResults[tuple[str, str]] | tuple[str, str]:
        self.expire(work)
        return self.claim(owner, work, message, take_over=True)

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
            agree(self.ledgers[owner].peek(self.key(work)), model)

    def teardown(self) -> None:
        for owner in self.ledgers:
            self.look(owner)
        for work in self.models:
            self.ledgers["anna"].complete(self.key(work), "so that the next example prunes nothing but its own")
        self.ledgers["anna"].prune(older_than_s=-LONG_S)
        for ledger in self.dead:
            ledger.close()


def run_out(ledger: Ledger, key: str) -> None:
    """As if the lease's time had passed."""
    with ledger.rows.engine.connect() as connection:
        past = sa.update(ROWS).where(ROWS.c.key == key, ROWS.c.leased_until.is_not(None))
        connection.execute(past.values(leased_until=ledger.rows.now - 1))


@pytest.mark.timeout(400)  # it takes seconds; where it fails, hypothesis shortens the steps for up to 300 s
def test_any_order_of_steps_ends_as_in_the_model(database_url):
    ledgers = {owner: Ledger(database_url, owner=owner) for owner in ("anna", "ben", "cleo")}
    assert ledgers["anna"].check() is None  # the table is there
    run_state_machine_as_test(
        lambda: AnyOrder(ledgers, database_url),  # type: ignore[arg-type]  # its docstring allows a function
        settings=settings(max_examples=60, stateful_step_count=40, deadline=None),
    )
    for ledger in ledgers.values():
        ledger.close()
