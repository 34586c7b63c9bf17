"""The versions of the outbox's tables: how each came from the one before."""

from shared.store.schema import Index, Part, Table

OUTBOX = Part(
    "outbox",
    (
        (
            Table(
                "outbox_channels",
                """
                channel TEXT NOT NULL PRIMARY KEY, quiet_until DOUBLE PRECISION, open_window TEXT
                """,
            ),
            Table(
                "outbox_windows",
                """
                id TEXT NOT NULL PRIMARY KEY, channel TEXT NOT NULL, scheme TEXT NOT NULL, name TEXT NOT NULL,
                state TEXT NOT NULL, due_at DOUBLE PRECISION NOT NULL, quiet_s DOUBLE PRECISION NOT NULL,
                opened_at DOUBLE PRECISION NOT NULL, offered_until DOUBLE PRECISION,
                published_at DOUBLE PRECISION, sent_at DOUBLE PRECISION
                """,
            ),
            Index("outbox_windows_unsent", "outbox_windows", "due_at, id", "sent_at IS NULL"),
            Index("outbox_windows_sent_at", "outbox_windows", "sent_at"),
            Table(
                "outbox_invoices",
                """
                key TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL, unsent INTEGER NOT NULL, at DOUBLE PRECISION
                NOT NULL, filed TEXT NOT NULL, announced TEXT, message TEXT NOT NULL, offered_until DOUBLE PRECISION
                """,
            ),
            Index("outbox_invoices_state", "outbox_invoices", "state, at"),
            Table(
                "outbox_items",
                """
                channel TEXT NOT NULL, key TEXT NOT NULL, window_id TEXT, at DOUBLE PRECISION NOT NULL,
                PRIMARY KEY (channel, key)
                """,
            ),
            Index("outbox_items_window", "outbox_items", "window_id, at"),
            Index("outbox_items_key", "outbox_items", "key"),
            Index("outbox_items_at_once", "outbox_items", "at", "window_id IS NULL"),
        ),
    ),
)
