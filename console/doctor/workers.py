"""The workers, where their health ports are known: is each one there, and ready?"""

from collections.abc import Iterator, Sequence

from console.doctor.line import Area, Line
from console.worker_pages import ask, every

AREA = Area("workers")


def check(addresses: Sequence[str]) -> Iterator[Line]:
    """Nothing where none is known: the queues tell who consumes."""
    for address in every(addresses):
        page = ask(address)
        if page.ready:
            yield AREA.ok(f"{address} is ready")
            continue
        for name, fault in page.faults.items():
            if name == "answer":
                mend = "start it, or see its log; HEALTH_URLS says where its health port is"
                yield AREA.failed(f"{address} does not answer as a worker does: {fault}", mend)
            else:
                yield AREA.failed(f"{address} is not ready: {name}: {fault}", "mend what it names, or see its log")
