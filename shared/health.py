"""`/healthz`, `/readyz` and `/metrics` on a worker's health port."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future

import falcon
import waitress

from shared.listening import listen
from shared.metrics import Metrics

Check = Callable[[], str | None]
"""A question of readiness: None for yes, else one sentence that says what is missing."""


ANSWER_WITHIN_S = 2.0
"""What serves us at all answers in milliseconds."""


class Bounded:
    """A check of something that may hang: asked in a thread of its own, once at a time, and not waited for long.

    Else a database that is frozen would hold the health server's threads, and `/healthz` with them.
    """

    def __init__(self, check: Check, what: str) -> None:
        """`what` names in a sentence what is asked."""
        self._check = check
        self._what = what
        self._lock = threading.Lock()
        self._asked: Future[str | None] | None = None
        self._asked_at = 0.0

    def __call__(self) -> str | None:
        with self._lock:
            if self._asked is None:
                self._asked = Future()
                self._asked_at = time.monotonic()
                threading.Thread(target=self._ask, args=(self._asked,), name="check", daemon=True).start()
            asked, asked_at = self._asked, self._asked_at
        try:
            return asked.result(ANSWER_WITHIN_S)
        except TimeoutError:
            return f"{self._what} has not answered for {time.monotonic() - asked_at:.0f} s"

    def _ask(self, asked: Future[str | None]) -> None:
        try:
            answer = self._check()
        finally:
            with self._lock:
                self._asked = None
        asked.set_result(answer)


class Readiness:
    """The checks that together say whether this process can do its work now."""

    def __init__(self, checks: Mapping[str, Check], metrics: Metrics) -> None:
        self._checks = checks
        self._metrics = metrics

    def faults(self) -> dict[str, str]:
        """What is missing, by check; empty when ready."""
        faults = {name: fault for name, check in self._checks.items() if (fault := check())}
        self._metrics.ready.set(0 if faults else 1)
        return faults


class Healthz:
    """The process answers."""

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"status": "ok"}


class Readyz:
    """200 when every check passes, else 503 with the sentences."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        faults = self._readiness.faults()
        resp.status = falcon.HTTP_503 if faults else falcon.HTTP_200
        resp.media = {"status": "not ready", "faults": faults} if faults else {"status": "ready"}


class MetricsPage:
    def __init__(self, readiness: Readiness, metrics: Metrics) -> None:
        self._readiness = readiness
        self._metrics = metrics

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        self._readiness.faults()
        resp.content_type = self._metrics.content_type
        resp.data = self._metrics.render()


class HealthServer:
    """Serves the three routes from a thread of its own, so that a busy worker still answers."""

    def __init__(self, host: str, port: int, readiness: Readiness, metrics: Metrics) -> None:
        """Raises OSError if the port cannot be had."""
        app: falcon.App[falcon.Request, falcon.Response] = falcon.App()
        app.add_route("/healthz", Healthz())
        app.add_route("/readyz", Readyz(readiness))
        app.add_route("/metrics", MetricsPage(readiness, metrics))
        listening = listen(host, port)
        self.port: int = listening.getsockname()[1]
        self._server = waitress.create_server(app, sockets=[listening], threads=2, ident=None)
        self._thread = threading.Thread(target=self._server.run, name="health", daemon=True)

    def start(self) -> None:
        self._thread.start()
