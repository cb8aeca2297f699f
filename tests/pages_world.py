"""The company that the pages are shown with: a row for every route, and the names that break layouts."""

from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch
from uuid import UUID

from django.db import transaction

from auftakt.billing import actions as billing
from auftakt.billing import queries as invoices
from auftakt.billing.actions import attempts
from auftakt.billing.types import (
    AUTHORISE,
    IN_DOUBT,
    BankLineDraft,
    ProviderAnswer,
    ReminderDraft,
    StatementDraft,
    Wanted,
)
from auftakt.catalog import actions as catalog
from auftakt.catalog.types import BillDraft, BillLineDraft, ItemDraft
from auftakt.channels import outgoing
from auftakt.channels.files import FileOrder
from auftakt.channels.mail import actions as mail
from auftakt.channels.mail.types import MailAnswer
from auftakt.channels.webhooks import actions as webhooks
from auftakt.channels.webhooks.types import WebhookDraft
from auftakt.fulfilment import actions as fulfilment
from auftakt.fulfilment import queries as shipping
from auftakt.fulfilment.types import WaveDraft
from auftakt.identity import actions as identity
from auftakt.identity.types import ApiKeyDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import (
    CalendarDraft,
    CalendarException,
    CountEntry,
    CountPlan,
    CountTolerance,
    LotQuantity,
    PlacingDraft,
    Receipt,
    SiteDraft,
)
from auftakt.orchestration import actions as orchestration
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_queries
from auftakt.parties import actions as parties
from auftakt.parties.types import AddressDraft, PartyDraft
from auftakt.platform import jobs
from auftakt.platform.jobs import JobDraft, RowDraft
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import DiscountDraft
from auftakt.promising import actions as promising
from auftakt.promising.types import (
    AllocationDraft,
    AllocationPublication,
    DemandClass,
    LaneDraft,
    ReservationDraft,
    Target,
)
from auftakt.supply import actions as supply
from auftakt.supply import queries as supplied
from auftakt.supply.types import (
    AssignmentDraft,
    CapacityException,
    OperationDraft,
    PolicyDraft,
    PriceBreak,
    PromisingTerms,
    PurchaseDraft,
    PurchaseLineDraft,
    PurchaseReceipt,
    ResourceDraft,
    RoutingDraft,
    RunDraft,
    Scope,
    ShiftDraft,
    Source,
    SourcingDraft,
    SourcingPublication,
    SupplierItemDraft,
    SupplierTermsDraft,
    TransferDraft,
    TransferLineDraft,
    WorkDraft,
    WorkFinish,
)
from tests import build

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikationsbetrieb & Söhne GmbH & Co. Kommanditgesellschaft"
RIGHT_TO_LEFT = "شركة الدراجات الشمالية"
EMOJI = "🚲 <b>Rad & Tat</b> 🛠️ \u202eredro"
ACTOR, AT = "test", build.AT


class _Silent:
    """A mail server that takes the mail and then says nothing."""

    name = "mail.example:25"

    def deliver(self, content: bytes, sender: str, to: str) -> MailAnswer:
        return MailAnswer("in_doubt", None, f"no answer {LONG}")


def world() -> None:
    """A company with orders at every stage, and the names that break layouts."""
    build.company()
    for stage in (*build.STAGES, "cancelled"):
        build.order(stage=stage, lines=[("BIKE", "1"), ("SET", "1")] if stage == "submitted" else [("HELMET", "2")])
    _warehouse()
    _buying()
    _replenished()
    _reserved()
    held = build.order(lines=[("TYRE", "9"), ("FITTING", "1")])
    build.done(orders.hold([held], "fraud", "ask first", actor=ACTOR, at=AT))
    billed = _long_names()
    _lots()
    _plant()
    _sourcing()
    _allocation()
    _settings()
    _money(billed)
    _work(held)
    _outside(held)


def _reserved() -> None:
    """Supply held for a cart with a long name and for a quote, and what was given back."""
    until = AT + timedelta(days=300)
    owners = (("cart", LONG[:120]), ("quote", EMOJI), ("user", RIGHT_TO_LEFT))
    drafts = [ReservationDraft(kind, owner, until, Decimal(1), "DE", "HELMET") for kind, owner in owners]
    *_, last = build.done(promising.reserve(drafts, actor=ACTOR, at=AT))
    build.done(promising.release_reservations([last.id], actor=ACTOR, at=AT))


