"""A seeded world lives for a few hundred steps; an auditor who trusts nobody recounts it from what he saw happen.

Customers order (and send the same order twice), change their minds, pay (and pay twice); supply comes late; shelves
hold less than the books say; people put orders on hold. The worker moves on between whiles.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from auftakt.billing import actions as billing
from auftakt.billing import queries as invoices
from auftakt.billing.types import Receipt as Money
from auftakt.cli.verify import checks
from auftakt.fulfilment import actions as fulfilment
from auftakt.fulfilment import queries as warehouse
from auftakt.fulfilment.types import Packing, ParcelDraft, Picked, Shipping
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import Receipt
from auftakt.orchestration import actions as orchestration
from auftakt.orchestration import queries as orchestration_queries
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_queries
from auftakt.orders.types import Cancellation, OrderDraft
from auftakt.promising import actions as promising
from auftakt.supply import queries as supply
from auftakt.supply.types import PurchaseReceipt
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)
SKUS = ("BIKE", "HELMET", "LOCK", "TEE-S")
PARTS = {"SET": {"HELMET": Decimal(1), "LOCK": Decimal(2)}, "FITTING": {}, **{sku: {sku: Decimal(1)} for sku in SKUS}}
STEPS = 100
LIVELY = (
    "order.captured", "order.cancelled", "order.held", "order.line_split", "order.promised", "order.closed",
    "supply.received", "fulfilment.recalled", "fulfilment.shipped", "fulfilment.performed", "billing.paid",
)  # fmt: skip


@dataclass
class Books:
    """The auditor's own books, kept from what he sees going in and out, not from what the system says it has."""

    received: Counter[str] = field(default_factory=Counter[str])
    lost: Counter[str] = field(default_factory=Counter[str])
    shipped: Counter[str] = field(default_factory=Counter[str])
    money: Decimal = Decimal(0)


