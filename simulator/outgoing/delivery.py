"""Makes the attempts of one delivery, all with the configuration from its beginning, and records its end."""

import json
import threading
from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus

import requests

from simulator.gate import calling
from simulator.outgoing import payload, signature
from simulator.outgoing.payload import Retry
from simulator.outgoing.webhook_model import LogRow, Told, Webhook
from simulator.outgoing.webhooks import Webhooks

RETRIES = 5
BODY_KEPT = 2000
CONTENT_HEADERS = ("content-", "expires", "last-modified", "allow")
"""Headers with these names or beginnings are not in the log."""


class Courier:
    def __init__(self, webhooks: Webhooks, over: threading.Event, retry_base_s: float) -> None:
        """When `over` is set, the portal has ended: nothing more is sent or recorded."""
        self._webhooks = webhooks
        self._over = over
        self._retry_base_s = retry_base_s
        self._own = threading.local()

    def deliver(self, row: LogRow) -> None:
        """Make up to six attempts. The log and the webhook are only updated after the last of them."""
        hook = None if self._over.is_set() else self._webhooks.begin(row)
        if hook is not None:
            self._attempts(row, hook)
        self._webhooks.over(row)

    def _attempts(self, row: LogRow, hook: Webhook) -> None:
        retry: Retry | None = None
        began, told = self._webhooks.now(), self._post(hook, row, 0, retry)
        for attempt in range(1, RETRIES + 1):
            if not told.error or self._over.wait(self._retry_base_s * 2 ** (attempt - 1)):
                break
            failed_on = retry.on if retry else began
            retry = Retry(attempt, self._webhooks.now(), failed_on, told.error, hook.last_success_on)
            told = self._post(hook, row, attempt, retry)
        if not self._over.is_set():
            self._webhooks.end(row, hook, told)

    def _post(self, hook: Webhook, row: LogRow, attempt: int, retry: Retry | None) -> Told:
        told = self._answered(hook, payload.body(row.id, row.event, row.to, retry))
        self._webhooks.note(row, attempt, told)
        return told

    def _answered(self, hook: Webhook, body: bytes) -> Told:
        signed = signature.sign(hook.secret, body)
        headers = {
            **calling.BARE,
            "Accept": "*/*",
            signature.HEADER: signed,
            "Content-Type": "application/json; charset=utf-8",
        }
        told = Told(_listed((("Accept", "*/*"), (signature.HEADER, signed))), body.decode())
        timeout_s = calling.POST_TIMEOUT_S
        try:
            answer = self._session(verify=hook.ssl).post(
                hook.uri,
                data=body,
                headers=headers,
                timeout=timeout_s,
                allow_redirects=False,
                auth=calling.nobody,
            )
        except requests.RequestException as error:
            late = isinstance(error, requests.Timeout)
            why = calling.failure(error, hook.uri, timeout_s).message
            return replace(told, status=500 if late else 0, error=why, late=late)
        if HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            kept = (pair for pair in answer.headers.items() if not pair[0].lower().startswith(CONTENT_HEADERS))
            text = answer.text[:BODY_KEPT]
            return replace(told, status=answer.status_code, response_headers=_listed(kept), response_payload=text)
        reason = f"{answer.status_code} ({answer.reason})"
        error_text = f"Response status code does not indicate success: {reason}."
        return replace(told, status=answer.status_code, error=error_text)

    def _session(self, *, verify: bool) -> requests.Session:
        """Each thread keeps connections of its own, because threads cannot share a session."""
        sessions: dict[bool, requests.Session] = self._own.__dict__.setdefault("sessions", {})
        if verify not in sessions:
            session = sessions[verify] = requests.Session()
            session.trust_env = False
            session.verify = verify
        return sessions[verify]


def _listed(headers: Iterable[tuple[str, str]]) -> str:
    """Headers as the log keeps them: a JSON text with a list for each name."""
    return json.dumps({name: [value] for name, value in headers}, separators=(",", ":"))
