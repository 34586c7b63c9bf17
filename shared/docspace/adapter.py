"""Connects requests to the portal, with the authorities that all other connections trust and a deadline."""

from pathlib import Path
from typing import Any

from requests.adapters import HTTPAdapter

from shared.docspace.deadline import POOLS
from shared.network.tls import system_directory, trusting


class Adapter(HTTPAdapter):
    """The connections to one host. `ca_file` is trusted beside the system's authorities."""

    def __init__(self, pool_size: int, ca_file: Path | None) -> None:
        self._tls = trusting(ca_file) if ca_file else None
        self.verify: str | bool = str(ca_file) if ca_file else system_directory() or True
        """The `verify` to send with, unless the environment names a bundle. True: the bundle that comes with
        requests."""
        super().__init__(pool_connections=1, pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._tls)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs, ssl_context=self._tls)
        manager.pool_classes_by_scheme = POOLS
        return manager


def sendable(api_key: str) -> str:
    if not (api_key.isascii() and api_key.isprintable()):  # http.client would quote it whole in its error
        raise ValueError("the API key holds characters that no key has: line breaks or other than ASCII")
    return api_key