def _buying() -> None:
    """Terms, goods in quarantine with orders that stand on them, and a transfer on its way."""
    terms = SupplierItemDraft("S-1", "TYRE", 7, prices=(PriceBreak(Decimal(1), Decimal(9)),), inspects=True)
    build.done(supply.save_supplier_items([terms], actor=ACTOR, at=AT))
    line = PurchaseLineDraft("TYRE", Decimal(40), build.TODAY + timedelta(days=4), unit_cost=None)
    draft = PurchaseDraft("S-1", "DC", "EUR", build.TODAY, (line,), number=f"PO-{LONG[:50]}")
    (order,) = build.done(supply.order_purchases([draft], actor=ACTOR, at=AT))
    key = supplied.purchases([order])[order].lines[0].id
    promising.receive_purchases([PurchaseReceipt(key, Decimal(12))], actor=ACTOR, at=AT)
    build.receive({("DC", "LOCK"): "9"})
    move = TransferDraft("DC", "SHOP", build.TODAY, (TransferLineDraft("LOCK", Decimal(4)),), note=LONG)
    (transfer,) = build.done(supply.order_transfers([move], actor=ACTOR, at=AT))
    build.done(supply.ship_transfers([transfer], actor=ACTOR, at=AT))


def _replenished() -> None:
    """Policies of each method, and proposals: one waits, one is held, one became an order, one was rejected."""
    needs = {"demand_per_day": Decimal(9), "maximum": Decimal(900), "cover_days": 14, "review_days": 7}
    build.done(supply.save_supplier_terms([SupplierTermsDraft("S-1", Decimal(100))], actor=ACTOR, at=AT))
    lock = SupplierItemDraft("S-1", "LOCK", 3, prices=(PriceBreak(Decimal(1), Decimal("0.01")),))
    build.done(supply.save_supplier_items([lock], actor=ACTOR, at=AT))
    policies = [
        PolicyDraft("TYRE", "DC", "min_max", buyer=LONG[:64], **needs),
        PolicyDraft("TYRE", "SHOP", "days_of_cover", **needs),
        PolicyDraft("LOCK", "DC", "periodic", **needs),
        PolicyDraft("LOCK", "SHOP", "min_max", source="transfer", from_site="DC", **needs),
    ]
    build.done(supply.save_policies(policies, actor=ACTOR, at=AT))
    for _ in range(2):
        (run,) = build.done(supply.run_replenishment([RunDraft(build.TODAY)], actor=ACTOR, at=AT))
        jobs.run(supplied.runs([run])[0].job_id)
    by = {(each.sku, each.site_code): each.id for each in supplied.proposals()}
    build.done(supply.approve_proposals([by["TYRE", "SHOP"]], actor=ACTOR, at=AT))
    build.done(supply.reject_proposals([by["LOCK", "SHOP"]], LONG, actor=ACTOR, at=AT))


def _long_names() -> UUID:
    """Customers and an item with names that break layouts, and their orders; the one that is billed."""
    address = AddressDraft("Weg 1", LONG[:60], "DE", postal_code="10115")
    names = {"C-LONG": LONG, "C-ARABIC": RIGHT_TO_LEFT, "C/EMOJI": EMOJI}
    drafts = [
        PartyDraft(number, name, payment_terms="NET30", addresses=(address,), credit_limit=Decimal(100_000))
        for number, name in names.items()
    ]
    build.done(parties.save_parties(drafts, actor=ACTOR, at=AT))
    build.done(catalog.save_items([ItemDraft("LONG/SKU-0123456789", LONG, activate=True)], actor=ACTOR, at=AT))
    orchestration.install_default_policies(actor=ACTOR, at=AT)
    for number in names:
        build.order(customer=number, customer_reference=LONG[:100], notes=EMOJI)
    return build.order(stage="billed", customer="C-LONG")


def _warehouse() -> None:
    """A wave to be picked, a delivery that is expected, and an item in a bin."""
    release = next(iter(shipping.releases(order_ids=[build.order(stage="released", lines=[("HELMET", "3")])]).values()))
    build.done(fulfilment.create_waves([WaveDraft(release.site_id, (release.id,))], actor=ACTOR, at=AT))
    build.done(inventory.place([PlacingDraft("DC", "HELMET", "A-03-12")], actor=ACTOR, at=AT))
    build.purchase("TYRE", "12", build.TODAY)


