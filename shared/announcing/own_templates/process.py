"""The process that renders: started when it is needed, ended when it takes too long."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

from shared.announcing.own_templates.child import MOST_CHARS, RENDER_S

PROGRAM = Path(__file__).with_name("child.py")
START_S = 20.0
"""Of a busy machine."""
ANSWER_S = RENDER_S + 1.0
MOST_BYTES = 12 * MOST_CHARS + 1_000
"""As JSON a character has at most so many bytes."""


class TemplateFaultError(Exception):
    """A sentence, without its beginning, on what is wrong with a template."""


class RenderingProcess:
    """For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def render(self, name: str, facts: dict[str, Any]) -> str:
        """TemplateFaultError, within some seconds, for whatever went wrong."""
        try:
            process = self._process or self._start()
            _write(process, json.dumps({"name": name, "facts": facts}).encode() + b"\n")
            answer = _read(process, ANSWER_S)
        except TimeoutError:
            self.close()
            raise TemplateFaultError(f"it takes longer than {RENDER_S} s") from None
        except (OSError, ValueError, EOFError) as error:
            ended = self._ended()
            self.close()
            raise TemplateFaultError(ended or f"its process failed: {error}") from None
        if "text" in answer:
            return str(answer["text"])
        raise TemplateFaultError(one_sentence(answer.get("fault", "no answer")))

    def close(self) -> None:
        """Repeating it is safe."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                cast("Any", pipe).close()

    def _start(self) -> "subprocess.Popen[bytes]":
        """It is given no environment: there are the secrets."""
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", str(PROGRAM), str(self._folder.absolute())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the notifier, which tells what it has in hand
        )
        os.set_blocking(cast("Any", self._process.stdin).fileno(), False)
        _read(self._process, START_S)
        return self._process

    def _ended(self) -> str:
        """The system ends it for its time or its memory."""
        if self._process is None:
            return ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(1.0)
            return f"it takes longer than {RENDER_S} s, or too much memory" if code else ""
        return ""


def one_sentence(text: str) -> str:
    return " ".join(text.split())[:300]


def _write(process: "subprocess.Popen[bytes]", line: bytes) -> None:
    pipe, until = cast("Any", process.stdin).fileno(), time.monotonic() + ANSWER_S
    while line:
        _, ready, _ = select.select([], [pipe], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        line = line[os.write(pipe, line) :]


def _read(process: "subprocess.Popen[bytes]", within_s: float) -> dict[str, Any]:
    pipe, until, line = cast("Any", process.stdout).fileno(), time.monotonic() + within_s, b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(pipe, 65_536)
        if not part:
            raise EOFError("it ended")
        line += part
        if len(line) > MOST_BYTES:
            raise ValueError("it answers without end")
    answer: dict[str, Any] = json.loads(line)
    return answer
