"""Writes down who got in, and who changed who gets in: in the log, and in the audit before it is done."""

import contextlib
from collections.abc import Iterator

import structlog

from console.web.site import Visit
from shared.store.audit.store import Person, Through

log = structlog.get_logger()


@contextlib.contextmanager
def recorded(visit: Visit, verb: str, target: str, *, by: str | None = None, **facts: str) -> Iterator[None]:
    """Around what is done. `by` where whoever does it is not signed in yet. TransientError."""
    who = by if by is not None else visit.person.name if visit.person else ""
    audit = visit.context.audit
    entry = audit.begin(Person(who, Through.WEB), verb, target, facts)
    try:
        yield
    except Exception as error:
        audit.end(entry, f"failed: {error}")
        raise
    audit.end(entry, "done")
    log.info("web.people", what=verb, by=who, target=target, address=visit.address, **facts)
