"""The time zone in which moments are shown."""

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOCAL = Path("/etc/localtime")
UTC = ZoneInfo("UTC")


def zone_or(name: str | None, default: ZoneInfo) -> ZoneInfo:
    """`Europe/Berlin`; the default where there is no zone of that name."""
    if not name:
        return default
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return default


def local_zone(environ: Mapping[str, str], local: Path = _LOCAL) -> ZoneInfo:
    """By TZ, else this machine's, else UTC."""
    machine = zone_or(str(local.resolve()).partition("zoneinfo/")[2] if local.is_symlink() else None, UTC)
    return zone_or(environ.get("TZ", "").removeprefix(":"), machine)