class World:
    """Orders, shelves and people, driven by one random number generator."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.at: datetime = build.AT
        self.books = Books()
        self.drafts: list[OrderDraft] = []
        self.ids: list[UUID] = []
        self.held: list[UUID] = []
        self.receipts: list[Money] = []
        self.coming: list[UUID] = []
        stock = {("DC", sku): str(self.random.randint(5, 25)) for sku in SKUS}
        build.company(stock=stock)
        for (_, sku), quantity in stock.items():
            self.books.received[sku] += Decimal(quantity)
        build.done(orchestration.install_default_policies(actor="world", at=self.at))

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": "world", "at": self.at}

    def live(self) -> None:
        """One thing happens; now and then the worker looks, and time goes on."""
        events: Sequence[tuple[Callable[[], None], int]] = (
            (self.order, 8), (self.order_again, 2), (self.cancel, 2), (self.hold, 3), (self.let_go, 3),
            (self.receive, 1), (self.buy, 1), (self.goods_come_in, 2), (self.work_in_the_warehouse, 6), (self.pay, 4),
            (self.pay_again, 1), (self.recall, 1),
        )  # fmt: skip
        chosen, weights = zip(*events, strict=True)
        self.random.choices(chosen, weights)[0]()
        if self.random.random() < 0.4:
            self.work()
        self.at += timedelta(hours=self.random.choice((0, 1, 4)))

    def work(self) -> None:
        orchestration.drain(actor="worker", at=self.at, limit=self.random.choice((3, 50)))

    def any_of(self, ids: Sequence[UUID]) -> UUID | None:
        return self.random.choice(ids) if ids else None

    def order(self) -> None:
        chosen = self.random.sample(sorted(PARTS), self.random.randint(1, 3))
        made = build.draft(
            [(sku, str(self.random.randint(1, 6))) for sku in chosen], customer=self.random.choice(("C-1", "C-2")),
            payment_method="bank_transfer",
        )  # fmt: skip
        self.drafts.append(made)
        outcome = orders.capture([made, made] if self.random.random() < 0.2 else [made], submit=True, **self.by)
        assert {refusal.code for refusal in outcome.refused} <= {"credit_exhausted", "reference_repeated"}
        self.ids += [each.order_id for each in outcome.done if each.result == "created"]

    def order_again(self) -> None:
        if self.drafts:
            outcome = orders.capture([self.random.choice(self.drafts)], submit=True, **self.by)
            self.ids += [each.order_id for each in outcome.done if each.result == "created"]

    def cancel(self) -> None:
        order_id = self.any_of(self.ids)
        if order_id:
            lines = list(order_queries.order_lines(order_ids=[order_id]))
            line = self.random.choice([None, *lines])
            orders.cancel([Cancellation(order_id, line, reason="changed my mind")], **self.by)

    def hold(self) -> None:
        order_id = self.any_of(self.ids)
        if order_id and orders.hold([order_id], "check", **self.by).done:
            self.held.append(order_id)

    def let_go(self) -> None:
        if self.held:
            orders.release_holds([self.held.pop()], "check", **self.by)

    def receive(self) -> None:
        sku, quantity = self.random.choice(SKUS), Decimal(self.random.randint(1, 8))
        build.done(inventory.receive([Receipt(self.random.choice(("DC", "SHOP")), sku, quantity)], **self.by))
        self.books.received[sku] += quantity

    def buy(self) -> None:
        days = timedelta(days=self.random.randint(1, 9))
        self.coming.append(
            build.purchase(self.random.choice(SKUS), str(self.random.randint(2, 15)), (self.at + days).date())
        )

    def goods_come_in(self) -> None:
        """Purchases arrive in any order, sooner or later than expected, some in parts."""
        if not self.coming:
            return
        purchase_id = self.random.choice(self.coming)
        (line,) = supply.purchases([purchase_id])[purchase_id].lines
        if line.open <= 0:
            self.coming.remove(purchase_id)
            return
        quantity = Decimal(self.random.randint(1, int(line.open)))
        build.done(promising.receive_purchases([PurchaseReceipt(line.id, quantity)], **self.by))
        self.books.received[line.sku] += quantity

    def releases(self, *states: str) -> list[UUID]:
        found = warehouse.releases(order_ids=self.ids).values()
        return sorted(each.id for each in found if each.state in states)

    def work_in_the_warehouse(self) -> None:
        """Somebody picks, packs or ships one release, or performs a service."""
        release_id = self.any_of(self.releases("released", "picked", "packed"))
        if release_id is None:
            self.perform()
            return
        state = warehouse.releases(ids=[release_id])[release_id].state
        if state == "released":
            self.pick(release_id)
        elif state == "picked" and self.random.random() < 0.7:
            build.done(fulfilment.pack([Packing(release_id, (ParcelDraft(Decimal(3)),))], **self.by))
        else:
            self.ship(release_id)

    def pick(self, release_id: UUID) -> None:
        picked: list[Picked] = []
        for pick in warehouse.picks([release_id])[release_id]:
            missing = Decimal(self.random.randint(1, int(pick.quantity))) if self.random.random() < 0.15 else Decimal(0)
            self.books.lost[pick.sku] += missing
            picked.append(Picked(pick.id, pick.quantity - missing))
        build.done(fulfilment.pick(picked, **self.by))

    def ship(self, release_id: UUID) -> None:
        (shipment_id,) = build.done(fulfilment.ship([Shipping(release_id, "dhl")], **self.by))
        for line in warehouse.shipments([shipment_id])[shipment_id].lines:
            for sku, parts in PARTS[line.sku].items():
                self.books.shipped[sku] += line.quantity * parts

    def perform(self) -> None:
        found = order_queries.fulfilment_lines(order_ids=self.ids).values()
        services = sorted(line.id for line in found if line.state == "open" and line.item_kind == "service")
        line_id = self.any_of(services)
        if line_id:
            outcome = fulfilment.perform([line_id], **self.by)
            assert {refusal.code for refusal in outcome.refused} <= {"order_on_hold", "line_not_released"}

    def recall(self) -> None:
        release_id = self.any_of(self.releases("released", "picked", "packed"))
        if release_id:
            build.done(fulfilment.recall([release_id], **self.by))

    def pay(self) -> None:
        """A customer pays an invoice: all of it, or a part."""
        bills = [bill for each in invoices.invoices_of_orders(self.ids).values() for bill in each]
        owed = sorted((bill for bill in bills if bill.open_amount > 0), key=lambda bill: bill.number)
        if owed:
            bill = self.random.choice(owed)
            amount = bill.open_amount if self.random.random() < 0.7 else min(bill.open_amount, Decimal("10.00"))
            receipt = Money("bank_transfer", amount, "EUR", self.at.date(), f"B-{len(self.receipts)}",
                            invoice_number=bill.number)  # fmt: skip
            build.done(billing.receive_payments([receipt], **self.by))
            self.receipts.append(receipt)
            self.books.money += amount

    def pay_all(self) -> None:
        for order_id in self.ids:
            for bill in invoices.invoices_of_orders([order_id]).get(order_id, ()):
                if bill.open_amount > 0:
                    receipt = Money("bank_transfer", bill.open_amount, "EUR", self.at.date(),
                                    f"B-{len(self.receipts)}", invoice_number=bill.number)  # fmt: skip
                    build.done(billing.receive_payments([receipt], **self.by))
                    self.receipts.append(receipt)
                    self.books.money += bill.open_amount

    def pay_again(self) -> None:
        """The bank sends a statement twice."""
        if self.receipts:
            build.done(billing.receive_payments([self.random.choice(self.receipts)], **self.by))

    def bring_to_an_end(self) -> None:
        """All holds end, all goods come in, all work is done, all is paid."""
        while self.held:
            self.let_go()
        for sku in SKUS:
            build.done(inventory.receive([Receipt("DC", sku, Decimal(500))], **self.by))
            self.books.received[sku] += 500
        for _ in range(30):
            self.at += timedelta(days=1)
            self.work()
            for _ in range(len(self.coming)):
                self.goods_come_in()
            for state in ("released", "picked", "packed"):
                for release_id in self.releases(state):
                    (self.pick if state == "released" else self.ship)(release_id)
            found = order_queries.fulfilment_lines(order_ids=self.ids).values()
            services = [line.id for line in found if line.state == "open" and line.item_kind == "service"]
            fulfilment.perform(services, **self.by)
            self.pay_all()
            if all(order.state in ("closed", "cancelled") for order in order_queries.orders(self.ids).values()):
                break


def rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def audit(world: World) -> None:
    """Recount stock, promises and money from the auditor's own books, then ask every check of the house."""
    books = world.books
    found = {sku: (quantity, drawn) for sku, quantity, drawn in rows(
        "select i.sku, sum(b.quantity), sum(b.drawn) from inventory_bucket b join catalog_item i on i.id = b.item_id"
        " where b.kind = 'on_hand' group by i.sku"
    )}  # fmt: skip
    for sku in SKUS:
        on_hand = books.received[sku] - books.lost[sku] - books.shipped[sku]
        assert found.get(sku, (Decimal(0), 0))[0] == on_hand, sku
    assert rows("select 1 from inventory_bucket where drawn > quantity or quantity < 0 or drawn < 0") == []
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for line in order_queries.fulfilment_lines(order_ids=world.ids).values():
        if line.state in ("open", "released") and line.ship_on is not None:
            for sku, parts in PARTS[line.sku].items():
                wanted[sku] += line.quantity * parts
    drawn = dict(rows(
        "select i.sku, sum(b.drawn) from inventory_bucket b join catalog_item i on i.id = b.item_id group by i.sku"
    ))  # fmt: skip
    assert {sku: drawn.get(sku, Decimal(0)) for sku in SKUS} == {sku: wanted[sku] for sku in SKUS}
    (taken,) = rows("select coalesce(sum(amount), 0) from billing_posting where account = 'bank'")[0]
    assert taken == books.money
    references = [order.external_reference for order in order_queries.orders(world.ids).values()]
    assert len(references) == len(set(references))
    assert {check.name: check.example for check in checks() if check.violations} == {}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_world_keeps_its_books(seed: int) -> None:
    world = World(seed)
    for step in range(STEPS):
        world.live()
        if step % 25 == 24:
            audit(world)
    world.bring_to_an_end()
    audit(world)
    ended = order_queries.orders(world.ids)
    stuck = [each for each in orchestration_queries.steps_of_orders(world.ids) if each.state not in ("done", "skipped")]
    assert {order.state for order in ended.values()} <= {"closed", "cancelled"}, stuck
    for line in order_queries.order_lines(order_ids=world.ids).values():
        assert line.shipped + line.cancelled == line.quantity
    whole = {line.order_id for line in order_queries.order_lines(order_ids=world.ids).values()} - {
        line.order_id for line in order_queries.order_lines(order_ids=world.ids).values() if line.cancelled
    }
    bills = invoices.invoices_of_orders(world.ids)
    assert whole
    assert set(LIVELY) <= {row[0] for row in rows("select distinct verb from platform_journalentry")}
    for order_id in whole:
        assert sum(bill.gross for bill in bills[order_id]) == ended[order_id].gross
    assert sum(bill.paid for each in bills.values() for bill in each) == world.books.money
