"""Customers, suppliers, their addresses and credit; our own legal entities."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import Folded, IdField, SerialField, amount_field, code_field, rate_field


class PaymentTerms(models.Model):
    """When an invoice is due: net days, and a discount for paying early."""

    code = code_field(primary_key=True)
    name = models.CharField(max_length=200)
    due_days = models.IntegerField(default=30)
    discount_days = models.IntegerField(default=0)
    discount_percent = rate_field(default=0)
    prepaid = models.BooleanField(default=False)


class LegalEntity(models.Model):
    """The company of ours that sells: it numbers invoices and owes the tax."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=200)
    postal_code = models.CharField(max_length=20)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True, default="")
    country = models.CharField(max_length=2)
    vat_id = models.CharField(max_length=40, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    iban = models.CharField(max_length=40, blank=True, default="")
    bank_name = models.CharField(max_length=100, blank=True, default="")
    currency = models.CharField(max_length=3)
    tax_rounding = models.CharField(max_length=8, default="document")  # line, document


class Party(models.Model):
    """A customer, a supplier, or both: an organisation or a person."""

    id = IdField()
    number = code_field(unique=True)
    kind = models.CharField(max_length=16)  # organisation, person
    name = models.CharField(max_length=200)
    is_customer = models.BooleanField(default=True)
    is_supplier = models.BooleanField(default=False)
    segment = code_field(blank=True, default="")
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=8, default="en")
    payment_terms = models.ForeignKey(PaymentTerms, models.PROTECT, null=True)
    vat_id = models.CharField(max_length=40, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    status = models.CharField(max_length=16, default="active")  # active, blocked
    notes = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["name", "id"], name="party_by_name"),
            models.Index(OpClass(Folded("name"), "text_pattern_ops"), name="party_by_folded_name"),
            GinIndex(SearchVector(Folded("number"), Folded("name"), config="simple"), name="party_by_words"),
        ]


class CustomerCount(models.Model):
    """The counter of customer numbers: only its identity column is used, no row is ever written."""

    id = IdField()
    serial = SerialField(start=10001)


class Address(models.Model):
    """Where a party is billed or shipped to. Never edited: a change archives it and adds another."""

    id = IdField()
    party = models.ForeignKey(Party, models.PROTECT, related_name="addresses")
    label = models.CharField(max_length=60, blank=True, default="")
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=300)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    country = models.CharField(max_length=2)
    phone = models.CharField(max_length=40, blank=True, default="")
    bills = models.BooleanField(default=True)
    ships = models.BooleanField(default=True)
    is_default_bill_to = models.BooleanField(default=False)
    is_default_ship_to = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(is_default_bill_to=True, archived_at=None), name="one_default_bill_to"
            ),
            models.UniqueConstraint(
                fields=["party"], condition=Q(is_default_ship_to=True, archived_at=None), name="one_default_ship_to"
            ),
        ]


class Contact(models.Model):
    """A person at a party."""

    id = IdField()
    party = models.ForeignKey(Party, models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=100, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")


class PartyNote(models.Model):
    """What a colleague noted about a party. Never edited; taken away, it is shown no more."""

    id = IdField()
    party = models.ForeignKey(Party, models.PROTECT, related_name="written_notes", db_index=False)
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=200)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["party", "-written_at"], condition=Q(removed_at=None), name="note_by_party")]


class CreditLine(models.Model):
    """How much a customer may owe. A customer without a line is not limited. The balance that submit draws from."""

    party = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="credit_line")
    currency = models.CharField(max_length=3)
    limit = amount_field()
    drawn = amount_field(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(drawn__gte=0) & Q(drawn__lte=F("limit")), name="credit_not_overdrawn"),
        ]


class CreditDraw(models.Model):
    """What one subject (an order) holds of a credit line. Sums to the line's `drawn`."""

    id = IdField()
    credit_line = models.ForeignKey(CreditLine, models.PROTECT)
    subject_id = models.UUIDField()
    amount = amount_field()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credit_line", "subject_id"], name="credit_draw_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="credit_draw_not_negative"),
        ]
