"""A private Postfix as a relay: its own configuration, queue and port, started and ended by the test.

It needs root, as Postfix's master does, and Debian's package.
"""

import contextlib
import os
import shutil
import signal
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.waiting import wait_until

MASTER = Path("/usr/lib/postfix/sbin/master")

MAIN = """
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
maillog_file = {queue}/log
maillog_file_prefixes = {queue}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination = local.example
local_recipient_maps = inline:{{known=1}}
smtpd_relay_restrictions = check_sender_access inline:{{invoices@example.com=OK}}, reject_unauth_destination
smtpd_sender_restrictions = check_sender_access inline:{{banned@example.com=REJECT}}
smtpd_helo_required = yes
smtputf8_enable = yes
message_size_limit = 20000
header_checks = regexp:{config}/header_checks
relayhost = [127.0.0.1]:{next_hop}
smtp_tls_security_level = none
smtpd_tls_security_level = {security}
smtpd_tls_chain_files = {chain}
tls_random_source = dev:/dev/urandom
"""
SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def find_postfix() -> bool:
    return MASTER.exists() and os.geteuid() == 0


@contextlib.contextmanager
def postfix(port: int, next_hop: int, chain: Path | None = None) -> Iterator[str]:
    """Its `host:port`; what it takes goes to `next_hop` on this machine."""
    with tempfile.TemporaryDirectory(prefix="postfix-", ignore_cleanup_errors=True) as directory:
        yield from _running(Path(directory), port, next_hop, chain)


def _running(directory: Path, port: int, next_hop: int, chain: Path | None) -> Iterator[str]:
    config, queue, data = (directory / name for name in ("config", "queue", "data"))
    for folder in (config, queue, data):
        folder.mkdir()
    directory.chmod(0o755)
    shutil.chown(data, "postfix")
    (config / "header_checks").write_text("/^Subject: .*forbidden/ REJECT\n")
    settings = {"queue": queue, "data": data, "config": config, "next_hop": next_hop}
    security = "encrypt" if chain else "none"
    (config / "main.cf").write_text(MAIN.format(**settings, security=security, chain=chain or ""))
    (config / "master.cf").write_text(SERVICES.format(port=port))
    subprocess.run(["postfix", "-c", config, "check"], check=True, capture_output=True)
    master = subprocess.Popen([MASTER, "-c", config, "-d"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _greets(port), timeout_s=60, what="Postfix to greet")
        yield f"localhost:{port}"
    finally:
        master.send_signal(signal.SIGTERM)
        master.wait(timeout=30)


def _greets(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as smtp:
            return smtp.noop()[0] == 250
    except OSError:
        return False
