"""The ledger's table as the statements see it; `versions` tells how it comes to be there."""

import sqlalchemy as sa

ROWS = sa.Table(
    "ledger",
    sa.MetaData(),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("token", sa.Text),  # of the last winner, until it gives the claim back; stays when its lease runs out
    sa.Column("owner", sa.Text),  # the process that won, for people
    sa.Column("leased_until", sa.Double),  # or given back at; seconds since the epoch, the database's clock
    sa.Column("wins", sa.Integer, nullable=False),  # by any who may have begun; 0 once all gave back untouched
    sa.Column("progress", sa.Text),
    sa.Column("result", sa.Text),  # set once, and then the row never changes, but for `statements.replacing`
    sa.Column("completed_at", sa.Double),
    sa.Column("message", sa.Text),  # the id of the message that the work belongs to
)
BY_AGE = sa.Index("ledger_completed_at", ROWS.c.completed_at)
