"""Identifiers: UUID version 7 (RFC 9562, section 5.7), made in the application so that they are unique across cells."""

import os
import struct
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_ids(count: int) -> list[UUID]:
    """`count` new identifiers in ascending order, also ascending against every earlier call in this process.

    48 bits of Unix milliseconds, then a 42-bit counter that starts random in each millisecond, then 32 random bits.
    """
    global _last  # noqa: PLW0603 (one clock per process)
    with _lock:
        now = (time.time_ns() // 1_000_000) << 42
        start = now | (int.from_bytes(os.urandom(5), "big") & ((1 << 40) - 1))
        start = max(start, _last + 1)
        _last = start + count
    made: list[UUID] = []
    for stamp, tail in enumerate(struct.unpack(f"{count}I", os.urandom(4 * count)), start):
        counter = stamp & 0x3FFFFFFFFFF
        value = (stamp >> 42 & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | counter >> 30 << 64
        value |= 0b10 << 62 | (counter & 0x3FFFFFFF) << 32 | tail
        made.append(UUID(int=value))
    return made


def new_id() -> UUID:
    """One new identifier."""
    return new_ids(1)[0]
