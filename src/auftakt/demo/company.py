"""The demo company: Taktrad, an invented distributor of bicycles and parts, built with public verbs only."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from auftakt.catalog import actions as catalog
from auftakt.catalog.queries import items_by_sku
from auftakt.catalog.types import (
    BrandDraft,
    CategoryDraft,
    ComponentDraft,
    ItemDraft,
    ItemUnitDraft,
    RelationDraft,
    TranslationDraft,
)
from auftakt.demo.assortment import BRANDS, CATEGORIES, Product, products
from auftakt.demo.people import PLACES, customers, suppliers
from auftakt.demo.starter import install_starter
from auftakt.identity import actions as identity
from auftakt.identity.types import UserDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import PlacingDraft, Receipt, SiteDraft
from auftakt.parties import actions as parties
from auftakt.parties.types import LegalEntityDraft
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import DiscountDraft, PriceDraft, PriceListDraft, ShippingRateDraft, ShippingZoneDraft
from auftakt.promising import actions as promising
from auftakt.promising.types import LaneDraft
from auftakt.values import Outcome

ACTOR = "demo"
PASSWORD = "auftakt-demo-2026"  # noqa: S105 (printed on the demo's own terminal; the demo answers on loopback)
LOGINS = (
    ("admin@demo.example", "admin"),
    ("orders@demo.example", "order_manager"),
    ("sales@demo.example", "sales"),
    ("warehouse@demo.example", "warehouse"),
    ("planner@demo.example", "planner"),
    ("finance@demo.example", "finance"),
    ("viewer@demo.example", "viewer"),
)
CUSTOMERS = 1000
_CENT = Decimal("0.01")
_USD_PER_EUR = Decimal("1.10")

SITES = (
    SiteDraft("HAM", "Distribution centre Hamburg", "distribution_centre", "DE", city="Hamburg", postal_code="20457"),
    SiteDraft("LEJ", "Distribution centre Leipzig", "distribution_centre", "DE", city="Leipzig", postal_code="04356"),
    SiteDraft("LNZ", "Distribution centre Linz", "distribution_centre", "AT", city="Linz", postal_code="4030"),
    SiteDraft("BER", "Store Berlin", "store", "DE", city="Berlin", postal_code="10119"),
    SiteDraft("VIE", "Store Wien", "store", "AT", city="Wien", postal_code="1070"),
    SiteDraft("NUE", "Plant Nürnberg", "plant", "DE", city="Nürnberg", postal_code="90431", processing_days=1),
)
# Site -> share of the opening stock, and transit days to the countries served.
_SHARES = {"HAM": 40, "LEJ": 30, "LNZ": 18, "BER": 5, "VIE": 4, "NUE": 3}
_TRANSIT = {
    "HAM": {"DE": 1, "AT": 3, "CH": 3, "NL": 2, "FR": 3, "DK": 2, "BE": 2, "US": 7},
    "LEJ": {"DE": 1, "AT": 2, "CH": 3, "NL": 3, "FR": 3, "DK": 3, "BE": 3, "US": 8},
    "LNZ": {"DE": 2, "AT": 1, "CH": 2, "NL": 4, "FR": 4, "DK": 4, "BE": 4, "US": 9},
    "BER": {"DE": 2, "AT": 4},
    "VIE": {"AT": 1, "DE": 3},
    "NUE": {"DE": 2, "AT": 3, "CH": 3},
}


def exists() -> bool:
    """Whether this database holds the demo company already."""
    return "HAM" in stock.sites_by_code(["HAM"])


def must(outcome: Outcome[Any]) -> None:
    """The demo's own data must be right: a refusal is a fault of the demo and ends it, saying what."""
    if outcome.refused:
        first = outcome.refused[0]
        raise RuntimeError(f"the demo data is refused: {first.subject}: {first.message}")


def build_company(random: Random, at: datetime) -> None:
    """Everything but orders and stock."""
    entity = LegalEntityDraft(
        "TAKTRAD", "Taktrad GmbH", "Am Sandtorkai 30", "Hamburg", "DE", "EUR", "20457", "", "DE136695976",
        "billing@demo.example", "DE02120300000000202051", "Musterbank Hamburg",
    )  # fmt: skip
    must(parties.save_legal_entities([entity], actor=ACTOR, at=at))
    install_starter(actor=ACTOR, at=at)
    must(identity.create_users([_user(email, role) for email, role in LOGINS], actor=ACTOR, at=at))
    must(inventory.save_sites(SITES, actor=ACTOR, at=at))
    must(parties.save_parties([*suppliers(), *customers(CUSTOMERS, random)], actor=ACTOR, at=at))
    _save_catalog(at)
    _save_prices(at)
    lanes = [
        LaneDraft(site, country, days, cost=Decimal(4 + 2 * days))
        for site, countries in _TRANSIT.items()
        for country, days in countries.items()
    ]
    must(promising.save_lanes(lanes, actor=ACTOR, at=at))


