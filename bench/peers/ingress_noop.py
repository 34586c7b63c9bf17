"""Nothing but the stack: the same Falcon and waitress, threads and options as our ingress; reads the body, answers.

No signature, no broker, no log line: what it reaches is what the stack allows on this machine.
"""

import os

import falcon
import waitress


class Webhook:
    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"status": "ok"}

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        req.bounded_stream.read()
        resp.media = {"status": "ok"}


app = falcon.App()
app.add_route("/docspace/webhook", Webhook())
waitress.serve(
    app,
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    threads=64,
    connection_limit=1000,
    asyncore_use_poll=True,
    ident=None,
)
