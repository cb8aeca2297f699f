"""Screening: what is empty in a draft is filled in, with a trace; all problems are found, with their place."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from auftakt.catalog.types import ItemFacts
from auftakt.orders.rules.content import is_storable
from auftakt.orders.types import PAYMENT_METHODS, LineDraft, OrderDraft
from auftakt.parties.types import AddressDraft, AddressFacts, CustomerProfile, LegalEntityFacts, PaymentTermsFacts
from auftakt.pricing.types import ManualAdjustment
from auftakt.values import Finding, is_card_number

_LARGEST = Decimal(10) ** 12
_PRIORITIES = range(32768)
_LENGTHS = {
    "source_system": 64,
    "payment_token": 120,
    "external_reference": 120,
    "customer_reference": 120,
    "channel": 64,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What screening looks up: the facts of everything that a batch of drafts names, and the rule for addresses."""

    customers: Mapping[str, CustomerProfile]
    items: Mapping[str, ItemFacts]
    components: Mapping[UUID, ItemFacts]
    units: frozenset[str]
    terms: Mapping[str, PaymentTermsFacts]
    entities: tuple[LegalEntityFacts, ...]
    currencies: frozenset[str]
    normal_address: Callable[[AddressDraft, str], tuple[AddressDraft, list[Finding]]]


@dataclass(slots=True)
class ScreenedLine:
    """A line that stands: its item, its unit as a factor of the base unit, its days."""

    draft: LineDraft
    position: int
    external_line_id: str
    item: ItemFacts
    unit: str
    factor: Decimal
    quantity: Decimal
    requested_ship_on: date | None
    requested_arrival_on: date | None
    manual: ManualAdjustment | None


@dataclass(slots=True)
class Screened:
    """A draft that stands. `trace` says for each value that was filled in where it came from."""

    draft: OrderDraft
    customer: CustomerProfile
    entity: LegalEntityFacts
    bill_to: AddressFacts | AddressDraft
    ship_to: AddressFacts | AddressDraft
    currency: str
    terms: PaymentTermsFacts
    payment_method: str
    ordered_at: datetime
    requested_ship_on: date | None
    requested_arrival_on: date | None
    lines: list[ScreenedLine]
    trace: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def is_on_credit(self) -> bool:
        """Whether the order draws on the customer's credit line until it is paid."""
        return self.payment_method == "on_account" and not self.terms.prepaid


def screen(
    draft: OrderDraft, text: str, known: Known, *, at: datetime, kept_items: frozenset[UUID] = frozenset()
) -> tuple[Screened | None, list[Finding]]:
    """The draft with everything filled in, or all that is wrong with it.

    `text` is the draft's content; `kept_items` are items the order has already, which may be phased out meanwhile.
    """
    findings = list(_form_findings(draft, text, at))
    ordered_at = draft.ordered_at or at
    trace: dict[str, str] = {}
    customer = known.customers.get(draft.customer_number)
    findings += _customer_findings(draft, customer)
    currency = draft.currency or (customer.currency if customer else "")
    if draft.currency and draft.currency not in known.currencies:
        findings.append(
            Finding(
                "unknown_currency",
                f"{draft.currency!r} is not a currency in use: give its ISO 4217 code, such as EUR.",
                "/currency",
                {"currency": draft.currency},
            )
        )
    terms, method = _payment(draft, customer, known, trace, findings)
    bill_to = _address(draft, customer, "bill_to", known, trace, findings)
    ship_to = _address(draft, customer, "ship_to", known, trace, findings)
    entity = _entity(draft, bill_to, known, trace, findings)
    ship_on, arrive_on = _requested(draft, ordered_at, trace, findings)
    lines = _lines(draft, known, ordered_at.date(), (ship_on, arrive_on), kept_items, findings)
    if findings or not (customer and terms and bill_to and ship_to and entity):
        return None, findings
    if not draft.currency:
        trace["currency"] = "customer"
    return (
        Screened(
            draft, customer, entity, bill_to, ship_to, currency, terms, method, ordered_at, ship_on, arrive_on, lines,
            trace,
        ),
        [],
    )  # fmt: skip


