"""Makes all checks side by side, each in a thread of its own, so that one that hangs holds up none."""

import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping

from console.doctor.checks import CHECKS, Check, lines
from console.doctor.line import Area, Line

LIMIT_S = 60.0
"""For all of it. Each call has a shorter limit of its own: this is for a portal that answers by the drop."""

_END = None


def run(
    environ: Mapping[str, str],
    limit_s: float = LIMIT_S,
    waiting: Callable[[list[str]], None] = lambda _: None,
    names: Collection[str] = tuple(CHECKS),
    checks: Mapping[str, Check] = CHECKS,
) -> Iterator[list[Line]]:
    """The lines of one area after the other, in the order of `names`; what takes too long is said to.

    `waiting` is told now and then which checks are not done yet. `checks` has those of these names.
    """
    came: queue.Queue[tuple[str, Line | None]] = queue.Queue()
    for name in names:
        threading.Thread(target=_make, args=(name, environ, checks, came), name=name, daemon=True).start()
    found: dict[str, list[Line]] = {name: [] for name in names}
    open_ones = list(names)
    deadline = time.monotonic() + limit_s
    while open_ones and time.monotonic() < deadline:
        try:
            name, line = came.get(timeout=0.2)
        except queue.Empty:
            waiting(open_ones)
            continue
        if line is _END:
            open_ones.remove(name)
        else:
            found[name].append(line)
    for name in open_ones:
        late = Area(name).failed(
            f"no answer within {limit_s:.0f} s", "see whether it is up; then run doctor again", cause="unseen"
        )
        found[name].append(late)
    yield from found.values()


def _make(
    name: str,
    environ: Mapping[str, str],
    checks: Mapping[str, Check],
    came: "queue.Queue[tuple[str, Line | None]]",
) -> None:
    try:
        for line in lines(name, environ, checks):
            came.put((name, line))
    except Exception as error:  # noqa: BLE001 - a bug in one check must not hide what the others found
        came.put(
            (name, Area(name).failed(f"the check itself failed: {error!r}", "report this as a bug", cause="bug"))
        )
    finally:
        came.put((name, _END))
