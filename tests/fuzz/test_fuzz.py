"""The short form of `make fuzz`, and that it tells a bad answer from a good one."""

import random
from pathlib import Path

import pytest

from tests.fuzz.hostile import Answers, _judge
from tests.fuzz.run import Limits, run
from tests.fuzz.scripts import script
from tests.support.brokers import Broker
from tests.support.ingress import SERVERS

BUSY = Limits(p999_s=10, worst_s=20)
"""Other tests run beside this one; DocSpace waits 31 s."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("server", SERVERS)
def test_hostile_connections_keep_no_webhook_out_and_get_no_forbidden_answer(
    any_broker: Broker, server: str, tmp_path: Path
) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    result = run(any_broker, server, tmp_path, seed=seed, connections=range(600), posts=100, limits=BUSY)
    print(result)
    assert result.faults == []
    assert result.answers.statuses[200] > 100
    assert result.answers.statuses[400] > 100


def test_the_same_seed_and_number_give_the_same_script() -> None:
    assert [script(7, number) for number in range(300)] == [script(7, number) for number in range(300)]
    assert script(7, 1) != script(8, 1)


@pytest.mark.parametrize(
    ("answer", "faulty"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n" + b'{"status":"ok"}' + b"HTTP/1.1 500 Oh\r\n\r\n", True),
        (b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n\r\n", False),
        (b"HTTP/1.1 503 Service Unavailable\r\nServer: x\r\n\r\nRetry-After: 5\r\n", True),
        (b"HTTP/1.0 410 Gone\r\n\r\n", True),
        (b"HTTP/1.1 301 Moved\r\n\r\n", True),
        (b"HTTP/1.1 413 Content Too Large\r\n\r\n", False),
        (b"", False),
    ],
)
def test_which_answers_are_faults(answer: bytes, faulty: bool) -> None:  # noqa: FBT001
    answers = Answers()
    _judge(answers, 1, answer)
    assert bool(answers.faults) is faulty