def _form_findings(draft: OrderDraft, text: str, at: datetime) -> Iterator[Finding]:
    for name, longest in _LENGTHS.items():
        if len(getattr(draft, name)) > longest:
            yield Finding("too_long", f"{name} has more than {longest} characters: shorten it.", f"/{name}")
    if is_card_number(draft.payment_token):
        text = "The payment token is a card number: give the provider's token, card numbers are not kept."
        yield Finding("card_number_refused", text, "/payment_token")
    if not draft.source_system:
        yield Finding("source_missing", "Name the system the order comes from.", "/source_system")
    if not is_storable(text):
        yield Finding("bad_character", "The order contains a NUL or half a Unicode character: remove it.")
    if draft.ordered_at is not None and draft.ordered_at > at:
        yield Finding("ordered_in_future", "The order was placed in the future: correct ordered_at.", "/ordered_at")
    if draft.priority not in _PRIORITIES:
        yield Finding("bad_priority", "The priority is a whole number from 0 (first) to 32767.", "/priority")
    if not draft.lines:
        yield Finding("no_lines", "An order needs at least one line.", "/lines")


def _customer_findings(draft: OrderDraft, customer: CustomerProfile | None) -> Iterator[Finding]:
    number = draft.customer_number
    if customer is None:
        yield Finding(
            "unknown_customer",
            f"There is no customer {number!r}: create it first, or correct the number.",
            "/customer_number",
            {"customer": number},
        )
    elif not customer.is_customer:
        yield Finding(
            "not_a_customer", f"{number} is a supplier only: make it a customer first.", "/customer_number",
            {"customer": number},
        )  # fmt: skip
    elif customer.status != "active":
        yield Finding(
            "customer_blocked", f"Customer {number} is blocked: unblock it before it orders.", "/customer_number",
            {"customer": number},
        )  # fmt: skip


def _payment(
    draft: OrderDraft,
    customer: CustomerProfile | None,
    known: Known,
    trace: dict[str, str],
    findings: list[Finding],
) -> tuple[PaymentTermsFacts | None, str]:
    if draft.payment_terms:
        terms = known.terms.get(draft.payment_terms)
        if terms is None:
            findings.append(
                Finding(
                    "unknown_payment_terms",
                    f"There are no payment terms {draft.payment_terms!r}.",
                    "/payment_terms",
                    {"payment_terms": draft.payment_terms},
                )
            )
    else:
        terms = customer.payment_terms if customer else None
        trace["payment_terms"] = "customer"
        if customer and terms is None:
            findings.append(
                Finding(
                    "no_payment_terms",
                    f"Customer {customer.number} has no payment terms: name them in the order or set them there.",
                    "/payment_terms",
                )
            )
    if draft.payment_method and draft.payment_method not in PAYMENT_METHODS:
        findings.append(
            Finding(
                "unknown_payment_method",
                f"{draft.payment_method!r} is no way to pay; there are {', '.join(PAYMENT_METHODS)}.",
                "/payment_method",
                {"payment_method": draft.payment_method},
            )
        )
    if draft.payment_method:
        return terms, draft.payment_method
    trace["payment_method"] = "payment terms"
    return terms, "bank_transfer" if terms and terms.prepaid else "on_account"


def _address(
    draft: OrderDraft,
    customer: CustomerProfile | None,
    role: str,
    known: Known,
    trace: dict[str, str],
    findings: list[Finding],
) -> AddressFacts | AddressDraft | None:
    """The address that came with the order, the one it names, or the customer's own; a bill-to may be the ship-to."""
    given: AddressDraft | None = draft.bill_to if role == "bill_to" else draft.ship_to
    named = draft.bill_to_id if role == "bill_to" else draft.ship_to_id
    if given is not None:
        address, found = known.normal_address(given, f"/{role}")
        findings += found
        return address
    if customer is None:
        return None
    if named is not None:
        own = next((address for address in customer.addresses if address.id == named), None)
        if own is None:
            message = f"Customer {customer.number} has no address {named}."
            findings.append(Finding("unknown_address", message, f"/{role}_id", {"address": str(named)}))
        return own
    default = customer.bill_to if role == "bill_to" else customer.ship_to
    trace[role] = "customer"
    if default is None and role == "bill_to":
        trace[role] = "ship-to"
        return _address(draft, customer, "ship_to", known, {}, [])
    if default is None:
        message = f"Customer {customer.number} has no ship-to address: give one with the order."
        findings.append(Finding("no_ship_to", message, "/ship_to", {"customer": customer.number}))
    return default


