"""A claim that must be won, under a lease that no test outlives."""

from shared.store.ledger import Won

LONG_S = 300.0


def won(claim: object) -> Won:
    assert isinstance(claim, Won), claim
    return claim
