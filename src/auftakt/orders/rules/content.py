"""What an order says, in one canonical text: for its fingerprint, its number and the words it is found by."""

import re
from datetime import date
from decimal import Decimal
from hashlib import sha256

from auftakt.orders.types import LineDraft, OrderDraft

_WRITTEN_OUT = 30
_WORD = re.compile(r"\w+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(number: Decimal) -> str:
    """A number without trailing zeros, not in exponents unless it is monstrous: 5.000 and 5 are both `5`."""
    if not number.is_finite() or abs(number.adjusted()) > _WRITTEN_OUT:
        return str(number)
    return f"{number.normalize():f}"


def content(draft: OrderDraft) -> str:
    """Everything the draft orders, in one text that is equal exactly when the order is the same.

    When it was ordered and the outsider's own document are left out: a repeat may bring them anew.
    """
    head = (
        draft.source_system, draft.external_reference, draft.customer_number, draft.channel, draft.currency,
        str(draft.bill_to_id), repr(draft.bill_to), str(draft.ship_to_id), repr(draft.ship_to), draft.payment_terms,
        draft.payment_method, draft.payment_token, draft.price_list_code,
        draft.customer_reference, _day(draft.requested_ship_on),
        _day(draft.requested_arrival_on), _day(draft.not_before_on), "ny"[draft.split_dates], "ny"[draft.split_sites],
        str(draft.priority), draft.notes, draft.legal_entity_code,
    )  # fmt: skip
    lines = [_line_content(position, line) for position, line in enumerate(draft.lines, 1)]
    return "\x1e".join(["\x1f".join(head), *sorted(lines)])


def _line_content(position: int, line: LineDraft) -> str:
    manual = line.manual
    adjusted = f"{manual.kind} {plain(manual.value)} {manual.reason}" if manual else ""
    return (
        f"{line.external_line_id or position}\x1f{line.sku}\x1f{plain(line.quantity)}\x1f{line.unit}\x1f"
        f"{_day(line.requested_ship_on)}\x1f{_day(line.requested_arrival_on)}\x1f{adjusted}"
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def fingerprint(text: str) -> str:
    """SHA-256 of a content text, in hexadecimal."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_storable(text: str) -> bool:
    """Whether a text is sound Unicode without NUL characters: what the database can keep."""
    return text.isprintable() or ("\x00" not in text and not _SURROGATE.search(text))


def search_words(*texts: str) -> list[str]:
    """The words of texts in lower case, without repeats: how an order is kept for search, and how it is asked for."""
    return list(dict.fromkeys(_WORD.findall(" ".join(texts).lower())))