def _entity(
    draft: OrderDraft,
    bill_to: AddressFacts | AddressDraft | None,
    known: Known,
    trace: dict[str, str],
    findings: list[Finding],
) -> LegalEntityFacts | None:
    """The legal entity named; else the first of the bill-to country; else the first there is."""
    if draft.legal_entity_code:
        for entity in known.entities:
            if entity.code == draft.legal_entity_code:
                return entity
        findings.append(
            Finding(
                "unknown_legal_entity",
                f"There is no legal entity {draft.legal_entity_code!r}.",
                "/legal_entity_code",
                {"legal_entity": draft.legal_entity_code},
            )
        )
        return None
    country = bill_to.country if bill_to else ""
    for entity in known.entities:
        if entity.country == country:
            trace["legal_entity"] = "bill-to country"
            return entity
    if known.entities:
        trace["legal_entity"] = "first legal entity"
        return known.entities[0]
    findings.append(Finding("no_legal_entity", "Set up a legal entity before taking orders.", "/legal_entity_code"))
    return None


def _requested(
    draft: OrderDraft, ordered_at: datetime, trace: dict[str, str], findings: list[Finding]
) -> tuple[date | None, date | None]:
    ordered_on = ordered_at.date()
    for name in ("requested_ship_on", "requested_arrival_on"):
        day = getattr(draft, name)
        if day is not None and day < ordered_on:
            findings.append(_past(day, ordered_on, f"/{name}"))
    if draft.requested_ship_on or draft.requested_arrival_on:
        return draft.requested_ship_on, draft.requested_arrival_on
    trace["requested_ship_on"] = "day of the order"
    return ordered_on, None


def _past(day: date, ordered_on: date, place: str) -> Finding:
    return Finding(
        "date_in_past",
        f"{day} is before the day of the order, {ordered_on}: ask for that day or a later one.",
        place,
        {"day": str(day), "ordered_on": str(ordered_on)},
    )


def _lines(
    draft: OrderDraft,
    known: Known,
    ordered_on: date,
    requested: tuple[date | None, date | None],
    kept_items: frozenset[UUID],
    findings: list[Finding],
) -> list[ScreenedLine]:
    lines: list[ScreenedLine] = []
    seen: set[str] = set()
    for index, line in enumerate(draft.lines):
        place = f"/lines/{index}"
        own_id = line.external_line_id or str(index + 1)
        if own_id in seen:
            findings.append(
                Finding(
                    "duplicate_line",
                    f"Line id {own_id!r} is used twice: give each line its own.",
                    f"{place}/external_line_id",
                    {"line": own_id},
                )
            )
        seen.add(own_id)
        if len(own_id) > 120:
            findings.append(Finding("too_long", "A line id has at most 120 characters.", f"{place}/external_line_id"))
        ship_on, arrive_on = line.requested_ship_on, line.requested_arrival_on
        if ship_on is not None and ship_on < ordered_on:
            findings.append(_past(ship_on, ordered_on, f"{place}/requested_ship_on"))
        if arrive_on is not None and arrive_on < ordered_on:
            findings.append(_past(arrive_on, ordered_on, f"{place}/requested_arrival_on"))
        if ship_on is None and arrive_on is None:
            ship_on, arrive_on = requested
        item = known.items.get(line.sku)
        if item is None:
            findings.append(
                Finding("unknown_item", f"There is no item {line.sku!r}.", f"{place}/sku", {"item": line.sku})
            )
            findings += _quantity_findings(line.quantity, None, line.unit, Decimal(1), place)
            continue
        if item.state != "active" and item.id not in kept_items:
            findings.append(_inactive(item, f"{place}/sku"))
        if item.kind == "kit":
            findings += _kit_findings(item, known, place)
        unit = line.unit or item.unit
        factor = item.units.get(unit)
        if factor is None:
            findings.append(_bad_unit(item, unit, known, place))
        decimals = item.unit_decimals.get(unit, 6)
        findings += _quantity_findings(line.quantity, decimals, unit, factor or Decimal(1), place)
        if line.manual is not None and is_monstrous(line.manual.value):
            message = f"{line.manual.value} is no price, amount or percentage."
            findings.append(Finding("bad_adjustment", message, f"{place}/manual/value"))
        lines.append(
            ScreenedLine(
                line, index, own_id, item, unit, factor or Decimal(1), line.quantity, ship_on, arrive_on, line.manual
            )
        )
    return lines


