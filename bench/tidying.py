"""Deletes from the simulated portal the files that were announced a while ago.

It sorts all that a folder holds for each page of a listing: with tens of thousands it would be the slowest of all,
as no portal with a database is. Its records of moves and mails stay.
"""

import itertools
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
            announced = running.mails()
            for file_id in itertools.takewhile(lambda _: not over.is_set(), load.take_files(announced - margin)):
                address = f"{running.portal}/simulator/files/{file_id}"
                http.put(address, json={"deleted": True}, timeout=30).raise_for_status()
