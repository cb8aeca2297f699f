"""Sites and items for the tests, through public verbs; the whole of stock as one comparable picture."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ItemDraft, ItemUnitDraft, UnitDraft
from auftakt.inventory import actions, queries
from auftakt.inventory.models import Bucket, Move
from auftakt.inventory.types import ExpectedSupply, Receipt, SiteDraft
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY: Any = {"actor": "test", "at": AT}
DAY = date(2026, 4, 1)


def company(items: int = 0) -> dict[str, UUID]:
    """Ids by code: sites HAM, MUC and the closed OLD; BIKE (each, case of 12), CHAIN (metre), a service, a kit."""
    units = [UnitDraft("each", "each"), UnitDraft("case", "case"), UnitDraft("m", "metre", "length", 2)]
    catalog.save_units([*units, UnitDraft("h", "hour", "time", 2)], **BY)
    drafts = [
        ItemDraft("BIKE", "City bike", activate=True, units=(ItemUnitDraft("case", Decimal(12)),)),
        ItemDraft("CHAIN", "Chain", unit="m", activate=True),
        ItemDraft("SETUP", "Set-up", kind="service", unit="h", activate=True),
        *(ItemDraft(f"P{number:03d}", f"Part {number}", activate=True) for number in range(items)),
    ]
    sites = [
        SiteDraft("HAM", "Hamburg", "distribution_centre", "DE"),
        SiteDraft("MUC", "Munich", "distribution_centre", "DE"),
        SiteDraft("OLD", "Old store", "store", "DE", is_open=False),
    ]
    ids = catalog.save_items(drafts, **BY).done
    known = dict(zip([draft.sku for draft in drafts], ids, strict=True))
    saved = actions.save_sites(sites, **BY)
    assert not saved.refused
    return known | dict(zip([site.code for site in sites], saved.done, strict=True))


def receive(quantity: int | str, sku: str = "BIKE", site: str = "HAM") -> UUID:
    return actions.receive([Receipt(site, sku, Decimal(quantity))], **BY).one()


def on_hand(ids: dict[str, UUID], sku: str = "BIKE", site: str = "HAM") -> Bucket:
    return Bucket.objects.get(item_id=ids[sku], site_id=ids[site], kind="on_hand")


def state(bucket_id: UUID) -> tuple[Decimal, Decimal]:
    bucket = Bucket.objects.get(id=bucket_id)
    return bucket.quantity, bucket.drawn


def expected(ids: dict[str, UUID], quantity: int | str, on: date = DAY, sku: str = "BIKE") -> ExpectedSupply:
    return ExpectedSupply(new_id(), "purchase", ids[sku], ids["HAM"], on, Decimal(quantity))


def picture() -> list[Any]:
    """Everything a refused verb must leave as it is."""
    buckets = list(Bucket.objects.exclude(quantity=0, drawn=0).order_by("id").values_list("id", "quantity", "drawn"))
    return [buckets, Move.objects.count(), JournalEntry.objects.count()]


def violations() -> dict[str, int]:
    """Violations by statement: what `auftakt verify` would say of the inventory."""
    names = [name for name in queries.sql.texts if name.startswith("verify_")]
    return {name: queries.sql.rows(name)[0][0] for name in names}
