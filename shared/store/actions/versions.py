"""The versions of the actions' tables: how each came from the one before."""

from shared.store.schema import Index, Part, Table

ACTIONS = Part(
    "actions",
    (
        (
            Table(
                "actions",
                """
                id TEXT NOT NULL PRIMARY KEY, verb TEXT NOT NULL, filter TEXT NOT NULL, count INTEGER NOT NULL,
                asked_by TEXT NOT NULL, through TEXT NOT NULL, asked_at DOUBLE PRECISION NOT NULL,
                state TEXT NOT NULL, done INTEGER NOT NULL, failed INTEGER NOT NULL, place INTEGER NOT NULL,
                fault TEXT, holder TEXT, leased_until DOUBLE PRECISION, ended_at DOUBLE PRECISION
                """,
            ),
            Table(
                "action_items",
                """
                action TEXT NOT NULL, place INTEGER NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, why TEXT,
                begun_at DOUBLE PRECISION, PRIMARY KEY (action, place)
                """,
            ),
            Table(
                "letters_put_away",
                """
                id TEXT NOT NULL PRIMARY KEY, at DOUBLE PRECISION NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
                action TEXT NOT NULL, stage TEXT NOT NULL, message_id TEXT NOT NULL, title TEXT, code TEXT NOT NULL,
                reason TEXT NOT NULL, letter TEXT NOT NULL, taken_back_at DOUBLE PRECISION, taken_back_by TEXT
                """,
            ),
            Table(
                "pauses",
                """
                stage TEXT NOT NULL PRIMARY KEY, who TEXT NOT NULL, why TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,
                until DOUBLE PRECISION NOT NULL
                """,
            ),
            Index("ix_actions_asked_at", "actions", "asked_at"),
            Index("ix_letters_put_away_at", "letters_put_away", "at"),
        ),
    ),
)
