"""`/healthz`, `/readyz` and `/metrics` on a worker's health port."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future

import falcon
import structlog
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from shared.network.listening import NO_FILES, listen
from shared.runtime.metrics import Metrics
from shared.runtime.sparing import Sparing
from shared.threads import vital
from shared.threads.vital import Then

Check = Callable[[], str | None]
"""A readiness check: None if all is well, else one sentence that says what is missing."""

ANSWER_WITHIN_S = 2.0
"""A healthy dependency answers in milliseconds."""
THREADS = 2
TURN_S = 30
"""The longest sleep of the server's loop; whatever comes wakes it."""
NO_FILES_S = 0.1
"""After the process had no file left for a connection, the next one is accepted after this pause."""

log = structlog.get_logger()


class Bounded:
    """Runs a check that may hang on a thread of its own, one at a time, and waits for it only briefly.

    Otherwise a frozen database would hold the threads of the health server, and `/healthz` with them.
    """

    def __init__(self, check: Check, what: str) -> None:
        """`what` names what is asked, for the sentence."""
        self._check = check
        self._what = what
        self._lock = threading.Lock()
        self._asked: Future[str | None] | None = None
        self._asked_at = 0.0

    def __call__(self) -> str | None:
        with self._lock:
            if self._asked is None:
                self._asked_at = time.monotonic()
                self._asked = self._begin()
            asked, asked_at = self._asked, self._asked_at
        try:
            return asked.result(ANSWER_WITHIN_S)
        except TimeoutError:
            return f"{self._what} has not answered for {time.monotonic() - asked_at:.0f} s"

    def _begin(self) -> Future[str | None]:
        """RuntimeError if the system refuses a thread; the next call tries again."""
        asked: Future[str | None] = Future()
        threading.Thread(target=self._ask, args=(asked,), name="check", daemon=True).start()
        return asked

    def _ask(self, asked: Future[str | None]) -> None:
        answer = answer_of(self._check, self._what)
        with self._lock:
            self._asked = None
        asked.set_result(answer)


def answer_of(check: Check, what: str) -> str | None:
    """The check's answer. If the check raises, that is a fault too."""
    try:
        return check()
    except Exception as error:
        log.exception("check.failed", check=what)
        return f"{what} cannot be checked: {type(error).__name__}: {error}"


class Readiness:
    """The checks that together say whether this process can do its work now."""

    def __init__(
        self, checks: Mapping[str, Check], metrics: Metrics, notes: Mapping[str, Check] | None = None
    ) -> None:
        """`notes` are checks whose faults stop no work: the page shows them, and the process stays ready."""
        self._checks = checks
        self._metrics = metrics
        self._notes = notes or {}

    def faults(self) -> dict[str, str]:
        """The faults by the name of their check; empty if the process is ready."""
        faults = _told(self._checks)
        self._metrics.ready.set(0 if faults else 1)
        return faults

    def notes(self) -> dict[str, str]:
        """The faults that stop no work."""
        return _told(self._notes)


def _told(checks: Mapping[str, Check]) -> dict[str, str]:
    return {name: fault for name, check in checks.items() if (fault := answer_of(check, name))}


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
        if notes := self._readiness.notes():
            resp.media["notes"] = notes


class MetricsPage:
    def __init__(self, readiness: Readiness, metrics: Metrics) -> None:
        self._readiness = readiness
        self._metrics = metrics

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        self._readiness.faults()
        resp.content_type = self._metrics.content_type
        resp.data = self._metrics.render()


class _Listener(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Waitress's server. If the process has no file left for a connection, it logs one line, and not one at
    every turn of its loop.
    """

    def __init__(self, *arguments: object, **options: object) -> None:
        self._sparing = Sparing()
        super().__init__(*arguments, **options)

    def accept(self) -> object:
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in NO_FILES:
                raise
            if (left_out := self._sparing.due("no files")) is not None:
                log.error("health.no_files", reason=error.strerror, left_out=left_out)  # noqa: TRY400 - no traceback
            time.sleep(NO_FILES_S)
            return None


class HealthServer:
    """Serves the three routes from a thread of its own, so that a busy worker still answers."""

    def __init__(self, host: str, port: int, readiness: Readiness, metrics: Metrics) -> None:
        """OSError if the port cannot be bound."""
        app: falcon.App[falcon.Request, falcon.Response] = falcon.App()
        app.add_route("/healthz", Healthz())
        app.add_route("/readyz", Readyz(readiness))
        app.add_route("/metrics", MetricsPage(readiness, metrics))
        listening = listen(host, port)
        self.port: int = listening.getsockname()[1]
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(THREADS)
        self._server = _Listener(
            app,
            map={},
            _sock=listening,
            bind_socket=False,
            dispatcher=dispatcher,
            # poll, because select fails for a file whose number is over 1,023
            adj=Adjustments(
                asyncore_use_poll=True, asyncore_loop_timeout=TURN_S, log_socket_errors=False, ident=None
            ),
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
        )

    def start(self) -> None:
        vital.start("health", self._serve, then=Then.END)

    def _serve(self) -> None:
        self._server.run()
        raise RuntimeError("the health server has ended")
