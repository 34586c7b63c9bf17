"""A process's memory as the kernel counts it, in MB of 2**20 bytes."""

from pathlib import Path

KIB_PER_MB = 1024


def resident_mb(pid: int) -> float:
    """All that is in RAM, also what it shares with others: what `ps` calls RSS."""
    return _sum(pid, "Rss:")


def own_mb(pid: int) -> float:
    """What it shares with nobody: what would be free if it ended."""
    return _sum(pid, "Private_Clean:", "Private_Dirty:")


def _sum(pid: int, *names: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(names)) / KIB_PER_MB
