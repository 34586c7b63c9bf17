"""A title is looked for by reading the whole folder: many who look at once must not each read it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from mover.grouped import GroupedPortal
from shared.docspace.model import FileInfo
from tests.support.waiting import wait_until

FOLDER = 9


class Client:
    """Its folder is read through while the gate is open."""

    def __init__(self, *titles):
        self.files = [FileInfo(id=number, title=title, folder_id=FOLDER) for number, title in enumerate(titles)]
        self.readings = []
        self.gate = threading.Event()

    def find_files(self, folder_id, *titles):
        assert folder_id == FOLDER
        self.readings.append(set(titles))
        assert self.gate.wait(10)
        return [file for file in self.files if file.title in titles]


def test_many_who_look_for_titles_at_once_read_the_folder_twice():
    client = Client("a.pdf", "b.pdf", "a.pdf")
    portal = GroupedPortal(client, time.time, lambda _: False)  # type: ignore[arg-type]  # it is asked for titles alone
    with ThreadPoolExecutor(40) as together:
        first = together.submit(portal.find_files, FOLDER, "a.pdf")
        wait_until(lambda: client.readings, 10, "the first to be at it")
        later = [together.submit(portal.find_files, FOLDER, title) for title in ["a.pdf", "b.pdf", "c.pdf"] * 13]
        wait_until(lambda: len(portal._titled._open[FOLDER].items) == len(later), 10, "the others to wait")
        client.gate.set()
        assert [file.id for file in first.result()] == [0, 2]
        assert [[file.id for file in one.result()] for one in later] == [[0, 2], [1], []] * 13
    assert client.readings == [{"a.pdf"}, {"a.pdf", "b.pdf", "c.pdf"}]
