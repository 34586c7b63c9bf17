"""What the kernel counts for a container: processor time and memory of all its processes, health checks too.

It stays right on a machine that others use. Reads control groups of version 1 and 2.
"""

from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_NS_PER_S = 1e9
_US_PER_S = 1e6
_MB = 2**20


class Cgroup:
    def __init__(self, pid: int) -> None:
        """Of that process. FileNotFoundError where it has ended, or the control groups are hidden from us."""
        lines = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
        paths = {name: path.lstrip("/") for _, names, path in lines for name in names.split(",")}
        self._is_v2 = (_ROOT / "cgroup.controllers").exists()
        self._cpu = _ROOT / paths[""] if self._is_v2 else _ROOT / "cpuacct" / paths["cpuacct"]
        self._memory = _ROOT / paths[""] if self._is_v2 else _ROOT / "memory" / paths["memory"]

    def cpu_s(self) -> float:
        """User and system time so far, of processes that have ended too."""
        if self._is_v2:
            return _numbers(self._cpu / "cpu.stat")["usage_usec"] / _US_PER_S
        return int((self._cpu / "cpuacct.usage").read_text()) / _NS_PER_S

    def memory_mb(self) -> float:
        """What `docker stats` tells: all but file pages that nobody has used lately."""
        if self._is_v2:
            usage, inactive = "memory.current", _numbers(self._memory / "memory.stat")["inactive_file"]
        else:
            usage = "memory.usage_in_bytes"
            inactive = _numbers(self._memory / "memory.stat")["total_inactive_file"]
        return (int((self._memory / usage).read_text()) - inactive) / _MB


def _numbers(file: Path) -> dict[str, int]:
    return {name: int(value) for name, value in (line.split() for line in file.read_text().splitlines())}
