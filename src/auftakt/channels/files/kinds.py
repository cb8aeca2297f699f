"""The kinds of files: which fields they have, and which verb takes what they say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import BillDraft, BillLineDraft, BrandDraft, CategoryDraft, ItemDraft
from auftakt.channels.files.fields import Fields
from auftakt.channels.files.history import PurchaseHistory, history_findings, relive
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import LotQuantity, PlacingDraft, Receipt, SiteDraft, StockCount
from auftakt.orders import actions as orders
from auftakt.orders.types import LineDraft, OrderDraft
from auftakt.parties import actions as parties
from auftakt.parties import queries as people
from auftakt.parties.types import AddressDraft, AddressFacts, ContactDraft, CustomerProfile, PartyDraft
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import ManualAdjustment, PriceDraft, PriceListDraft
from auftakt.promising import actions as promising
from auftakt.promising.types import LaneDraft
from auftakt.supply import actions as supply
from auftakt.supply.types import PolicyDraft, PriceBreak, PurchaseDraft, PurchaseLineDraft, SupplierItemDraft
from auftakt.values import Outcome, Refusal

_REFERENCES = UUID("6f1a2b0e-6f6c-5d0e-9d6b-0f2f6a3f9c11")  # names the receipts that files bring


@dataclass(frozen=True, slots=True)
class Context:
    """Who imports, when, with which options, and from which file."""

    actor: str
    at: datetime
    options: Mapping[str, Any]
    file: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. `required` are the columns it cannot do without, `group` the column that makes rows one draft."""

    name: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    build: Callable[[Fields, Sequence[Fields], Context], Any]
    verb: Callable[[Sequence[Any], Context], Outcome[Any]]
    subject: Callable[[Any], str]
    line_fields: tuple[str, ...] = ()
    group: str = ""


def _customer(row: Fields, lines: Sequence[Fields], context: Context) -> PartyDraft:
    as_given = bool(context.options.get("addresses_as_given", False))
    addresses = ()
    if row.text("street") or row.text("city"):
        addresses = (
            AddressDraft(
                street=row.text("street"),
                city=row.text("city"),
                country=row.needed("country"),
                postal_code=row.text("postal_code"),
                region=row.text("region"),
                name=row.text("address_name") or row.text("name"),
                phone=row.text("phone"),
                is_default_bill_to=True,
                is_default_ship_to=True,
                as_given=as_given,
            ),
        )
    contact = row.text("contact_name")
    return PartyDraft(
        number=row.needed("number"),
        name=row.needed("name"),
        kind=row.text("kind", "organisation"),
        is_customer=row.flag("is_customer", True),
        is_supplier=row.flag("is_supplier", False),
        segment=row.text("segment"),
        currency=row.text("currency", "EUR"),
        language=row.text("language", "en"),
        payment_terms=row.text("payment_terms"),
        vat_id=row.text("vat_id"),
        email=row.text("email"),
        phone=row.text("phone"),
        notes=row.text("notes"),
        addresses=addresses or None,
        contacts=(ContactDraft(contact, row.text("contact_role"), row.text("contact_email")),) if contact else None,
        credit_limit=row.number("credit_limit") if row.text("credit_limit") else None,
    )


def _save_customers(drafts: Sequence[PartyDraft], context: Context) -> Outcome[Any]:
    """A customer who has the file's address already keeps all addresses, also those that came with orders."""
    known = people.customers_by_number({draft.number for draft in drafts})
    chosen = [
        replace(draft, addresses=None)
        if draft.addresses and draft.number in known and _has(known[draft.number], draft.addresses[0])
        else draft
        for draft in drafts
    ]
    return parties.save_parties(chosen, actor=context.actor, at=context.at)


def _has(customer: CustomerProfile, address: AddressDraft) -> bool:
    wanted = _comparable(address)
    return any(_comparable(each) == wanted and each.is_default_bill_to for each in customer.addresses)


def _comparable(address: AddressDraft | AddressFacts) -> tuple[str, ...]:
    parts = (address.street, address.city, address.postal_code, address.country)
    return tuple(" ".join(part.split()).casefold() for part in parts)


