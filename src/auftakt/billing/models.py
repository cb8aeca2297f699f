"""Invoices, credit notes, payments, open items, postings."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace

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
            models.Index(
                OpClass(Replace("number", Value("-"), Value("")), "text_pattern_ops"), name="invoice_by_bare_number"
            ),
            models.Index(
                F("currency"),
                F("gross") - F("paid") - F("credited"),
                condition=Q(kind="invoice") & Q(gross__gt=F("paid") + F("credited")),
                name="open_items_by_amount",
            ),
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
    text = models.CharField(max_length=1000, blank=True, default="", db_default="")  # what the payer wrote
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
            models.Index(fields=["customer", "-received_on"], name="payment_by_customer"),
            models.Index(
                fields=["customer"],
                condition=Q(kind="receipt") & Q(amount__gt=F("allocated") + F("refunded")),
                name="money_on_account",
            ),
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
            models.Index(fields=["-posted_on", "-id"], name="posting_newest_first"),
        ]


class DunningBlock(models.Model):
    """Keeps an invoice, or all of a customer's when it names none, from being reminded of, until its day or lifted."""

    id = IdField()
    customer = models.ForeignKey("parties.Party", models.PROTECT, db_index=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, db_index=False, related_name="dunning_blocks")
    reason = models.CharField(max_length=300)
    until_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(lifted_at=None, invoice__isnull=False), name="dunning_block_of_invoice"
            ),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(lifted_at=None, invoice=None), name="dunning_block_of_customer"
            ),
        ]


class Reminder(models.Model):
    """A letter that reminds a customer of overdue invoices, at the highest level of them."""

    id = IdField()
    number = code_field()
    year = models.IntegerField()
    sequence = models.BigIntegerField()
    legal_entity = models.ForeignKey("parties.LegalEntity", models.PROTECT, db_index=False)
    customer = models.ForeignKey("parties.Party", models.PROTECT, db_index=False)
    currency = models.CharField(max_length=3)
    level = models.IntegerField()
    issued_on = models.DateField()
    total = amount_field()
    filed_at = models.DateTimeField(null=True)  # when its letter was put on file
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "number"], name="reminder_number_once"),
            models.CheckConstraint(condition=Q(level__gte=1), name="reminder_has_a_level"),
        ]
        indexes = [
            models.Index(fields=["customer", "-issued_on"], name="reminder_by_customer"),
            models.Index(fields=["-issued_on", "-id"], name="reminder_newest_first"),
            models.Index(fields=["id"], condition=Q(filed_at=None), name="reminders_to_file"),
        ]


class ReminderItem(models.Model):
    """An invoice in a reminder: the level it rose to, and what was open of it that day. Append-only."""

    id = IdField()
    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="items")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="reminder_items")
    level = models.IntegerField()
    open_amount = amount_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "level"], name="reminded_once_at_a_level"),
            models.CheckConstraint(condition=Q(open_amount__gt=0), name="reminder_of_something"),
        ]


class BankStatement(models.Model):
    """A bank statement file that brought new lines."""

    id = IdField()
    account = code_field(blank=True, default="")
    filename = models.CharField(max_length=200)
    format = models.CharField(max_length=12)  # camt, csv
    lines = models.IntegerField()
    fresh = models.IntegerField()
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=200)


class BankLine(models.Model):
    """Money that the bank says came in. It waits until a person or a sure match books it as a payment."""

    id = IdField()
    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="bank_lines")
    account = code_field(blank=True, default="")
    reference = models.CharField(max_length=120)
    booked_on = models.DateField()
    valued_on = models.DateField()
    amount = amount_field()
    currency = models.CharField(max_length=3)
    payer = models.CharField(max_length=200, blank=True, default="")
    payer_account = code_field(blank=True, default="")
    text = models.CharField(max_length=1000, blank=True, default="")
    state = models.CharField(max_length=12, default="waiting")  # waiting, booked, set_aside
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="bank_line")
    reason = models.CharField(max_length=300, blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "reference"], name="bank_line_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bank_line_positive"),
            models.CheckConstraint(
                condition=Q(state="booked", payment__isnull=False) | (~Q(state="booked") & Q(payment=None)),
                name="bank_line_booked_has_payment",
            ),
        ]
        indexes = [
            models.Index(fields=["booked_on", "id"], condition=Q(state="waiting"), name="bank_lines_waiting"),
            models.Index(fields=["-booked_on", "-id"], name="bank_line_newest_first"),
            models.Index(
                fields=["payer_account"], condition=Q(state="booked") & ~Q(payer_account=""), name="bank_line_by_payer"
            ),
        ]
