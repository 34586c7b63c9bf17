"""The actions' tables as the statements see them; `versions` tells how they come to be there."""

import sqlalchemy as sa

_METADATA = sa.MetaData()

ACTIONS = sa.Table(
    "actions",
    _METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("filter", sa.Text, nullable=False),  # JSON, with what the verb needs besides
    sa.Column("count", sa.Integer, nullable=False),  # as the person saw it
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("through", sa.Text, nullable=False),
    sa.Column("asked_at", sa.Double, nullable=False),  # seconds since the epoch
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),  # of the last item that was begun; 0 before the first
    sa.Column("fault", sa.Text),  # why it does not go on
    sa.Column("holder", sa.Text),  # the process that works at it
    sa.Column("leased_until", sa.Double),
    sa.Column("ended_at", sa.Double),
)
ITEMS = sa.Table(
    "action_items",
    _METADATA,
    sa.Column("action", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),  # from 1
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("why", sa.Text),  # of one that failed
    sa.Column("begun_at", sa.Double),  # when first
)
LETTERS = sa.Table(
    "letters_put_away",
    _METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("code", sa.Text, nullable=False),  # of why it died
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("letter", sa.Text, nullable=False),  # JSON: properties, headers and body
    sa.Column("taken_back_at", sa.Double),
    sa.Column("taken_back_by", sa.Text),
)
PAUSES = sa.Table(
    "pauses",
    _METADATA,
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("until", sa.Double, nullable=False),
)
