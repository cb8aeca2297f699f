"""An entry of the journal in words: what was done, to what, and the change as facts that can be read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from auftakt.console import formats, long_work, words
from auftakt.console.queries.journal import Named

MOST = 40
DEEPEST = 3

SUBJECTS: Mapping[str, Any] = {
    "order": _("Order"),
    "order_line": _("Order line"),
    "fulfilment_line": _("Line"),
    "release": _("Release"),
    "shipment": _("Shipment"),
    "invoice": _("Invoice"),
    "payment": _("Payment"),
    "payment_attempt": _("Payment attempt"),
    "party": _("Customer or supplier"),
    "item": _("Item"),
    "site": _("Site"),
    "calendar": _("Calendar"),
    "bucket": _("Supply"),
    "move": _("Stock move"),
    "purchase_order": _("Purchase order"),
    "work_order": _("Work order"),
    "lot": _("Lot"),
    "count_list": _("Count list"),
    "count_line": _("Count"),
    "resource": _("Resource"),
    "routing": _("Routing"),
    "price_list": _("Price list"),
    "discount": _("Discount"),
    "user": _("User"),
    "api_key": _("API key"),
    "policy": _("Policy"),
    "document": _("Document"),
    "job": _("Job"),
    "lane": _("Lane"),
    "reservation": _("Reservation"),
    "category": _("Category"),
    "brand": _("Brand"),
    "unit": _("Unit"),
    "legal_entity": _("Legal entity"),
    "payment_terms": _("Payment terms"),
    "tax_rate": _("Tax rate"),
    "mail": _("Mail"),
    "webhook": _("Webhook"),
}
KEYS: Mapping[str, Any] = {
    "number": _("Number"),
    "name": _("Name"),
    "kind": _("Kind"),
    "state": _("State"),
    "reason": _("Reason"),
    "note": _("Note"),
    "notes": _("Notes"),
    "source": _("Source"),
    "reference": _("Reference"),
    "gross": _("Total"),
    "net": _("Net"),
    "tax": _("Tax"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "lines": _("Lines"),
    "line": _("Line"),
    "item": _("Item"),
    "sku": _("Item"),
    "site": _("Site"),
    "quantity": _("Quantity"),
    "unit": _("Unit"),
    "kept": _("Kept"),
    "of": _("Of"),
    "ship_on": _("Ships on"),
    "arrive_on": _("Arrives on"),
    "expected_on": _("Expected on"),
    "issued_on": _("Issued on"),
    "due_on": _("Due on"),
    "carrier": _("Carrier"),
    "tracking_number": _("Tracking number"),
    "weight_kg": _("Weight (kg)"),
    "revision": _("Revision"),
    "difference": _("Difference"),
    "filled_in": _("Filled in"),
    "unpromised": _("Lines without a date"),
    "step": _("Step"),
    "policy": _("Policy"),
    "version": _("Version"),
    "provider": _("Provider"),
    "method": _("Method"),
    "operation": _("Operation"),
    "email": _("E-mail"),
    "roles": _("Roles"),
    "language": _("Language"),
    "is_active": _("Active"),
    "level": _("Level"),
    "rows": _("Rows"),
    "which": _("Which"),
    "fault": _("Fault"),
    "code": _("Code"),
    "weekdays": _("Working weekdays"),
    "exceptions": _("Exceptions"),
    "plant": _("Plant"),
    "scrap": _("Scrap"),
    "starts_on": _("Starts on"),
    "components": _("Components"),
    "operations": _("Operations"),
    "price": _("Price"),
    "unit_price": _("Unit price"),
    "country": _("Country"),
    "credit_limit": _("Credit limit"),
    "before": _("Before"),
    "after": _("After"),
    "was": _("Before"),
    "is": _("After"),
    "added": _("Added"),
    "removed": _("Taken out"),
    "changed": _("Changed"),
}
_MONEY = frozenset({"gross", "net", "tax", "amount", "paid", "credited"})
_HIDDEN = ("_id", "_ids", "sha256", "of_type")


def what(verb: str) -> tuple[str, str, str]:
    """A verb as people say it, with its icon and tone."""
    text, icon, tone = words.VERBS.get(verb, (words.word(verb.replace(".", " ")), "circle", "rest"))
    return str(text), icon, tone


def who(actor: str, name: str) -> str:
    """Who acted: a person's name; what a worker did, the house did."""
    return str(_("Auftakt")) if actor == "worker" else name


def subject(kind: str, named: Named) -> str:
    """What an entry is about: the kind, and what the thing is called."""
    told = str(SUBJECTS.get(kind) or words.word(kind))
    if kind == "job" and named.name:
        return f"{told} · {long_work.kind(named.name)}"
    return f"{told} {named.name}" if named.name else told


def href(named: Named) -> str:
    """The page of a subject."""
    if named.kind in ("order", "invoice", "job"):
        return reverse(f"console:{named.kind}", args=[named.id])
    if named.kind == "party":
        return reverse("console:customer", args=[named.name])
    return reverse("console:item", args=[named.name]) if named.kind == "item" else ""


def facts(change: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A change as label and text; ids and fingerprints, which say nothing to people, are left out."""
    currency = str(change.get("currency") or "")
    return [(key, text) for key, text in _facts(change, currency) if text][:MOST]


def _facts(change: Mapping[str, Any], currency: str) -> Iterator[tuple[str, str]]:
    for key, value in change.items():
        if key.endswith(_HIDDEN) or key == "currency" or value in (None, "", [], {}):
            continue
        yield label(key), _text(key, value, currency, 0)


def label(key: str) -> str:
    """What a key of a change means."""
    return str(KEYS.get(key) or (key if _is_code(key) else words.word(key)))


def _is_code(key: str) -> bool:
    return not key.replace("_", "").isalpha()


def _text(key: str, value: Any, currency: str, depth: int) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, Mapping):
        return _nested(value, currency, depth)
    if isinstance(value, Sequence) and not isinstance(value, str):
        parts = [_text(key, each, currency, depth + 1) for each in value[:MOST]]
        return ", ".join(part for part in parts if part)
    if key in _MONEY and currency:
        return formats.money(_number(value), currency)
    return _plain(str(value))


def _nested(value: Mapping[str, Any], currency: str, depth: int) -> str:
    if depth >= DEEPEST:
        return "…"
    parts = [
        f"{label(name)}: {_text(name, each, currency, depth + 1)}"
        for name, each in list(value.items())[:MOST]
        if not name.endswith(_HIDDEN) and each not in (None, "", [], {})
    ]
    return "; ".join(parts)


def _plain(text: str) -> str:
    """A text of the journal: days and instants as people write them, ids left out, codes as words."""
    if len(text) == 36 and text.count("-") == 4 and _is_id(text):
        return ""
    if len(text) >= 10 and text[4:5] == "-" and text[7:8] == "-":
        try:
            moment = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError:
            return text
        return formats.instant(moment) if isinstance(moment, datetime) else formats.day(moment)
    return long_work.kind(text) if text in long_work.KINDS else words.word(text)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
