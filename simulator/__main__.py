"""`python -m simulator`: reads the settings, starts, and stops on SIGTERM or SIGINT."""

import os
import signal
import sys
import threading

from simulator.server import Simulator
from simulator.settings import SettingsError, help_text, parse


def main() -> int:
    if {"-h", "--help"} & set(sys.argv[1:]):
        sys.stdout.write(help_text() + "\n")
        return 0
    try:
        settings = parse(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    simulator = Simulator(settings)
    simulator.start()
    sys.stdout.write(
        f"simulator: page {simulator.url}/  API {simulator.url}/api/2.0/"
        f"  SMTP {settings.smtp_host}:{simulator.smtp_port}\n"
    )
    sys.stdout.flush()
    stopping.wait()
    simulator.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
