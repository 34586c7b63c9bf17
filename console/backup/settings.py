"""The settings of `backup` and `restore`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from console.settings import Pages
from shared.process.settings import Database, Process


class Settings(Process, Database, Pages):
    spool_path: Annotated[
        Path,
        Field(
            description="the ingress's own store while the broker is away. Several ingresses may name the same "
            "one on one disk: each takes a file of its own beside it (spool-2.db, spool-3.db)"
        ),
    ] = Path("var/spool.db")
