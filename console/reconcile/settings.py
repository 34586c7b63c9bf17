"""What the sweep is set to, and its fixed times."""

from typing import Annotated

from pydantic import Field

from console.operator.channels import Settings as Operators
from console.settings import Pages
from console.web.settings import PublicUrl
from shared.announcing.settings import Spoken
from shared.process.live_rules import RuledDatabase
from shared.process.settings import LedgerDatabase, Portal, Process

GRACE_S = 120
"""DocSpace tries a webhook for about 31 s, and its queue may lag; what is younger may still come by itself."""
OVERLAP = 2
"""A window pass looks back over so many intervals, and to the last one that went well."""
BY_HAND = "2h"
"""How far a person's sweep looks back, if they do not say."""
FULL_AT_MOST_EVERY_S = 3600.0
"""A portal that comes and goes is not read whole each time."""


class Settings(Process, Portal, LedgerDatabase, RuledDatabase, Pages, Operators, Spoken, PublicUrl):
    reconcile_every_s: Annotated[
        int, Field(ge=0, description="the time between two sweeps. With 0 it sweeps once and ends")
    ] = 0
    reconcile_full_hour: Annotated[
        int,
        Field(
            ge=0,
            le=23,
            description="the hour (UTC) at which the reconciler reads each room as a whole, once a day",
        ),
    ] = 2
