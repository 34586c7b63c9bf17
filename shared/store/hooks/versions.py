"""The versions of the endpoints' tables: how each came from the one before."""

from shared.store.schema import Index, Part, Table

HOOKS = Part(
    "hooks",
    (
        (
            Table(
                "hook_endpoints",
                """
                name TEXT NOT NULL PRIMARY KEY, failing_since DOUBLE PRECISION, accepted_at DOUBLE PRECISION,
                disabled_at DOUBLE PRECISION, disabled_by TEXT, disabled_why TEXT, missed INTEGER NOT NULL,
                missed_since DOUBLE PRECISION
                """,
            ),
            Table(
                "hook_attempts",
                """
                id TEXT NOT NULL PRIMARY KEY, endpoint TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,
                took_s DOUBLE PRECISION NOT NULL, event TEXT NOT NULL, webhook_id TEXT NOT NULL,
                attempt INTEGER NOT NULL, status INTEGER, answer TEXT NOT NULL
                """,
            ),
            Index("hook_attempts_endpoint", "hook_attempts", "endpoint, at"),
        ),
    ),
)
