"""How fast the simulated portal is in a measurement: the options, and the settings that they stand for."""

import argparse
from collections.abc import Mapping

SEEN = "seen"


def add_options(parser: argparse.ArgumentParser, *, latency_ms: int, latencies: str | None = None) -> None:
    parser.add_argument(
        "--latencies",
        choices=(SEEN,),
        default=latencies,
        help=f"seen: calls and moves take as long as a real server took, two at a time (default: {latencies})",
    )
    parser.add_argument("--factor", type=float, default=1.0, help="those times this; 5 as under load (default 1)")
    parser.add_argument(
        "--latency-ms", type=int, default=latency_ms, help=f"else: of each answer (default {latency_ms})"
    )


def settings(arguments: argparse.Namespace) -> Mapping[str, str]:
    if arguments.latencies:
        return {
            "SIMULATOR_LATENCIES": arguments.latencies,
            "SIMULATOR_LATENCY_FACTOR": str(arguments.factor),
        }
    return {"SIMULATOR_LATENCY_MS": str(arguments.latency_ms)}


def said(arguments: argparse.Namespace) -> str:
    if arguments.latencies:
        return f"a portal as {arguments.latencies}, times {arguments.factor:g}"
    return f"a portal that answers in {arguments.latency_ms} ms"
