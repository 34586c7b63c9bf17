"""The versions of the problems' tables: how each came from the one before."""

from shared.store.schema import Index, Part, Table

PROBLEMS = Part(
    "problems",
    (
        (
            Table(
                "problems",
                """
                id TEXT NOT NULL PRIMARY KEY, family TEXT NOT NULL, open_family TEXT UNIQUE, cause TEXT NOT NULL,
                found_by TEXT NOT NULL, level TEXT NOT NULL, title TEXT NOT NULL, remedy TEXT NOT NULL,
                example TEXT NOT NULL, count INTEGER NOT NULL, effects TEXT NOT NULL, since DOUBLE PRECISION,
                first_seen_at DOUBLE PRECISION NOT NULL, last_seen_at DOUBLE PRECISION NOT NULL,
                started_at DOUBLE PRECISION, gone_since DOUBLE PRECISION, ended_at DOUBLE PRECISION,
                closed_at DOUBLE PRECISION, acknowledged_by TEXT, acknowledged_at DOUBLE PRECISION
                """,
            ),
            Table(
                "problem_told",
                """
                problem TEXT NOT NULL, what TEXT NOT NULL, channel TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,
                PRIMARY KEY (problem, what, channel)
                """,
            ),
            Table(
                "problem_channels",
                """
                channel TEXT NOT NULL PRIMARY KEY, token TEXT, leased_until DOUBLE PRECISION NOT NULL,
                next_at DOUBLE PRECISION NOT NULL, tries INTEGER NOT NULL, fault TEXT
                """,
            ),
            Table(
                "problem_silences",
                """
                family TEXT NOT NULL PRIMARY KEY, who TEXT NOT NULL, why TEXT NOT NULL,
                at DOUBLE PRECISION NOT NULL, until DOUBLE PRECISION NOT NULL
                """,
            ),
            Index("ix_problems_closed_at", "problems", "closed_at"),
        ),
    ),
)
