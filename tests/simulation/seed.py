"""A little company inside an installation: `python -m tests.simulation.seed PIECES`, of each of five items.

Prints one JSON line: the secret of an API key, the SKUs, the kit's components.
"""
# ruff: noqa: E402, T201

import json
import os
import sys
from datetime import UTC, datetime
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auftakt.project.settings")
django.setup()

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ComponentDraft, ItemDraft
from auftakt.cli.session import ready_database
from auftakt.demo.starter import install_starter
from auftakt.identity import actions as identity
from auftakt.identity.types import ApiKeyDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import Receipt, SiteDraft
from auftakt.parties import actions as parties
from auftakt.parties.types import AddressDraft, PartyDraft
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import PriceDraft, PriceListDraft
from auftakt.promising import actions as promising
from auftakt.promising.types import LaneDraft
from auftakt.values import Outcome

ITEMS = ("BELL", "GRIP", "LAMP", "PUMP", "TUBE")
KIT = ("LAMP-SET", {"LAMP": 1, "BELL": 2})
CUSTOMERS = 8
ACTOR = "seed"


def _sound(outcome: Outcome) -> None:
    if outcome.refused:
        raise RuntimeError(outcome.refused[0].message)


def build(pieces: int, at: datetime) -> str:
    """Build it with public verbs; `pieces` of each item, 60 % of them at the first site. Returns the key's secret."""
    install_starter(actor=ACTOR, at=at)
    sites = [SiteDraft(code, code, "distribution_centre", "DE", city="Kassel") for code in ("NORTH", "SOUTH")]
    _sound(inventory.save_sites(sites, actor=ACTOR, at=at))
    _sound(promising.save_lanes([LaneDraft("NORTH", "DE", 1), LaneDraft("SOUTH", "DE", 2)], actor=ACTOR, at=at))
    home = AddressDraft("Street 1", "Berlin", "DE", "10115", is_default_bill_to=True, is_default_ship_to=True)
    customers = [
        PartyDraft(f"C-{number}", f"Customer {number}", payment_terms="NET30", addresses=(home,))
        for number in range(CUSTOMERS)
    ]
    _sound(parties.save_parties(customers, actor=ACTOR, at=at))
    components = tuple(ComponentDraft(sku, Decimal(quantity)) for sku, quantity in KIT[1].items())
    items = [ItemDraft(sku, sku.title(), activate=True) for sku in ITEMS]
    items.append(ItemDraft(KIT[0], "Lamp set", kind="kit", components=components, activate=True))
    _sound(catalog.save_items(items, actor=ACTOR, at=at))
    _sound(pricing.save_price_lists([PriceListDraft("LIST", "List", "EUR")], actor=ACTOR, at=at))
    _sound(pricing.save_prices([PriceDraft("LIST", draft.sku, Decimal(10)) for draft in items], actor=ACTOR, at=at))
    north = pieces * 6 // 10
    stock = {"NORTH": north, "SOUTH": pieces - north}
    receipts = [Receipt(site, sku, Decimal(quantity)) for site, quantity in stock.items() for sku in ITEMS]
    _sound(inventory.receive(receipts, actor=ACTOR, at=at))
    key = ApiKeyDraft("shop", ("orders.view", "orders.edit"))
    return identity.create_api_keys([key], actor=ACTOR, at=at).one().secret


if __name__ == "__main__":
    with ready_database():
        secret = build(int(sys.argv[1]), datetime.now(UTC))
    print(json.dumps({"secret": secret, "items": ITEMS, "kit": KIT[0], "components": KIT[1]}))
