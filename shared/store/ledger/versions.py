"""The versions of the ledger's table: how each came from the one before."""

from shared.store.schema import Column, Index, Part, Table

LEDGER = Part(
    "ledger",
    (
        (
            Table(
                "ledger",
                """
                "key" TEXT NOT NULL PRIMARY KEY, token TEXT, owner TEXT, leased_until DOUBLE PRECISION,
                wins INTEGER NOT NULL, progress TEXT, result TEXT, completed_at DOUBLE PRECISION
                """,
            ),
            Index("ledger_completed_at", "ledger", "completed_at"),
        ),
        (Column("ledger", "message", "TEXT"),),
    ),
)
