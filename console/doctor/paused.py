"""Which workers take no messages now: their breaker is open as the portal is down, or a person paused them."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from console.connect.worker_pages import ask, every
from console.doctor.pauses import pauses
from console.settings import Pages
from shared.docspace.client import Client
from shared.errors import TransientError
from shared.process.settings import LedgerDatabase, Portal, SettingsError, load
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
    by_hand: frozenset[str] = frozenset()
    """A person has paused them."""


NOBODY = Paused()


def paused(environ: Mapping[str, str]) -> Paused:
    """Where the settings are wrong, nobody. A page that does not answer is that of a worker that does not run."""
    return replace(_of_the_portal(environ), by_hand=_by_hand(environ))


def _by_hand(environ: Mapping[str, str]) -> frozenset[str]:
    try:
        url = load(LedgerDatabase, environ).database_url.get_secret_value()
        return frozenset(pause.stage for pause in pauses(url))
    except (SettingsError, TransientError):
        return frozenset()


def _of_the_portal(environ: Mapping[str, str]) -> Paused:
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
