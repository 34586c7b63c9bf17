"""Sends one HTTP request to the portal with our key, and returns its whole answer without judging it."""

from pathlib import Path
from typing import Any

import requests

from shared.docspace import answer
from shared.docspace.adapter import Adapter, sendable
from shared.docspace.errors import UnreachableError
from shared.docspace.reply import OverSizeError, Reply, read_whole

HEADERS = {
    "User-Agent": "docspace-invoice-intake",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "keep-alive",
}

TIMEOUT_S = (3.05, 15.0)
"""The timeouts to connect and to answer. To connect: just over TCP's first retransmit at 3 s. To answer: the
portal's calls usually take well under 1 s."""


class Transport:
    """Serves many threads: up to `pool_size` at once keep their connections.

    ValueError, without the key in it, for a key that no HTTP header can carry.
    """

    def __init__(
        self, host: str, api_key: str, *, pool_size: int, timeout_s: tuple[float, float], ca_file: Path | None
    ) -> None:
        """`ca_file` holds certificate authorities that are trusted beside the system's."""
        self.host = host.rstrip("/")
        self._timeout_s = timeout_s
        self._with_key = {**HEADERS, "Authorization": f"Bearer {sendable(api_key)}"}
        # no Session: its cookies, redirects and .netrc are not wanted, and it takes two fifths of a call's time
        self._adapter = Adapter(pool_size, ca_file)
        found = requests.Session().merge_environment_settings(self.host, {}, None, None, None)
        self._proxies = found["proxies"]
        self._verify = found["verify"] if isinstance(found["verify"], str) else self._adapter.verify

    def exchange(self, method: str, path: str, *, with_key: bool = True, **request: Any) -> Reply:
        """The whole answer. UnreachableError if none came, or it did not end."""
        headers = self._with_key if with_key else HEADERS
        asked = requests.Request(method, f"{self.host}/api/2.0/{path}", headers, **request)
        return self._read(asked, f"{method} {path}")

    def download(self, path: str, most_bytes: int) -> Reply:
        """What a path outside the API answers to our key, as it is.

        OverSizeError if that is over `most_bytes`, UnreachableError if none came, or it did not end.
        """
        asked = requests.Request("GET", f"{self.host}/{path}", {**self._with_key, "Accept": "*/*"})
        try:
            return self._read(asked, "the bytes of a file", most_bytes)
        except UnreachableError as error:
            if isinstance(error.__cause__, OverSizeError):
                raise error.__cause__ from None
            raise

    def _read(self, asked: requests.Request, what: str, most_bytes: int | None = None) -> Reply:
        try:
            response = self._adapter.send(
                asked.prepare(), stream=True, timeout=self._timeout_s, verify=self._verify, proxies=self._proxies
            )
            return read_whole(response, most_bytes)
        except OSError as error:  # RequestException is one; so is a file of certificates that is gone
            raise answer.unreachable(error, what, self.host) from error

    def close(self) -> None:
        self._adapter.close()
