"""The ledger: can work be claimed in it? The claim is given back, and leaves no trace."""

import uuid
from collections.abc import Iterator

from console.doctor.line import Area, Line
from shared.errors import TransientError
from shared.store.ledger import Ledger, Won

AREA = Area("ledger")
LEASE_S = 60.0


def check(database_url: str) -> Iterator[Line]:
    ledger = Ledger(database_url, owner="doctor")
    key = f"doctor {uuid.uuid4()}"
    try:
        claim = ledger.claim(key, LEASE_S)
        if isinstance(claim, Won):
            ledger.release(key, claim.token)
    except TransientError as error:
        yield AREA.failed(
            f"cannot be written: {error}",
            "correct DATABASE_URL, start the database, or give its user the right to write",
            cause="away",
        )
    else:
        yield AREA.ok("can be written")
    finally:
        ledger.close()
