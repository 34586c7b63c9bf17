"""The problems' tables as the statements see them; `versions` tells how they come to be there."""

import sqlalchemy as sa

_METADATA = sa.MetaData()

PROBLEMS = sa.Table(
    "problems",
    _METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("open_family", sa.Text, unique=True),  # NULL once it has ended: of a family one is open
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("found_by", sa.Text, nullable=False),  # the check
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("remedy", sa.Text, nullable=False),
    sa.Column("example", sa.Text, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("effects", sa.Text, nullable=False),  # JSON
    sa.Column("since", sa.Double),
    sa.Column("first_seen_at", sa.Double, nullable=False),
    sa.Column("last_seen_at", sa.Double, nullable=False),
    sa.Column("started_at", sa.Double),  # it had lasted long enough to be told
    sa.Column("gone_since", sa.Double),
    sa.Column("ended_at", sa.Double),
    sa.Column("closed_at", sa.Double),  # nobody is to hear of it any more
    sa.Column("acknowledged_by", sa.Text),
    sa.Column("acknowledged_at", sa.Double),
)
TOLD = sa.Table(
    "problem_told",
    _METADATA,
    sa.Column("problem", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
)
CHANNELS = sa.Table(
    "problem_channels",
    _METADATA,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("token", sa.Text),  # of the process whose turn it is
    sa.Column("leased_until", sa.Double, nullable=False),
    sa.Column("next_at", sa.Double, nullable=False),  # after a failure; not tried before
    sa.Column("tries", sa.Integer, nullable=False),  # that failed one after the other
    sa.Column("fault", sa.Text),  # of the last one
)
SILENCES = sa.Table(
    "problem_silences",
    _METADATA,
    sa.Column("family", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("until", sa.Double, nullable=False),
)
