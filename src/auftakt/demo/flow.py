"""A year of orders at the demo company, played day by day through the public verbs, at every stage by the end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from auftakt.billing import actions as billing
from auftakt.billing.types import BankLineDraft, CreditDraft, Receipt, StatementDraft
from auftakt.channels.mail import actions as mail
from auftakt.channels.sandbox import sandbox
from auftakt.demo import allocation, company, lots, plant, sourcing
from auftakt.demo import supply as bought
from auftakt.demo.assortment import Product, products
from auftakt.demo.people import SUPPLIERS, customers
from auftakt.demo.queries import sql
from auftakt.fulfilment import actions as fulfilment
from auftakt.fulfilment.types import Packing, ParcelDraft, Picked, Shipping, TrackingDraft
from auftakt.insight import actions as insight
from auftakt.orchestration import actions as orchestration
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_lists
from auftakt.orders.types import Cancellation, LineDraft, OrderDraft, OrderFilter
from auftakt.parties.types import PartyDraft
from auftakt.platform.embedded import data_home
from auftakt.platform.plugs import plug
from auftakt.promising import actions as promising
from auftakt.supply import actions as supply
from auftakt.supply.types import PurchaseDraft, PurchaseLineDraft, PurchaseReceipt

ACTOR = company.ACTOR
DUNNED_LAST = 35  # days since somebody last went through what is overdue
QUIET_DAYS = 3  # the warehouse has not come to the orders of the last days yet
# How many days are played at once: the further back, the more.
STRIDES = ((timedelta(days=60), 4), (timedelta(days=16), 2), (timedelta(0), 1))
CARRIERS = ("DHL", "DPD", "GLS")


@dataclass(slots=True)
class Told:
    """What the year came to."""

    orders: int = 0
    lines: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"orders": self.orders, "lines": self.lines, **self.counts, "refused": dict(self.refused)}


def build(*, orders: int, seed: int, at: datetime, progress: Console | None) -> Told:
    """Build the company and play a year up to `at` with this many orders. The same seed makes the same story."""
    random = Random(seed)
    start = at - timedelta(days=365)
    company.build_company(random, start)
    company.put_into_bins(start)
    company.stock_up(random, start, Decimal(max(orders, 500)) / 2500)
    plant.build_plant(start, at)
    year = _Year(random, list(customers(company.CUSTOMERS, Random(seed))), at)
    bought.save_terms(year.goods, start)
    drafts = min(3, orders // 10)
    days = year.days(start, max(orders - drafts - bought.LATE, 0))
    bar = Progress(
        TextColumn("A year of orders"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=progress,
        disable=progress is None,
    )
    with _paying(), bar:
        task = bar.add_task("orders", total=orders)
        for when, count in days:
            year.play(when, count)
            bar.advance(task, count)
        plant.work(year.people, at)
        lots.keep_lots(year.people, at)
        sourcing.build_sourcing(at)
        allocation.build_allocation(at)
        year.leave_supply(at)
        year.leave_some_work(at, drafts)
    insight.refresh()
    year.told.counts = dict(zip(_COUNTED, sql.rows("count_stages")[0], strict=True))
    return year.told


@contextmanager
def _paying() -> Iterator[None]:
    """Pay through a sandbox of our own, on a port that is free, into the ledger that `auftakt up --sandbox` reads."""
    plugs = settings.AUFTAKT_PLUGS
    with sandbox(ledger_path=data_home() / "payment-sandbox.jsonl") as running:
        own = {name: {**options, "base_url": running.url} for name, options in plugs["payment"].items()}
        settings.AUFTAKT_PLUGS = {**plugs, "payment": own}
        plug.cache_clear()
        try:
            yield
        finally:
            settings.AUFTAKT_PLUGS = plugs
            plug.cache_clear()


_COUNTED = ("submitted", "promised", "shipped", "invoiced", "paid", "closed")


class _Year:
    """The state of the play: who buys what, and what is on its way."""

    def __init__(self, random: Random, people: Sequence[PartyDraft], end: datetime) -> None:
        self.random = random
        self.people = people
        self.end = end
        self.told = Told()
        goods = [product for product in products() if not product.phased_out]
        self.goods = goods
        self.weights = [_popularity(product) for product in goods]
        self.number = 0
        self.next_purchase = end - timedelta(days=355)

    def days(self, start: datetime, orders: int) -> list[tuple[datetime, int]]:
        """When orders come in, and how many: more in spring and summer, every day in the last weeks."""
        moments: list[datetime] = []
        shares: list[float] = []
        when = self.end - timedelta(minutes=30)
        while when > start:
            stride = next(days for ago, days in STRIDES if self.end - when > ago)
            moments.insert(0, when)
            shares.insert(0, _season(when) * stride)
            when -= timedelta(days=stride)
        total = sum(shares)
        counts = [int(orders * share / total) for share in shares]
        for index in range(orders - sum(counts)):
            counts[-1 - index % len(counts)] += 1
        return list(zip(moments, counts, strict=True))

    def play(self, when: datetime, count: int) -> None:
        """One day: goods arrive, orders come in, the warehouse works, carriers report, customers pay."""
        self._receive(when)
        if when >= self.next_purchase:
            self._purchase(when)
            self.next_purchase = when + timedelta(days=21)
        if count:
            self._capture(when, count)
        orchestration.drain(actor=ACTOR, at=when)
        self._work(when)
        self._carriers(when)
        self._pay(when)
        self._change_minds(when)
        orchestration.drain(actor=ACTOR, at=when)

    def leave_supply(self, when: datetime) -> None:
        """What is still to come: a draft, a late purchase order and orders on it, goods to inspect, a transfer."""
        dealers = [each for each in self.people if each.segment != "consumer"][: bought.LATE]
        drafts = [replace(self._draft(when), customer_number=dealer.number) for dealer in dealers]
        self.told.lines += bought.leave(self.goods, drafts, when)
        self.told.orders += len(drafts)

    def leave_some_work(self, when: datetime, count: int) -> None:
        """What a morning begins with: drafts to finish, orders held, and confirmations that are about to go out."""
        drafts = [replace(self._draft(when), payment_method="on_account") for _ in range(count)]
        company.must(orders.capture(drafts, submit=False, actor=ACTOR, at=when))
        self.told.orders += len(drafts)
        self.told.lines += sum(len(draft.lines) for draft in drafts)
        self._bank_brings(when)
        held = [order for (order,) in sql.rows("open_orders", limit=4)]
        if held:
            orders.hold(held, "address_check", "Please confirm the address", actor=ACTOR, at=when)
        recent = order_lists.list_orders(OrderFilter(state="submitted"), limit=12).rows
        company.must(mail.order_confirmation([row.id for row in recent], actor=ACTOR, at=when))

    def _bank_brings(self, when: datetime) -> None:
        """This morning's bank statement: most lines name their invoice, some do not, and one is no customer's."""
        day = when.date()
        lines = [BankLineDraft("ZINS-1", day, day, Decimal("4.12"), "EUR", "Hausbank", "", "Zinsen")]
        for place, (number, order, amount, payer) in enumerate(sql.rows("owed_by_transfer", limit=9)):
            paid = amount if place % 4 != 1 else (amount * Decimal("0.9")).quantize(Decimal("0.01"))
            text = ("Rechnung " + number, f"Auftrag {order}", "Danke", number.replace("-", " "))[place % 4]
            account = f"DE{4000000000 + place * 7919:020d}"
            lines.append(BankLineDraft(f"{day:%y%m%d}-{place}", day, day, paid, "EUR", payer, account, text))
        statement = StatementDraft("DE02120300000000202051", f"camt053-{day}.xml", "camt", tuple(lines))
        billing.take_statements([statement], actor=ACTOR, at=when)

    def _capture(self, when: datetime, count: int) -> None:
        drafts = [self._draft(when) for _ in range(count)]
        outcome = orders.capture(drafts, submit=True, actor=ACTOR, at=when)
        self.told.orders += len(outcome.done)
        self.told.lines += sum(len(drafts[captured.index].lines) for captured in outcome.done)
        self.told.refused.update(refusal.code for refusal in outcome.refused)

    def _draft(self, when: datetime) -> OrderDraft:
        random = self.random
        customer = random.choice(self.people)
        private = customer.segment == "consumer"
        self.number += 1
        channel = random.choices(
            ("shop", "store", "call_centre", "marketplace", "edi", "field_sales"),
            (60, 10, 10, 20, 0, 0) if private else (25, 0, 15, 0, 35, 25),
        )[0]
        lines = min(1 + int(random.expovariate(0.9 if private else 0.35)), 14)
        chosen = {product.sku: product for product in random.choices(self.goods, self.weights, k=lines)}
        method = (
            random.choices(("bank_transfer", "card", "paypal", "cash_on_delivery"), (45, 25, 15, 15))[0]
            if private
            else "on_account"
        )
        wish = when + timedelta(days=random.randint(10, 30))
        return OrderDraft(
            source_system=channel,
            external_reference=f"{channel[:2].upper()}-{self.number:06}",
            customer_number=customer.number,
            lines=tuple(self._line(product, private) for product in chosen.values()),
            channel=channel,
            payment_method=method,
            payment_token=_token(random, when > self.end - timedelta(days=8)) if method in ("card", "paypal") else "",
            customer_reference="" if private else f"PO {random.randint(10_000, 99_999)}",
            requested_arrival_on=wish.date() if random.random() < 0.12 else None,
            split_sites=random.random() < 0.8,
            ordered_at=when,
        )

    def _line(self, product: Product, private: bool) -> LineDraft:
        if product.case_of and not private and self.random.random() < 0.25:
            return LineDraft(product.sku, Decimal(self.random.randint(1, 2)), "case")
        heavy = product.weight_kg > 5 or product.kind in ("service", "non_stock")
        most = 1 if private or product.kind in ("service", "non_stock") else 3 if heavy else 8
        return LineDraft(product.sku, Decimal(self.random.randint(1, most)))

    def _purchase(self, when: datetime) -> None:
        """Order what runs low from its supplier, for one of the distribution centres, two to five weeks ahead."""
        low = sql.rows("running_low", days=60, since=when - timedelta(days=60))
        by_supplier: dict[str, list[PurchaseLineDraft]] = {}
        sources = {product.sku: product.supplier or SUPPLIERS[0][0] for product in self.goods}
        for sku, wanted in low:
            if sku in sources:
                due = (when + timedelta(days=self.random.randint(14, 35))).date()
                line = PurchaseLineDraft(sku, Decimal(wanted), due, unit_cost=Decimal(10))
                by_supplier.setdefault(sources[sku], []).append(line)
        drafts = [
            PurchaseDraft(supplier, self.random.choice(("HAM", "LEJ", "LNZ")), "EUR", when.date(), tuple(lines))
            for supplier, lines in by_supplier.items()
        ]
        if drafts:
            company.must(supply.order_purchases(drafts, actor=ACTOR, at=when))

    def _receive(self, when: datetime) -> None:
        due = sql.rows("purchases_due", on=when.date())
        if due:
            receipts = [PurchaseReceipt(line, quantity) for line, quantity in due]
            company.must(promising.receive_purchases(receipts, actor=ACTOR, at=when))

    def _work(self, when: datetime) -> None:
        """Pick, pack and ship what was released, unless it is too fresh: then it stays on the bench in some state."""
        fresh = when > self.end - timedelta(days=QUIET_DAYS)
        releases = [row for row in sql.rows("open_releases") if not fresh or self.random.random() < 0.55]
        self._pick([release for release, state in releases if state == "released"], when)
        ready = [row[0] for row in sql.rows("open_releases") if row[1] == "picked"]
        packing = [release for release in ready if not fresh or self.random.random() < 0.6]
        if packing:
            parcels = [Packing(key, (ParcelDraft(Decimal(self.random.randint(5, 180)) / 10),)) for key in packing]
            company.must(fulfilment.pack(parcels, actor=ACTOR, at=when))
        leaving = [row[0] for row in sql.rows("open_releases") if row[1] == "packed"]
        shippings = [
            Shipping(key, self.random.choice(CARRIERS), f"{self.random.randint(10**11, 10**12 - 1)}")
            for key in leaving
            if not fresh or self.random.random() < 0.6
        ]
        if shippings:
            company.must(fulfilment.ship(shippings, actor=ACTOR, at=when))
        services = [row[0] for row in sql.rows("services_due", before=when - timedelta(days=4))]
        if services:
            company.must(fulfilment.perform(services, actor=ACTOR, at=when))

    def _pick(self, releases: Sequence[UUID], when: datetime) -> None:
        """Nearly always all is on the shelf; once in a while a piece is missing."""
        picks = sql.rows("picks_of", releases=list(releases))
        taken: list[Picked] = []
        for pick, quantity, is_kit in picks:
            short = not is_kit and quantity > 1 and self.random.random() < 0.004
            taken.append(Picked(pick, quantity - 1 if short else quantity))
        if taken:
            company.must(fulfilment.pick(taken, actor=ACTOR, at=when))

    def _carriers(self, when: datetime) -> None:
        events: list[TrackingDraft] = []
        for shipment, arrive_on in sql.rows("shipments_under_way", on=when.date()):
            draw = self.random.random()
            late = timedelta(days=1 if draw < 0.05 else 0)
            happened = datetime.combine(arrive_on, when.timetz()) + late
            if happened > when:
                continue
            if draw > 0.992:
                events.append(TrackingDraft("damaged", happened - timedelta(hours=2), shipment, text="Parcel crushed"))
            events.append(TrackingDraft("delivered", happened, shipment))
        if events:
            company.must(fulfilment.track(events, actor=ACTOR, at=when))
        damaged = sql.rows("damaged_invoices", since=when - timedelta(days=2))
        drafts = [CreditDraft(invoice, "Damaged in transit") for (invoice,) in damaged]
        if drafts:
            billing.credit(drafts, actor=ACTOR, at=when)

    def _pay(self, when: datetime) -> None:
        """Customers pay by transfer some days around the due day; few pay late or only in part."""
        receipts: list[Receipt] = []
        for number, method, amount, currency, due_on in sql.rows("open_items", on=when.date()):
            days_late = (when.date() - due_on).days
            if self.random.random() > _pays(method, days_late):
                continue
            part = amount if self.random.random() > 0.02 or amount < 2 else (amount / 2).quantize(Decimal("0.01"))
            paid_by = "cash_on_delivery" if method == "cash_on_delivery" else "bank_transfer"
            reference = f"{number}/{when:%y%m%d}"
            receipts.append(Receipt(paid_by, part, currency, when.date(), reference, invoice_number=number))
        if receipts:
            company.must(billing.receive_payments(receipts, actor=ACTOR, at=when))
        if when < self.end - timedelta(days=DUNNED_LAST):
            billing.dun(when.date(), actor=ACTOR, at=when)

    def _change_minds(self, when: datetime) -> None:
        """A few customers cancel; a few orders are looked at before they may leave."""
        for (order,) in sql.rows("open_orders", limit=40):
            draw = self.random.random()
            if draw < 0.006:
                orders.cancel([Cancellation(order, reason="Ordered by mistake")], actor=ACTOR, at=when)
            elif draw < 0.012:
                orders.hold([order], "address_check", "Please confirm the address", actor=ACTOR, at=when)
        if when < self.end - timedelta(days=QUIET_DAYS):
            held = [order for (order,) in sql.rows("held_orders")]
            if held:
                orders.release_holds(held, "address_check", "Confirmed", actor=ACTOR, at=when)


def _token(random: Random, recent: bool) -> str:
    """Nearly every payment goes well; of late one card was declined, and one answer never came."""
    draw = random.random()
    if recent and draw < 0.06:
        return "tok_declined"
    return "tok_error_500" if recent and draw < 0.09 else "tok_ok"


def _popularity(product: Product) -> float:
    """Cheap parts sell often, bicycles seldom."""
    if product.kind in ("service", "non_stock"):
        return 0.3
    return 30 / (10 + float(product.price_eur) ** 0.75)


def _season(moment: datetime) -> float:
    """More orders in spring and summer, fewer on Sundays."""
    by_month = (5, 6, 9, 12, 13, 12, 11, 10, 9, 7, 6, 8)
    return by_month[moment.month - 1] * (0.4 if moment.weekday() == 6 else 1)


def _pays(method: str, days_late: int) -> float:
    """How likely an open item is paid on a day."""
    if method == "cash_on_delivery":
        return 0.6
    if days_late < -20:
        return 0.03
    return 0.25 if days_late < 10 else 0.05
