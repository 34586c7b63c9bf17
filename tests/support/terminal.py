"""A program on a terminal of its own, and a person who reads what it says and types."""

import contextlib
import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CTRL_C = "\x03"


class Terminal:
    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self._master = master
        self.screen = ""
        """All that was ever on it, without colours."""
        self._read_to = 0

    def expect(self, text: str, timeout_s: float = 60) -> str:
        """What came since the last time, up to `text`; AssertionError with the screen if it does not come."""
        deadline = time.monotonic() + timeout_s
        while text not in self.screen[self._read_to :]:
            if time.monotonic() > deadline or not self._read():
                raise AssertionError(f"{text!r} did not come:\n{self.screen[self._read_to :]}")
        end = self.screen.index(text, self._read_to) + len(text)
        seen, self._read_to = self.screen[self._read_to : end], end
        return seen

    def type(self, text: str, *, enter: bool = True) -> None:
        os.write(self._master, (text + ("\n" if enter else "")).encode())

    def interrupt(self, expected: str) -> None:
        """Press Ctrl-C, again after seconds, until that is said. One between a prompt and the reading of an answer
        is not seen before the answer: CPython's PyOS_StdioReadline looks at signals once it reads.
        """
        for _ in range(10):
            self.type(CTRL_C, enter=False)
            with contextlib.suppress(AssertionError):
                self.expect(expected, timeout_s=3)
                return
        raise AssertionError(f"{expected!r} did not come of Ctrl-C:\n{self.screen[self._read_to :]}")

    def ends(self, timeout_s: float = 60) -> int:
        """Its exit code."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and self._read():
            pass
        return self.process.wait(max(1.0, deadline - time.monotonic()))

    def _read(self) -> bool:
        """False at the end."""
        ready, _, _ = select.select([self._master], [], [], 0.2)
        if not ready:
            return self.process.poll() is None
        try:
            data = os.read(self._master, 4096)
        except OSError:  # what Linux says when the other side is closed
            return False
        self.screen = _COLOURS.sub("", (self.screen + data.decode(errors="replace")).replace("\r\n", "\n"))
        return bool(data)


@contextlib.contextmanager
def on_terminal(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Iterator[Terminal]:
    """Ctrl-C and a hidden prompt reach the command, and it alone: `setsid` of util-linux gives it the terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        ("setsid", "--ctty", *command), cwd=cwd, env=dict(env), stdin=slave, stdout=slave, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        os.close(master)


def talk(terminal: Terminal, *steps: tuple[str, str | None]) -> None:
    """Waits for the first of each pair, and types the second."""
    for expected, typed in steps:
        terminal.expect(expected)
        if typed is not None:
            terminal.type(typed)