def _inactive(item: ItemFacts, place: str) -> Finding:
    if item.state == "phased_out":
        return Finding(
            "item_phased_out", f"Item {item.sku} is phased out: order a substitute.", place, {"item": item.sku}
        )
    return Finding(
        "item_not_active", f"Item {item.sku} is {item.state}: activate it first.", place,
        {"item": item.sku, "state": item.state},
    )  # fmt: skip


def _kit_findings(kit: ItemFacts, known: Known, place: str) -> Iterator[Finding]:
    if not kit.components:
        yield Finding(
            "kit_without_components", f"Kit {kit.sku} has no components: complete it first.", f"{place}/sku",
            {"item": kit.sku},
        )  # fmt: skip
    for component_id, sku, _ in kit.components:
        component = known.components.get(component_id)
        if component is None or component.state != "active":
            yield Finding(
                "component_missing",
                f"Component {sku} of kit {kit.sku} is {component.state if component else 'missing'}:"
                " activate it or change the kit.",
                f"{place}/sku",
                {"item": kit.sku, "component": sku},
            )


def _bad_unit(item: ItemFacts, unit: str, known: Known, place: str) -> Finding:
    facts = {"item": item.sku, "unit": unit}
    if unit not in known.units:
        return Finding("unknown_unit", f"There is no unit {unit!r}.", f"{place}/unit", facts)
    return Finding(
        "unit_not_of_item",
        f"Item {item.sku} is not sold by {unit}; it is sold by {', '.join(sorted(item.units))}.",
        f"{place}/unit",
        facts,
    )


def _quantity_findings(
    quantity: Decimal, decimals: int | None, unit: str, factor: Decimal, place: str
) -> Iterator[Finding]:
    place = f"{place}/quantity"
    if is_monstrous(quantity) or abs(quantity) * factor >= _LARGEST:
        yield Finding("bad_quantity", f"{quantity} is no quantity that can be ordered.", place)
    elif quantity <= 0:
        yield Finding(
            "quantity_not_positive", f"A quantity is more than zero; this one is {quantity}.", place,
            {"quantity": str(quantity)},
        )  # fmt: skip
    elif decimals is not None and _digits(quantity) > decimals:
        whole = "whole numbers" if decimals == 0 else f"at most {decimals} decimals"
        yield Finding(
            "quantity_too_fine", f"{quantity} {unit} cannot be divided so: this unit takes {whole}.", place,
            {"quantity": str(quantity), "unit": unit, "decimals": str(decimals)},
        )  # fmt: skip
    elif decimals is not None and _digits(quantity * factor) > 6:
        yield Finding("quantity_too_fine", f"{quantity} {unit} is finer than six decimals of the base unit.", place)


def is_monstrous(number: Decimal) -> bool:
    """Whether a number is none, or so large or so fine that reckoning with it would fail or take forever."""
    return not number.is_finite() or abs(number.adjusted()) > _LARGEST.adjusted()


def _digits(number: Decimal) -> int:
    """Decimals that are in use: 2.50 has one, 3 has none."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= 0:
        return 0
    exponent = number.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