def _item(row: Fields, lines: Sequence[Fields], context: Context) -> ItemDraft:
    return ItemDraft(
        sku=row.needed("sku"),
        name=row.needed("name"),
        kind=row.text("kind", "stocked"),
        unit=row.text("unit", "each"),
        description=row.text("description"),
        category=row.text("category"),
        brand=row.text("brand"),
        weight_kg=row.number("weight_kg", Decimal(0)),
        gtin=row.text("gtin"),
        hs_code=row.text("hs_code"),
        origin_country=row.text("origin_country"),
        tax_category=row.text("tax_category", "standard"),
        tracking=row.text("tracking", "none"),
        shelf_life_days=row.whole("shelf_life_days", 0) or None,
        min_remaining_days=row.whole("min_remaining_days", 0),
        activate=row.flag("active", True),
    )


def _save_items(drafts: Sequence[ItemDraft], context: Context) -> Outcome[Any]:
    categories = sorted({draft.category for draft in drafts if draft.category})
    brands = sorted({draft.brand for draft in drafts if draft.brand})
    if context.options.get("create_categories", False):
        catalog.save_categories([CategoryDraft(code, code) for code in categories], actor=context.actor, at=context.at)
        catalog.save_brands([BrandDraft(code, code) for code in brands], actor=context.actor, at=context.at)
    return catalog.save_items(drafts, actor=context.actor, at=context.at)


def _stock(row: Fields, lines: Sequence[Fields], context: Context) -> Receipt | StockCount:
    site, sku, quantity = row.needed("site"), row.needed("sku"), row.number("quantity")
    lot = row.text("lot")
    if context.options.get("mode", "count") == "count":
        if lot:
            row.refuse("lot", "lots_not_counted", "lots are taken in as receipts; count them at the shelf.")
        return StockCount(site, sku, quantity, row.text("unit"), row.text("note"))
    source = context.options.get("source", context.file)
    known = f"{source}|{row.needed('reference')}|{sku}|{site}" + (f"|{lot}" if lot else "")
    reference = uuid5(_REFERENCES, known)
    return Receipt(site, sku, quantity, row.text("unit"), row.text("note"), reference, _lots(row))


def _lots(row: Fields) -> tuple[LotQuantity, ...]:
    """The lot of a row, with the whole quantity of the row."""
    number = row.text("lot")
    return (LotQuantity(number, row.number("quantity"), row.day("expires_on")),) if number else ()


def _save_stock(drafts: Sequence[Receipt | StockCount], context: Context) -> Outcome[Any]:
    """Counts set the books to what was counted; receipts add, each reference once."""
    _prepare_site(context)
    if isinstance(drafts[0], StockCount):
        return inventory.count(drafts, actor=context.actor, at=context.at)
    known = stock.known_references([draft.reference_id for draft in drafts])
    fresh = [draft for draft in drafts if draft.reference_id not in known]
    outcome = inventory.receive(fresh, actor=context.actor, at=context.at)
    indexes = [index for index, draft in enumerate(drafts) if draft.reference_id not in known]
    return _reindexed(outcome, indexes)


def _bin(row: Fields, lines: Sequence[Fields], context: Context) -> PlacingDraft:
    turn = row.number("walk") if row.text("walk") else None
    return PlacingDraft(row.needed("site"), row.needed("sku"), row.text("bin"), None if turn is None else int(turn))


def _place(drafts: Sequence[PlacingDraft], context: Context) -> Outcome[Any]:
    return inventory.place(drafts, actor=context.actor, at=context.at)


def _reindexed(outcome: Outcome[Any], indexes: Sequence[int]) -> Outcome[Any]:
    refused = tuple(
        type(refusal)(str(indexes[int(refusal.subject)]), refusal.findings, refusal.transient)
        for refusal in outcome.refused
    )
    return Outcome(outcome.done, refused)


