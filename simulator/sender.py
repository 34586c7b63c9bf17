"""Sends webhooks: its own thread, batches of up to ten in parallel, and every retry within the batch."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus

import requests
from urllib3.util import SKIP_HEADER

from simulator import payload, signature
from simulator.webhooks import LogRow, Webhooks

BATCH = 10
RETRIES = 5
TIMEOUT_S = 100.0
"""HttpClient's default, which the portal does not change."""
HEAD_TIMEOUT_S = 10.0
TRUSTED = timedelta(days=3)
"""A webhook that has failed for so long is switched off."""
BODY_KEPT = 2000


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
        with requests.Session() as session:
            session.trust_env = False
            for attempt in range(RETRIES + 1):
                if attempt and self._stopping.wait(self._retry_base_s * 2 ** (attempt - 1)):
                    return
                found = self._webhooks.addressee(row.webhook_id, attempt)
                if found is None:
                    return
                shown, secret = found
                body = payload.body(row.id, row.event, shown)
                status, error = self._post(session, row, body, signature.sign(secret, body))
                self._webhooks.record(row, attempt, status, error)
                if not error:
                    return
        self._give_up(row, status)

    def _post(self, session: requests.Session, row: LogRow, body: bytes, signed: str) -> tuple[int, str]:
        headers: dict[str, str | None] = {
            "Accept": "*/*",
            "Content-Type": "application/json; charset=utf-8",
            signature.HEADER: signed,
            "User-Agent": SKIP_HEADER,
            "Accept-Encoding": SKIP_HEADER,
            "Connection": None,
        }
        row.request_headers = json.dumps(
            {name: value for name, value in headers.items() if value not in {None, SKIP_HEADER}}
        )
        row.request_payload = body.decode()
        try:
            answer = session.post(row.uri, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
        except requests.Timeout:
            return 500, "The request was canceled due to the configured HttpClient.Timeout elapsing."
        except requests.RequestException as failure:
            return 0, f"{type(failure).__name__}: the receiver could not be reached"
        row.response_headers = json.dumps(dict(answer.headers))
        row.response_payload = answer.text[:BODY_KEPT]
        if HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            return answer.status_code, ""
        reason = f"{answer.status_code} ({answer.reason})"
        return answer.status_code, f"Response status code does not indicate success: {reason}."

    def _give_up(self, row: LogRow, status: int) -> None:
        """A last 410 deletes the webhook; days without one success switch it off."""
        with self._webhooks.lock:
            hook = self._webhooks.by_id.get(row.webhook_id)
            if hook is None:
                return
            if status == HTTPStatus.GONE:
                self._webhooks.remove(hook.id)
                return
            failing_since = hook.last_success_on or hook.created
            if hook.last_failure_on and hook.last_failure_on - failing_since > TRUSTED:
                self._webhooks.disable(hook.id)


def answers_head(uri: str) -> bool:
    """The check on create, update and enable: a 2xx to an unsigned HEAD within ten seconds, no redirect."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.head(uri, timeout=HEAD_TIMEOUT_S, allow_redirects=False).status_code // 100 == 2  # noqa: PLR2004 - 2xx
    except requests.RequestException:
        return False
