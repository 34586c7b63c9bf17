"""The ledger: who does which piece of work, how far it came, what is done. One table and one primitive, `claim`."""

from shared.store.ledger.claim_states import Done, Free, Held, Won
from shared.store.ledger.leases import LEASE_S
from shared.store.ledger.ledger import Ledger
from shared.store.ledger.rows import PRUNE_BATCH
from shared.store.ledger.table import BY_AGE, ROWS

__all__ = ["BY_AGE", "LEASE_S", "PRUNE_BATCH", "ROWS", "Done", "Free", "Held", "Ledger", "Won"]
