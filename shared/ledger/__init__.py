"""The ledger: who does which piece of work, how far it came, what is done. One table, one primitive: `claim`."""

from shared.ledger.leases import LEASE_S
from shared.ledger.ledger import Ledger
from shared.ledger.rows import PRUNE_BATCH
from shared.ledger.standing import Done, Free, Held, Won
from shared.ledger.table import BY_AGE, ROWS

__all__ = ["BY_AGE", "LEASE_S", "PRUNE_BATCH", "ROWS", "Done", "Free", "Held", "Ledger", "Won"]
