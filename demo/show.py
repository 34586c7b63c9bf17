"""Runs the demo: uploads the samples, prints what happens to them, and waits until all have ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.portal import SimulatedPortal
from demo.samples import SAMPLES, Sample
from demo.screen import Screen
from demo.stack import Addresses, Stack
from demo.story import Step, Story
from demo.verdict import Ending, endings
from shared.amqp.operator.tap import Tap
from shared.errors import TransientError

ENDING_TIMEOUT_S = 90.0  # the locked file needs one retry after 5 s; the rest is for a busy machine
QUIET_S = 2.0  # after all ended well: a wrong second mail would come within it
LOOK_EVERY_S = 0.5
PAUSE_BETWEEN_UPLOADS_S = 0.4  # so that a person can follow

Wanted = Callable[[], bool]


@dataclass(slots=True)
class Show:
    stack: Stack
    addresses: Addresses
    screen: Screen
    portal: SimulatedPortal
    _story: Story = field(default_factory=Story)
    _uploads: dict[Sample, int] = field(default_factory=dict)
    _unlocks: list[tuple[float, Sample]] = field(default_factory=list)

    def upload_all(self) -> list[Ending]:
        """Upload all samples and print each step, until all have ended as they should or the time is over."""
        waiting = list(SAMPLES)
        deadline = time.monotonic() + ENDING_TIMEOUT_S
        all_well_since = 0.0
        with Tap([self.addresses.amqp]) as tap:
            while time.monotonic() < deadline:
                now = endings(self._uploads, self.portal.state())
                well = {ending.sample.key for ending in now if not ending.faults}
                ready = next((sample for sample in waiting if not sample.after or sample.after in well), None)
                if ready is not None:
                    waiting.remove(ready)
                    self._upload(ready)
                self._unlock_due()
                self._tell(tap, PAUSE_BETWEEN_UPLOADS_S)
                self.stack.check()
                if waiting or self._unlocks or len(well) < len(SAMPLES):
                    all_well_since = 0.0
                elif not all_well_since:
                    all_well_since = time.monotonic()
                elif time.monotonic() - all_well_since > QUIET_S:
                    break
        return endings(self._uploads, self.portal.state())

    def keep_telling(self) -> None:
        """Print what happens to a person's own uploads, until Ctrl-C.

        If the broker goes away, it listens again once the broker is back.
        """
        while True:
            try:
                self._keep_telling()
            except TransientError as error:
                self.screen.say(f"not listening: {error}; trying again")
                self.stack.check()
                time.sleep(QUIET_S)

    def _keep_telling(self) -> None:
        with Tap([self.addresses.amqp]) as tap:
            while True:
                self._tell(tap, LOOK_EVERY_S)
                self.stack.check()

    def _upload(self, sample: Sample) -> None:
        content = f"{sample.shows}\n".encode()
        file_id = self.portal.upload(sample.folder, sample.name, sample.kind, content)
        if sample.locked_s:
            self.portal.lock(file_id, "client")
            self._unlocks.append((time.monotonic() + sample.locked_s, sample))
        self._uploads[sample] = file_id
        self._note(sample, "uploaded", sample.shows)

    def _unlock_due(self) -> None:
        for due in [due for due in self._unlocks if due[0] <= time.monotonic()]:
            self._unlocks.remove(due)
            self.portal.lock(self._uploads[due[1]], None)
            self._note(due[1], "unlocked", "the next try will file it")

    def _tell(self, tap: Tap, quiet_s: float) -> None:
        until = time.monotonic() + quiet_s
        for message in tap.messages(timeout_s=quiet_s):
            self.screen.step(self._story.step(message, time.time()))
            if time.monotonic() > until:
                return

    def _note(self, sample: Sample, what: str, detail: str) -> None:
        at = f"{time.strftime('%H:%M:%S')}.{int(time.time() * 100) % 100:02}"
        self.screen.step(Step(at, sample.name, what, detail))
