"""The sweep's tables as the statements see them. `versions` makes them."""

import sqlalchemy as sa

_METADATA = sa.MetaData()

BASELINES = sa.Table(
    "sweep_baselines",
    _METADATA,
    sa.Column("room", sa.Text, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),  # a title pattern of a rule, as it is written there
    sa.Column("since", sa.Double, nullable=False),  # what changed later is judged; seconds since the epoch
    sa.Column("begun_at", sa.Double, nullable=False),
    sa.Column("done_at", sa.Double),  # NULL until the room is read to its end
)
KNOWN = sa.Table(
    "sweep_known",
    _METADATA,
    sa.Column("room", sa.Text, primary_key=True),
    sa.Column("file_id", sa.Text, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),  # empty: all parts
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("created", sa.Text, primary_key=True),  # as ids are reused; UTC, to the microsecond
)
DUE = sa.Table(
    "sweep_due",
    _METADATA,
    sa.Column("scope", sa.Text, primary_key=True),  # `all`, `room:ID`, `folder:ID`, `file:ID`
    sa.Column("at", sa.Double, nullable=False),  # when events were last hidden there
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("done_at", sa.Double),  # when the last pass that looked there began
)
NOTES = sa.Table(
    "sweep_notes",
    _METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
