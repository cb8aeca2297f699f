"""A mail server to practise with: a real SMTP server on loopback that delivers nothing and keeps every mail as a file.

The recipient decides what happens: `reject@…` is turned away for good, `later@…` for now, `lost@…` is taken without an
answer, everybody else gets the mail. `auftakt demo` and `auftakt up --sandbox` start it.
"""

import os
import signal
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from auftakt.platform.embedded import data_home
from auftakt.values import new_id

_LONGEST_LINE = 1024 * 1024
_LARGEST = 64 * 1024 * 1024
_ACCEPTED = "250 OK"


class MailSandbox:
    """The server. `port` 0 takes a free one. `folder` is where mails are kept; without it only in memory."""

    def __init__(self, port: int = 0, folder: Path | None = None) -> None:
        self.folder = folder
        self.received: list[tuple[str, bytes]] = []
        self._server = _Server(("127.0.0.1", port), _Conversation)
        self._server.sandbox = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def url(self) -> str:
        """Where it answers, for AUFTAKT_MAIL_URL."""
        return f"smtp://127.0.0.1:{self._server.server_address[1]}?tls=none&timeout=5"

    def keep(self, to: str, content: bytes) -> None:
        """A mail has arrived."""
        if self.folder is None:
            self.received.append((to, content))
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{new_id().hex}.eml").write_bytes(content)

    def start(self) -> None:
        """Answer in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def mail_sandbox(port: int = 0, folder: Path | None = None) -> Iterator[MailSandbox]:
    """A running sandbox for the length of the block."""
    running = MailSandbox(port, folder)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def free_url() -> str:
    """An address for a sandbox that is about to be started: a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"smtp://127.0.0.1:{free.getsockname()[1]}?tls=none"


def main() -> None:
    """Run the sandbox where AUFTAKT_MAIL_URL looks for it, until told to stop, with its mails in the data home."""
    port = urlsplit(os.environ.get("AUFTAKT_MAIL_URL", "")).port or 0
    running = MailSandbox(port, data_home() / "mail-sandbox")
    asked = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: asked.set())
    running.start()
    asked.wait()
    running.stop()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    sandbox: MailSandbox

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hung up is no news."""


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 60

    def handle(self) -> None:
        """Speak SMTP until the other side has had enough."""
        self._say("220 sandbox ready")
        recipients: list[str] = []
        while line := self.rfile.readline(_LONGEST_LINE):
            command, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            verb = command.upper()
            if verb in ("EHLO", "HELO"):
                self._say("250-sandbox", "250-8BITMIME", f"250 SIZE {_LARGEST}")
            elif verb == "RCPT":
                self._recipient(rest.partition(":")[2].strip(" <>"), recipients)
            elif verb == "DATA" and recipients:
                if not self._take(recipients):
                    return
                recipients = []
            elif verb in ("MAIL", "RSET", "NOOP"):
                recipients = []
                self._say(_ACCEPTED)
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("503 not now" if verb == "DATA" else "502 not known here")

    def _recipient(self, address: str, recipients: list[str]) -> None:
        name = address.partition("@")[0]
        if name == "reject":
            self._say("550 there is no such mailbox")
        elif name == "later":
            self._say("451 try again later")
        else:
            recipients.append(address)
            self._say(_ACCEPTED)

    def _take(self, recipients: list[str]) -> bool:
        """Read the message. False when the conversation ends with it."""
        self._say("354 go on")
        content = bytearray()
        while line := self.rfile.readline(_LONGEST_LINE):
            if line == b".\r\n":
                break
            content += line[1:] if line.startswith(b".") else line
        else:
            return False
        if any(each.startswith("lost@") for each in recipients):
            return False
        for each in recipients:
            self.server.sandbox.keep(each, bytes(content))
        self._say("250 taken")
        return True

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


if __name__ == "__main__":
    main()
