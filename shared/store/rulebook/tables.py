"""The rulebook's tables as the statements see them; `versions` tells how they come to be there."""

import sqlalchemy as sa

_METADATA = sa.MetaData()

TEXTS = sa.Table(
    "rulebook_texts",
    _METADATA,
    sa.Column("version", sa.Integer, primary_key=True),  # 1, 2, 3 …
    sa.Column("text", sa.Text, nullable=False),  # TOML as it was given, with comments and secrets
    sa.Column("hash", sa.Text, nullable=False),  # as the workers tell these rules
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),  # seconds since the epoch, the database's clock
    sa.Column("comment", sa.Text, nullable=False),
)
SWITCHES = sa.Table(
    "rulebook_switches",
    _METADATA,
    sa.Column("number", sa.Integer, primary_key=True),  # the highest is live
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
)