def _user(email: str, role: str) -> UserDraft:
    name = role.replace("_", " ").capitalize()
    return UserDraft(email, f"Demo {name}", (role,), PASSWORD, "en", "HAM" if role == "warehouse" else "")


def _save_catalog(at: datetime) -> None:
    roots = [CategoryDraft(code, name, parent) for code, name, parent in CATEGORIES]
    must(catalog.save_categories(roots, actor=ACTOR, at=at))
    must(catalog.save_brands([BrandDraft(name.upper().replace(" ", "-"), name) for name in BRANDS], actor=ACTOR, at=at))
    chosen = list(products())
    must(catalog.save_items([_item(product, chosen) for product in chosen], actor=ACTOR, at=at))
    facts = items_by_sku([product.sku for product in chosen if product.phased_out])
    must(catalog.phase_out([item.id for item in facts.values()], actor=ACTOR, at=at))


def _item(product: Product, everything: Sequence[Product]) -> ItemDraft:
    return ItemDraft(
        sku=product.sku,
        name=product.name,
        kind=product.kind,
        category=product.category,
        brand=product.brand.upper().replace(" ", "-"),
        variant_of=product.variant_of,
        variant=product.variant,
        weight_kg=product.weight_kg,
        gtin=_gtin(everything.index(product)) if product.kind == "stocked" else "",
        hs_code="87120030" if product.category in ("CITY", "ROAD", "MTB", "KIDS") else "",
        origin_country="DE",
        tax_category=product.tax_category,
        activate=True,
        units=(ItemUnitDraft("case", Decimal(product.case_of)),) if product.case_of else None,
        components=tuple(ComponentDraft(sku, Decimal(n)) for sku, n in product.components) or None,
        translations=(TranslationDraft("de", product.name_de),),
        relations=_relations(product, everything),
    )


def _relations(product: Product, everything: Sequence[Product]) -> tuple[RelationDraft, ...] | None:
    """A bicycle goes with a lock, a helmet and lights; a part with its neighbour; another size replaces a part."""
    if product.category in ("CITY", "ROAD", "MTB", "EBIKE"):
        return tuple(
            RelationDraft(sku, "cross_sell", rank)
            for rank, sku in enumerate(("FALTSCHLOSS-1", "HELM-2", "SET-LICHT", "FLASCHE-1"), 1)
        )
    if product.kind == "stocked" and product.sku.endswith("-2"):
        return (RelationDraft(product.sku[:-1] + "1", "substitute", 1),)
    return None


