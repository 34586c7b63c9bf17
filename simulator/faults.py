"""The faults that a test sets, parsed from JSON. A fault with a count ends after so many requests."""

import threading
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from simulator.errors import BadRequestError


@dataclass(frozen=True)
class StatusFault:
    """Answer the next `times` matching API requests with `code`."""

    code: int
    method: str = ""
    path_contains: str = ""
    times: int = 1
    retry_after: int | None = None
    ratelimit_reset: int | None = None

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method.upper() in {"", method} and self.path_contains in path


@dataclass(frozen=True)
class SmtpFault:
    """Answer the next `times` RCPT commands with `code`, in `lines` lines. `times` None: until it is cleared."""

    code: int
    times: int | None = None
    lines: int = 1


@dataclass(frozen=True)
class FaultSet:
    portal_down: bool = False
    """Every API route answers 503."""
    status: tuple[StatusFault, ...] = ()
    latency_ms: int = 0
    drop_connection: int = 0
    """The socket is closed for so many API calls, and they are not carried out."""
    drop_answer: int = 0
    """So many API calls are carried out, and then the socket is closed without an answer."""
    operation_ms: int | None = None
    operation_lost: bool = False
    """No read ever returns the operation."""
    operation_lost_moves: bool = False
    """Whether a lost operation does its work."""
    operation_error: str = ""
    silent_noop: bool = False
    smtp: SmtpFault | None = None
    smtp_down: bool = False
    smtp_hangs: bool = False
    """RCPT gets no answer until this fault is cleared."""


def parse(document: object) -> FaultSet:
    """Raises BadRequestError that says what is wrong with the document."""
    if not isinstance(document, dict):
        raise BadRequestError("faults must be a JSON object")
    known = {item.name for item in fields(FaultSet)}
    if unknown := sorted(set(document) - known):
        raise BadRequestError(f"unknown faults: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    values: dict[str, Any] = dict(document)
    try:
        if "status" in values:
            given = values["status"] if isinstance(values["status"], list) else [values["status"]]
            values["status"] = tuple(StatusFault(**_set(item)) for item in given)
        if values.get("smtp") is not None:
            values["smtp"] = SmtpFault(**_set(values["smtp"]))
        values["drop_connection"] = int(values.get("drop_connection") or 0)
        values["drop_answer"] = int(values.get("drop_answer") or 0)
        return FaultSet(**values)
    except (TypeError, AttributeError, ValueError) as error:
        raise BadRequestError(f"bad faults: {error}") from error


def _set(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value is not None}


@dataclass
class Faults:
    """The faults in force."""

    default_operation_ms: int
    default_latency_ms: int
    _now: FaultSet = field(default_factory=FaultSet)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, faults: FaultSet) -> None:
        """Set these faults, and clear all that were set before."""
        with self._lock:
            self._now = faults

    def clear(self) -> None:
        self.put(FaultSet())

    def as_json(self) -> dict[str, Any]:
        return asdict(self._now)

    @property
    def portal_down(self) -> bool:
        return self._now.portal_down

    @property
    def smtp_down(self) -> bool:
        return self._now.smtp_down

    @property
    def smtp_hangs(self) -> bool:
        return self._now.smtp_hangs

    @property
    def silent_noop(self) -> bool:
        return self._now.silent_noop

    @property
    def operation_lost(self) -> bool:
        return self._now.operation_lost

    @property
    def operation_lost_moves(self) -> bool:
        return self._now.operation_lost_moves

    @property
    def operation_error(self) -> str:
        return self._now.operation_error

    @property
    def operation_ms(self) -> int:
        return self.default_operation_ms if self._now.operation_ms is None else self._now.operation_ms

    @property
    def set_operation_ms(self) -> int | None:
        """The time that was set as a fault; None if only the settings have one."""
        return self._now.operation_ms

    @property
    def latency_ms(self) -> int:
        return self._now.latency_ms or self.default_latency_ms

    def take_status(self, method: str, path: str) -> StatusFault | None:
        with self._lock:
            for index, fault in enumerate(self._now.status):
                if fault.matches(method, path):
                    left = list(self._now.status)
                    left[index] = replace(fault, times=fault.times - 1)
                    self._now = replace(self._now, status=tuple(left))
                    return fault
        return None

    def take_drop(self) -> bool:
        with self._lock:
            if self._now.drop_connection <= 0:
                return False
            self._now = replace(self._now, drop_connection=self._now.drop_connection - 1)
            return True

    def take_dropped_answer(self) -> bool:
        with self._lock:
            if self._now.drop_answer <= 0:
                return False
            self._now = replace(self._now, drop_answer=self._now.drop_answer - 1)
            return True

    def take_smtp(self) -> SmtpFault | None:
        """The answer that refuses a recipient; None to accept it."""
        with self._lock:
            fault = self._now.smtp
            if fault is None or fault.times == 0:
                return None
            if fault.times is not None:
                self._now = replace(self._now, smtp=replace(fault, times=fault.times - 1))
            return fault
