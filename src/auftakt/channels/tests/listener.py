"""The other side of webhooks: a real HTTP server on loopback that remembers what it was told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = tuple[int, dict[str, str], bytes]
GOOD: Reply = (200, {}, b"thank you")


@dataclass(frozen=True)
class Heard:
    """One call as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


class Listener:
    """Answers with the replies put in `replies`, one after another, then with `reply`; None hangs up."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.replies: list[Reply | None] = []
        self.reply: Reply | None = GOOD
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.listener = self  # type: ignore[attr-defined]
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        listener: Listener = self.server.listener  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with listener.lock:
            listener.heard.append(Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            reply = listener.replies.pop(0) if listener.replies else listener.reply
        if reply is None:
            return
        status, headers, content = reply
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def listening() -> Iterator[Listener]:
    running = Listener()
    running.start()
    try:
        yield running
    finally:
        running.stop()
