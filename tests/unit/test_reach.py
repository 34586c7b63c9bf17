"""Which addresses we connect to where a person named the host."""

import socket
from typing import Any

import pytest

from shared.network.reach import NotAllowedError, places, refusal

INTERNET = ("93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101", "2002:101:101::1")
PRIVATE = (
    "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.0.0.1", "127.8.9.10", "100.64.0.1",
    "100.127.255.254", "192.0.2.1", "198.18.0.1", "::1", "fc00::1", "fd12:3456::1", "::ffff:10.0.0.1",
    "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:db8::1",
    "::7f00:1", "fec0::1",
)  # fmt: skip
NEVER = (
    "169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::", "100.100.100.200", "fd00:ec2::254", "0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "ff02::1",
    "255.255.255.255", "240.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("address", INTERNET)
def test_an_address_of_the_internet_may_be_connected_to(address: str) -> None:
    assert refusal(address, private=False) is None


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused_unless_allowed(address: str) -> None:
    assert refusal(address, private=False) is not None
    assert refusal(address, private=True) is None


@pytest.mark.parametrize("address", NEVER)
def test_link_local_metadata_and_group_addresses_are_always_refused(address: str) -> None:
    assert refusal(address, private=False) is not None
    assert refusal(address, private=True) is not None


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "::1", "localhost"])
def test_each_way_to_write_this_machine_is_refused(host: str) -> None:
    with pytest.raises(NotAllowedError, match=r"127\.0\.0\.1|::1"):
        places(host, 443, private=False, within_s=10)


def test_of_a_name_with_several_addresses_only_those_allowed_are_used() -> None:
    def resolve(*_: object, **__: object) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("10.0.0.1", "93.184.215.14")
        ]

    assert [place.where for place in places("x", 443, private=False, within_s=1, resolve=resolve)] == [
        ("93.184.215.14", 443)
    ]


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    import threading  # noqa: PLC0415 - the only one that needs it

    over = threading.Event()
    with pytest.raises(TimeoutError):
        places("x", 443, private=False, within_s=0.05, resolve=lambda *_, **__: [over.wait()])
    over.set()
