"""HEALTH_HOST and INGRESS_HOST may be addresses of either family, and names."""

import contextlib
import os
import resource
import socket

import pytest
import requests

from shared.network.listening import listen
from shared.runtime.health import HealthServer, Readiness
from shared.runtime.metrics import Metrics


@pytest.mark.parametrize(
    ("host", "family"),
    [
        ("127.0.0.1", socket.AF_INET),
        ("0.0.0.0", socket.AF_INET),
        ("::1", socket.AF_INET6),
        ("::", socket.AF_INET6),
    ],
)
def test_an_address_is_listened_on_in_its_own_family(host, family):
    with listen(host, 0) as listening:
        assert listening.family is family
        assert listening.getsockname()[0] == host


def test_a_name_is_listened_on_at_one_of_its_addresses():
    with listen("localhost", 0) as listening:
        assert listening.getsockname()[0] in {"127.0.0.1", "::1"}


def test_the_health_page_is_there_on_ipv6():
    metrics = Metrics()
    server = HealthServer("::1", 0, Readiness({}, metrics), metrics)
    server.start()
    answer = requests.get(f"http://[::1]:{server.port}/healthz", timeout=10, proxies={"no_proxy": "*"})
    assert answer.json() == {"status": "ok"}


def test_the_health_page_is_there_where_files_have_high_numbers():
    metrics = Metrics()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with contextlib.ExitStack() as files:
        files.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(1100):
            files.callback(os.close, os.open("/dev/null", os.O_RDONLY))
        server = HealthServer("127.0.0.1", 0, Readiness({}, metrics), metrics)
        server.start()
        for _ in range(3):
            assert requests.get(f"http://127.0.0.1:{server.port}/healthz", timeout=10).ok
