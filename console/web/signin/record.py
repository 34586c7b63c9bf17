"""Writes down who got in, and who changed who gets in."""

import structlog

log = structlog.get_logger()


def record(what: str, *, by: str, **facts: object) -> None:
    log.info(what, by=by, **facts)
