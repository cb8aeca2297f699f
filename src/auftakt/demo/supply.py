"""What suppliers and our own sites still owe: terms, a draft, a late purchase order, goods to inspect, a transfer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.catalog import queries as catalog
from auftakt.demo import company
from auftakt.demo.assortment import Product
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import Receipt
from auftakt.orders import actions as orders
from auftakt.orders.types import LineDraft, OrderDraft
from auftakt.platform import jobs
from auftakt.promising import actions as promising
from auftakt.promising import queries as availability
from auftakt.promising.types import Availability
from auftakt.supply import actions as supply
from auftakt.supply import queries
from auftakt.supply.types import (
    AcknowledgedLine,
    ApprovalLimit,
    PolicyDraft,
    PriceBreak,
    PurchaseAcknowledgement,
    PurchaseDraft,
    PurchaseLineDraft,
    PurchaseReceipt,
    ReplenishmentLimitDraft,
    RunDraft,
    SupplierItemDraft,
    SupplierTermsDraft,
    TransferDraft,
    TransferLineDraft,
)

ACTOR = company.ACTOR
SITE = "HAM"
LATE = 3  # orders that stand on what comes late


def save_terms(goods: Sequence[Product], at: datetime) -> None:
    """Who delivers what, how long it takes and what it costs; and how far orders need no approver."""
    drafts = [
        SupplierItemDraft(
            product.supplier, product.sku, lead_time_days=14 + place % 3 * 7, minimum=Decimal(5), multiple=Decimal(5),
            over_percent=Decimal(5), under_percent=Decimal(2),
            prices=(PriceBreak(Decimal(1), _cost(product)), PriceBreak(Decimal(50), _cost(product, Decimal("0.92")))),
        )
        for place, product in enumerate(goods)
        if product.supplier and product.kind == "stocked"
    ]  # fmt: skip
    company.must(supply.save_supplier_items(drafts, actor=ACTOR, at=at))
    company.must(supply.save_approval_limits([ApprovalLimit("EUR", Decimal(2500))], actor=ACTOR, at=at))


def _cost(product: Product, share: Decimal = Decimal(1)) -> Decimal:
    return (product.price_eur * Decimal("0.45") * share).quantize(Decimal("0.01"))


def leave(goods: Sequence[Product], wanted: Sequence[OrderDraft], when: datetime) -> int:
    """Leave supply in every state, and orders that stand on what comes late. Returns how many lines were ordered."""
    bought = [product for product in goods if product.supplier and product.kind == "stocked"]
    ids = {sku: facts.id for sku, facts in catalog.items_by_sku([product.sku for product in bought]).items()}
    free = availability.availability(list(ids.values()), on=when.date())
    _draft(bought, when)
    _inspection(bought[1], when)
    _transfer({key: sku for sku, key in ids.items()}, free, when)
    lines = _late(bought, ids, free, wanted, when)
    _replenish(bought, when)
    return lines


def _replenish(goods: Sequence[Product], when: datetime) -> None:
    """Policies of every method, and a run whose proposals wait; one supplier asks for more than is proposed."""
    methods: tuple[dict[str, Any], ...] = (
        {"method": "days_of_cover", "cover_days": 14},
        {"method": "min_max", "maximum": Decimal(120)},
        {"method": "periodic", "review_days": 7},
        {"method": "reorder_point", "lot": Decimal(25)},
    )
    policies = [
        PolicyDraft(product.sku, site, buyer="planner@demo.example", **methods[place % 4])
        for place, product in enumerate(goods)
        for site in (SITE, "LEJ")
    ]
    company.must(supply.save_policies(policies, actor=ACTOR, at=when))
    large = SupplierTermsDraft(goods[0].supplier, Decimal(100_000))
    company.must(supply.save_supplier_terms([large], actor=ACTOR, at=when))
    limit = ReplenishmentLimitDraft("EUR", Decimal(150))
    company.must(supply.save_replenishment_limits([limit], actor=ACTOR, at=when))
    run = supply.run_replenishment([RunDraft(when.date())], actor=ACTOR, at=when).one()
    jobs.run(queries.runs([run])[0].job_id)


def _order(product: Product, quantity: int, when: datetime, *, due: int, state: str, inspects: bool = False) -> UUID:
    """A purchase order of one line into SITE, ordered two weeks ago, due in some days."""
    line = PurchaseLineDraft(
        product.sku, Decimal(quantity), (when + timedelta(days=due)).date(), unit_cost=None, inspects=inspects
    )
    draft = PurchaseDraft(product.supplier, SITE, "EUR", (when - timedelta(days=14)).date(), (line,), state=state)
    return supply.order_purchases([draft], actor=ACTOR, at=when).one()


def _draft(goods: Sequence[Product], when: datetime) -> None:
    _order(goods[0], 120, when, due=28, state="draft")
    _order(goods[2], 25, when, due=21, state="approved")


def _inspection(product: Product, when: datetime) -> None:
    order = _order(product, 40, when, due=0, state="sent", inspects=True)
    line = queries.purchases([order])[order].lines[0]
    receipt = PurchaseReceipt(line.id, Decimal(30), "two pallets, one is dented")
    company.must(promising.receive_purchases([receipt], actor=ACTOR, at=when))


def _transfer(skus: dict[UUID, str], free: Sequence[Availability], when: datetime) -> None:
    """What lies there most goes from SITE to Leipzig."""
    there = [each for each in free if each.site_code == SITE and each.free_now >= 10]
    if not there:
        return
    most = max(there, key=lambda each: (each.free_now, skus[each.item_id]))
    line = TransferLineDraft(skus[most.item_id], Decimal(int(most.free_now / 2)))
    draft = TransferDraft(SITE, "LEJ", when.date(), (line,), transit_days=2, note="For the spring campaign")
    transfer = supply.order_transfers([draft], actor=ACTOR, at=when).one()
    company.must(supply.ship_transfers([transfer], actor=ACTOR, at=when))


def _late(
    goods: Sequence[Product],
    ids: dict[str, UUID],
    free: Sequence[Availability],
    wanted: Sequence[OrderDraft],
    when: datetime,
) -> int:
    """Orders take what is left of the scarcest item and wait for the rest; the supplier then says it is late. Some of
    it turns up in Leipzig: enough for all of them but one. It is for a planner to see that."""
    left = {
        product.sku: sum((each.free_now for each in free if each.item_id == ids[product.sku]), Decimal(0))
        for product in goods
    }
    product = min(goods, key=lambda each: (left[each.sku], each.sku))
    order = _order(product, 60, when, due=5, state="sent")
    quantities = (int(left[product.sku]) + 12, 6, 9)
    drafts = [
        replace(
            draft, lines=(LineDraft(product.sku, Decimal(quantity)),), split_dates=True, split_sites=True,
            payment_method="on_account", payment_token="", requested_arrival_on=None,
        )
        for draft, quantity in zip(wanted, quantities, strict=False)
    ]  # fmt: skip
    company.must(orders.capture(drafts, submit=True, actor=ACTOR, at=when))
    first = queries.purchases([order])[order].lines[0]
    said = AcknowledgedLine(first.id, None, (when + timedelta(days=19)).date())
    answer = PurchaseAcknowledgement(order, (said,), "AB-20931")
    company.must(orders.acknowledge_purchases([answer], actor=ACTOR, at=when))
    found = Receipt("LEJ", product.sku, Decimal(20), note="Found when counting")
    company.must(inventory.receive([found], actor=ACTOR, at=when))
    return len(drafts)
