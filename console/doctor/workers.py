"""The workers, where their health ports are known: is each there and ready, and has it what is set here?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from console.connect.worker_pages import WorkerPage, ask, every
from console.doctor import spool
from console.doctor.configured import differences, rules_differ
from console.doctor.line import Area, Line
from shared.process.configuration import Configuration

AREA = Area("workers")
MENDS = {
    "answer": "start it, or see its log; HEALTH_URLS says where its health port is",
    "limits": "wait: it goes on by itself then; or raise the portal's limits for the service user",
}
"""By the check that is not met."""
NOTED = {
    "templates": "correct the file or take it out of TEMPLATES_DIR; intake notifications test sends one to you",
}
"""What a worker notes of itself and stops no work, with what a person does. The rest other lines tell."""
OTHER_MEND = "mend what it names, or see its log"
PORTAL, INTAKE = "portal", "intake"
"""Checks of a worker that waits for the portal: the probe's, and the breaker's."""
PAUSED = "paused"
"""That of a worker whose stage a person has paused."""
GOES_ON = "mend what is said of the portal, if it is still down: the worker goes on by itself"


def check(addresses: Sequence[str], wanted: Configuration | None) -> Iterator[Line]:
    """Nothing where none is known: the queues tell who consumes. `wanted`: None where it cannot be compared."""
    pages = [ask(address) for address in every(addresses)]
    for page in pages:
        yield from (replace(line, stage=page.stage) for line in _of_one(page, wanted))
    if wanted is None and (others := rules_differ(pages)):
        yield AREA.failed(
            f"the workers run with different rules: {'; '.join(others)}",
            "restart those that started before the rules changed: docker compose restart",
            cause="rules-differ",
        )


def _of_one(page: WorkerPage, wanted: Configuration | None) -> Iterator[Line]:
    if page.ready:
        yield AREA.ok(f"{page.address} is ready")
    else:
        yield from _not_ready(page)
    for name in NOTED.keys() & page.notes.keys():
        yield AREA.warning(f"{_name(page)}: {page.notes[name]}", NOTED[name], cause=f"note-{name}")
    yield from spool.lines(page)
    if wanted is not None:
        yield from _other(page, wanted)


def _not_ready(page: WorkerPage) -> Iterator[Line]:
    faults = dict(page.faults)
    faults.pop(PAUSED, None)  # as the line of the pauses says
    if INTAKE in faults:
        paused = faults.pop(INTAKE)
        faults.pop(PORTAL, None)  # the same cause again
        yield AREA.warning(f"{_name(page)} waits for the portal: {paused}", GOES_ON, cause="breaker-open")
    for name, fault in faults.items():
        how = "does not answer as a worker does" if name == "answer" else f"is not ready: {name}"
        mend = MENDS.get(name, OTHER_MEND)
        yield AREA.failed(f"{page.address} {how}: {fault}", mend, cause=f"not-ready-{name}")


def _other(page: WorkerPage, wanted: Configuration) -> Iterator[Line]:
    others = list(differences(page, wanted))
    if others:
        told = f"{_name(page)} runs with other {' and '.join(others)} than are configured here"
        yield AREA.failed(told, _mend(page), cause="other-configuration")


def _mend(page: WorkerPage) -> str:
    return (
        f"restart it: docker compose up --detach, then docker compose restart {page.stage} reconciler; "
        f"without containers end python -m {page.stage} and start it again"
    )


def _name(page: WorkerPage) -> str:
    return f"the {page.stage} at {page.address}" if page.stage else page.address
