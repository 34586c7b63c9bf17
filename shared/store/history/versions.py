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
        (
            Column("history_uploads", "room_title", "TEXT"),
            Column("history_uploads", "uploaded_by", "TEXT"),
            Column("history_uploads", "uploaded_at", "TEXT"),
            Column("history_uploads", "rule", "TEXT"),
            Column("history_uploads", "destination", "TEXT"),
            Column("history_uploads", "web_url", "TEXT"),
            Column("history_uploads", "recipients", "TEXT"),
            Column("history_uploads", "channels", "TEXT"),
            Column("history_uploads", "filed_at", "DOUBLE PRECISION"),
            Column("history_uploads", "announced_at", "DOUBLE PRECISION"),
            Column("history_uploads", "stage", "TEXT"),
            Column("history_uploads", "attempt", "INTEGER"),
            Column("history_uploads", "next_at", "DOUBLE PRECISION"),
            Column("history_uploads", "searched", "TEXT"),
            Column("history_uploads", "without_steps", "INTEGER"),
            Index("ix_history_uploads_first_at", "history_uploads", "first_at, correlation_id"),
            Index("ix_history_uploads_state_first_at", "history_uploads", "state, first_at"),
            Index("ix_history_uploads_room_first_at", "history_uploads", "room, first_at"),
            Index(
                "ix_history_uploads_filed",
                "history_uploads",
                "state, first_at, correlation_id",
                "filed_at IS NOT NULL",
            ),
            Index("ix_history_uploads_outdated", "history_uploads", "first_at", "searched IS NULL"),
            Column("history_steps", "room_title", "TEXT"),
            Column("history_steps", "uploaded_by", "TEXT"),
            Column("history_steps", "uploaded_at", "TEXT"),
            Column("history_steps", "destination", "TEXT"),
            Column("history_steps", "web_url", "TEXT"),
            Column("history_steps", "recipients", "TEXT"),
            Column("history_steps", "channels", "TEXT"),
            Column("history_steps", "next_attempt", "INTEGER"),
            Column("history_steps", "next_at", "DOUBLE PRECISION"),
        ),
    ),
)
