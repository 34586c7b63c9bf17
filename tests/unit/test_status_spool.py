"""What `status` says of the spools of several ingresses: each, and their sum."""

from console.connect.worker_pages import WorkerPage
from console.status.snapshot import Standing
from console.status.view import plain


def spool_line(*events: int) -> str:
    pages = tuple(
        WorkerPage(f"http://10.0.0.{number}:9100", ready=True, faults={}, spool_events=waiting)
        for number, waiting in enumerate(events, 1)
    )
    (line,) = [each for each in plain(Standing((), None, pages)) if each.startswith("spool: ")]
    return line


def test_the_spools_of_several_ingresses_are_summed() -> None:
    said = "spool: 12 events in all: 7 events at http://10.0.0.1:9100; empty at http://10.0.0.2:9100; 5 events at "
    assert spool_line(7, 0, 5) == f"{said}http://10.0.0.3:9100"


def test_one_spool_or_empty_ones_have_no_sum() -> None:
    assert spool_line(7) == "spool: 7 events"
    assert "in all" not in spool_line(0, 0)
