"""What the kernel tells of a process: its memory, in MB of 2**20 bytes, and its processor time."""

import os
from pathlib import Path

KIB_PER_MB = 1024
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """All that is in RAM, also what it shares with others: what `ps` calls RSS."""
    return _sum(pid, "Rss:")


def own_mb(pid: int) -> float:
    """What it shares with nobody: what would be free if it ended."""
    return _sum(pid, "Private_Clean:", "Private_Dirty:")


def cpu_s(pid: int) -> float:
    """User and system time so far; 0 if it has just ended."""
    return sum(int(field) for field in stat(pid)[11:13]) / _TICKS_PER_S


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none if it has just ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _sum(pid: int, *names: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(names)) / KIB_PER_MB
