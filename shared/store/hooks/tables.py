"""The endpoints' tables as the statements see them; `versions` makes them. Times are seconds since the epoch."""

import sqlalchemy as sa

_METADATA = sa.MetaData()

ENDPOINTS = sa.Table(
    "hook_endpoints",
    _METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("failing_since", sa.Double),  # NULL: the last attempt succeeded, or there was none
    sa.Column("accepted_at", sa.Double),  # when it accepted one last
    sa.Column("disabled_at", sa.Double),  # NULL: it is enabled
    sa.Column("disabled_by", sa.Text),
    sa.Column("disabled_why", sa.Text),
    sa.Column("missed", sa.Integer, nullable=False),  # events that it was not sent since a person looked after them
    sa.Column("missed_since", sa.Double),  # when the first of them was published
)
ATTEMPTS = sa.Table(
    "hook_attempts",
    _METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("took_s", sa.Double, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("webhook_id", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("status", sa.Integer),  # NULL: no answer came
    sa.Column("answer", sa.Text, nullable=False),  # what it said, or why none came
)
