"""The tables of people as the statements see them; `versions` tells how they come to be there."""

import sqlalchemy as sa

_METADATA = sa.MetaData()

PEOPLE = sa.Table(
    "people",
    _METADATA,
    sa.Column("name", sa.Text, primary_key=True),  # folded: `Ada` and `ada` are one person
    sa.Column("shown", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password", sa.Text),  # its hash; NULL: none was set, and none lets in
    sa.Column("language", sa.Text),
    sa.Column("zone", sa.Text),
    sa.Column("theme", sa.Text),
    sa.Column("made_at", sa.Double, nullable=False),  # seconds since the epoch, as all below
)
INVITES = sa.Table(
    "people_invites",
    _METADATA,
    sa.Column("token", sa.Text, primary_key=True),  # its hash
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("sets_password", sa.Integer, nullable=False),
    sa.Column("ends_at", sa.Double, nullable=False),
)
SESSIONS = sa.Table(
    "people_sessions",
    _METADATA,
    sa.Column("token", sa.Text, primary_key=True),  # its hash
    sa.Column("id", sa.Text, nullable=False),  # by which it is named to people
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("began_at", sa.Double, nullable=False),
    sa.Column("seen_at", sa.Double, nullable=False),  # to the minute
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("agent", sa.Text, nullable=False),
)
ATTEMPTS = sa.Table(
    "people_attempts",
    _METADATA,
    sa.Column("key", sa.Text, primary_key=True),  # a hash of a name or an address
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.Double, nullable=False),
    sa.Column("next_at", sa.Double, nullable=False),  # no other attempt before
)
