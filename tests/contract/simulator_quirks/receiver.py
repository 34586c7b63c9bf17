"""Receives the simulator's webhooks, and answers as it is told."""

import http.server
import json
import threading

SECRET = "Simulator-Secret-1"


class Receiver:
    """Answers with the statuses it was given in turn, the last one for ever, and keeps what came.

    A status of 0 is a connection that is cut; `hold` is waited for before each answer, of the addresses that end
    with `held` alone. `tls`, a context, makes it https.
    """

    def __init__(self, tls=None):
        self.answers = [200]
        self.head = 200
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.heads = 0
        self.head_headers: list[str] = []
        self.callers: set[tuple[str, int]] = set()
        self.held = ""
        self.answer = b""
        self.hold = threading.Event()
        self.hold.set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self):
                outer.heads += 1
                outer.head_headers = list(self.headers)
                self.send_response(outer.head)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.callers.add(self.client_address)
                outer.posts.append((dict(self.headers.items()), body))
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if self.path.endswith(outer.held):
                    outer.hold.wait(10)
                if answer == 0:
                    self.close_connection = True
                    return
                self.send_response_only(answer)
                if 300 <= answer < 400:
                    self.send_header("Location", outer.url + "/elsewhere")
                self.send_header("Content-Length", str(len(outer.answer)))
                self.end_headers()
                self.wfile.write(outer.answer)

            def log_message(self, *args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self):
        self.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def bodies(self):
        return [json.loads(body) for _, body in self.posts]
