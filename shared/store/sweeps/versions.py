"""The steps that make and change the sweep's tables."""

from shared.store.schema import Part, Table

SWEEPS = Part(
    "sweep",
    (
        (
            Table(
                "sweep_baselines",
                """
                room TEXT NOT NULL, part TEXT NOT NULL, since DOUBLE PRECISION NOT NULL,
                begun_at DOUBLE PRECISION NOT NULL, done_at DOUBLE PRECISION, PRIMARY KEY (room, part)
                """,
            ),
            Table(
                "sweep_known",
                """
                room TEXT NOT NULL, part TEXT NOT NULL, file_id TEXT NOT NULL, version INTEGER NOT NULL,
                created TEXT NOT NULL, PRIMARY KEY (room, file_id, part, version, created)
                """,
            ),
            Table(
                "sweep_due",
                """
                scope TEXT NOT NULL PRIMARY KEY, at DOUBLE PRECISION NOT NULL, reason TEXT NOT NULL,
                done_at DOUBLE PRECISION
                """,
            ),
            Table("sweep_notes", "name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL"),
        ),
    ),
)
