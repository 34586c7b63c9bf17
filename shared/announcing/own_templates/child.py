"""Renders templates that others wrote: a program of its own, which imports nothing of this product.

Jinja's sandbox keeps a template from Python's inside, but not from taking for ever or all memory. Then the system
ends this process, and whoever asked goes on. `child.py FOLDER` answers each line of JSON with one.
"""

import json
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

MEMORY_BYTES = 256 * 1024 * 1024
RENDER_S = 2
MOST_CHARS = 200_000
"""Of one text. Mail programs cut longer ones off, Gmail at 102 kB."""


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(sys.argv[1]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    _say({})
    for line in sys.stdin.buffer:
        signal.alarm(RENDER_S)  # nobody handles it: it ends the process, whatever that is doing
        answer = _answer(environment, json.loads(line))
        signal.alarm(0)
        _say(answer)
    return 0


def _answer(environment: ImmutableSandboxedEnvironment, asked: dict[str, Any]) -> dict[str, str]:
    try:
        return {"text": "".join(_bounded(environment.get_template(asked["name"]).generate(asked["facts"])))}
    except TemplateError as error:
        where = f", line {line}" if (line := getattr(error, "lineno", None)) else ""
        return {"fault": f"{error.message or type(error).__name__}{where}"}
    except Exception as error:  # noqa: BLE001 - a template may raise whatever it calls, and is at fault
        return {"fault": f"{type(error).__name__}: {error}"}


def _bounded(parts: Iterator[str]) -> Iterator[str]:
    left = MOST_CHARS
    for part in parts:
        left -= len(part)
        if left < 0:
            raise ValueError(f"it writes more than {MOST_CHARS} characters")
        yield part


def _say(answer: dict[str, str]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    raise SystemExit(main())
