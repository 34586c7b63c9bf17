"""What a run uploads, and what it breaks when: both from one seed. Pure: it uploads nothing and breaks nothing."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ROOM, SUBFOLDER, DROPBOX = 86190, 86193, "sbox-12"
FOLDERS = (ROOM, SUBFOLDER, DROPBOX)
UNRULED = 86250
"""A room that no rule is about."""
MOVED_IN = "moved in"
ZONES = ("+00:00", "+09:00", "-05:00", "+05:30", "+01:00")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that the client drops. One title again is a new version, or a new file after the first was filed."""

    title: str
    folder: int | str
    kind: str
    """`chunked` is one event, `simple` the twins. `moved in`: the twins, of a room that no rule is about; when they
    have come, the folder around it is moved into `folder`, and no event tells of the file."""
    invoice: bool = True

    @property
    def moved_in(self) -> bool:
        return self.kind == MOVED_IN


@dataclass(frozen=True, slots=True)
class Act:
    """Something that breaks `after_s` seconds of peace, and is mended `for_s` later."""

    lane: str
    what: str
    after_s: float
    for_s: float
    target: int = 0
    """Which of several: an index, to be taken modulo how many there are. Of a purge, how many files."""
    faults: dict[str, Any] = field(default_factory=dict)
    """For the simulated portal and its mail server."""
    mood: dict[str, Any] = field(default_factory=dict)
    """Of the portal as a whole."""


def zone(seed: int) -> str:
    """The portal's, for the whole run."""
    return random.Random(f"zone {seed}").choice(ZONES)


def uploads(seed: int, count: int) -> Iterator[Upload]:
    """`count` of them; every title but those of repeats is unique."""
    dice = random.Random(f"uploads {seed}")
    earlier: list[Upload] = []
    for number in range(count):
        kind = dice.choices(("chunked", "simple"), (60, 40))[0]
        chance = dice.random()
        if chance < 0.10:
            yield Upload(f"Contract {number:05}.pdf", dice.choice(FOLDERS), kind, invoice=False)
        elif chance < 0.17 and earlier:
            # the last few: a new version, mostly. Long ago: a new file, as the first was filed
            recent = earlier[-3:] if dice.random() < 0.5 else earlier[-200:]
            again = dice.choice(recent)
            yield Upload(again.title, again.folder, kind)
        elif chance < 0.21:
            yield Upload(f"Invoice {number:05}.pdf", ROOM, MOVED_IN)
        else:
            folder = dice.choices(FOLDERS, (67, 13, 20))[0]
            upload = Upload(f"Invoice {number:05}.pdf", folder, kind)
            earlier.append(upload)
            yield upload


PORTAL_FAULTS: tuple[tuple[int, dict[str, Any]], ...] = (
    (3, {"portal_down": True}),
    (3, {"smtp_down": True}),
    (2, {"smtp": {"code": 451}}),
    (2, {"smtp": {"code": 451, "lines": 5000}}),
    (2, {"smtp_hangs": True}),
    (1, {"smtp": {"code": 421, "times": 20}}),
    (3, {"drop_connection": 10}),
    (4, {"drop_answer": 6}),
    (2, {"latency_ms": 300}),
    (2, {"operation_lost": True, "operation_lost_moves": True}),
    (2, {"operation_lost": True, "operation_lost_moves": False}),
    (1, {"silent_noop": True}),
    (1, {"operation_error": "Something went wrong"}),
    (2, {"operation_ms": 3000}),
    (2, {"status": [{"code": 429, "times": 10, "retry_after": 2}]}),
    (2, {"status": [{"code": 502, "times": 15}, {"code": 500, "method": "PUT", "times": 5}]}),
    (1, {"portal_down": True, "smtp_down": True}),
)
"""With weights. Nothing that a person must mend: whatever dies here, died of a fault that passed."""


MOODS: tuple[tuple[int, dict[str, Any]], ...] = (
    (3, {"key_off": True}),
    (2, {"drop_key": True}),
    (3, {"state": "suspended"}),
    (3, {"state": "restoring"}),
    (2, {"state": "unpaid"}),
    (2, {"maintenance": 200}),
    (1, {"maintenance": 503}),
    (1, {"renamed": "http://127.0.0.1:9"}),
)
"""With weights. In each of them every call is refused or answered by something else than the portal."""


def acts(seed: int, lane: str) -> Iterator[Act]:
    """Without end. The lanes run side by side, so that the broker may be down while a worker is killed."""
    dice = random.Random(f"{lane} {seed}")
    while True:
        match lane:
            case "workers":
                what = dice.choices(("kill", "freeze", "stop"), (6, 3, 1))[0]
                yield Act(lane, what, dice.uniform(0.3, 2.5), dice.uniform(0.2, 3), dice.randrange(1000))
            case "broker":
                what = dice.choices(("kill", "freeze", "freeze and kill", "restart"), (3, 4, 2, 1))[0]
                yield Act(lane, what, dice.uniform(8, 25), dice.uniform(2, 8))
            case "ledger":
                what = dice.choices(("kill", "freeze", "restart"), (2, 3, 1))[0]
                yield Act(lane, what, dice.uniform(6, 20), dice.uniform(1, 8))
            case "portal":
                weights = [weight for weight, _ in PORTAL_FAULTS]
                faults = dice.choices(PORTAL_FAULTS, weights)[0][1]
                yield Act(lane, " ".join(faults), dice.uniform(2, 6), dice.uniform(1, 6), faults=faults)
            case "moods":
                mood = dice.choices(MOODS, [weight for weight, _ in MOODS])[0][1]
                what = " ".join(f"{name} {value}" for name, value in mood.items())
                yield Act(lane, what.removesuffix(" True"), dice.uniform(4, 15), dice.uniform(1, 6), mood=mood)
            case "disks":
                yield Act(lane, "full", dice.uniform(3, 12), dice.uniform(2, 8), dice.randrange(1000))
            case "strangers":
                yield Act(lane, "half requests", dice.uniform(4, 15), dice.uniform(3, 12), dice.randrange(1000))
            case _:
                yield _at_the_portal(lane, dice)


def _at_the_portal(lane: str, dice: random.Random) -> Act:
    """What people do there, and what becomes of its webhooks."""
    match lane:
        case "people":
            return Act(lane, "purge", dice.uniform(1, 5), 0.0, target=dice.randint(1, 20))
        case "simulator":
            return Act(lane, dice.choice(("freeze", "restart")), dice.uniform(4, 15), dice.uniform(1, 5))
        case "neighbours":
            return Act(lane, dice.choice(("failing", "slow")), dice.uniform(5, 20), dice.uniform(2, 8))
        case "secret":
            return Act(lane, "rotate", dice.uniform(5, 15), 0.0)
    raise ValueError(lane)


LANES = (
    "workers", "broker", "ledger", "portal", "moods", "people", "simulator", "neighbours", "secret", "disks",
    "strangers",
)  # fmt: skip
