"""Calls to addresses that others wrote down. They reach the public internet and nothing else, unless configured.

A name is resolved, every address it has is checked, and the call goes to the address that was checked; redirects are
not followed; a call ends after 15 seconds whatever the other side does. `AUFTAKT_WEBHOOK_NETWORKS` names networks of
one's own that may be called besides, also without TLS.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Sequence[str]]
CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 15.0
KEPT_BYTES = 1024
_REASON_LENGTH = 400
_NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended. `code` is None when there was no answer; `text` is its beginning; `retry_after` in seconds."""

    code: int | None
    text: str = ""
    reason: str = ""
    milliseconds: int = 0
    retry_after: int | None = None

    @property
    def is_good(self) -> bool:
        """Whether the other side has taken it."""
        return self.code is not None and 200 <= self.code < 300


class ForbiddenAddressError(Exception):
    """The address may not be called; the text says which and why."""


def own_networks() -> tuple[Network, ...]:
    """The networks of one's own that may be called, from the settings."""
    return _networks(settings.AUFTAKT_WEBHOOK_NETWORKS)


@cache
def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(each.strip(), strict=False) for each in text.split(",") if each.strip())


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address.sixtofour:
            return address.sixtofour
        if address.teredo:
            return address.teredo[1]
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_own(address: Address, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks that may be called."""
    real = _inner(address)
    return any(real.version == network.version and real in network for network in networks)


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet."""
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in (_inner(address),))


def check(host: str, addresses: Sequence[str], networks: Sequence[Network], *, secure: bool) -> str:
    """The address to call among those of a host, an IPv4 one where there is one: many servers have no IPv6 way out.

    Raises ForbiddenAddressError when one of them may not be called.
    """
    if not addresses:
        raise ForbiddenAddressError(f"{host} has no address")
    for text in addresses:
        address = ip_address(text.partition("%")[0])
        if is_own(address, networks):
            continue
        if not is_public(address):
            raise ForbiddenAddressError(f"{host} is at {address}, which is no public address: it is not called")
        if not secure:
            raise ForbiddenAddressError(f"{host} is at {address}: public addresses are called by https only")
    return min(addresses, key=lambda each: ":" in each)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class _Backend(httpcore.SyncBackend):
    """Connects to checked addresses only, and lets no call outlast its time."""

    def __init__(self, networks: Sequence[Network], resolver: Resolver, *, secure: bool) -> None:
        self.networks, self.resolver, self.secure = networks, resolver, secure
        self.until = time.monotonic() + TOTAL_SECONDS

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """Connect to the address that was checked, not to what the name says a moment later."""
        address = check(host, self.resolver(host, port), self.networks, secure=self.secure)
        stream = super().connect_tcp(address, port, timeout=timeout, socket_options=socket_options)
        return _Bounded(stream, self.until)


class _Bounded(httpcore.NetworkStream):
    """A stream whose reads and writes share one deadline."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self.stream, self.until = stream, until

    def _left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(f"no answer within {TOTAL_SECONDS:.0f} seconds")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read within the time that is left."""
        return self.stream.read(max_bytes, timeout=self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write within the time that is left."""
        self.stream.write(buffer, timeout=self._left())

    def close(self) -> None:
        """Hang up."""
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """TLS for the name of the URL, not for the address called."""
        return _Bounded(self.stream.start_tls(ssl_context, server_hostname, timeout=self._left()), self.until)

    def get_extra_info(self, info: str) -> Any:
        """What the stream knows of itself."""
        return self.stream.get_extra_info(info)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(url: str, body: bytes, headers: Mapping[str, str], *, resolver: Resolver | None = None) -> Answer:
    """Send a body to an address. Never raises for what happens on the wire: that is an answer."""
    began = time.monotonic()
    backend = _Backend(own_networks(), resolver or resolve, secure=urlsplit(url).scheme == "https")
    code: int | None = None
    text, retry_after, reason = b"", None, ""
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool,
            pool.stream(
                "POST",
                url,
                headers=dict(headers),
                content=body,
                extensions={"timeout": {"connect": CONNECT_SECONDS, "read": TOTAL_SECONDS, "write": TOTAL_SECONDS}},
            ) as response,
        ):
            code = response.status
            retry_after = _seconds(response.headers)
            for chunk in response.iter_stream():
                text += chunk
                if len(text) >= KEPT_BYTES:
                    break
    except ForbiddenAddressError as error:
        reason = str(error)
    except (OSError, UnicodeError, ValueError, httpcore.NetworkError, httpcore.ProtocolError) as error:
        reason = "" if code else f"not reached: {_said(error)}"
    except (httpcore.TimeoutException, httpcore.UnsupportedProtocol) as error:
        reason = "" if code else f"no answer: {_said(error)}"
    if code is not None and 300 <= code < 400:
        reason = f"answered with a redirect ({code}): redirects are not followed, give the final address"
    elif code is not None and not 200 <= code < 300:
        reason = f"answered HTTP {code}"
    spent = int((time.monotonic() - began) * 1000)
    shown = text[:KEPT_BYTES].decode("utf-8", "replace").replace("\x00", "")
    return Answer(code, shown, " ".join(reason.split())[:_REASON_LENGTH], spent, retry_after)


def _said(error: Exception) -> str:
    """What an error says, without the number of the operating system."""
    return re.sub(r"\[Errno -?\d+\] ", "", str(error)) or type(error).__name__


def _seconds(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    told = next((value for name, value in headers if name.lower() == b"retry-after"), b"").decode("ascii", "replace")
    return int(told) if told.isdecimal() and len(told) < 8 else None
