"""What happened to an order, in words: journal entries as a timeline, differences of revisions field by field."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import formats, words

FIELDS: Mapping[str, Any] = {
    "currency": gettext_lazy("Currency"),
    "payment_terms": gettext_lazy("Payment terms"),
    "payment_method": gettext_lazy("Payment"),
    "payment_token": gettext_lazy("Means of payment"),
    "price_list": gettext_lazy("Price list"),
    "customer_reference": gettext_lazy("Their reference"),
    "requested_ship_on": gettext_lazy("Ship on"),
    "requested_arrival_on": gettext_lazy("Wanted by"),
    "not_before_on": gettext_lazy("Not before"),
    "split_dates": gettext_lazy("May come on several days"),
    "split_sites": gettext_lazy("May come from several sites"),
    "priority": gettext_lazy("Priority"),
    "notes": gettext_lazy("Notes"),
    "legal_entity": gettext_lazy("Sold by"),
    "bill_to": gettext_lazy("Bill to"),
    "ship_to": gettext_lazy("Ship to"),
    "item": gettext_lazy("Item"),
    "unit": gettext_lazy("Unit"),
    "quantity": gettext_lazy("Quantity"),
    "manual": gettext_lazy("Adjustment by hand"),
}
TECHNICAL = frozenset(
    {
        "run.started",
        "run.refused",
        "step.done",
        "step.retried",
        "party.credit_drawn",
        "party.credit_given_back",
        "promising.pegs_moved",
        "document.viewed",
        "order.line_split",
        "billing.attempted",
    }
)
"""What the machinery writes about itself: shown to those who may read the journal."""
TOLD = (
    "step",
    "reason",
    "reason_code",
    "note",
    "to",
    "number",
    "quantity",
    "sku",
    "site",
    "carrier",
    "tracking_number",
    "provider",
    "code",
    "why",
)
LONGEST = 60


def addresses_named(entries: Iterable[Any]) -> set[UUID]:
    """The ids of addresses that differences speak of."""
    found: set[UUID] = set()
    for entry in entries:
        head = (entry.change.get("difference") or {}).get("order") or {}
        for name in ("bill_to", "ship_to"):
            for value in head.get(name) or ():
                try:
                    found.add(UUID(str(value)))
                except ValueError:
                    continue
    return found


def changes(
    difference: Mapping[str, Any], lines: Mapping[str, str], places: Mapping[str, str]
) -> Iterator[tuple[tuple[str, str], tuple[str, str, str]]]:
    """A difference value by value: its place (the line's external id or nothing, the name), and how people read it.

    That is: what it is called, what it was, what it is. `lines` names lines by their external id, `places` addresses
    by theirs.
    """
    for name, (was, now) in (difference.get("order") or {}).items():
        yield ("", name), (field(name), _value(name, was, places), _value(name, now, places))
    for external, change in (difference.get("lines") or {}).items():
        line = lines.get(external) or _("Line %(number)s") % {"number": external}
        for name, pair in change.items():
            if name in ("added", "removed"):
                sku, quantity, unit = pair
                whole = f"{sku}, {_number(quantity)} {unit}"
                added = name == "added"
                label = _("Line added") if added else _("Line removed")
                yield (external, name), (label, "" if added else whole, whole if added else "")
            else:
                told_line = f"{line}: {field(name)}"
                yield (external, name), (told_line, _value(name, pair[0], places), _value(name, pair[1], places))


def field(name: str) -> str:
    """How people call a value of an order."""
    return str(FIELDS.get(name) or words.word(name))


def told(difference: Mapping[str, Any], lines: Mapping[str, str], places: Mapping[str, str]) -> list[str]:
    """A difference in words, a line for each value."""
    return [
        f"{label}: {was} → {now}" if was and now else f"{label}: {was or now}"
        for _place, (label, was, now) in changes(difference, lines, places)
    ]


def _value(name: str, value: Any, places: Mapping[str, str]) -> str:
    text = str(value)
    if value in (None, ""):
        said = _("nothing")
    elif isinstance(value, bool):
        said = _("yes") if value else _("no")
    elif name in ("bill_to", "ship_to"):
        said = places.get(text) or _("an address of the order")
    elif name == "unit":
        said = text
    elif name == "quantity":
        said = _number(text)
    elif name == "manual":
        kind, _space, amount = text.partition(" ")
        said = f"{words.word(kind)} {_number(amount)}"
    elif name == "payment_method":
        said = words.word(text)
    elif name.endswith("_on"):
        said = _day(text)
    else:
        said = f"“{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}”"
    return said


def _day(text: str) -> str:
    try:
        return formats.day(date.fromisoformat(text[:10]))
    except ValueError:
        return text


def _number(text: str) -> str:
    try:
        return formats.number(Decimal(text))
    except ArithmeticError:
        return text


def happening(
    entry: Any, lines: Mapping[str, str], places: Mapping[str, str], people: Mapping[str, str]
) -> dict[str, Any]:
    """A journal entry as the timeline shows it: a word, the few facts that people ask for, what was changed."""
    text, icon, tone = words.VERBS.get(entry.verb, (words.word(entry.verb.replace(".", " ")), "circle", "rest"))
    change = entry.change
    facts = [words.word(change[key]) for key in TOLD if isinstance(change.get(key), str) and change[key]]
    amount = change.get("amount") or change.get("gross")
    if amount and change.get("currency"):
        facts.append(formats.money(Decimal(str(amount)), change["currency"]))
    if entry.verb == "order.cancelled" and isinstance(change.get("lines"), dict):
        facts += [f"{lines.get(key, key)}: {_number(quantity)}" for key, quantity in list(change["lines"].items())[:5]]
    return {
        "at": entry.at,
        "actor": people.get(entry.actor) or (_("Auftakt") if "@" not in entry.actor else entry.actor),
        "text": text,
        "icon": icon,
        "tone": tone,
        "facts": list(dict.fromkeys(facts)),
        "changes": told(change.get("difference") or {}, lines, places),
    }
