"""Runs the product in containers with `docker compose`, as a project of its own."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from demo.ports import free_or_default
from demo.stack import PROJECT_NAME, ROOT, Addresses, Say, StackFailedError, tail
from shared.wire.stages import NAMES

BUILD_TIMEOUT_S = 1200.0  # a first build downloads the base images and every dependency
UP_TIMEOUT_S = 240
STOP_TIMEOUT_S = 90.0
PROGRESS_EVERY_S = 10.0
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TERM", "TMPDIR", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK")
"""The variables that compose gets, with DOCKER_* and BUILDKIT_*: never those of a real portal."""


OVER_AT_ONCE = ("settings", "topology")
"""They end before the workers start, which do not start if one of them fails."""


class ContainerStack:
    def __init__(self) -> None:
        handle, path = tempfile.mkstemp(prefix="intake-demo-", suffix=".log")
        os.close(handle)
        self._log = Path(path)
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in KEPT_VARIABLES or name.startswith(("DOCKER_", "BUILDKIT_"))
        }
        self._page_port, self._ingress_port, self._management_port, self._web_port = map(
            free_or_default, (8080, 3000, 15672, 8081)
        )
        self._environment = kept | {
            "SIMULATOR_PUBLISH": str(self._page_port),
            "INGRESS_PUBLISH": f"127.0.0.1:{self._ingress_port}",
            "MANAGEMENT_PORT": str(self._management_port),
            "WEB_PUBLISH": f"127.0.0.1:{self._web_port}",
            "WEB_PUBLIC_URL": f"http://127.0.0.1:{self._web_port}",
            "COMPOSE_PROFILES": "web",
        }
        self._started = False

    def start(self, say: Say) -> Addresses:
        if self._output("ps", "--all", "--quiet"):
            say("removing what an earlier demo left")
            self._run(say, "removing", STOP_TIMEOUT_S, "down", "--volumes", "--timeout", "5")
        say("building the images (the first time takes some minutes)")
        self._run(say, "still building", BUILD_TIMEOUT_S, "--progress", "plain", "build")
        say("starting the containers (about half a minute)")
        self._started = True
        try:
            self._run(
                *(say, "still starting", UP_TIMEOUT_S + 60.0),
                *("up", "--detach", "--wait", "--wait-timeout", str(UP_TIMEOUT_S)),
            )
        except StackFailedError as error:
            logs = self._output("logs", "--tail", "8", "ingress", *NAMES, "simulator")
            raise StackFailedError(f"{error}\n{logs}") from None
        amqp = self._output("port", "rabbitmq", "5672").strip()
        return Addresses(
            page=f"http://127.0.0.1:{self._page_port}",
            management=f"http://127.0.0.1:{self._management_port}",
            amqp=f"amqp://guest:guest@{amqp}/",
            ingress=f"http://127.0.0.1:{self._ingress_port}",
            web=f"http://127.0.0.1:{self._web_port}",
            logs=f"docker compose -p {PROJECT_NAME} logs -f",
        )

    def invitation(self) -> str:
        invite = ("web", "invite", "--name", "demo", "--role", "admin", "--sign-in-only")
        return self._output("exec", "-T", "web", "python", "-m", "console", *invite).strip()

    def check(self) -> None:
        ended = self._output("ps", "--all", "--format", "{{.Service}}", "--status", "exited").split()
        gone = [service for service in ended if service not in OVER_AT_ONCE]
        if gone:
            raise StackFailedError(f"{', '.join(gone)} ended\n{self._output('logs', '--tail', '25', *gone)}")

    def stop(self) -> None:
        self._down("15")

    def kill(self) -> None:
        self._down("0")

    def _down(self, timeout_s: str) -> None:
        if self._started:
            self._output("down", "--volumes", "--timeout", timeout_s)
            self._started = False
        self._log.unlink(missing_ok=True)

    def _command(self, *arguments: str) -> list[str]:
        files = ("--file", f"{ROOT}/docker-compose.yml", "--file", f"{ROOT}/compose/demo.yml")
        # No .env: the demo never touches a real portal.
        own = ("--project-name", PROJECT_NAME, "--project-directory", str(ROOT), "--env-file", "/dev/null")
        return ["docker", "compose", *own, *files, *arguments]

    def _output(self, *arguments: str) -> str:
        return subprocess.run(
            self._command(*arguments),
            env=self._environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=STOP_TIMEOUT_S,
            start_new_session=True,  # so Ctrl-C reaches us alone
            check=False,
        ).stdout

    def _run(self, say: Say, what: str, timeout_s: float, *arguments: str) -> None:
        """Run to the end; print a line every ten seconds. StackFailedError shows the end of the output."""
        started = time.monotonic()
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                self._command(*arguments),
                env=self._environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            while True:
                try:
                    code = process.wait(PROGRESS_EVERY_S)
                    break
                except subprocess.TimeoutExpired:
                    passed_s = time.monotonic() - started
                    if passed_s > timeout_s:
                        raise StackFailedError(f"gave up after {passed_s:.0f} s\n{tail(self._log)}") from None
                    say(f"  … {what}, {passed_s:.0f} s")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if code != 0:
            raise StackFailedError(f"docker compose {arguments[0]} failed\n{tail(self._log)}")
