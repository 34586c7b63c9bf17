"""Calls the simulated portal's own routes: uploads as the client, locks a file, reads what happened."""

from typing import Any

import requests

TIMEOUT_S = 10.0


class SimulatedPortal:
    """Methods raise requests.RequestException."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()

    def upload(self, folder_id: int, name: str, kind: str, content: bytes) -> int:
        """Returns the new file's id."""
        answer = self._http.post(
            f"{self._url}/simulator/upload",
            params={"folder": str(folder_id), "name": name, "kind": kind},
            data=content,
            headers={"Content-Type": "application/octet-stream"},
            timeout=TIMEOUT_S,
        )
        answer.raise_for_status()
        return int(answer.json()["id"])

    def lock(self, file_id: int, by: str | None) -> None:
        answer = self._http.put(f"{self._url}/simulator/files/{file_id}", json={"locked_by": by}, timeout=TIMEOUT_S)
        answer.raise_for_status()

    def state(self) -> dict[str, Any]:
        answer = self._http.get(f"{self._url}/simulator/state", timeout=TIMEOUT_S)
        answer.raise_for_status()
        state: dict[str, Any] = answer.json()
        return state
