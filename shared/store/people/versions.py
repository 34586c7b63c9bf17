"""The versions of the tables of people: how each came from the one before."""

from shared.store.schema import Index, Part, Table

PEOPLE = Part(
    "people",
    (
        (
            Table(
                "people",
                """
                name TEXT NOT NULL PRIMARY KEY, shown TEXT NOT NULL, role TEXT NOT NULL, password TEXT,
                language TEXT, zone TEXT, theme TEXT, made_at DOUBLE PRECISION NOT NULL
                """,
            ),
            Table(
                "people_invites",
                """
                token TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, made_by TEXT NOT NULL,
                sets_password INTEGER NOT NULL, ends_at DOUBLE PRECISION NOT NULL
                """,
            ),
            Table(
                "people_sessions",
                """
                token TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL,
                began_at DOUBLE PRECISION NOT NULL, seen_at DOUBLE PRECISION NOT NULL, address TEXT NOT NULL,
                agent TEXT NOT NULL
                """,
            ),
            Table(
                "people_attempts",
                """
                "key" TEXT NOT NULL PRIMARY KEY, failures INTEGER NOT NULL, last_at DOUBLE PRECISION NOT NULL,
                next_at DOUBLE PRECISION NOT NULL
                """,
            ),
            Index("ix_people_sessions_name", "people_sessions", "name"),
            Index("ix_people_attempts_last_at", "people_attempts", "last_at"),
        ),
    ),
)
