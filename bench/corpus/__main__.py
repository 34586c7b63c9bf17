"""`python -m bench.corpus DIR`: a table by format, one by field, each failure, and how fast XML was read.

It ends with 1 if a stated field was read wrong or a structured invoice was not read.
"""

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.corpus import truth
from bench.corpus.compared import compared, stated_by
from bench.machine import summary
from reader.document import read
from shared.wire.facts import Source


@dataclass
class Result:
    """Of a format or a field."""

    files: int = 0
    read: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def main(folder: Path) -> int:
    formats: dict[str, Result] = {}
    fields: dict[str, Result] = {}
    failures: list[str] = []
    xml: list[bytes] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in (".xml", ".pdf"):
            continue
        content = path.read_bytes()
        expected = truth.of_pdf(content) if b"%PDF-" in content[:1024] else truth.of_xml(content)
        facts = read(content)
        result = formats.setdefault(expected.format, Result())
        result.files += 1
        result.read += facts.stated
        if not expected.facts:
            result.counts[facts.unread.value if facts.unread else facts.source.value] += 1
            continue
        if not facts.stated:
            failures.append(f"{path.relative_to(folder)}: not read, {facts.unread}")
            continue
        if facts.source is Source.XML:
            xml.append(content)
        said = stated_by(facts)
        for name, verdict in compared(expected, said).items():
            result.counts[verdict] += 1
            fields.setdefault(name, Result()).counts[verdict] += 1
            if verdict != "right":
                stated = expected.facts.get(name)
                failures.append(
                    f"{path.relative_to(folder)}: {name} {verdict}: {stated!r}, read {said.get(name)!r}"
                )
    print(f"{summary()}\n")
    _print(formats, fields, failures)
    _print_speed(xml)
    return 1 if failures else 0


def _print(formats: dict[str, Result], fields: dict[str, Result], failures: list[str]) -> None:
    print(
        "| format | files | read | fields right | wrong | missing | not read because |\n"
        "|---|---|---|---|---|---|---|",
    )
    for name, result in sorted(formats.items()):
        right, wrong, missing = (result.counts.pop(each, 0) for each in ("right", "wrong", "missing"))
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(result.counts.items()))
        print(f"| {name} | {result.files} | {result.read} | {right} | {wrong} | {missing} | {reasons} |")
    print("\n| field | right | wrong | missing |\n|---|---|---|---|")
    for name, result in sorted(fields.items()):
        print(
            f"| {name} | " + " | ".join(str(result.counts[each]) for each in ("right", "wrong", "missing")) + " |"
        )
    print(f"\nFailures: {len(failures)}")
    for failure in failures:
        print(f"- {failure}")


def _print_speed(contents: list[bytes]) -> None:
    times_s = []
    for content in contents:
        began = time.perf_counter()
        read(content)
        times_s.append(time.perf_counter() - began)
    if times_s:
        print(
            f"\nXML invoices: {len(times_s)}, {len(times_s) / sum(times_s):,.0f} a second in one process, "
            f"the slowest {1000 * max(times_s):.1f} ms",
        )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say the folder with the invoices: make corpus DIR=../shared/corpus")
    sys.exit(main(Path(sys.argv[1])))
