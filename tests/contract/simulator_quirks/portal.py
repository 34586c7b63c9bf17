"""A running simulator, asked over HTTP."""

from urllib.parse import quote

import requests

from simulator.portal import seed
from tests.support.waiting import wait_until


class Portal:
    """A client that says only what a test needs to say."""

    def __init__(self, simulator, key="sk-simulator"):
        self.url = simulator.url
        self.key = key

    def call(self, method, path, key=None, **more):
        headers = {"Authorization": f"Bearer {key or self.key}"}
        with requests.Session() as session:
            return session.request(method, f"{self.url}/api/2.0/{path}", headers=headers, timeout=10, **more)

    def own(self, method, path, **more):
        with requests.Session() as session:
            answer = session.request(method, f"{self.url}/{path}", timeout=10, **more)
        assert answer.ok, answer.text
        return answer.json()

    def upload(self, name="Invoice 1.pdf", kind="chunked", folder=seed.CLIENT_ROOM, data=b"%PDF"):
        query = {"name": name, "kind": kind, "folder": folder}
        return self.own("POST", "simulator/upload", params=query, data=data)["id"]

    def file(self, file_id):
        answer = self.call("GET", f"files/file/{quote(str(file_id), safe='')}")
        return answer.json()["response"] if answer.ok else answer.status_code

    def move(self, *file_ids, dest=seed.INCOMING, key=None, **more):
        body = {"fileIds": list(file_ids), "destFolderId": dest, "returnSingleOperation": True, **more}
        return self.call("PUT", "files/fileops/move", key=key, json=body)

    def finished(self, answer):
        """The finished operation, read by its id."""
        assert answer.status_code == 200, answer.text
        operation = answer.json()["response"][0]["id"]

        def read():
            found = self.call("GET", "files/fileops", params={"id": operation}).json()["response"]
            return found[0] if found and found[0]["finished"] else None

        return until(read)

    def faults(self, **faults):
        self.own("PUT", "simulator/faults", json=faults)

    def state(self):
        return self.own("GET", "simulator/state")


def until(read):
    return wait_until(read, 10, "what the simulator does by itself", every_s=0.01)