def _lots() -> None:
    """A lot with a long number, and a count of it that waits for approval."""
    by = {"actor": ACTOR, "at": AT}
    (gel,) = build.done(catalog.save_items([ItemDraft("GEL", "Gel", tracking="lot", activate=True)], **by))
    told = (LotQuantity(LONG[:60], Decimal(5), build.TODAY), LotQuantity("L-2", Decimal(4)))
    build.done(inventory.receive([Receipt("DC", "GEL", Decimal(9), lots=told)], **by))
    build.done(inventory.save_count_tolerances([CountTolerance("DC", Decimal(5), Decimal(50))], **by))
    build.done(inventory.plan_counts([CountPlan("DC", build.TODAY, "items", items=("LOCK",))], **by))
    counted = (LotQuantity("L-2", Decimal(1)),)
    build.done(orders.take_counts([CountEntry("DC", gel, Decimal(1), lots=counted, note=LONG)], **by))


def _plant() -> None:
    """A calendar, a bill of material, a resource, a routing, and work orders at several stages."""
    by = {"actor": ACTOR, "at": AT}
    exceptions = (CalendarException(build.TODAY, note=LONG[:90]),)
    build.done(inventory.save_calendars([CalendarDraft("week", LONG, "12345", "DE", "BE", exceptions)], **by))
    build.done(catalog.save_items([ItemDraft("PEDELEC", "Pedelec", activate=True)], **by))
    lines = (BillLineDraft("HELMET", Decimal(2), Decimal("2.5")), BillLineDraft("LONG/SKU-0123456789", Decimal(1)))
    build.receive({("DC", "HELMET"): "40", ("DC", "LONG/SKU-0123456789"): "40"})
    build.done(supply.save_bills([BillDraft("PEDELEC", lines), BillDraft("PEDELEC", lines[:1], "DC")], **by))
    shifts = (ShiftDraft("Early", Decimal(8), "12345"), ShiftDraft(LONG[:90], Decimal(4), "6"))
    days = (CapacityException(build.TODAY + timedelta(days=3), note=EMOJI),)
    build.done(supply.save_resources([ResourceDraft("DC", "bench", LONG, shifts, "hours", "week", days)], **by))
    steps = (OperationDraft("bench", LONG[:90], Decimal(30), Decimal(45)),)
    build.done(supply.save_routings([RoutingDraft("PEDELEC", "DC", 2, Decimal("0.5"), steps)], **by))
    wishes = [WorkDraft("PEDELEC", "DC", Decimal(3), build.TODAY, note=LONG) for _ in range(3)]
    _draft, released, started = build.done(supply.plan_work(wishes, **by))
    build.done(supply.release_work([released, started], **by))
    build.done(supply.start_work([started], **by))
    build.done(promising.finish_work([WorkFinish(started, Decimal(1))], **by))


def _sourcing() -> None:
    """A rule with every kind of source and a draft beside it, assigned to much; and one that never held."""
    by = {"actor": ACTOR, "at": AT}
    place = SiteDraft("DROP", LONG, "supplier", "DE", supplier="S-1")
    build.done(inventory.save_sites([place], **by))
    build.done(promising.save_lanes([LaneDraft("DROP", "DE", 3)], **by))
    sources = (
        Source(1, "ship", "DC", share=Decimal(60)),
        Source(1, "ship", "SHOP", share=Decimal(40), valid_from=build.TODAY, valid_until=build.TODAY),
        Source(2, "transfer", "DC", "SHOP", transfer_days=2),
        Source(3, "make", "DC"),
        Source(4, "buy", "DC", supplier="S-1"),
        Source(5, "drop_ship", "DROP", supplier="S-1"),
    )
    drafts = [SourcingDraft("near", LONG, sources), SourcingDraft("later", EMOJI, sources[:1])]
    build.done(promising.save_sourcing_drafts(drafts, **by))
    build.done(promising.publish_sourcing([SourcingPublication("near", build.TODAY)], **by))
    terms = PromisingTerms("ptp", ("purchase",), 3, 90, 180, 30, False, 2, Decimal(5), Decimal(4), 2, "EUR", "earliest")
    build.done(promising.save_sourcing_drafts([SourcingDraft("near", LONG, sources[1:3], terms)], **by))
    scopes = (Scope(), Scope(sku="LONG/SKU-0123456789", customer="C-LONG", country="DE", region=LONG[:100]))
    build.done(supply.assign_sourcing([AssignmentDraft("near", scope) for scope in scopes], **by))
    build.done(supply.assign_sourcing([AssignmentDraft("later", Scope(sku="BIKE", channel="shop"))], **by))


