"""Several of our ingresses, one on each of PORTS, each with a spool of its own, as replicas behind a proxy are.

Ends with them: SIGTERM goes to all. The proxy itself is not here; what it costs is its own.
"""

import os
import signal
import subprocess
import sys
from types import FrameType


def main() -> int:
    replicas = [
        subprocess.Popen(
            [sys.executable, "-m", "ingress"],
            env={**os.environ, "INGRESS_PORT": port, "SPOOL_PATH": f"{os.environ['SPOOL_PATH']}.{port}"},
        )
        for port in os.environ["PORTS"].split(",")
    ]

    def end(_number: int, _frame: FrameType | None) -> None:
        for replica in replicas:
            replica.terminate()

    signal.signal(signal.SIGTERM, end)
    return max(replica.wait() for replica in replicas)


if __name__ == "__main__":
    raise SystemExit(main())
