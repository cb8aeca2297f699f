"""`auftakt verify`: clean on a company with an order at every stage; each invariant, broken on purpose, is found."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction

import auftakt
from auftakt.billing import actions as billing
from auftakt.billing import queries as invoices
from auftakt.billing.models import InvoiceLine
from auftakt.billing.types import (
    BankBooking,
    BankLineDraft,
    BlockDraft,
    CreditDraft,
    CreditPiece,
    ReminderDraft,
    StatementDraft,
)
from auftakt.catalog import actions as catalog
from auftakt.catalog.types import BillDraft, BillLineDraft, ItemDraft
from auftakt.channels.mail import actions as mail
from auftakt.channels.mail.types import MailAnswer
from auftakt.channels.webhooks import actions as webhooks
from auftakt.channels.webhooks.actions.deliver import store
from auftakt.channels.webhooks.types import WebhookDraft
from auftakt.cli.verify import SUBJECT_TABLES, checks
from auftakt.documents import actions as documents
from auftakt.documents.types import DocumentDraft
from auftakt.fulfilment import actions as fulfilment
from auftakt.fulfilment import queries as shipping
from auftakt.fulfilment.types import ScanDraft, WaveDraft
from auftakt.identity import actions as identity
from auftakt.identity.types import ApiKeyDraft, UserDraft
from auftakt.insight import actions as insight
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.models import Move
from auftakt.inventory.types import LotHoldDraft, LotQuantity, PlacingDraft, Receipt
from auftakt.orchestration import actions as orchestration
from auftakt.orders import actions as order_verbs
from auftakt.orders import queries as orders
from auftakt.parties import actions as parties
from auftakt.parties.models import Party
from auftakt.parties.types import AddressDraft, PartyDraft
from auftakt.platform import jobs
from auftakt.platform.jobs import JobDraft, RowDraft
from auftakt.platform.journal import Happened
from auftakt.platform.models import JournalEntry
from auftakt.platform.sql import Statements
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import DiscountDraft
from auftakt.promising import actions as promising
from auftakt.promising.types import AllocationDraft, AllocationPublication, DemandClass, ReservationDraft, Target
from auftakt.supply import actions as supply
from auftakt.supply import queries as purchasing
from auftakt.supply.models import PurchaseOrderLine
from auftakt.supply.types import (
    ApprovalLimit,
    AssignmentDraft,
    InspectionVerdict,
    OperationDraft,
    PolicyDraft,
    PriceBreak,
    PurchaseDraft,
    PurchaseLineDraft,
    PurchaseReceipt,
    ResourceDraft,
    RoutingDraft,
    RunDraft,
    ShiftDraft,
    Source,
    SourcingDraft,
    SourcingPublication,
    SupplierItemDraft,
    TransferDraft,
    TransferLineDraft,
    WorkDraft,
    WorkFinish,
)
from tests import build

pytestmark = pytest.mark.django_db
BY = {"actor": build.ACTOR, "at": build.AT}
NAMED = {
    f"{path.parent.parent.name}.{name.removeprefix('verify_')}"
    for path in Path(auftakt.__file__).parent.glob("*/sql/*.sql")
    for name in Statements(f"auftakt.{path.parent.parent.name}").texts
    if name.startswith("verify_")
}


def copied(table: str, condition: str = "true", **changes: str) -> str:
    """A statement that adds a copy of a row, with some columns set to SQL expressions."""
    told = ", ".join(
        f"'{column}', {expression}" for column, expression in {"id": "gen_random_uuid()", **changes}.items()
    )
    return (
        f"insert into {table}"
        f" select (jsonb_populate_record(null::{table}, to_jsonb(r) || jsonb_build_object({told}))).*"
        f" from (select * from {table} where {condition} limit 1) r"
    )


ONE_INVOICE = (
    "id = (select min(id::text)::uuid from billing_invoice where kind = 'invoice' and paid = 0 and credited = 0)"
)
ONE_PRICE = (
    "id = (select min(p.id::text)::uuid from pricing_price p join catalog_item i on i.id = p.item_id"
    " where i.sku = 'BIKE')"
)
ELSEWHERE = (
    "(select b.id from inventory_bucket b join inventory_site s on s.id = b.site_id where s.code = 'SHOP' limit 1)"
)
BREAKS: dict[str, tuple[str, set[str]]] = {
    "inventory.lots_are_the_ledger": (
        "update inventory_lotstock set quantity = quantity + 1 where not is_serial", {"inventory.lots_sum_to_on_hand"},
    ),
    "inventory.lots_sum_to_on_hand": (
        "update inventory_lotstock set quantity = quantity + 1 where not is_serial", {"inventory.lots_are_the_ledger"},
    ),
    "inventory.moves_of_tracked_items_name_lots": (
        "delete from inventory_movelot", {"inventory.lots_are_the_ledger"},
    ),
    "inventory.serials_in_one_place": (
        "update inventory_lotstock set quantity = 2 where is_serial",
        {"inventory.lots_are_the_ledger", "inventory.lots_sum_to_on_hand"},
    ),
    "inventory.held_lots_are_picked": ("delete from inventory_lothold", set()),
    "platform.job_rows": (
        "insert into platform_job (id, kind, title, arguments, actor, state, done, refused, checkpoint, result, fault,"
        " attempts, cancel_asked, created_at, touched_at) values (gen_random_uuid(), 'k', '{}', '{}', 'a', 'done', 1,"
        " 1, '{}', '{}', '', 1, false, now(), now())", set(),
    ),
    "billing.invoice_sums": (f"update billing_invoice set net = net + 1, tax = tax - 1 where {ONE_INVOICE}", set()),
    "billing.tax_summaries": ("update billing_invoicetax set base = base + 1", set()),
    "billing.open_items": (
        f"update billing_invoice set credited = credited + 1 where {ONE_INVOICE}", {"billing.receivables"},
    ),
    "billing.payments": ("update billing_payment set refunded = refunded + 1", {"billing.prepayments"}),
    "billing.attempts": (
        "insert into billing_paymentattempt (id, order_id, provider, operation, amount, currency, idempotency_key,"
        " target, state, provider_reference, reason, started_at, settled_by) select gen_random_uuid(), id, 'card',"
        " 'capture', 5, 'EUR', 'k', '', 'succeeded', '', '', now(), '' from orders_order limit 1", set(),
    ),
    "billing.postings_balance": ("update billing_posting set amount = amount + 1 where account = 'revenue'", set()),
    "billing.receivables": (
        "update billing_posting set account = 'elsewhere' where account = 'receivables'", set(),
    ),
    "billing.prepayments": (
        "update billing_posting set account = 'customer_prepayments' where account = 'bank'", set(),
    ),
    "billing.shipped_is_billed_or_to_bill": (
        "update fulfilment_shipmentline set billed = billed - 1 where billed > 0", set(),
    ),
    "billing.lines_not_overbilled": (
        "update billing_invoiceline set net = net + 1, tax = tax - 1 where credits_id is null",
        {"billing.invoice_sums", "billing.tax_summaries", "billing.credits"},
    ),
    "billing.charges_billed_once": ("update orders_ordercharge set billed = not billed", set()),
    "billing.numbers_gapless": ("update billing_invoice set sequence = sequence + 100", set()),
    "billing.dunning_levels": ("update billing_invoice set dunning_level = dunning_level + 1", set()),
    "billing.reminders": ("update billing_reminder set total = total + 1", set()),
    "billing.bank_lines": ("update billing_bankline set amount = amount + 1 where state = 'booked'", set()),
    "billing.bank_statements": ("update billing_bankstatement set fresh = fresh + 1", set()),
    "billing.credits": ("update billing_invoiceline set quantity = quantity * 9 where credits_id is not null", set()),
    "catalog.bills_hold": ("delete from catalog_billline", set()),
    "catalog.bills_have_no_circle": (
        "update catalog_billline l set component_id = b.item_id from catalog_bill b where b.id = l.bill_id", set(),
    ),
    "catalog.bill_lines_once": (copied("catalog_billline", position="9"), set()),
    "catalog.kits": ("delete from catalog_kitcomponent", set()),
    "catalog.kit_components": ("update catalog_item set state = 'phased_out' where sku = 'LOCK'", set()),
    "catalog.category_tree": ("update catalog_category set parent_id = id where parent_id is null", set()),
    "catalog.item_units": (
        "update catalog_itemunit u set unit_id = i.unit_id from catalog_item i where i.id = u.item_id",
        {"pricing.prices_of_active_lists"},
    ),
    "insight.order_days": (
        "insert into insight_orderday (id, day, zone, currency, orders, gross)"
        " values (gen_random_uuid(), '2001-01-01', 'UTC', 'EUR', 1, 1)",
        set(),
    ),
    "insight.closed_days": (
        "insert into insight_closedday (day, zone, closed, perfect, on_time, in_full)"
        " values ('2001-01-01', 'UTC', 1, 0, 0, 0)",
        set(),
    ),
    "compliance.one_tax_rate_at_a_time": ("update compliance_taxrate set country = 'DE', region = ''", set()),
    "documents.document_content": ("update documents_document set size = size + 1", set()),
    "documents.document_versions": ("update documents_document set version = version + 1", set()),
    "documents.document_journal": ("delete from platform_journalentry where verb = 'document.filed'", set()),
    "fulfilment.shipped_on_lines": (
        "update orders_orderline set shipped = shipped - 1 where shipped > 1",
        {"orders.line_quantities", "orders.states"},
    ),
    "fulfilment.shipped_once": (
        "update fulfilment_shipmentline set quantity = quantity + 1", {"fulfilment.shipped_on_lines"},
    ),
    "fulfilment.released_on_lines": (
        "update orders_orderline set released = released - 1 where released > 0", {"orders.line_quantities"},
    ),
    "fulfilment.release_lines": (
        "update fulfilment_release set site_id = (select id from inventory_site where code = 'SHOP')"
        " where wave_id is null",
        set(),
    ),
    "fulfilment.releases": (copied("fulfilment_release", number="'R-COPY'", serial="999999"), set()),
    "fulfilment.picks": (
        "update fulfilment_pick set picked = picked - 1 where picked > 0", {"fulfilment.shipments_left_the_ledger"},
    ),
    "fulfilment.shipments_left_the_ledger": (
        "update inventory_move set quantity = quantity + 1 where reason = 'shipment'",
        {"inventory.on_hand_is_the_ledger"},
    ),
    "fulfilment.parcels": ("update fulfilment_parcel set shipment_id = null", set()),
    "fulfilment.delivered": ("update fulfilment_shipment set is_damaged = true where kind = 'goods'", set()),
    "fulfilment.scans": ("update fulfilment_pick set scanned = 0 where scanned > 0", set()),
    "fulfilment.waves": ("update fulfilment_wave set state = 'picked' where state = 'open'", set()),
    "supply.prices_do_not_overlap": (copied("supply_supplierprice"), set()),
    "supply.transfers_are_their_buckets": (
        "update supply_transferorder set arrive_on = arrive_on + 1 where state = 'placed'", set(),
    ),
    "supply.buckets_have_transfers": (
        "update supply_transferorderline set id = gen_random_uuid() where shipped = 0",
        {"supply.transfers_are_their_buckets"},
    ),
    "supply.transfers_are_the_ledger": (
        "update inventory_move set reference_id = gen_random_uuid() where reason = 'transfer'", set(),
    ),
    "supply.transfer_states": ("update supply_transferorder set state = 'received' where state = 'shipped'", set()),
    "fulfilment.billed_within_shipped": (
        "update fulfilment_shipmentline set billed = quantity + 1", {"billing.shipped_is_billed_or_to_bill"},
    ),
    "identity.active_admin": ("update identity_user set is_active = false", set()),
    "identity.key_digests": ("update identity_apikey set secret_sha256 = 'auf_in_the_clear'", set()),
    "inventory.on_hand_is_the_ledger": (
        "update inventory_bucket set quantity = quantity + 1 where kind = 'on_hand'", {"inventory.lots_sum_to_on_hand"},
    ),
    "inventory.drawn_within_quantity": (
        "update inventory_bucket set drawn = quantity + 1", {"promising.drawn_is_committed"},
    ),
    "inventory.reversals_mirror": (
        "update inventory_move r set reverses_id = (select id from inventory_move m where m.item_id <> r.item_id"
        " limit 1) where reverses_id is not null", set(),
    ),
    "inventory.items_lie_at_their_site": (
        "update inventory_bin set site_id = (select id from inventory_site where code = 'SHOP')", set(),
    ),
    "inventory.sites_have_stock": (copied("inventory_site", code="'NEW'"), set()),
    "orchestration.positions_reachable": (
        "update orchestration_stepstate set state = 'failed' where kind = 'reserve'", {"orchestration.runs_finished"},
    ),
    "orchestration.runs_finished": (
        "update orchestration_run set state = 'done' where state = 'running'", set(),
    ),
    "orchestration.closed_orders_are_done": (
        "delete from orders_closure", {"orders.states", "insight.closed_days"},
    ),
    "orchestration.published_versions": (
        copied("orchestration_policyversion", policy_id="gen_random_uuid()", state="'published'"), set(),
    ),
    "orders.line_quantities": (
        "update orders_orderline set quantity = quantity + 1 where shipped = 0", {"orders.states"},
    ),
    "orders.fulfilment_units": (
        "update orders_fulfilmentline set base_quantity = base_quantity * 2 where state = 'shipped'",
        {"fulfilment.picks"},
    ),
    "orders.order_totals": (
        "update orders_order set net = net + 1, gross = gross + 1", {"insight.order_days"},
    ),
    "orders.waterfalls": ("update orders_orderline set waterfall = '[]'", set()),
    "orders.revisions": ("update orders_revision set number = number + 1", set()),
    "orders.states": ("update orders_order set state = 'draft' where state = 'submitted'", set()),
    "orders.promises_held": (
        "update orders_fulfilmentline set site_id = null where state = 'open' and site_id is not null", set(),
    ),
    "orders.commitments_wanted": (
        "update promising_commitment set demand_id = gen_random_uuid()",
        {"orders.promises_held", "promising.reservations_hold"},
    ),
    "orders.credit_of_orders": ("update parties_creditdraw set amount = amount * 9", {"parties.credit_drawn"}),
    "orders.references": ("update orders_orderline set unit_id = 'barrel'", set()),
    "parties.credit_drawn": ("update parties_creditline set drawn = drawn + 1", set()),
    "parties.default_addresses": ("update parties_address set is_default_bill_to = false", set()),
    "parties.archived_addresses": (
        copied("parties_address", "is_default_bill_to", archived_at="now()"), set(),
    ),
    "pricing.prices_of_active_lists": (f"update pricing_price set unit_id = 'hour' where {ONE_PRICE}", set()),
    "pricing.discounts": ("update pricing_discount set value = 120", set()),
    "promising.drawn_is_committed": (
        "update inventory_bucket set drawn = drawn + 1 where drawn < quantity", set(),
    ),
    "promising.commitments_positive": (
        copied("promising_commitment", quantity="0", demand_id="gen_random_uuid()"), {"orders.commitments_wanted"},
    ),
    "promising.one_site_per_demand": (
        copied("promising_commitment", quantity="0", bucket_id=ELSEWHERE),
        {"promising.commitments_positive", "orders.promises_held"},
    ),
    "promising.reservations_hold": ("update promising_reservation set quantity = quantity + 1", set()),
    "supply.open_purchases_are_their_buckets": (
        "update supply_purchaseorderline set expected_on = expected_on + 1 where ordered > received", set(),
    ),
    "supply.buckets_have_purchases": (
        "update supply_purchaseorderline set id = gen_random_uuid() where received = 0",
        {"supply.open_purchases_are_their_buckets", "supply.released_proposals_are_their_orders"},
    ),
    "supply.received_is_the_ledger": (
        "update inventory_move set reference_id = gen_random_uuid() where reason = 'purchase'", set(),
    ),
    "channels.mail_outcomes": ("update channels_mailattempt set outcome = 'failed'", set()),
    "channels.webhook_outcomes": ("update channels_webhookdelivery set state = 'delivered'", set()),
    "channels.webhook_events": ("update channels_webhookdelivery set event = 'order.forgotten'", set()),
    "channels.mail_journal": (
        "update platform_journalentry set verb = 'mail.asked' where verb = 'mail.queued'", set(),
    ),
    "supply.purchase_states": ("update supply_purchaseorder set state = 'cancelled' where state = 'sent'", set()),
    "supply.work_is_its_bucket": (
        "update supply_workorder set due_on = due_on + 1 where state = 'released'", set(),
    ),
    "supply.buckets_have_work": (
        "update inventory_bucket set reference_id = gen_random_uuid() where kind = 'work_order'",
        {"supply.work_is_its_bucket"},
    ),
    "supply.finished_is_the_ledger": (
        "update inventory_move set reference_id = gen_random_uuid() where reason = 'work_order'", set(),
    ),
    "supply.issued_is_the_ledger": (
        "update inventory_move set reference_id = gen_random_uuid() where reason = 'issued_to_work'", set(),
    ),
    "supply.work_states": ("update supply_workorder set state = 'closed' where state = 'cancelled'", set()),
    "supply.loads_are_the_operations": ("update supply_capacityload set amount = amount + 1", set()),
    "supply.sourcing_holds_once": ("update supply_sourcingversion set until_on = '2030-01-01' where number = 1", set()),
    "promising.targets_within_supply": ("update promising_allocationtarget set number = number + 60", set()),
    "supply.sourcing_shares": ("update supply_sourcingsource set rank = 1", set()),
    "supply.released_proposals_are_their_orders": (
        "update supply_proposal set quantity = quantity + multiple, value = value + multiple * unit_cost"
        " where state = 'released'", set(),
    ),
    "supply.proposals_add_up": ("update supply_proposal set planned = planned + 1 where state = 'proposed'", set()),
    "supply.plants_are_sites": ("update catalog_bill set plant = 'NOWHERE'", set()),
}  # fmt: skip


def _receive(purchase_order_id: uuid.UUID) -> None:
    lines = PurchaseOrderLine.objects.filter(purchase_order_id=purchase_order_id)
    receipts = [PurchaseReceipt(line.id, line.ordered) for line in lines]
    build.done(promising.receive_purchases(receipts, **BY))


def _more_supply() -> None:
    """Terms, a draft, goods in quarantine, and transfers placed and on their way."""
    terms = SupplierItemDraft("S-1", "TYRE", 7, prices=(PriceBreak(Decimal(1), Decimal(9)),), inspects=True)
    build.done(supply.save_supplier_items([terms], **BY))
    build.done(supply.save_approval_limits([ApprovalLimit("EUR", Decimal(500))], **BY))
    drafts = [
        PurchaseDraft(
            "S-1", "DC", "EUR", build.TODAY, (PurchaseLineDraft("TYRE", Decimal(5), unit_cost=None),), state=at
        )
        for at in ("draft", "sent")
    ]
    _, sent = build.done(supply.order_purchases(drafts, **BY))
    line = PurchaseOrderLine.objects.get(purchase_order_id=sent)
    build.done(promising.receive_purchases([PurchaseReceipt(line.id, Decimal(3))], **BY))
    build.done(order_verbs.inspect_purchases([InspectionVerdict(line.id, Decimal(1), Decimal(1))], **BY))
    build.receive({("DC", "LOCK"): "9"})
    moves = [
        TransferDraft("DC", "SHOP", build.TODAY, (TransferLineDraft("LOCK", Decimal(quantity)),)) for quantity in (2, 4)
    ]
    _, leaving = build.done(supply.order_transfers(moves, **BY))
    build.done(supply.ship_transfers([leaving], **BY))
    _replenished()


def _replenished() -> None:
    """Two proposals of a run: an order has come of one, the other waits."""
    needs = {"method": "min_max", "demand_per_day": Decimal(9), "safety_stock": Decimal(5)}
    policies = [PolicyDraft("TYRE", site, maximum=Decimal(500), **needs) for site in ("DC", "SHOP")]
    build.done(supply.save_policies(policies, **BY))
    run = build.done(supply.run_replenishment([RunDraft(build.TODAY)], **BY))[0]
    jobs.run(purchasing.runs([run])[0].job_id)
    first, _ = purchasing.proposals(run_id=run)
    build.done(supply.approve_proposals([first.id], **BY))


def _walk(order_id: uuid.UUID) -> None:
    """A release in a wave, one piece of it scanned; its item lies in a bin."""
    release = next(iter(shipping.releases(order_ids=[order_id]).values()))
    wave = build.done(fulfilment.create_waves([WaveDraft(release.site_id, (release.id,))], **BY))[0]
    build.done(fulfilment.scan([ScanDraft(uuid.uuid4(), "BIKE", wave_id=wave)], **BY))
    build.done(inventory.place([PlacingDraft("DC", "BIKE", "A-03-12")], **BY))


class _Mailbox:
    """A mail server that takes everything."""

    name = "mailbox"

    def deliver(self, content: bytes, sender: str, to: str) -> MailAnswer:
        return MailAnswer("sent", 250)


def _reserve() -> None:
    """A kit and a plain item are held for a cart; another was given back."""
    until = build.AT + timedelta(hours=1)
    drafts = [ReservationDraft("cart", "cart 1", until, Decimal(1), "DE", sku) for sku in ("SET", "LOCK", "LOCK")]
    *_, last = build.done(promising.reserve(drafts, **BY))
    build.done(promising.release_reservations([last.id], **BY))


def company() -> None:
    """A company with an order at every stage, closed ones among them, and something of everything else."""
    build.company(stock={**build.STOCK, ("DC", "BIKE"): "100"})
    build.done(orchestration.install_default_policies(**BY))
    lines = [("BIKE", "2"), ("SET", "1"), ("FITTING", "1.5")]
    made = {stage: build.order(stage=stage, lines=lines) for stage in (*build.STAGES, "cancelled")}
    build.order(lines=[("BIKE", "500")], customer="C-2")
    _walk(made["released"])
    billed = invoices.invoices_of_orders([made["billed"]])[made["billed"]][0]
    piece = InvoiceLine.objects.filter(invoice_id=billed.id, order_line__isnull=False).first()
    build.done(billing.credit([CreditDraft(billed.id, "returned", (CreditPiece(piece.id, Decimal(1)),))], **BY))
    build.purchase("TYRE", "10", build.TODAY + timedelta(days=5))
    arrived = build.purchase("TYRE", "3", build.TODAY)
    _receive(arrived)
    _more_supply()
    build.receive({("DC", "LOCK"): "1"})
    build.done(inventory.reverse([Move.objects.order_by("-id").first().id], **BY))
    moved = AddressDraft("Gasse 1", "Graz", "AT", "8010", is_default_bill_to=True, is_default_ship_to=True)
    build.done(parties.save_parties([PartyDraft("C-2", "Bergrad Wien", addresses=(moved,))], **BY))
    discount = DiscountDraft("TEN", "Ten off", "percent", Decimal(10), sku="TEE-S")
    build.done(pricing.save_discounts([discount], **BY))
    admin = UserDraft("admin@example.com", "Admin", ("admin",), "correct horse battery 9")
    build.done(identity.create_users([admin], **BY))
    build.done(identity.create_api_keys([ApiKeyDraft("shop", ("orders.view",))], **BY))
    party = Party.objects.get(number="C-1").id
    note = DocumentDraft("attachment", "party", party, "", "en", "note.csv", "text/csv", b"a,b\n1,2\n")
    build.done(documents.file([note], **BY))
    build.done(mail.order_confirmation([made["submitted"]], to="mia@example.com", **BY))
    assert mail.deliver(server=_Mailbox(), **BY).done
    rows = [RowDraft(str(made["submitted"])), RowDraft(str(made["closed"]))]
    (job_id,) = build.done(jobs.ask([JobDraft("orders.hold", {"reason": "credit", "note": ""}, rows=rows)], **BY))
    jobs.run(job_id)
    build.done(order_verbs.release_holds([made["submitted"]], "credit", **BY))
    build.done(webhooks.create([WebhookDraft("https://example.com/hook", ("order.submitted",))], **BY))
    happened = JournalEntry.objects.filter(verb="order.submitted")[:2]
    store([Happened(*(getattr(each, name) for name in Happened.__slots__)) for each in happened], build.AT)
    build.done(orchestration.start([made[stage] for stage in build.STAGES if stage != "draft"], **BY))
    orchestration.drain(actor="worker", at=build.AT + timedelta(days=2))
    _money(made["billed"])
    _plant()
    _source()
    _lots()
    _allocation()
    _reserve()
    assert orders.orders([made["paid"]])[made["paid"]].state == "closed"
    insight.recount()


def _money(order_id: uuid.UUID) -> None:
    """A reminder, a block, and a bank statement of which one line is booked."""
    late = invoices.invoices_of_orders([order_id])[order_id][0]
    build.done(billing.remind([ReminderDraft(late.id, 1)], late.due_on + timedelta(days=9), **BY))
    build.done(billing.block_dunning([BlockDraft("disputed", customer_id=late.customer_id)], **BY))
    lines = tuple(
        BankLineDraft(reference, build.TODAY, build.TODAY, Decimal(5), "EUR", "Radhaus", "DE1", "")
        for reference in ("L-1", "L-2")
    )
    taken = billing.take_statements([StatementDraft("DE2", "a.csv", "csv", lines)], **BY).one()
    build.done(billing.book_bank_lines([BankBooking(taken.fresh[0], "C-1", ())], **BY))


def _plant() -> None:
    """An item that is made, and work orders at several stages."""
    drafts = [ItemDraft("MADE", "Made to order", activate=True), ItemDraft("PART", "Part", activate=True)]
    build.done(catalog.save_items(drafts, **BY))
    build.receive({("DC", "PART"): "50"})
    build.done(supply.save_bills([BillDraft("MADE", (BillLineDraft("PART", Decimal(2)),), "DC")], **BY))
    build.done(supply.save_resources([ResourceDraft("DC", "bench", "Bench", (ShiftDraft("day", Decimal(8)),))], **BY))
    steps = (OperationDraft("bench", "Assemble", Decimal(30), Decimal(15)),)
    build.done(supply.save_routings([RoutingDraft("MADE", "DC", 1, operations=steps)], **BY))
    wishes = [WorkDraft("MADE", "DC", Decimal(3), build.TODAY)] * 4
    _draft, released, started, cancelled = build.done(supply.plan_work(wishes, **BY))
    build.done(supply.release_work([released, started, cancelled], **BY))
    build.done(supply.start_work([started], **BY))
    build.done(promising.finish_work([WorkFinish(started, Decimal(1))], **BY))
    build.done(supply.cancel_work([cancelled], **BY))


def _source() -> None:
    """A rule that was replaced after ten days."""
    first = Source(1, "ship", "DC")
    for sources, days in (((first,), 0), ((first, Source(2, "ship", "SHOP")), 10)):
        build.done(supply.save_sourcing_drafts([SourcingDraft("near", "From the nearest", sources)], **BY))
        build.done(supply.publish_sourcing([SourcingPublication("near", build.TODAY + timedelta(days=days))], **BY))
    build.done(supply.assign_sourcing([AssignmentDraft("near")], **BY))


def _allocation() -> None:
    """An item of which two classes have their shares; what is promised already is told to nobody."""
    build.done(promising.save_demand_classes([DemandClass("key", "Key"), DemandClass("web", "Web", rank=2)], **BY))
    targets = (Target("key", Decimal(30)), Target("web", Decimal(20)))
    build.done(promising.save_allocation_drafts([AllocationDraft("scarce", "Scarce", targets, sku="HELMET")], **BY))
    build.done(promising.publish_allocation([AllocationPublication("scarce")], **BY))


def _lots() -> None:
    """Lots and serial numbers on the shelf, and one lot picked."""
    drafts = [
        ItemDraft("GEL", "Energy gel", tracking="lot", shelf_life_days=90, activate=True),
        ItemDraft("DRIVE", "Drive", tracking="serial", activate=True),
    ]
    gel = build.done(catalog.save_items(drafts, **BY))[0]
    gels, drives = (LotQuantity("L-1", Decimal(5)),), (LotQuantity("S-1"), LotQuantity("S-2"))
    receipts = [Receipt("DC", "GEL", Decimal(5), lots=gels), Receipt("DC", "DRIVE", Decimal(2), lots=drives)]
    build.done(inventory.receive(receipts, **BY))
    site = stock.sites_by_code(["DC"])["DC"].id
    build.done(inventory.hold_lots([LotHoldDraft(gel, gel, "GEL", site, Decimal(2), build.TODAY)], **BY))


def wrong() -> set[str]:
    return {check.name for check in checks() if check.violations}


@pytest.fixture
def broken() -> Iterator[None]:
    """The company, on tables without their own guards, so that what they would refuse can be done."""
    company()
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(
            "select conrelid::regclass::text, conname from pg_constraint where contype = 'c' and connamespace ="
            " 'public'::regnamespace and conrelid <> 0"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'alter table {table} drop constraint "{name}"')
        cursor.execute("set local session_replication_role = replica")
    yield
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = origin")


def test_a_company_with_orders_at_every_stage_is_clean() -> None:
    company()
    found = {check.name: check for check in checks()}
    assert {name: check.example for name, check in found.items() if check.violations} == {}
    empty = {name for name, check in found.items() if not check.checked}
    assert empty <= {"billing.attempts"}, "what was not looked at is not proved"


def test_every_statement_is_asked_and_answers_in_one_shape() -> None:
    company()
    found = {check.name: check for check in checks()}
    assert {name for name in found if not name.startswith("journal.")} == NAMED
    for check in found.values():
        assert isinstance(check.checked, int)
        assert isinstance(check.violations, int)
        assert check.example is None


def test_there_is_a_break_for_every_statement() -> None:
    assert set(BREAKS) == NAMED


def test_each_invariant_broken_on_purpose_is_found(broken: None) -> None:
    """And nothing else is reported than what the break truly touches."""
    missed: dict[str, object] = {}
    assert wrong() == set()
    for name, (statement, beside) in BREAKS.items():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement)
                assert cursor.rowcount, f"{name}: the break changed nothing"
            found = wrong()
            example = next((check.example for check in checks() if check.name == name), None)
            transaction.set_rollback(True)
        if found != {name, *beside} or not example:
            missed[name] = found
    assert not missed, "\n".join(f"{name}: {sorted(found)}" for name, found in missed.items())


def test_each_journal_subject_that_is_not_there_is_found(broken: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select distinct subject_type from platform_journalentry order by 1")
        used = {kind for (kind,) in cursor.fetchall()} & set(SUBJECT_TABLES)
    assert {"order", "party", "item", "shipment", "invoice", "payment", "user", "api_key", "document"} <= used
    for kind in used:
        stranger = uuid.uuid4()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    copied("platform_journalentry", f"subject_type = '{kind}'", subject_id=f"'{stranger}'::uuid")
                )
            found = {check.name: check.example for check in checks() if check.violations}
            transaction.set_rollback(True)
        assert found == {f"journal.{kind}_exists": str(stranger)}


def test_a_journal_subject_of_unknown_kind_is_found() -> None:
    build.company()
    with connection.cursor() as cursor:
        cursor.execute(copied("platform_journalentry", subject_type="'unicorn'"))
    assert wrong() == {"journal.unicorn_exists"}
