"""Which workers take no messages now because the portal is down: their breaker has taken their consumers away."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from console.connect.worker_pages import ask, every
from console.settings import Pages
from shared.docspace.client import Client
from shared.process.settings import Portal, SettingsError, load
from shared.wire.stages import STAGES

MAY_PAUSE = frozenset(stage.name for stage in STAGES if stage.asks_portal)
TIMEOUT_S = (3.05, 10.0)
"""To connect, and for each part of an answer."""


@dataclass(frozen=True, slots=True)
class Paused:
    """Stages."""

    surely: frozenset[str] = frozenset()
    """Their pages say so."""
    perhaps: frozenset[str] = frozenset()
    """The portal is down, and their pages are not known here: they may not run at all."""


NOBODY = Paused()


def paused(environ: Mapping[str, str]) -> Paused:
    """NOBODY where the settings are wrong. A page that does not answer is that of a worker that does not run."""
    try:
        pages = [ask(address) for address in every(load(Pages, environ).health_urls)]
        found = load(Portal, environ)
    except SettingsError:
        return NOBODY
    surely = frozenset(page.stage for page in pages if page.breaker_open) & MAY_PAUSE
    unseen = MAY_PAUSE - {page.stage for page in pages}
    if not unseen or any("answer" in page.faults for page in pages) or not _is_down(found):
        return Paused(surely)
    return Paused(surely, unseen)


def _is_down(found: Portal) -> bool:
    key = found.docspace_api_key.get_secret_value()
    with contextlib.closing(
        Client(found.docspace_api_host, key, pool_size=1, timeout_s=TIMEOUT_S, ca_file=found.tls_ca_file)
    ) as client:
        return client.state().fault is not None
