"""The outbox's tables as the statements see them; `versions` makes them. Times are seconds since the epoch."""

import sqlalchemy as sa

_METADATA = sa.MetaData()

CHANNELS = sa.Table(
    "outbox_channels",
    _METADATA,
    sa.Column("channel", sa.Text, primary_key=True),  # a Channel's id
    sa.Column("quiet_until", sa.Double),  # until then what comes waits, where not more often than every … is told
    sa.Column("open_window", sa.Text),  # that what comes joins; one at most, as whoever joins holds this row
)
WINDOWS = sa.Table(
    "outbox_windows",
    _METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("scheme", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),  # of the channel, for people
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_at", sa.Double, nullable=False),
    sa.Column("quiet_s", sa.Double, nullable=False),  # how long the channel is quiet after it
    sa.Column("opened_at", sa.Double, nullable=False),
    sa.Column("offered_until", sa.Double),  # until then one sender publishes it
    sa.Column("published_at", sa.Double),  # when the broker had `digest.due`
    sa.Column("sent_at", sa.Double),
)
INVOICES = sa.Table(
    "outbox_invoices",
    _METADATA,
    sa.Column("key", sa.Text, primary_key=True),  # under which it is announced, without the channel
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("unsent", sa.Integer, nullable=False),  # of its items, once it waits for these alone
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("filed", sa.Text, nullable=False),  # `invoice.filed`, as JSON
    sa.Column("announced", sa.Text),  # `invoice.announced`, as JSON, once it waits for its items alone
    sa.Column("message", sa.Text, nullable=False),  # JSON: what the message brought along
    sa.Column("offered_until", sa.Double),
)
ITEMS = sa.Table(
    "outbox_items",
    _METADATA,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),  # of the invoice
    sa.Column("window_id", sa.Text),  # NULL: it is told at once
    sa.Column("at", sa.Double, nullable=False),
)
