"""The versions of the audit's table: how each came from the one before."""

from shared.store.schema import Index, Part, Table

AUDIT = Part(
    "audit",
    (
        (
            Table(
                "audit",
                """
                id TEXT NOT NULL PRIMARY KEY, at DOUBLE PRECISION NOT NULL, who TEXT NOT NULL,
                through TEXT NOT NULL, verb TEXT NOT NULL, target TEXT NOT NULL, filter TEXT NOT NULL,
                count INTEGER, result TEXT, ended_at DOUBLE PRECISION
                """,
            ),
            Index("ix_audit_at", "audit", "at, id"),
        ),
    ),
)
