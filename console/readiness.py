"""What a worker's `/readyz` says."""

import json
from dataclasses import dataclass

from console.http_call import NoAnswerError, call

TIMEOUT_S = 3.0
"""A worker answers from memory."""
READY, NOT_READY = 200, 503


@dataclass(frozen=True, slots=True)
class Readiness:
    address: str
    ready: bool
    faults: dict[str, str]
    """What is missing, by check; `answer` where there was no readable one."""


def ask(address: str) -> Readiness:
    """`address` is where the worker's health port is, such as http://mover:9100."""
    try:
        answer = call("GET", f"{address.rstrip('/')}/readyz", timeout_s=TIMEOUT_S)
    except NoAnswerError as error:
        return Readiness(address, ready=False, faults={"answer": str(error)})
    if answer.status == READY:
        return Readiness(address, ready=True, faults={})
    try:
        faults = {str(name): str(fault) for name, fault in json.loads(answer.body)["faults"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        faults = {"answer": f"{answer.status}, which is no worker's"}
    return Readiness(address, ready=False, faults=faults)