def _prepare_site(context: Context) -> None:
    """The sites that a map names in its options, and a lane from each to everywhere."""
    told = context.options.get("sites", [])
    drafts = [
        SiteDraft(each["code"], each["name"], each.get("kind", "distribution_centre"), each["country"]) for each in told
    ]
    if drafts:
        inventory.save_sites(drafts, actor=context.actor, at=context.at)
        lanes = [LaneDraft(each["code"], "", each.get("transit_days", 3)) for each in told]
        promising.save_lanes(lanes, actor=context.actor, at=context.at)


def _price(row: Fields, lines: Sequence[Fields], context: Context) -> PriceDraft:
    return PriceDraft(
        price_list=row.needed("price_list"),
        sku=row.needed("sku"),
        unit=row.text("unit"),
        unit_price=row.number("unit_price"),
        from_quantity=row.number("from_quantity", Decimal(0)),
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to"),
    )


def _save_prices(drafts: Sequence[PriceDraft], context: Context) -> Outcome[Any]:
    told = context.options.get("price_list")
    if told:
        draft = PriceListDraft(
            told["code"], told["name"], told["currency"], tax_included=told.get("tax_included", False)
        )
        pricing.save_price_lists([draft], actor=context.actor, at=context.at)
    return pricing.save_prices(drafts, actor=context.actor, at=context.at)


def _order(row: Fields, lines: Sequence[Fields], context: Context) -> OrderDraft:
    ship_to = None
    if row.text("ship_city") or row.text("ship_street"):
        ship_to = AddressDraft(
            street=row.text("ship_street"),
            city=row.text("ship_city"),
            country=row.needed("ship_country"),
            postal_code=row.text("ship_postal_code"),
            region=row.text("ship_region"),
            name=row.text("ship_name"),
            as_given=bool(context.options.get("addresses_as_given", False)),
        )
    return OrderDraft(
        source_system=row.text("source_system") or "file",
        external_reference=row.needed("external_reference"),
        customer_number=row.needed("customer_number"),
        lines=tuple(_order_line(line) for line in lines),
        channel=row.text("channel", "file"),
        currency=row.text("currency"),
        ship_to=ship_to,
        payment_terms=row.text("payment_terms"),
        payment_method=row.text("payment_method"),
        price_list_code=row.text("price_list"),
        customer_reference=row.text("customer_reference"),
        requested_ship_on=row.day("requested_ship_on"),
        requested_arrival_on=row.day("requested_arrival_on"),
        split_dates=row.flag("split_dates", True),
        split_sites=row.flag("split_sites", True),
        notes=row.text("notes"),
        ordered_at=row.instant("ordered_at"),
        legal_entity_code=row.text("legal_entity"),
    )


def _order_line(row: Fields) -> LineDraft:
    manual = None
    if row.text("price"):
        discount = row.number("discount", Decimal(0))
        price = row.number("price") * (1 - discount)
        manual = ManualAdjustment("price", price, "Price agreed in the source system", "file")
    return LineDraft(
        sku=row.needed("sku"),
        quantity=row.number("quantity"),
        unit=row.text("unit"),
        external_line_id=row.text("line"),
        manual=manual,
    )


def _capture(drafts: Sequence[OrderDraft], context: Context) -> Outcome[Any]:
    submit = bool(context.options.get("submit", True))
    return orders.capture(drafts, submit=submit, actor=context.actor, at=context.at)


def _purchase(row: Fields, lines: Sequence[Fields], context: Context) -> PurchaseDraft:
    expected_on = row.day("expected_on")
    return PurchaseDraft(
        number=row.needed("number"),
        supplier_number=row.needed("supplier_number"),
        site_code=row.needed("site"),
        currency=row.text("currency", "EUR"),
        ordered_on=row.day("ordered_on") or context.at.date(),
        lines=tuple(
            PurchaseLineDraft(
                sku=line.needed("sku"),
                quantity=line.number("quantity"),
                unit=line.text("unit"),
                unit_cost=line.number("unit_cost", Decimal(0)),
                expected_on=line.day("expected_on") or expected_on or context.at.date(),
                inspects=True if line.number("rejected", Decimal(0)) else None,
            )
            for line in lines
        ),
    )


