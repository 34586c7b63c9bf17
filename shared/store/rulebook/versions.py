"""The versions of the rulebook's tables: how each came from the one before."""

from shared.store.schema import Part, Table

RULEBOOK = Part(
    "rulebook",
    (
        (
            Table(
                "rulebook_texts",
                """
                version INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL, hash TEXT NOT NULL, "by" TEXT NOT NULL,
                at DOUBLE PRECISION NOT NULL, comment TEXT NOT NULL
                """,
            ),
            Table(
                "rulebook_switches",
                """
                number INTEGER NOT NULL PRIMARY KEY, version INTEGER NOT NULL, "by" TEXT NOT NULL,
                at DOUBLE PRECISION NOT NULL, comment TEXT NOT NULL
                """,
            ),
        ),
    ),
)
