"""Sets up structlog, once per process: JSON if stdout is no terminal, coloured lines if it is."""

import io
import json
import logging
import sys
from typing import Literal, TextIO

import msgspec
import structlog

from shared.process.log_lines import LogLines
from shared.text.outside import cell, harmless

LogFormat = Literal["json", "console"]


def configure_logs(
    worker: str, *, level: str, log_format: LogFormat | None, stream: TextIO | None = None
) -> LogLines:
    """Log to `stream` (stdout by default) with `worker` on every line. Warnings of libraries are logged there
    too.

    The result can be flushed; a normal exit flushes it.
    """
    stream = stream or sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    lines = LogLines(stream, lambda count: structlog.get_logger().warning("log.lines_dropped", lines=count))
    threshold = logging.getLevelNamesMapping()[level.upper()]
    as_json = log_format == "json" or (log_format is None and not stream.isatty())
    before: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _named(worker),  # not a context variable, because a new thread has none
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    render: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
        if as_json
        else [
            structlog.processors.format_exc_info,
            _harmless,
            # not the rich traceback: it prints local variables, and with them secrets
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )
    structlog.configure(
        processors=[*before, *render],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    handler = _Onto(lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # pika logs every lost connection at length; our link logs one line, with what happens next
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    # it logs a line for each request that finds no idle thread, which is normal
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return lines


class _Onto(logging.Handler):
    """Passes records of the standard library's log on. The library itself would write on the caller's thread,
    which may hang there.
    """

    def __init__(self, lines: LogLines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.msg(self.format(record))
        except Exception:  # noqa: BLE001 - a library's record that cannot be formatted is the library's fault
            self.handleError(record)


def _json(event: object, **_options: object) -> str:
    try:
        return msgspec.json.encode(event, enc_hook=repr).decode()
    except UnicodeEncodeError:  # half a surrogate pair, as in a title that was cut
        return json.dumps(msgspec.to_builtins(event, enc_hook=repr))


def _harmless(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Escapes titles and answers of other servers, so that a terminal obeys nothing in them. Only a traceback
    may have line breaks.
    """
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = harmless(value) if name == "exception" else cell(value)
    return event


def _named(worker: str) -> structlog.typing.Processor:
    def add(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event.setdefault("worker", worker)
        return event

    return add
