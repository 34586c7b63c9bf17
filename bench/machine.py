"""What a figure was measured on: it says nothing without it."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from bench.child import PEER

OURS = ("pika", "falcon", "waitress")
PEERS = ("celery", "dramatiq", "faststream", "aio-pika", "pika", "flask", "gunicorn", "fastapi", "uvicorn")
BUSY_SHARE = 0.15
"""Of all cores, over the last minute: above it, something else runs."""


def summary() -> str:
    """Cores, processor, system and Python in one line."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({_processor()}), {system}, load {os.getloadavg()[0]:.2f} before"


def machine(broker: str) -> dict[str, Any]:
    load_1min = os.getloadavg()[0]
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "broker": broker,
        "ours": {name: importlib.metadata.version(name) for name in OURS},
        "peers": _peer_versions(),
        "load_1min_before": round(load_1min, 2),
        "idle": load_1min < BUSY_SHARE * (os.cpu_count() or 1),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _peer_versions() -> dict[str, str]:
    """None where the peers are not installed: only two parts of the bench run them."""
    if not Path(PEER).exists():
        return {}
    ask = f"from importlib.metadata import version as v; print(*(n + '=' + v(n) for n in {PEERS!r}))"
    listed = subprocess.run([PEER, "-c", ask], capture_output=True, text=True, check=True).stdout.split()
    return dict(entry.split("=") for entry in listed)
