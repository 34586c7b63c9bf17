"""The workers, where their health ports are known: is each one there, and ready?"""

from collections.abc import Iterator, Sequence

from console.doctor.line import Area, Line
from console.worker_pages import ask, every

AREA = Area("workers")
MENDS = {
    "answer": "start it, or see its log; HEALTH_URLS says where its health port is",
    "limits": "wait: it goes on by itself then; or raise the portal's limits for the service user",
}
"""By the check that is not met."""
OTHER_MEND = "mend what it names, or see its log"


def check(addresses: Sequence[str]) -> Iterator[Line]:
    """Nothing where none is known: the queues tell who consumes."""
    for address in every(addresses):
        page = ask(address)
        if page.ready:
            yield AREA.ok(f"{address} is ready")
            continue
        for name, fault in page.faults.items():
            how = "does not answer as a worker does" if name == "answer" else f"is not ready: {name}"
            yield AREA.failed(f"{address} {how}: {fault}", MENDS.get(name, OTHER_MEND))
