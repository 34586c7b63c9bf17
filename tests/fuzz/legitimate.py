"""`python -m tests.fuzz.legitimate PORT COUNT PER_S`: the portal's own posts, each on a connection of its own.

In a process of its own, so that nobody else's work counts as their time. Prints JSON: seconds of each post, and the
numbers of the events that were not answered 200 in the end. A 503 is tried again, as DocSpace does.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.support.ingress import event
from tests.support.webhooks import signed_headers

AT_ONCE = 16
TRIES = 5
PATIENCE_S = 31.0
"""DocSpace's."""


def main() -> int:
    port, count, per_s = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    began = time.monotonic()

    def post(number: int) -> tuple[int, list[float]]:
        time.sleep(max(0.0, began + number / per_s - time.monotonic()))
        body, took_s = event(number), []
        for _ in range(TRIES):
            started = time.monotonic()
            try:
                url = f"http://127.0.0.1:{port}/docspace/webhook"
                status = requests.post(url, data=body, headers=signed_headers(body), timeout=PATIENCE_S).status_code
            except requests.RequestException:
                status = 0
            took_s.append(time.monotonic() - started)
            if status == 200:
                return 0, took_s
            if status != 503:
                break
        return status or -1, took_s

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = list(pool.map(post, range(count)))
    refused = {number: status for number, (status, _) in enumerate(ended) if status}
    print(json.dumps({"took_s": [took for _, each in ended for took in each], "refused": refused}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
