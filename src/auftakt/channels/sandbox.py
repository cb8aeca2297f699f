"""A payment provider to practise with: a real HTTP server on loopback that keeps a ledger of its own.

It speaks two dialects, `/card` and `/paypal`, over one ledger of authorisations, captures and refunds. Every operation
carries an idempotency key: the same key with the same content gets the stored answer, with other content HTTP 409. No
more is captured than authorised, no more refunded than captured. The token decides what happens:

| Token | What the provider does |
|---|---|
| `tok_ok` | all goes well |
| `tok_declined` | declines the authorisation |
| `tok_timeout` | authorises, but never answers in time |
| `tok_lost` | drops the connection before anything is done |
| `tok_error_500` | answers HTTP 500 before anything is done |
| `tok_capture_...`, `tok_refund_...` | the same for the later operation; the ones before it go well |

With a ledger file (JSON lines, written through to the disk before the answer) it remembers across restarts.
"""

import json
import os
import re
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from auftakt.platform.embedded import data_home

_OPERATIONS = ("authorise", "capture", "refund")
_BEHAVIOURS = ("ok", "declined", "timeout", "lost", "error_500")
_LARGEST_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the ledger. `base` is the authorisation captured, or the capture refunded."""

    key: str
    kind: str
    id: str
    base: str
    token: str
    amount: str
    currency: str
    is_done: bool
    reason: str = ""


class KeyReusedError(Exception):
    """An idempotency key came again with other content."""


def behaviour(token: str, kind: str) -> str:
    """What the sandbox does with an operation under a token; an unknown token is declined."""
    words = token.removeprefix("tok_")
    aimed = next((each for each in _OPERATIONS if words.startswith(f"{each}_")), "authorise")
    wanted = words.removeprefix(f"{aimed}_")
    if not token.startswith("tok_") or wanted not in _BEHAVIOURS:
        return "declined"
    return wanted if aimed == kind else "ok"


class Ledger:
    """Operations by idempotency key, and what is left of each authorisation and capture."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._path = path
        self._by_key: dict[str, Operation] = {}
        self._by_id: dict[str, Operation] = {}
        self._used: dict[str, Decimal] = {}
        if path is not None and path.exists():
            for line in path.read_text("utf-8").splitlines():
                self._remember(Operation(**json.loads(line)))

    def find(self, key: str) -> Operation | None:
        """The operation done or declined under a key."""
        with self._lock:
            return self._by_key.get(key)

    def token_of(self, base: str) -> str:
        """The token behind an authorisation or capture; empty when there is no such thing."""
        with self._lock:
            found = self._by_id.get(base)
            return found.token if found else ""

    def total(self, kind: str) -> Decimal:
        """The sum of all operations of a kind that were done, over all currencies."""
        with self._lock:
            return sum((Decimal(each.amount) for each in self._by_id.values() if each.kind == kind), Decimal(0))

    def perform(self, kind: str, key: str, base: str, amount: Decimal, currency: str) -> Operation:
        """Do an operation once. Raises KeyReusedError for a known key with other content."""
        with self._lock:
            before = self._by_key.get(key)
            if before is not None:
                same = (before.kind, before.base, before.currency) == (kind, base, currency)
                if not same or Decimal(before.amount) != amount:
                    raise KeyReusedError(key)
                return before
            token, reason = self._judge(kind, base, amount, currency)
            name = f"{kind[:3]}_{secrets.token_hex(10)}"
            made = Operation(key, kind, name, base, token, f"{amount:f}", currency, not reason, reason)
            self._write(made)
            self._remember(made)
            return made

    def _judge(self, kind: str, base: str, amount: Decimal, currency: str) -> tuple[str, str]:
        if kind == "authorise":
            return base, "insufficient_funds" if behaviour(base, kind) == "declined" else ""
        found = self._by_id.get(base)
        if found is None or _OPERATIONS.index(found.kind) != _OPERATIONS.index(kind) - 1:
            return "", f"nothing_to_{kind}"
        if behaviour(found.token, kind) == "declined":
            return found.token, "declined_by_issuer"
        if found.currency != currency:
            return found.token, "currency_differs"
        if self._used.get(base, Decimal(0)) + amount > Decimal(found.amount):
            return found.token, "amount_exceeded"
        return found.token, ""

    def _remember(self, made: Operation) -> None:
        self._by_key[made.key] = made
        if made.is_done:
            self._by_id[made.id] = made
            if made.kind != "authorise":
                self._used[made.base] = self._used.get(made.base, Decimal(0)) + Decimal(made.amount)

    def _write(self, made: Operation) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(made)) + "\n")
            file.flush()
            os.fsync(file.fileno())


