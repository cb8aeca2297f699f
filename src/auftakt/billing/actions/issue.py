"""Documents about to be issued, and how they are numbered and stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from auftakt.billing import rules
from auftakt.billing.actions.posting import draw_numbers
from auftakt.billing.types import Amounts
from auftakt.platform.sql import insert_rows
from auftakt.values import new_id, new_ids

_INVOICE_COLUMNS = (
    "id",
    "kind",
    "number",
    "year",
    "sequence",
    "legal_entity_id",
    "order_id",
    "customer_id",
    "bill_to_id",
    "credits_id",
    "currency",
    "language",
    "issued_on",
    "due_on",
    "net",
    "tax",
    "gross",
    "paid",
    "credited",
    "reason",
    "dunning_level",
    "created_at",
)
_LINE_COLUMNS = (
    "id",
    "invoice_id",
    "line_number",
    "order_line_id",
    "shipment_line_id",
    "charge_id",
    "credits_id",
    "text",
    "quantity",
    "unit_code",
    "unit_price",
    "tax_category",
    "tax_rate",
    "net",
    "tax",
)


@dataclass(slots=True)
class DraftLine:
    """A line of a document about to be issued."""

    text: str
    quantity: Decimal
    unit_code: str
    unit_price: Decimal
    tax_category: str
    tax_rate: Decimal
    amounts: Amounts
    order_line_id: UUID | None = None
    shipment_line_id: UUID | None = None
    charge_id: UUID | None = None
    credits_id: UUID | None = None


@dataclass(slots=True)
class DraftInvoice:
    """An invoice or credit note about to be issued. `paid` is settled at once by prepayments."""

    kind: str
    legal_entity_id: UUID
    entity_code: str
    order_id: UUID
    customer_id: UUID
    bill_to_id: UUID
    currency: str
    language: str
    issued_on: date
    due_on: date
    credits_id: UUID | None = None
    reason: str = ""
    lines: list[DraftLine] = field(default_factory=list)
    id: UUID = field(default_factory=new_id)
    number: str = ""

    @property
    def amounts(self) -> Amounts:
        """Net and tax of all lines."""
        nothing = Decimal(0)
        net = sum((line.amounts.net for line in self.lines), nothing)
        return Amounts(net, sum((line.amounts.tax for line in self.lines), nothing))


def store(invoices: Sequence[DraftInvoice], at: datetime) -> None:
    """Number and store invoices of one kind with their lines and tax summaries, in the order given."""
    first = invoices[0]
    entities = [(each.legal_entity_id, each.entity_code) for each in invoices]
    numbers = draw_numbers(first.kind, first.issued_on.year, entities)
    heads: list[tuple[object, ...]] = []
    lines: list[tuple[object, ...]] = []
    taxes: list[tuple[object, ...]] = []
    for each, (sequence, number) in zip(invoices, numbers, strict=True):
        each.number = number
        sums = each.amounts
        heads.append(
            (
                each.id,
                each.kind,
                number,
                each.issued_on.year,
                sequence,
                each.legal_entity_id,
                each.order_id,
                each.customer_id,
                each.bill_to_id,
                each.credits_id,
                each.currency,
                each.language,
                each.issued_on,
                each.due_on,
                sums.net,
                sums.tax,
                sums.gross,
                0,
                0,
                each.reason,
                0,
                at,
            )
        )
        lines += [
            (
                each.id,
                place,
                line.order_line_id,
                line.shipment_line_id,
                line.charge_id,
                line.credits_id,
                line.text[:300],
                line.quantity,
                line.unit_code,
                line.unit_price,
                line.tax_category,
                line.tax_rate,
                line.amounts.net,
                line.amounts.tax,
            )
            for place, line in enumerate(each.lines, 1)
        ]
        summary = rules.tax_summary((line.tax_category, line.tax_rate, line.amounts) for line in each.lines)
        taxes += [(each.id, row.tax_category, row.rate, row.base, row.tax) for row in summary]
    insert_rows("billing_invoice", _INVOICE_COLUMNS, heads)
    keyed = [(key, *row) for key, row in zip(new_ids(len(lines)), lines, strict=True)]
    insert_rows("billing_invoiceline", _LINE_COLUMNS, keyed)
    keyed = [(key, *row) for key, row in zip(new_ids(len(taxes)), taxes, strict=True)]
    insert_rows("billing_invoicetax", ("id", "invoice_id", "tax_category", "rate", "base", "tax"), keyed)
