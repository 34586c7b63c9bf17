"""Sends in what no webhook brought: by the exchange that the ingress publishes to."""

import time
from collections.abc import Sequence

from console.connect import door
from console.reconcile import event
from console.reconcile.confirm import Confirmed
from shared.wire.events import DEFAULT_PORTAL
from shared.wire.stages import STAGES, Stage


class Door(door.Door):
    def __init__(
        self, urls: Sequence[str], retry_delays_s: tuple[int, ...], stages: Sequence[Stage] = STAGES
    ) -> None:
        super().__init__(urls, retry_delays_s, stages, "console reconcile")

    def send(self, missed: Confirmed) -> None:
        """Raises PublishError; sending it again is safe."""
        found = missed.finding
        body = event.body(found.file, found.trigger, missed.uploader)
        self.publish(event.publication(found.file, body, found.trigger, DEFAULT_PORTAL, int(time.time())))
