"""Log lines: one JSON object each, whatever the values are."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from shared.process.logs import configure_logs


@pytest.fixture(autouse=True)
def _configuration_put_back() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.mark.parametrize("value", ["Rechnung Müller 😀", "cut in half \ud83d", "line\nbreak", 3.5, None])
def test_every_value_makes_one_readable_json_line(value: object) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="utf-8")
    lines = configure_logs("test", level="info", log_format="json", stream=stream)
    structlog.get_logger().info("title.seen", title=value)
    lines.flush()
    stream.flush()
    (line,) = map(json.loads, written.getvalue().decode().splitlines())
    assert line["title"] == value
    assert line["timestamp"].endswith("Z")
    assert datetime.now(UTC) - datetime.fromisoformat(line["timestamp"]) < timedelta(minutes=1)


def test_every_line_names_the_worker_whichever_thread_or_library_wrote_it() -> None:
    stream = io.StringIO()
    lines = configure_logs("mover", level="info", log_format="json", stream=stream)
    thread = threading.Thread(target=structlog.get_logger().info, args=("said.in.a.thread",))
    thread.start()
    thread.join()
    logging.getLogger("library").warning("said by a library")
    lines.flush()
    written = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["worker"] for line in written] == ["mover", "mover"]


def test_a_value_without_a_json_form_is_shown_as_its_repr() -> None:
    stream = io.StringIO()
    lines = configure_logs("test", level="info", log_format="json", stream=stream)
    structlog.get_logger().info("error.seen", error=ValueError("no"))
    lines.flush()
    assert json.loads(stream.getvalue())["error"] == "ValueError('no')"


def test_a_terminal_gets_what_its_encoding_cannot_carry_escaped() -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="ascii")
    lines = configure_logs("test", level="info", log_format="console", stream=stream)
    structlog.get_logger().info("title.seen", title="Müller")
    lines.flush()
    stream.flush()
    assert b"M\\xfcller" in written.getvalue()
