"""The one table that a run ends with, as Markdown, so that it can be put into docs/measurements/proof.md."""

from tests.chaos.run import Result

SHOWN_FAULTS = 20


def table(result: Result) -> str:
    verdict = result.verdict
    kills: dict[str, int] = {}
    for done in result.storm:
        kills[done.what] = kills.get(done.what, 0) + 1
    rows: list[tuple[str, object]] = [
        ("uploads", verdict.uploads),
        ("answered 2xx", verdict.answered),
        ("never accepted (DocSpace gave up, forgot or never told)", verdict.never_accepted),
        ("filed", verdict.filed),
        ("announced", verdict.announced),
        ("found by the sweep alone", verdict.by_sweep),
        ("called missed, and came later", verdict.called_missed_early),
        ("called missed, and had come", verdict.called_missed_late),
        ("deleted before they were told", verdict.withdrawn),
        ("files with the id of a purged one", verdict.ids_again),
        ("no invoices, moved in the place of one purged at that moment", verdict.moved_for_another),
        ("skipped (no invoices)", verdict.skipped),
        ("dead", len(verdict.dead)),
        ("**lost**", len(verdict.lost)),
        ("**moved twice**", len(verdict.moved_twice)),
        ("**announced twice**", len(verdict.announced_twice)),
        ("the same mail again, same `Message-ID`, in the crash window", len(verdict.repeated_in_window)),
        ("anything else wrong", len(verdict.wrong) + len(verdict.waiting)),
        ("from webhook to mail, p50 / p99", f"{verdict.percentile_s(50):.1f} s / {verdict.percentile_s(99):.1f} s"),
        ("time: uploading, settling", f"{result.uploading_s:.0f} s, {result.settling_s:.0f} s"),
        ("broken on the way", ", ".join(f"{what} {count}" for what, count in sorted(kills.items())) or "nothing"),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"| {name:<{width}} | {value} |" for name, value in rows]
    return "\n".join([lines[0], f"|{'-' * (width + 2)}|---|", *lines[1:]])


def faults(result: Result) -> str:
    found = [*result.verdict.faults]
    more = [f"… and {len(found) - SHOWN_FAULTS} more"] if len(found) > SHOWN_FAULTS else []
    return "\n".join([*found[:SHOWN_FAULTS], *more])