def _gtin(number: int) -> str:
    """An EAN-13 of the range for internal use (prefix 20), with its GS1 check digit."""
    body = f"20{number:010d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _save_prices(at: datetime) -> None:
    lists = [
        PriceListDraft("RETAIL-EUR", "Retail prices", "EUR", tax_included=True, rank=100),
        PriceListDraft("DEALER-EUR", "Dealer prices", "EUR", segment="dealer", rank=50),
        PriceListDraft("CHAIN-EUR", "Chain prices", "EUR", segment="chain", rank=50),
        PriceListDraft("CLUB-EUR", "Club prices", "EUR", segment="club", rank=50, tax_included=True),
        PriceListDraft("RETAIL-USD", "US retail prices", "USD", rank=100),
        PriceListDraft("DEALER-USD", "US dealer prices", "USD", segment="dealer", rank=50),
    ]
    must(pricing.save_price_lists(lists, actor=ACTOR, at=at))
    drafts: list[PriceDraft] = []
    for product in products():
        gross = product.price_eur
        net = gross / Decimal("1.19")
        drafts.append(PriceDraft("RETAIL-EUR", product.sku, gross))
        drafts.append(PriceDraft("CLUB-EUR", product.sku, _round(gross * Decimal("0.92"))))
        drafts.append(PriceDraft("DEALER-EUR", product.sku, _round(net * Decimal("0.68"))))
        drafts.append(PriceDraft("CHAIN-EUR", product.sku, _round(net * Decimal("0.62"))))
        drafts.append(PriceDraft("RETAIL-USD", product.sku, _round(net * _USD_PER_EUR)))
        drafts.append(PriceDraft("DEALER-USD", product.sku, _round(net * Decimal("0.70") * _USD_PER_EUR)))
        if product.kind == "stocked" and gross < 200:
            drafts.append(PriceDraft("DEALER-EUR", product.sku, _round(net * Decimal("0.63")), "", Decimal(10)))
            drafts.append(PriceDraft("DEALER-EUR", product.sku, _round(net * Decimal("0.59")), "", Decimal(50)))
    must(pricing.save_prices(drafts, actor=ACTOR, at=at))
    discounts = [
        DiscountDraft("SPRING-LIGHTS", "Lights campaign", "percent", Decimal(10), category="LIGHT", segment="consumer"),
        DiscountDraft("TYRES-20", "Tyres from 20", "percent", Decimal(5), category="WHEEL", from_quantity=Decimal(20)),
        DiscountDraft("EBIKE-50", "E-bike bonus", "amount", Decimal(50), "EUR", category="EBIKE", segment="chain"),
    ]  # fmt: skip
    must(pricing.save_discounts(discounts, actor=ACTOR, at=at))
    zones = [
        ShippingZoneDraft("DE", "Germany", ("DE",)),
        ShippingZoneDraft("EU", "Europe", tuple(sorted(set(PLACES) - {"DE", "US"}))),
        ShippingZoneDraft("US", "United States", ("US",)),
    ]
    rates = [
        ShippingRateDraft("DE", "EUR", Decimal("4.90"), Decimal(2), Decimal(100)),
        ShippingRateDraft("DE", "EUR", Decimal("8.90"), Decimal("31.5"), Decimal(250)),
        ShippingRateDraft("DE", "EUR", Decimal("39.00"), None, Decimal(2000)),
        ShippingRateDraft("EU", "EUR", Decimal("12.90"), Decimal(5), Decimal(300)),
        ShippingRateDraft("EU", "EUR", Decimal("49.00"), None, Decimal(2500)),
        ShippingRateDraft("US", "USD", Decimal("39.00"), Decimal(5), None),
        ShippingRateDraft("US", "USD", Decimal("149.00"), None, None),
    ]
    must(pricing.save_shipping(zones, rates, actor=ACTOR, at=at))


def put_into_bins(at: datetime) -> None:
    """Where everything lies: an aisle for each category, four levels high, in the order of the assortment."""
    aisles = {code: chr(ord("A") + index) for index, code in enumerate(_aisles())}
    drafts: list[PlacingDraft] = []
    for site in _SHARES:
        filled: dict[str, int] = {}
        for product in products():
            if product.kind != "stocked":
                continue
            place = filled[product.category] = filled.get(product.category, -1) + 1
            code = f"{aisles[product.category]}-{place // 4 + 1:02d}-{place % 4 + 1:02d}"
            drafts.append(PlacingDraft(site, product.sku, code))
    must(inventory.place(drafts, actor=ACTOR, at=at))


def _aisles() -> list[str]:
    """Categories as they are walked past: what is small and asked for often lies nearest to the packing table."""
    small_first = ("CARE", "LIGHT", "GEAR", "WEAR", "LOCK", "BAG", "DRIVE", "BRAKE", "COCKPIT", "WHEEL")
    known = [code for code, _, parent in CATEGORIES if parent or code == "GEAR"]
    return sorted(known, key=lambda code: (code not in small_first, known.index(code)))


def stock_up(random: Random, at: datetime, scale: Decimal) -> None:
    """The opening stock of every item that is kept, spread over the sites; `scale` grows with the number of orders."""
    receipts: list[Receipt] = []
    for product in products():
        if product.kind != "stocked":
            continue
        base = 40 if product.weight_kg > 5 else 220
        for site, share in _SHARES.items():
            quantity = int(base * scale * share * random.randint(70, 130) / 10_000)
            if quantity > 0 and not (site in ("BER", "VIE") and product.category == "MTB"):
                receipts.append(Receipt(site, product.sku, Decimal(quantity), note="Opening stock"))
    must(inventory.receive(receipts, actor=ACTOR, at=at))
