"""Lines to and from a program that a test started with pipes."""

from typing import IO


def read_line(pipe: IO[str] | None) -> str:
    """The next line with its end, once it is there; empty if the program closed the pipe."""
    assert pipe is not None, "the program was started without this pipe"
    return pipe.readline()


def write_line(pipe: IO[str] | None, line: str) -> None:
    assert pipe is not None, "the program was started without this pipe"
    pipe.write(f"{line}\n")
    pipe.flush()
