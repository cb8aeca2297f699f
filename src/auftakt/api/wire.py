"""Values on the wire: dataclasses become objects, amounts and quantities strings, days and instants ISO 8601."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from auftakt.values import currency_digits

_MONEY = frozenset(
    "net tax gross amount paid credited open_amount allocated refunded on_account limit invoiced value base "
    "not_due days_1_30 days_31_60 days_61_90 days_over_90 total list_price unit_price unit_cost cost free_from".split()
)
# Derived values that belong to the thing as much as its fields.
_DERIVED: Mapping[str, tuple[str, ...]] = {
    "LineFacts": ("open",),
    "FulfilmentFacts": ("is_promised",),
    "InvoiceFacts": ("open_amount", "state"),
    "PaymentFacts": ("on_account",),
    "StockFacts": ("available",),
    "CreditFacts": ("available",),
    "PurchaseLineFacts": ("open",),
    "WorkFacts": ("open",),
    "DeliveryFacts": ("message_id",),
}


@cache
def members(kind: type) -> tuple[str, ...]:
    """The names under which a dataclass goes on the wire."""
    return tuple(field.name for field in dataclasses.fields(kind)) + _DERIVED.get(kind.__name__, ())


def number(value: Decimal, digits: int = 0) -> str:
    """A decimal as text: no exponent, no needless zeros beyond `digits`."""
    text = f"{value.normalize():f}"
    have = len(text.partition(".")[2])
    if have >= digits:
        return text
    return f"{text}{'' if have else '.'}{'0' * (digits - have)}"


def plain(value: Any) -> Any:  # noqa: PLR0911 (one case each)
    """A value as JSON knows it."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _object(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [plain(each) for each in value]
    raise TypeError(f"{type(value).__name__} does not go on the wire")


def _object(value: Any) -> dict[str, Any]:
    currency = getattr(value, "currency", "")
    digits = currency_digits(currency) if isinstance(currency, str) and currency else 2
    told: dict[str, Any] = {}
    for name in members(type(value)):
        each = getattr(value, name)
        told[name] = number(each, digits) if isinstance(each, Decimal) and name in _MONEY else plain(each)
    return told


def encode(value: Any) -> bytes:
    """A value as JSON bytes."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":")).encode()
