"""Private RabbitMQ nodes on loopback for the demo and the tests, run from the system's rabbitmq-server package.

A node has its own epmd, Erlang cookie, ports and data directory, so it neither sees nor disturbs another
RabbitMQ on the machine. Works as root and as an ordinary user, with RabbitMQ 3.10 and newer.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from demo.ports import free_port, free_ports

# The package's own programs. Those in /usr/sbin are wrappers that switch to the user `rabbitmq` when run as root.
PACKAGE_DIRECTORIES = (Path("/usr/lib/rabbitmq/bin"), Path("/opt/rabbitmq/sbin"))
PLUGINS = ("rabbitmq_management", "rabbitmq_prometheus")
START_TIMEOUT_S = 90.0  # measured: 8 to 13 s for a node on 2 cores, 20 s for three; the rest is a busy machine
STOP_TIMEOUT_S = 30.0
PROBE_TIMEOUT_S = 2.0
CTL_TIMEOUT_S = 60.0
LOG_TAIL_LINES = 20


class BrokerMissingError(Exception):
    """No rabbitmq-server is installed: install the package, or use containers."""


class BrokerFailedError(Exception):
    """The node ended or did not answer in time. The message has the end of its log."""


def find_rabbitmq() -> Path | None:
    """The directory of `rabbitmq-server`; None if it is not installed."""
    for directory in PACKAGE_DIRECTORIES:
        if (directory / "rabbitmq-server").exists():
            return directory
    found = shutil.which("rabbitmq-server")
    return Path(found).resolve().parent if found else None


class Node:
    """One node. After `stop` or `kill` it can be started again on the same ports and data."""

    def __init__(self, home: Path, name: str, epmd_port: int, peers: Sequence[str], plugins: Sequence[str]) -> None:
        programs = find_rabbitmq()
        if programs is None:
            raise BrokerMissingError(
                "rabbitmq-server is not installed: `apt-get install rabbitmq-server`, or start a container engine"
            )
        self._programs = programs
        self.name = name
        self.directory = home / name.partition("@")[0]
        self.port, self.management_port, distribution_port, prometheus_port = free_ports(4)
        self._plugins = plugins
        self._process: subprocess.Popen[bytes] | None = None
        self._write_configuration(peers, prometheus_port)
        self._environment = self._build_environment(home, epmd_port, distribution_port)

    @property
    def amqp_url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    @property
    def management_url(self) -> str:
        return f"http://127.0.0.1:{self.management_port}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Boot, and wait until the node serves clients. Does nothing if it already does."""
        self.launch()
        self.wait_ready(timeout_s)

    def launch(self) -> None:
        """Boot without waiting, in a session of its own, so that Ctrl-C reaches us and not the node."""
        if self.running:
            return
        with (self.directory / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [self._programs / "rabbitmq-server"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self, timeout_s: float = START_TIMEOUT_S) -> None:
        deadline = time.monotonic() + timeout_s
        while not self._answers():
            if not self.running:
                raise BrokerFailedError(f"RabbitMQ {self.name} ended while starting\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise BrokerFailedError(
                    f"RabbitMQ {self.name} did not answer in {timeout_s:.0f} s\n{self.log_tail()}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        """Shut down in order, as an operator would."""
        self.kill(signal.SIGTERM)

    def kill(self, signal_number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the node's process group and wait until it is gone. SIGKILL is like a crash."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, signal_number)
            if signal_number != signal.SIGKILL:  # SIGKILL ends a frozen process too, without waking it
                os.killpg(process.pid, signal.SIGCONT)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOP_TIMEOUT_S)
        self._process = None

    def restart(self) -> None:
        """Stop if it runs, then start on the same ports and data."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the node: connections stay open and nothing answers, as when a network is dead."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGSTOP)

    def unpause(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGCONT)

    def ctl(self, *arguments: str) -> str:
        """Run `rabbitmqctl` on the node. A call takes 2 to 4 s. Raises CalledProcessError if it fails."""
        done = subprocess.run(
            [self._programs / "rabbitmqctl", "--quiet", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=CTL_TIMEOUT_S,
            check=True,
        )
        return done.stdout

    def log_tail(self) -> str:
        logs = [*sorted((self.directory / "log").glob("*.log")), self.directory / "output.log"]
        lines = [line for log in logs if log.exists() for line in log.read_text(errors="replace").splitlines()]
        return "\n".join(lines[-LOG_TAIL_LINES:])

    def _answers(self) -> bool:
        if not sends_amqp_header(self.port):
            return False
        return "rabbitmq_management" not in self._plugins or accepts(self.management_port)

    def _write_configuration(self, peers: Sequence[str], prometheus_port: int) -> None:
        for folder in ("data", "log", "schema"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        lines = ["disk_free_limit.absolute = 50MB"]
        if "rabbitmq_management" in self._plugins:
            lines += ["management.tcp.ip = 127.0.0.1", f"management.tcp.port = {self.management_port}"]
        if "rabbitmq_prometheus" in self._plugins:
            lines += ["prometheus.tcp.ip = 127.0.0.1", f"prometheus.tcp.port = {prometheus_port}"]
        if len(peers) > 1:
            lines.append("cluster_formation.peer_discovery_backend = classic_config")
            lines += [f"cluster_formation.classic_config.nodes.{i} = {peer}" for i, peer in enumerate(peers, 1)]
        (self.directory / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (self.directory / "enabled_plugins").write_text(f"[{','.join(self._plugins)}].\n")

    def _build_environment(self, home: Path, epmd_port: int, distribution_port: int) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))
        }
        return inherited | {
            "HOME": str(home),  # where Erlang looks for the cookie
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.directory / "data"),
            "RABBITMQ_LOG_BASE": str(self.directory / "log"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.directory / "schema"),
            "RABBITMQ_PID_FILE": str(self.directory / "pid"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",  # the system's settings belong to the system's broker
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.directory / "advanced"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            # Without the first, the distribution port listens on every interface; the second keeps idle
            # schedulers from spinning on the cores that the workers need.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
        }


class Cluster:
    """Context manager that runs `size` nodes in a temporary directory and removes it at the end."""

    def __init__(self, size: int = 1, *, plugins: Sequence[str] = PLUGINS) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="rabbitmq-"))
        cookie = self._home / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
        self._epmd_port = free_port()
        self._epmd: subprocess.Popen[bytes] | None = None
        tag = secrets.token_hex(3)
        names = [f"intake-{tag}-{number}@localhost" for number in range(1, size + 1)]
        try:
            self.nodes = [Node(self._home, name, self._epmd_port, names, plugins) for name in names]
        except BrokerMissingError:
            shutil.rmtree(self._home)
            raise

    def __enter__(self) -> Self:
        try:
            # We start epmd in the foreground: one that a node starts would outlive the node.
            self._epmd = subprocess.Popen(
                ["epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            for node in self.nodes:
                node.launch()
            for node in self.nodes:
                node.wait_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process and delete the data."""
        for node in self.nodes:
            node.kill()
        if self._epmd is not None:
            self._epmd.terminate()
            self._epmd.wait(STOP_TIMEOUT_S)
            self._epmd = None
        shutil.rmtree(self._home, ignore_errors=True)


def sends_amqp_header(port: int) -> bool:
    """Whether the node answers an AMQP 0-9-1 handshake. Its port opens before the node serves."""
    try:
        with socket.create_connection(("127.0.0.1", port), PROBE_TIMEOUT_S) as probe:
            probe.sendall(b"AMQP\x00\x00\x09\x01")
            probe.settimeout(PROBE_TIMEOUT_S)
            return bool(probe.recv(7))
    except OSError:
        return False


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), PROBE_TIMEOUT_S).close()
    except OSError:
        return False
    return True