def _history(row: Fields, lines: Sequence[Fields], context: Context) -> PurchaseHistory:
    """As it was; the day of a line that is over, where it lies before the order, is taken as the order's own."""
    draft, is_done = _purchase(row, lines, context), row.flag("is_done", False)
    came = tuple((line.number("came", Decimal(0)), line.number("rejected", Decimal(0))) for line in lines)
    told = [
        replace(line, expected_on=draft.ordered_on)
        if line.expected_on and line.expected_on < draft.ordered_on and (is_done or came[index][0] >= line.quantity)
        else line
        for index, line in enumerate(draft.lines)
    ]
    draft = replace(draft, lines=tuple(told))
    return PurchaseHistory(draft, came, is_done)


def _order_purchases(wishes: Sequence[PurchaseHistory], context: Context) -> Outcome[Any]:
    """Place the orders, and book what came in of those that are history."""
    _prepare_site(context)
    with transaction.atomic():
        wrong = {index: found for index, each in enumerate(wishes) if (found := history_findings(each))}
        asked = [index for index in range(len(wishes)) if index not in wrong]
        placed = supply.order_purchases([wishes[index].draft for index in asked], actor=context.actor, at=context.at)
        refused = [Refusal(str(index), tuple(found)) for index, found in wrong.items()]
        refused += [replace(each, subject=str(asked[int(each.subject)])) for each in placed.refused]
        gone = {int(refusal.subject) for refusal in refused}
        kept = [each for index, each in enumerate(wishes) if index not in gone]
        relive(list(zip(placed.done, kept, strict=True)), actor=context.actor, at=context.at)
    return Outcome(placed.done, tuple(sorted(refused, key=lambda each: int(each.subject))))


def _supplier_item(row: Fields, lines: Sequence[Fields], context: Context) -> SupplierItemDraft:
    zero = Decimal(0)
    price = row.number("unit_price") if row.text("unit_price") else None
    prices = ()
    if price is not None:
        begins, ends = row.day("valid_from"), row.day("valid_to")
        currency = row.text("currency", "EUR")
        prices = (PriceBreak(row.number("from_quantity", Decimal(1)), price, currency, begins, ends),)
    return SupplierItemDraft(
        supplier_number=row.needed("supplier_number"),
        sku=row.needed("sku"),
        lead_time_days=row.whole("lead_time_days", 0),
        supplier_sku=row.text("supplier_sku"),
        minimum=row.number("minimum", zero),
        multiple=row.number("multiple", zero),
        rank=row.whole("rank", 1),
        over_percent=row.number("over_percent", zero),
        under_percent=row.number("under_percent", zero),
        inspects=row.flag("inspects", False),
        is_active=row.flag("active", True),
        prices=prices,
    )


def _save_supplier_items(drafts: Sequence[SupplierItemDraft], context: Context) -> Outcome[Any]:
    return supply.save_supplier_items(drafts, actor=context.actor, at=context.at)


def _policy(row: Fields, lines: Sequence[Fields], context: Context) -> PolicyDraft:
    def told(name: str) -> Decimal | None:
        return row.number(name) if row.text(name) else None

    zero = Decimal(0)
    return PolicyDraft(
        sku=row.needed("sku"),
        site_code=row.needed("site"),
        method=row.text("method", "reorder_point"),
        source=row.text("source"),
        supplier_number=row.text("supplier_number"),
        from_site=row.text("from_site"),
        reorder_point=told("reorder_point"),
        maximum=told("maximum"),
        lot=row.number("lot", zero),
        multiple=row.number("multiple", zero),
        cover_days=row.whole("cover_days", 0),
        review_days=row.whole("review_days", 0),
        safety_stock=told("safety_stock"),
        service_level=row.number("service_level", Decimal(95)),
        demand_days=row.whole("demand_days", 90),
        demand_per_day=told("demand_per_day"),
        lead_days=row.whole("lead_days", 0) if row.text("lead_days") else None,
        buyer=row.text("buyer"),
    )


def _save_policies(drafts: Sequence[PolicyDraft], context: Context) -> Outcome[Any]:
    return supply.save_policies(drafts, actor=context.actor, at=context.at)


