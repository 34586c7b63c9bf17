"""The web console on a real socket, over a history with hostile titles, for a real browser."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import uvicorn

from console.web.app import create_app
from console.web.blocking import Pool
from console.web.live import Live
from console.web.pages import PAGES
from console.web.server import listening
from console.web.signin import PAGES as SIGNIN
from shared.store.hooks.standing import Attempt
from shared.store.hooks.store import HookStore
from shared.store.outbox.joining import When
from shared.store.people.person import Role
from shared.store.rulebook.store import RulebookStore
from tests.support.outbox import Desk
from tests.support.stories import DESTINATION, MANAGER, ROOM, Past
from tests.support.waiting import wait_until
from tests.support.web import context_of, door_of

HOSTILE = (
    "<script>document.title='run'</script>.pdf",
    '"><img src=https://evil.example/x.png onerror=alert(1)>.pdf',
    "{{ 7*7 }} {% raw %} ${7*7} %(name)s.pdf",
    "Invoice \u202efdp.exe \u0000\u001b[31m red.pdf",
    "Invoice" + "W" * 165 + ".pdf",
    "javascript:alert(1)//.pdf",
    "فاتورة ١٢٣ 発票 🧾 Rechnung Müller & Söhne.pdf",
)


@dataclass(frozen=True, slots=True)
class Served:
    address: str
    past: Past
    link: str
    """Signs an admin in, once."""
    live: Live
    uploads: dict[str, str]
    """Ids by state; and that of a message that waits."""


@contextlib.contextmanager
def served(
    folder: Path, amqp_url: str, port: int, story: Callable[[Past], dict[str, str]] | None = None
) -> Iterator[Served]:
    """`story` fills the history and gives ids by state; without one it is a hostile one, and so are the rules."""
    database_url = f"sqlite:///{folder}/ledger.db"
    environ = {
        "DATABASE_URL": database_url,
        "AMQP_URL": amqp_url,
        "CLIENT_ROOM_ID": str(ROOM),
        "INCOMING_FOLDER_ID": str(DESTINATION),
        "MANAGER_EMAIL": MANAGER,
        "DOCSPACE_API_HOST": "https://portal.example.com",
    }
    if story is None:
        environ["HEALTH_URLS"] = f"http://127.0.0.1:{port}"  # no worker's: what is unknown is shown too
    past = Past(database_url)
    uploads = (story or tell)(past)
    if story is None:
        publish(database_url)
    context = context_of(environ)
    token = context.membership.people.invite("ada", Role.ADMIN, time.time(), by="test", sets_password=False)
    pool = Pool()
    live = Live(context.position, pool, look_every_s=0.2, say_every_s=1.0)
    app = create_app(context, door_of(context), (*PAGES, *SIGNIN), live, pool)
    bound = listening("127.0.0.1", port)
    config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    running = Thread(target=lambda: asyncio.run(server.serve(sockets=[bound])))
    running.start()
    try:
        wait_until(lambda: server.started, 30, "the web console")
        yield Served(f"http://127.0.0.1:{port}", past, f"/invite/{token}", live, uploads)
    finally:
        live.end()
        server.should_exit = True
        running.join(20)
        bound.close()
        past.close()


RULES = f"""# {{}}
[[rule]]
name = {{}}
rooms = [{ROOM}]
room_names = ["Client *"]
destination = {DESTINATION}
recipients = ["{MANAGER}"]
notify = ["slack://TokenA/B"]

[[endpoint]]
name = "erp"
url = "https://erp.example.com/hook"
events = ["invoice.filed"]
secret_file = "/nowhere/hook.secret"
"""


def publish(database_url: str) -> None:
    """Version 1 by somebody hostile, and version 2, which is live."""
    with contextlib.closing(RulebookStore(database_url)) as store:
        title = HOSTILE[0]
        store.publish(RULES.format(title, json.dumps(title)), title, HOSTILE[1], rules_hash="")
        store.publish(RULES.format("ours", '"default"'), "ada", "Acme joins", rules_hash="")
    with contextlib.closing(HookStore(database_url)) as hooks:
        for at, status in ((time.time() - 60, 204), (time.time() - 30, 500)):
            hooks.attempted(
                Attempt(
                    endpoint="erp",
                    at=at,
                    took_s=0.2,
                    event="invoice.filed",
                    webhook_id="msg_1",
                    attempt=1,
                    status=status,
                    answer=HOSTILE[0],
                )
            )


def tell(past: Past) -> dict[str, str]:
    """One of each end, and the hostile ones."""
    now = time.time()
    filed = past.upload("Invoice 4711.pdf", now - 7200).done(now - 7200)
    skipped = past.upload("Minutes.docx", now - 5000).skipped(now - 4990, "its title does not start with invoice")
    waiting = past.upload("Invoice late.pdf", now - 4000).detected(now - 3999)
    waiting.retried("mover", now - 3990, "the portal is down")
    failed = past.upload("Invoice refused.pdf", now - 3000).detected(now - 2999)
    failed.died("mover", now - 2990, "no right to move it")
    past.upload(HOSTILE[0], now - 6000, room_title=HOSTILE[1]).done(now - 6000).in_ledger(
        past.database_url, rule=HOSTILE[2]
    )
    ends = {"filed": filed, "skipped": skipped, "waiting": waiting, "failed": failed}
    for number, title in enumerate(HOSTILE):
        at = now - 2500 + 60 * number
        hostile = past.upload(title, at, by=title, room_title=title, room=90_000 + number)
        if number % 2:
            hostile.skipped(at + 1, f"rule {title} says no: {title}")
        else:
            hostile.detected(at + 1).died("mover", at + 2, f"no right: {title}")
        ends["hostile"] = hostile
    return {end: upload.id for end, upload in ends.items()} | {"waiting_message": hold(past.database_url)}


def hold(database_url: str) -> str:
    """What waits to be told; the id of its message."""
    with contextlib.closing(Desk(database_url)) as desk:
        for title in HOSTILE:
            desk.join(title.replace("\0", ""), when=When(lambda now, _: now + 86_400))
        return desk.people.waiting(1)[0].id
