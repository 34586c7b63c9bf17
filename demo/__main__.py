"""`python -m demo`: runs the whole product with a simulated portal and sample invoices, and prints each step."""

import argparse
import contextlib
import os
import signal
import sys
from types import FrameType

from demo.containers import ContainerStack
from demo.engine import compose_answers
from demo.portal import SimulatedPortal
from demo.processes import ProcessStack
from demo.screen import Screen
from demo.show import Show
from demo.stack import Stack, StackFailedError
from shared.errors import TransientError

INTERRUPTED = 130


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, as an exception of our own.

    If a plain KeyboardInterrupt passes through code that is executed from a string, CPython ends the process by the
    signal and ignores its exit code. Dataclasses execute such strings when a module is imported.
    """


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise Interrupted


def main() -> int:
    arguments = _arguments()
    screen = Screen()
    containers = arguments.containers or (not arguments.processes and compose_answers())
    if containers and not compose_answers():
        screen.say(
            "--containers: no container engine with Compose v2 answers (`docker info`, `docker compose version`)"
        )
        return 2
    screen.say(f"running in {'containers' if containers else 'processes of this machine'}; Ctrl-C stops everything")
    stack: Stack = ContainerStack() if containers else ProcessStack()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        return _run(stack, screen, once=arguments.once)
    except KeyboardInterrupt:
        return INTERRUPTED if arguments.once else 0
    except (StackFailedError, TransientError) as error:
        screen.say(f"\n{error}")
        return 1
    finally:
        screen.say("stopping (Ctrl-C again: at once)")
        signal.signal(signal.SIGINT, _killing(stack))
        signal.signal(signal.SIGTERM, _killing(stack))
        stack.stop()


def _run(stack: Stack, screen: Screen, *, once: bool) -> int:
    addresses = stack.start(screen.say)
    screen.addresses(addresses, stack.invitation())
    show = Show(stack, addresses, screen, SimulatedPortal(addresses.page))
    endings = show.upload_all()
    screen.endings(endings)
    failed = any(ending.faults for ending in endings)
    if once:
        return 1 if failed else 0
    screen.addresses(addresses, stack.invitation())
    screen.say("Upload files of your own on the portal's page; what happens to them shows here. Ctrl-C stops.")
    show.keep_telling()
    return 0


def _killing(stack: Stack) -> "signal._HANDLER":
    def at_once(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(Exception):  # we end now, even if something is only half stopped
            stack.kill()
        os._exit(128 + number)

    return at_once


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end by itself; exit 0 only if every sample ended well")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--processes", action="store_true", help="as processes, even where a container engine answers"
    )
    where.add_argument("--containers", action="store_true", help="in containers (default where an engine answers)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
