"""The versions of the history's tables: how each came from the one before."""

from shared.store.schema import Column, Index, Part, Table

DEFAULT_PORTAL = "default"

HISTORY = Part(
    "history",
    (
        (
            Table(
                "history_uploads",
                """
                correlation_id TEXT NOT NULL PRIMARY KEY, file_id TEXT, title TEXT, title_folded TEXT, room TEXT,
                state TEXT NOT NULL, reason TEXT, first_at DOUBLE PRECISION NOT NULL,
                last_at DOUBLE PRECISION NOT NULL
                """,
            ),
            Table(
                "history_steps",
                """
                "key" TEXT NOT NULL PRIMARY KEY, correlation_id TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,
                stage TEXT NOT NULL, outcome TEXT NOT NULL, type TEXT NOT NULL, message_id TEXT NOT NULL,
                attempt INTEGER NOT NULL, "by" TEXT NOT NULL, reason TEXT, event_id TEXT, file_id TEXT, title TEXT,
                room TEXT, rule TEXT
                """,
            ),
            Table("history_position", 'stream TEXT NOT NULL PRIMARY KEY, "offset" BIGINT'),
            Index("ix_history_uploads_file_id", "history_uploads", "file_id"),
            Index("ix_history_uploads_state", "history_uploads", "state, last_at"),
            Index("ix_history_uploads_room", "history_uploads", "room, last_at"),
            Index("ix_history_uploads_last_at", "history_uploads", "last_at, title_folded"),
            Index("ix_history_steps_correlation_id", "history_steps", "correlation_id"),
            Index("ix_history_steps_message_id", "history_steps", "message_id"),
            Index("ix_history_steps_event_id", "history_steps", "event_id"),
            Index("ix_history_steps_file_id", "history_steps", "file_id"),
        ),
        (
            Column("history_uploads", "portal", f"TEXT DEFAULT '{DEFAULT_PORTAL}'"),
            Column("history_steps", "portal", f"TEXT DEFAULT '{DEFAULT_PORTAL}'"),
            Column("history_steps", "code", "TEXT"),
        ),
        (Column("history_uploads", "code", "TEXT"),),
    ),
)
