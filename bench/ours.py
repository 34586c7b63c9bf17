"""This product's contender: `run_worker` as the classifier calls it, with a handler that does the bench's job.

Settings, logs, metrics, health page and trace headers are the product's own; nothing is switched off.
"""

import os

import msgspec

from classifier.__main__ import PREFETCH_EACH
from classifier.__main__ import Settings as ClassifierSettings
from shared.process.logs import configure_logs
from shared.process.settings import Worker, load
from shared.text.codes import Code
from shared.threads.stop import Stop
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Forward, Outcome, Skip
from shared.wire.stages import CLASSIFIER
from shared.worker import run_worker

ONE_IN = int(os.environ.get("BENCH_ONE_IN", "4"))


def decide(message: Message) -> Outcome:
    number = msgspec.json.decode(message.body)["number"]
    if number % ONE_IN:
        return Skip("not an invoice", Code.NO_RULE)
    return Forward(
        InvoiceDetected(file_id=number, title="Invoice", rule="bench", destination=1, recipients=("a@example.com",))
    )


def main() -> int:
    concurrency = str(ClassifierSettings.model_fields["worker_concurrency"].default)
    settings = load(Worker, {"WORKER_CONCURRENCY": concurrency, **os.environ})
    configure_logs("classifier", level=settings.log_level, log_format=settings.log_format)
    prefetch = int(os.environ.get("BENCH_PREFETCH", "0")) or PREFETCH_EACH * settings.worker_concurrency
    return run_worker(CLASSIFIER, settings, decide, Stop(), {}, prefetch=prefetch)


if __name__ == "__main__":
    raise SystemExit(main())
