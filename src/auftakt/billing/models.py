"""Invoices, credit notes, payments, open items, postings."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, amount_field, code_field, price_field, quantity_field, rate_field


class Invoice(models.Model):
    """An invoice, or a credit note for one. Frozen once issued. Its open item is gross − paid − credited."""

    id = IdField()
    kind = models.CharField(max_length=12)  # invoice, credit_note
    number = code_field()
    year = models.IntegerField()
    sequence = models.BigIntegerField()  # 1, 2, 3 ... without gaps within legal entity, kind and year
    legal_entity = models.ForeignKey("parties.LegalEntity", models.PROTECT, db_index=False)
    order = models.ForeignKey("orders.Order", models.PROTECT, db_index=False)
    customer = models.ForeignKey("parties.Party", models.PROTECT, db_index=False)
    bill_to = models.ForeignKey("parties.Address", models.PROTECT, db_index=False)
    credits = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, related_name="credit_notes")
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=8)
    issued_on = models.DateField()
    due_on = models.DateField()
    net = amount_field()
    tax = amount_field()
    gross = amount_field()
    paid = amount_field(default=0)
    credited = amount_field(default=0)
    reason = models.CharField(max_length=300, blank=True, default="")
    dunning_level = models.IntegerField(default=0)
    dunned_on = models.DateField(null=True)
    filed_at = models.DateTimeField(null=True)  # when its paper was put on file
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "number"], name="invoice_number_once"),
            models.UniqueConstraint(fields=["legal_entity", "kind", "year", "sequence"], name="invoice_sequence_once"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="invoice_adds_up"),
            models.CheckConstraint(
                condition=Q(paid__gte=0) & Q(credited__gte=0) & Q(gross__gte=F("paid") + F("credited")),
                name="open_item_not_overdrawn",
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="invoice_by_order"),
            models.Index(
                fields=["due_on"],
                condition=Q(kind="invoice") & Q(gross__gt=F("paid") + F("credited")),
                name="open_items_by_due_day",
            ),
            models.Index(fields=["customer", "-issued_on"], name="invoice_by_customer"),
            models.Index(fields=["number"], name="invoice_by_number"),
            models.Index(fields=["id"], condition=Q(filed_at=None), name="invoices_to_file"),
            models.Index(fields=["-issued_on", "-id"], name="invoice_newest_first"),
            models.Index(fields=["credits"], condition=Q(credits__isnull=False), name="credit_note_by_invoice"),
        ]


class InvoiceLine(models.Model):
    """One line of an invoice: what was shipped of an order line, or a charge of the order."""

    id = IdField()
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_index=False, related_name="lines")
    line_number = models.IntegerField()
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT, null=True, db_index=False)
    shipment_line = models.ForeignKey("fulfilment.ShipmentLine", models.PROTECT, null=True, db_index=False)
    charge = models.ForeignKey("orders.OrderCharge", models.PROTECT, null=True, db_index=False)
    credits = models.ForeignKey("self", models.PROTECT, null=True, db_index=False)
    text = models.CharField(max_length=300)
    quantity = quantity_field()
    unit_code = code_field(blank=True, default="")
    unit_price = price_field()
    tax_category = code_field()
    tax_rate = rate_field()
    net = amount_field()
    tax = amount_field()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invoice", "line_number"], name="invoice_line_once")]
        indexes = [
            models.Index(fields=["shipment_line"], name="invoice_line_by_shipment"),
            models.Index(fields=["order_line"], name="invoice_line_by_line"),
            models.Index(fields=["credits"], condition=Q(credits__isnull=False), name="invoice_line_credits"),
            models.Index(fields=["charge"], condition=Q(charge__isnull=False), name="invoice_line_by_charge"),
        ]


class InvoiceTax(models.Model):
    """The tax summary of an invoice: one row per category and rate."""

    id = IdField()
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_index=False, related_name="taxes")
    tax_category = code_field()
    rate = rate_field()
    base = amount_field()
    tax = amount_field()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invoice", "tax_category", "rate"], name="invoice_tax_once")]


class PaymentAttempt(models.Model):
    """A call to a payment provider: stored before it is made, its outcome after. An unknown outcome is in_doubt.

    While one is open (started or in doubt), no other of the same operation can begin for the order."""

    id = IdField()
    order = models.ForeignKey("orders.Order", models.PROTECT, db_index=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, db_index=False)  # what a capture pays
    refunds = models.ForeignKey("Payment", models.PROTECT, null=True, db_index=False, related_name="refund_attempts")
    provider = code_field()
    operation = models.CharField(max_length=12)  # authorise, capture, refund
    amount = amount_field()
    currency = models.CharField(max_length=3)
    idempotency_key = code_field(unique=True)
    target = models.CharField(max_length=120, blank=True, default="")  # the token, authorisation or capture it acts on
    state = models.CharField(max_length=12)  # started, succeeded, declined, in_doubt, failed
    provider_reference = models.CharField(max_length=120, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    started_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "operation"], condition=Q(state__in=("started", "in_doubt")), name="attempt_open_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="attempt_positive"),
        ]
        indexes = [
            models.Index(fields=["order"], name="attempt_by_order"),
            models.Index(fields=["started_at"], condition=Q(state__in=("started", "in_doubt")), name="attempts_open"),
        ]


class Payment(models.Model):
    """Money from a customer (kind receipt) or back to one (kind refund). What is not allocated is on account."""

    id = IdField()
    kind = models.CharField(max_length=8, default="receipt")
    legal_entity = models.ForeignKey("parties.LegalEntity", models.PROTECT, db_index=False)
    refunds = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, related_name="refund_payments")
    customer = models.ForeignKey("parties.Party", models.PROTECT, db_index=False)
    order = models.ForeignKey("orders.Order", models.PROTECT, null=True, db_index=False)
    method = code_field()
    currency = models.CharField(max_length=3)
    amount = amount_field()
    allocated = amount_field(default=0)
    refunded = amount_field(default=0)
    received_on = models.DateField()
    reference = models.CharField(max_length=120, blank=True, default="")
    attempt = models.OneToOneField(PaymentAttempt, models.PROTECT, null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                & Q(allocated__gte=0)
                & Q(refunded__gte=0)
                & Q(amount__gte=F("allocated") + F("refunded")),
                name="payment_not_overallocated",
            ),
            models.UniqueConstraint(
                fields=["method", "reference"], condition=~Q(reference=""), name="payment_reference_once"
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="payment_by_customer"),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="payment_by_order"),
            models.Index(fields=["-received_on", "-id"], name="payment_newest_first"),
        ]


class Allocation(models.Model):
    """`amount` of a payment settles an invoice. A negative amount takes it back, after a credit note. Append-only."""

    id = IdField()
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="allocations")
    amount = amount_field()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="allocation_of_something")]


class Posting(models.Model):
    """One side of a money entry; an entry's amounts (debit positive, credit negative) sum to nothing. Append-only."""

    id = IdField()
    entry_id = models.UUIDField()
    legal_entity = models.ForeignKey("parties.LegalEntity", models.PROTECT, db_index=False)
    account = code_field()  # receivables, revenue, tax_payable, bank, customer_prepayments ...
    currency = models.CharField(max_length=3)
    amount = amount_field()
    posted_on = models.DateField()
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["entry_id"], name="posting_by_entry"),
            models.Index(fields=["subject_id"], name="posting_by_subject"),
            models.Index(fields=["account", "posted_on"], name="posting_by_account"),
        ]