class _BadRequestError(Exception):
    """The request cannot be understood; the text says why."""


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: str
    key: str
    base: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How one dialect names its paths, reads a request, and writes an answer."""

    routes: Mapping[str, str]
    key_header: str
    read: Callable[[str, str, str, Mapping[str, Any]], _Asked]
    write: Callable[[Operation], tuple[int, dict[str, Any]]]


def _amount(text: object) -> Decimal:
    try:
        amount = Decimal(str(text))
    except InvalidOperation:
        raise _BadRequestError(f"not an amount: {text!r}") from None
    if not amount.is_finite() or amount <= 0:
        raise _BadRequestError(f"an amount is more than nothing: {text!r}")
    return amount


def _read_card(kind: str, key: str, base: str, body: Mapping[str, Any]) -> _Asked:
    target = base or str(body.get("token", ""))
    return _Asked(kind, key, target, _amount(body.get("amount")), str(body.get("currency", "")))


def _read_paypal(kind: str, key: str, base: str, body: Mapping[str, Any]) -> _Asked:
    money = body.get("amount")
    source = body.get("payment_source")
    if not isinstance(money, dict) or not (base or isinstance(source, dict)):
        raise _BadRequestError("amount and payment_source are objects")
    token = source.get("token", {}).get("id", "") if isinstance(source, dict) else ""
    return _Asked(kind, key, base or str(token), _amount(money.get("value")), str(money.get("currency_code", "")))


def _write_card(made: Operation) -> tuple[int, dict[str, Any]]:
    if not made.is_done:
        return 402, {"status": "declined", "reason": made.reason}
    status = {"authorise": "authorised", "capture": "captured", "refund": "refunded"}[made.kind]
    return 201, {"id": made.id, "status": status, "amount": made.amount, "currency": made.currency}


def _write_paypal(made: Operation) -> tuple[int, dict[str, Any]]:
    if not made.is_done:
        issue = made.reason.upper()
        return 422, {"name": "UNPROCESSABLE_ENTITY", "status": "DENIED", "details": [{"issue": issue}]}
    status = "CREATED" if made.kind == "authorise" else "COMPLETED"
    return 201, {"id": made.id, "status": status, "amount": {"currency_code": made.currency, "value": made.amount}}


_DIALECTS = {
    "card": _Dialect(
        {
            r"/card/authorisations": "authorise",
            r"/card/authorisations/(\w+)/captures": "capture",
            r"/card/captures/(\w+)/refunds": "refund",
        },
        "Idempotency-Key",
        _read_card,
        _write_card,
    ),
    "paypal": _Dialect(
        {
            r"/paypal/v2/payments/authorizations": "authorise",
            r"/paypal/v2/payments/authorizations/(\w+)/capture": "capture",
            r"/paypal/v2/payments/captures/(\w+)/refund": "refund",
        },
        "PayPal-Request-Id",
        _read_paypal,
        _write_paypal,
    ),
}
_QUESTIONS = {r"/card/operations/([\w-]+)": "card", r"/paypal/v2/operations/([\w-]+)": "paypal"}


class PaymentSandbox:
    """The server. `port` 0 takes a free one. `hang_seconds` is how long a time-out keeps the caller waiting."""

    def __init__(
        self, port: int = 0, ledger_path: Path | None = None, api_key: str = "sandbox", hang_seconds: float = 30.0
    ) -> None:
        self.ledger = Ledger(ledger_path)
        self.api_key = api_key
        self.hang_seconds = hang_seconds
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.sandbox = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Answer in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def sandbox(port: int = 0, ledger_path: Path | None = None, hang_seconds: float = 30.0) -> Iterator[PaymentSandbox]:
    """A running sandbox for the length of the block."""
    running = PaymentSandbox(port, ledger_path, hang_seconds=hang_seconds)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def free_url() -> str:
    """An address for a sandbox that is about to be started: a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def main() -> None:
    """Run the sandbox where the settings look for it, until told to stop, with its ledger in the data home."""
    url = urlsplit(os.environ.get("AUFTAKT_PAYMENT_SANDBOX", "http://127.0.0.1:8765"))
    running = PaymentSandbox(url.port or 8765, data_home() / "payment-sandbox.jsonl")
    asked = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: asked.set())
    running.start()
    asked.wait()
    running.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    sandbox: PaymentSandbox

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """Answer what became of an operation, or that the sandbox is alive."""
        if self.path == "/health":
            self._answer(200, {"status": "ok"})
            return
        if not self._may():
            return
        for pattern, name in _QUESTIONS.items():
            found = re.fullmatch(pattern, self.path)
            if found:
                made = self.server.sandbox.ledger.find(found[1])
                if made is None:
                    self._answer(404, {"status": "not_found"})
                else:
                    self._answer(200, _DIALECTS[name].write(made)[1])
                return
        self._answer(404, {"status": "not_found"})

    def do_POST(self) -> None:
        """Authorise, capture or refund."""
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(min(length, _LARGEST_BODY))
        if not self._may():
            return
        for dialect in _DIALECTS.values():
            for pattern, kind in dialect.routes.items():
                found = re.fullmatch(pattern, self.path)
                if found:
                    self._operate(dialect, kind, found[1] if found.groups() else "", raw)
                    return
        self._answer(404, {"status": "declined", "reason": "no_such_path"})

    def _operate(self, dialect: _Dialect, kind: str, base: str, raw: bytes) -> None:
        key = self.headers.get(dialect.key_header, "")
        try:
            body = json.loads(raw)
            if not key or not isinstance(body, dict):
                raise _BadRequestError(f"{dialect.key_header} and a JSON object are needed")
            asked = dialect.read(kind, key, base, body)
        except (ValueError, _BadRequestError) as error:
            self._answer(400, {"status": "declined", "reason": f"bad_request: {error}"})
            return
        home = self.server.sandbox
        acts = behaviour(asked.base if kind == "authorise" else home.ledger.token_of(asked.base), kind)
        is_repeat = home.ledger.find(key) is not None
        if acts == "lost":
            self.close_connection = True
            return
        if acts == "error_500":
            self._answer(500, {"status": "error"})
            return
        try:
            made = home.ledger.perform(kind, key, asked.base, asked.amount, asked.currency)
        except KeyReusedError:
            self._answer(409, {"status": "error", "reason": "idempotency_key_reused"})
            return
        if acts == "timeout" and not is_repeat:
            home.stopping.wait(home.hang_seconds)
            self.close_connection = True
            return
        self._answer(*dialect.write(made))

    def _may(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {self.server.sandbox.api_key}":
            return True
        self._answer(401, {"status": "error", "reason": "api_key_unknown"})
        return False

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """The sandbox keeps a ledger, not a log."""


if __name__ == "__main__":
    main()
