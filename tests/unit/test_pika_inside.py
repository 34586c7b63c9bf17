"""What `shared.amqp.client` overrides and uses inside pika is there, and nobody else looks inside."""

import ast
import inspect
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pika
import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from pika.adapters.asyncio_connection import _AsyncioIOServicesAdapter
from pika.adapters.base_connection import BaseConnection
from pika.adapters.utils.io_services_utils import _AsyncPlaintextTransport, _AsyncTransportBase
from pika.channel import Channel
from pika.connection import Connection as PikasConnection

from shared.amqp.client import frames
from shared.amqp.client.connection import Connection
from shared.amqp.client.loop import AsyncioLoop
from shared.wire.stages import NAMES
from tests.support.compose import ROOT

PRODUCT = ("ingress", *NAMES, "dispatcher", "shared", "console", "simulator", "demo")
CLIENT = ROOT / "shared" / "amqp" / "client"


@pytest.mark.parametrize(
    ("ours", "theirs", "added"),
    [
        (
            Connection,
            pika.SelectConnection,
            {"on_confirm", "publish", "abort", "_read", "_take", "_handle", "_send"},
        ),
        (AsyncioLoop, _AsyncioIOServicesAdapter, {"start", "_guarded"}),
    ],
)
def test_each_method_but_our_own_overrides_one_of_pikas(ours: type, theirs: type, added: set[str]) -> None:
    methods = {name for name, value in vars(ours).items() if inspect.isfunction(value)} - {"__init__"}
    assert {name for name in methods if not hasattr(theirs, name)} == added
    for name in methods - added:
        assert len(inspect.signature(getattr(ours, name)).parameters) == len(
            inspect.signature(getattr(theirs, name)).parameters
        ), name


def test_what_is_called_inside_a_connection_takes_what_we_give() -> None:
    given = {
        "_output_marshaled_frames": 1,
        "_terminate_stream": 1,
        "_adapter_call_later": 2,
        "_trim_frame_buffer": 1,
        "_process_frame": 1,
    }
    for name, arguments in given.items():
        inspect.signature(getattr(pika.SelectConnection, name)).bind(None, *[None] * arguments)
    inspect.signature(Channel._on_deliver).bind(None, None, None, b"")


def test_what_is_read_inside_a_connection_is_kept_there() -> None:
    kept = inspect.getsource(PikasConnection)
    for name in ("_frame_buffer", "_body_max_length", "_channels", "server_properties"):
        assert f"self.{name}" in kept, name
    assert "self._transport" in inspect.getsource(BaseConnection)
    assert "self._impl" in inspect.getsource(pika.BlockingConnection.__init__)


def test_a_connection_reads_as_many_bytes_as_its_transport_is_told() -> None:
    assert "self._MAX_RECV_BYTES" in inspect.getsource(_AsyncTransportBase)
    inspect.signature(_AsyncPlaintextTransport._on_socket_writable).bind(None)


def test_pika_has_the_properties_that_are_written_without_it() -> None:
    every = pika.BasicProperties(
        content_type="a", headers={}, delivery_mode=2, correlation_id="b", message_id="c", timestamp=1, type="d",
        app_id="e",
    )  # fmt: skip
    flags = int.from_bytes(b"".join(every.encode())[:2], "big")
    assert flags == frames._OURS


def inside(path: Path) -> Iterator[str]:
    """Names with an underscore that the file takes from pika or from an object other than its own."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "pika":
            yield from (alias.name for alias in node.names if alias.name.startswith("_"))
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if owner not in {"self", "cls"}:
                yield node.attr


def test_only_the_client_touches_pikas_inside() -> None:
    files = [path for part in PRODUCT for path in (ROOT / part).rglob("*.py")]
    with_pika = [path for path in files if "import pika" in (text := path.read_text()) or "from pika" in text]
    assert any(list(inside(path)) for path in with_pika if path.parent == CLIENT), "the look finds nothing at all"
    found = {str(path.relative_to(ROOT)): list(inside(path)) for path in with_pika if path.parent != CLIENT}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_next_minor_version_of_pika_is_not_taken_unseen() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (bounds,) = [need.specifier for need in map(Requirement, project["dependencies"]) if need.name == "pika"]
    installed = Version(version("pika"))
    assert installed in bounds
    assert Version(f"{installed.major}.{installed.minor + 1}") not in bounds
