"""Deletes from the simulated portal the files that were announced a while ago.

It sorts all that a folder holds for each page of a listing: with tens of thousands it would be the slowest of all,
as no portal with a database is. Its records of moves and mails stay.
"""

import threading

import requests

from bench.pipeline import Pipeline
from bench.uploads import Load

EVERY_S = 1.0
MARGIN_S = 30.0
"""So much younger than the newest mail and its own may still be missing: a message waits its step on the ladder."""


def tidy(running: Pipeline, load: Load, over: threading.Event) -> None:
    """Until `over`."""
    margin = round(load.rate * MARGIN_S)
    with requests.Session() as http:
        http.trust_env = False
        while not over.wait(EVERY_S):
            old = list(load.take_files(running.mails() - margin))
            http.put(f"{running.portal}/simulator/files", json={"deleted": old}, timeout=30).raise_for_status()
