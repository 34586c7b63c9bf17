"""Sends webhooks: its own thread, batches of up to ten in parallel, and every retry within the batch."""

import json
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import requests

from simulator import calling, payload, signature
from simulator.payload import Retry
from simulator.webhook_model import LogRow, Told, Webhook
from simulator.webhooks import Webhooks

BATCH = 10
RETRIES = 5
TRUSTED = timedelta(days=3)
"""A webhook that has failed for so long is switched off."""
BODY_KEPT = 2000
CONTENT_HEADERS = ("content-", "expires", "last-modified", "allow")
"""The log leaves them out."""


class Sender:
    def __init__(self, webhooks: Webhooks, *, retry_base_s: float, poll_s: float) -> None:
        self._webhooks = webhooks
        self._retry_base_s = retry_base_s
        self._poll_s = poll_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulator-webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Does not wait for an answer that is still owed: the threads are daemons or end with it."""
        self._stopping.set()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        with ThreadPoolExecutor(BATCH, thread_name_prefix="simulator-webhook") as pool:
            while not self._stopping.is_set():
                batch = self._webhooks.take(BATCH)
                if batch:
                    list(pool.map(self._deliver, batch))
                else:
                    self._stopping.wait(self._poll_s)

    def _deliver(self, row: LogRow) -> None:
        hook = self._webhooks.begin(row)
        if hook is None:
            return
        with requests.Session() as session:
            session.trust_env = False
            session.verify = hook.ssl
            retry: Retry | None = None
            for attempt in range(RETRIES + 1):
                if attempt:
                    if self._stopping.wait(self._retry_base_s * 2 ** (attempt - 1)):
                        return
                    retry = Retry(
                        attempt, self._webhooks.now(), hook.last_failure_on, hook.last_failure_content,
                        hook.last_success_on,
                    )  # fmt: skip
                told = self._post(session, hook, payload.body(row.id, row.event, row.to, retry))
                hook = self._webhooks.record(row, hook, attempt, told, last=attempt == RETRIES)
                if not told.error:
                    return
        self._give_up(hook, told.status)

    @staticmethod
    def _post(session: requests.Session, hook: Webhook, body: bytes) -> Told:
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
            answer = session.post(hook.uri, data=body, headers=headers, timeout=timeout_s, allow_redirects=False)
        except requests.RequestException as error:
            late = isinstance(error, requests.Timeout)
            why = calling.failure(error, hook.uri, timeout_s).message
            return replace(told, status=500 if late else 0, error=why)
        if HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            kept = (pair for pair in answer.headers.items() if not pair[0].lower().startswith(CONTENT_HEADERS))
            text = answer.text[:BODY_KEPT]
            return replace(told, status=answer.status_code, response_headers=_listed(kept), response_payload=text)
        reason = f"{answer.status_code} ({answer.reason})"
        error_text = f"Response status code does not indicate success: {reason}."
        return replace(told, status=answer.status_code, error=error_text)

    def _give_up(self, hook: Webhook, status: int) -> None:
        """A last 410 deletes the webhook; days without one success switch it off."""
        with self._webhooks.lock:
            if hook.id not in self._webhooks.by_id:
                return
            if status == HTTPStatus.GONE:
                self._webhooks.remove(hook.id)
                return
            failing_since = hook.last_success_on or hook.created
            if hook.last_failure_on and hook.last_failure_on - failing_since > TRUSTED:
                self._webhooks.disable(hook.id)


def _listed(headers: Iterable[tuple[str, str]]) -> str:
    """As the log keeps them: a text that holds JSON, a list for each name."""
    return json.dumps({name: [value] for name, value in headers}, separators=(",", ":"))
