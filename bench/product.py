"""Whose code the measured processes run: this checkout's, or that of another one, which BENCH_PRODUCT names.

The load, the simulated portal and the bench itself are this checkout's in either case.
"""

import os
import sys
from pathlib import Path

BENCH = Path(__file__).parent
ROOT = BENCH.parent
VARIABLE = "BENCH_PRODUCT"


def root() -> Path:
    return Path(os.environ.get(VARIABLE) or ROOT).resolve()


def module(name: str) -> list[str]:
    """One of the product's programs."""
    return [sys.executable, "-m", name]


def program(file: str) -> list[str]:
    """One of the bench's own, on the product's code. `-P`: modules beside it have the names of the product's."""
    return [sys.executable, "-P", str(BENCH / file)]


def imports_from(place: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(place)}