def _bill(row: Fields, lines: Sequence[Fields], context: Context) -> BillDraft:
    return BillDraft(
        sku=row.needed("sku"),
        plant=row.text("plant"),
        lines=tuple(
            BillLineDraft(
                sku=line.needed("component"),
                quantity=line.number("quantity"),
                scrap_percent=line.number("scrap_percent", Decimal(0)),
                valid_from=line.day("valid_from"),
                valid_to=line.day("valid_to"),
            )
            for line in lines
        ),
    )


def _save_bills(drafts: Sequence[BillDraft], context: Context) -> Outcome[Any]:
    return supply.save_bills(drafts, actor=context.actor, at=context.at)


_PARTY = (
    "number name kind is_customer is_supplier segment currency language payment_terms vat_id email phone notes street "
    "city postal_code region country address_name contact_name contact_role contact_email credit_limit"
)
_ITEM = (
    "sku name kind unit active description category brand weight_kg gtin hs_code origin_country tax_category tracking "
    "shelf_life_days min_remaining_days"
)
_TERMS = (
    "supplier_number sku lead_time_days supplier_sku minimum multiple rank over_percent under_percent inspects active "
    "unit_price from_quantity currency valid_from valid_to"
)
_POLICY = (
    "sku site method source supplier_number from_site reorder_point maximum lot multiple cover_days review_days "
    "safety_stock service_level demand_days demand_per_day lead_days buyer"
)
_ORDER = (
    "source_system external_reference customer_number channel currency payment_terms payment_method price_list "
    "customer_reference requested_ship_on requested_arrival_on split_dates split_sites notes ordered_at legal_entity "
    "ship_name ship_street ship_city ship_postal_code ship_region ship_country"
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("customers", tuple(_PARTY.split()), ("number", "name"), _customer, _save_customers, lambda d: d.number),
        Kind("items", tuple(_ITEM.split()), ("sku", "name"), _item, _save_items, lambda d: d.sku),
        Kind(
            "stock",
            ("site", "sku", "quantity", "unit", "note", "reference", "lot", "expires_on"),
            ("site", "sku", "quantity"),
            _stock,
            _save_stock,
            lambda d: f"{d.site}/{d.item}",
        ),
        Kind(
            "bins",
            ("site", "sku", "bin", "walk"),
            ("site", "sku", "bin"),
            _bin,
            _place,
            lambda d: f"{d.site}/{d.item}",
        ),
        Kind(
            "bills",
            ("sku", "plant"),
            ("sku", "component", "quantity"),
            _bill,
            _save_bills,
            lambda d: f"{d.sku}/{d.plant}" if d.plant else d.sku,
            ("component", "quantity", "scrap_percent", "valid_from", "valid_to"),
            "sku",
        ),
        Kind(
            "prices",
            ("price_list", "sku", "unit", "unit_price", "from_quantity", "valid_from", "valid_to"),
            ("price_list", "sku", "unit_price"),
            _price,
            _save_prices,
            lambda d: f"{d.price_list}/{d.sku}",
        ),
        Kind(
            "orders",
            tuple(_ORDER.split()),
            ("external_reference", "customer_number", "sku", "quantity"),
            _order,
            _capture,
            lambda d: f"{d.source_system}/{d.external_reference}",
            ("line", "sku", "quantity", "unit", "price", "discount"),
            "external_reference",
        ),
        Kind(
            "purchase-orders",
            ("number", "supplier_number", "site", "currency", "ordered_on", "expected_on", "is_done"),
            ("number", "supplier_number", "site", "sku", "quantity"),
            _history,
            _order_purchases,
            lambda d: d.draft.number,
            ("sku", "quantity", "unit", "unit_cost", "expected_on", "came", "rejected"),
            "number",
        ),
        Kind(
            "supplier-items",
            tuple(_TERMS.split()),
            ("supplier_number", "sku"),
            _supplier_item,
            _save_supplier_items,
            lambda d: f"{d.supplier_number}/{d.sku}",
        ),
        Kind(
            "replenishment-policies",
            tuple(_POLICY.split()),
            ("sku", "site"),
            _policy,
            _save_policies,
            lambda d: f"{d.sku}/{d.site_code}",
        ),
    )
}