def _allocation() -> None:
    """A rule in force with a draft beside it, for two classes, one adjusted in a week."""
    by = {"actor": ACTOR, "at": AT}
    build.done(promising.save_demand_classes([DemandClass("key", LONG), DemandClass("web", EMOJI, "key", 2)], **by))
    targets = (Target("key", Decimal(60)), Target("web", Decimal(30)))
    draft = AllocationDraft("scarce", LONG, targets, sku="LONG/SKU-0123456789")
    build.done(promising.save_allocation_drafts([draft], **by))
    build.done(promising.publish_allocation([AllocationPublication("scarce")], **by))
    build.done(promising.save_allocation_drafts([draft], **by))


def _settings() -> None:
    """A key of the API, and a discount for one customer."""
    build.done(identity.create_api_keys([ApiKeyDraft("Shop", ("orders.edit",))], actor=ACTOR, at=AT))
    discount = DiscountDraft("SUMMER", LONG, "percent", Decimal(5), sku="HELMET", customer_number="C-LONG")
    build.done(pricing.save_discounts([discount], actor=ACTOR, at=AT))


def _money(billed: UUID) -> None:
    """An invoice on file that was reminded of, money on a bank statement, and a payment nobody knows the outcome of."""
    invoice = invoices.invoices_of_orders([billed])[billed][0]
    build.done(billing.file_invoices([invoice.id], actor=ACTOR, at=AT))
    overdue = invoice.due_on + timedelta(days=10)
    build.done(billing.remind([ReminderDraft(invoice.id, 1)], overdue, actor=ACTOR, at=AT))
    line = BankLineDraft(
        "B-0001", build.TODAY, build.TODAY, Decimal(7), "EUR", LONG, "DE1", f"{EMOJI} {invoice.number}"
    )
    statement = StatementDraft("DE02120300000000202051", "march.xml", "camt", (line,))
    build.done(billing.take_statements([statement], actor=ACTOR, at=AT))
    order = order_queries.orders([billed])[billed]
    wanted = Wanted(order.id, order.id, order.number, "card", AUTHORISE, Decimal(5), "EUR", "tok_1")
    with transaction.atomic():
        begun, _refused = attempts.begin([wanted], actor=ACTOR, at=AT)
    attempts.conclude({key: ProviderAnswer(IN_DOUBT, reason=f"no answer {LONG}") for key in begun}, actor=ACTOR, at=AT)


def _work(held: UUID) -> None:
    """A bulk action that waits for a worker, and a file that was checked: a row is good, one is not."""
    rows = [RowDraft(str(held), "SO-1")]
    draft = JobDraft("orders.hold", {"reason": "credit", "note": LONG}, {"reason": "credit"}, rows)
    build.done(jobs.ask([draft], actor=ACTOR, at=AT))
    lines = f"sku,name,weight_kg,unit\nX-1,{LONG},0.4,each\n{'X' * 60},{EMOJI},abc,each\n"
    file_id = jobs.hand_in("items.csv", lines.encode(), actor=ACTOR, at=AT)
    title = {"of": "items", "file": "items.csv"}
    draft = JobDraft("files.check", FileOrder("items").as_arguments(), title, total=2, file_id=file_id)
    jobs.run(jobs.ask([draft], actor=ACTOR, at=AT).one())


def _outside(order_id: UUID) -> None:
    """A mail with a paper that may not have arrived, and an endpoint that does not take what it is told."""
    address = f"{LONG[:40].lower()}@example.com".replace(" ", "")
    build.done(mail.order_confirmation([order_id], to=address, note=EMOJI, actor=ACTOR, at=AT))
    mail.deliver(server=_Silent(), actor=ACTOR, at=AT)
    draft = WebhookDraft(f"https://shop.example/hooks/{'long' * 30}", ("order.*", "billing.*"), LONG)
    made = build.done(webhooks.create([draft], actor=ACTOR, at=AT))[0]
    build.done(webhooks.ping([made.id], actor=ACTOR, at=AT))
    answer = outgoing.Answer(500, f"<b>{LONG}</b>" * 3, "answered HTTP 500", 12)
    with patch.object(outgoing, "post", return_value=answer):
        webhooks.deliver(actor=ACTOR, at=AT)
