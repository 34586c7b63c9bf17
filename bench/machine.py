"""What a figure was measured on: it says nothing without it."""

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Sequence


def machine() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("pika", "falcon", "waitress"))
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {system}, {versions}"


def summary(figures: Sequence[float]) -> str:
    """The median and the range, as whole numbers."""
    return f"{statistics.median(figures):,.0f} ({min(figures):,.0f} to {max(figures):,.0f})"
