"""Lists of finance: invoices, open items, payments, bank lines, overdue items, reminders, postings, attempts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.billing.types import ACCOUNTS, PAYMENT_METHODS, PROVIDER_METHODS
from auftakt.console import formats, words
from auftakt.console.queries import billing as reads
from auftakt.console.tables import Asked, Bulk, Choice, Column, Days, Empty, Pick, Span, Table, Toggle, Total
from auftakt.console.templatetags import formats as drawn

CUSTOMER = Pick(name="customer", title=gettext_lazy("Customer"), source="console:customer_options")


def _options(codes: Iterable[str]) -> Callable[[], list[tuple[str, Any]]]:
    return lambda: [(code, words.word(code)) for code in codes]


def _invoice(row: Any) -> str:
    return reverse("console:invoice", args=[row.id])


def _order(row: Any) -> str:
    return reverse("console:order", args=[row.order_id])


def _customer(row: Any) -> str:
    return reverse("console:customer", args=[row.customer_number])


def _account(row: Any) -> str:
    return reverse("console:account", args=[row.customer_number])


def _payment(row: Any) -> str:
    return reverse("console:payment", args=[row.id])


def _due(row: Any) -> Any:
    return None if row.kind == "credit_note" else row.due_on


def _totals(
    statement: str, amounts: Sequence[tuple[str, Any]]
) -> Callable[[Asked, Sequence[UUID] | None], list[Total]]:
    """Sums over the ticked rows, by currency; over all that match nothing is summed, because that reads everything."""

    def told(asked: Asked, ids: Sequence[UUID] | None) -> list[Total]:
        return [
            Total(title, formats.money(getattr(row, name), row.currency))
            for row in (reads.sums(statement, ids) if ids else ())
            for name, title in amounts
        ]

    return told


def _amount(name: str) -> Callable[[Any], str]:
    """An amount, or nothing where there is none: what is there stands out."""
    return lambda row: formats.money(getattr(row, name), row.currency) if getattr(row, name) else ""


INVOICES = Table(
    name="invoices",
    title=gettext_lazy("Invoices"),
    words=gettext_lazy("Number, order or customer"),
    sort="-issued_on",
    read=reads.invoice_list,
    href=_invoice,
    columns=(
        Column("number", gettext_lazy("Number"), sort="number", head=True, link=_invoice),
        Column("standing", gettext_lazy("State"), "badge"),
        Column("customer", gettext_lazy("Customer"), link=_customer, note="customer_number"),
        Column("order_number", gettext_lazy("Order"), link=_order),
        Column("issued_on", gettext_lazy("Issued"), "day", sort="issued_on"),
        Column("due_on", gettext_lazy("Due"), "day", show=lambda row: drawn.day(_due(row)), value=_due),
        Column("gross", gettext_lazy("Total"), "money"),
        Column("open", gettext_lazy("Open"), "money", show=_amount("open")),
        Column("dunning_level", gettext_lazy("Reminders"), "number", shown=False),
        Column("net", gettext_lazy("Net"), "money", shown=False),
        Column("paid", gettext_lazy("Paid"), "money", shown=False),
        Column("credited", gettext_lazy("Credited"), "money", shown=False),
        Column("kind", gettext_lazy("Kind"), "word", shown=False),
        Column("currency", gettext_lazy("Currency"), shown=False),
    ),
    filters=(
        Choice(
            name="standing", title=gettext_lazy("State"), chips=True,
            options=lambda: [
                ("open", _("Open")), ("overdue", _("Overdue")), ("paid", _("Paid")), ("credit_note", _("Credit notes")),
            ],
        ),
        Choice(name="kind", title=gettext_lazy("Kind"), options=_options(("invoice", "credit_note"))),
        CUSTOMER,
        Days(name="issued", title=gettext_lazy("Issued")),
        Span(name="gross", title=gettext_lazy("Total")),
        Toggle(name="blocked", title=gettext_lazy("No reminders"), icon="pause"),
    ),
    totals=_totals("invoice_sums", (("gross", gettext_lazy("Total")), ("open", gettext_lazy("Open")))),
    empty=Empty("invoice", gettext_lazy("No invoice yet"), gettext_lazy("Shipments are invoiced by themselves.")),
)  # fmt: skip

OPEN_ITEMS = Table(
    name="open_items",
    title=gettext_lazy("Open items"),
    words=gettext_lazy("Customer"),
    sort="-total",
    read=reads.open_item_list,
    href=_account,
    columns=(
        Column("customer", gettext_lazy("Customer"), head=True, link=_account, note="customer_number", sort="customer"),
        Column("not_due", gettext_lazy("Not due"), "money", sort="not_due", show=_amount("not_due")),
        Column("days_1_30", gettext_lazy("1–30 days"), "money", sort="days_1_30", show=_amount("days_1_30")),
        Column("days_31_60", gettext_lazy("31–60 days"), "money", sort="days_31_60", show=_amount("days_31_60")),
        Column("days_61_90", gettext_lazy("61–90 days"), "money", sort="days_61_90", show=_amount("days_61_90")),
        Column(
            "days_over_90", gettext_lazy("Over 90 days"), "money", sort="days_over_90", show=_amount("days_over_90")
        ),
        Column("total", gettext_lazy("Open"), "money", sort="total"),
        Column("on_account", gettext_lazy("On account"), "money", sort="on_account", show=_amount("on_account")),
        Column("overdue", gettext_lazy("Overdue"), "money", sort="overdue", show=_amount("overdue"), shown=False),
        Column("items", gettext_lazy("Invoices"), "number", sort="items", shown=False),
        Column("currency", gettext_lazy("Currency"), shown=False),
    ),
    filters=(
        Toggle(name="overdue", title=gettext_lazy("Overdue"), icon="warning"),
        Toggle(name="over90", title=gettext_lazy("Over 90 days"), icon="clock"),
        CUSTOMER,
        Choice(
            name="currency", title=gettext_lazy("Currency"),
            options=lambda: [(code, code) for code in reads.open_currencies()],
        ),
    ),
    empty=Empty("check", gettext_lazy("Nothing is owed"), gettext_lazy("Every invoice is paid.")),
)  # fmt: skip

PAYMENTS = Table(
    name="payments",
    title=gettext_lazy("Payments"),
    words=gettext_lazy("Reference, customer or order"),
    sort="-received_on",
    read=reads.payment_list,
    href=_payment,
    columns=(
        Column(
            "reference", gettext_lazy("Reference"), head=True, link=_payment,
            show=lambda row: row.reference or words.money_kind(row.kind),
        ),
        Column("standing", gettext_lazy("State"), "badge"),
        Column("customer", gettext_lazy("Customer"), link=_customer, note="customer_number"),
        Column("received_on", gettext_lazy("Value date"), "day", sort="received_on"),
        Column("method", gettext_lazy("Method"), "word"),
        Column("amount", gettext_lazy("Amount"), "money"),
        Column("free", gettext_lazy("On account"), "money", show=_amount("free")),
        Column("order_number", gettext_lazy("Order"), shown=False),
        Column("text", gettext_lazy("Remittance text"), shown=False),
        Column("currency", gettext_lazy("Currency"), shown=False),
    ),
    filters=(
        Choice(
            name="standing", title=gettext_lazy("State"), chips=True,
            options=lambda: [("on_account", _("On account")), ("matched", _("Matched")), ("refund", _("Refunds"))],
        ),
        CUSTOMER,
        Choice(name="method", title=gettext_lazy("Method"), options=_options(sorted(PAYMENT_METHODS))),
        Days(name="received", title=gettext_lazy("Value date")),
        Span(name="amount", title=gettext_lazy("Amount")),
    ),
    empty=Empty(
        "payment", gettext_lazy("No payment yet"), gettext_lazy("Enter one, or take a bank statement."),
        gettext_lazy("Enter a payment"), reverse_lazy("console:payment_new"), "billing.work",
    ),
)  # fmt: skip


def _bank_line(row: Any) -> str:
    return reverse("console:bank_line", args=[row.id])


BANK = Table(
    name="bank_lines",
    title=gettext_lazy("Bank lines"),
    words=gettext_lazy("Payer, text or reference"),
    sort="-booked_on",
    read=reads.bank_list,
    href=_bank_line,
    columns=(
        Column("payer", gettext_lazy("Payer"), head=True, link=_bank_line, show=lambda row: row.payer or row.reference),
        Column("state", gettext_lazy("State"), "badge"),
        Column("booked_on", gettext_lazy("Booked"), "day", sort="booked_on"),
        Column("amount", gettext_lazy("Amount"), "money"),
        Column("text", gettext_lazy("Remittance text")),
        Column("reason", gettext_lazy("Reason")),
        Column("reference", gettext_lazy("Bank reference"), "code", shown=False),
        Column("payer_account", gettext_lazy("Payer's account"), shown=False),
        Column("account", gettext_lazy("Our account"), shown=False),
        Column("filename", gettext_lazy("File"), shown=False),
        Column("settled_by", gettext_lazy("By"), shown=False),
    ),
    filters=(
        Choice(
            name="state", title=gettext_lazy("State"), chips=True, options=_options(("waiting", "booked", "set_aside"))
        ),
        Days(name="booked", title=gettext_lazy("Booked")),
        Span(name="amount", title=gettext_lazy("Amount")),
    ),
    empty=Empty(
        "payment", gettext_lazy("No bank line yet"), gettext_lazy("Take the statement file that your bank offers."),
        gettext_lazy("Take a statement"), reverse_lazy("console:bank_take"), "billing.work",
    ),
)  # fmt: skip


def _level(row: Any) -> Any:
    return drawn.badge(f"level_{row.level}") if row.level else ""


def _next(row: Any) -> Any:
    if row.is_blocked:
        until = _("until %(day)s") % {"day": formats.day(row.block_until)} if row.block_until else ""
        return format_html(
            "{} <small>{}</small>", drawn.badge("dunning_blocked"), f"{row.block_reason} {until}".strip()
        )
    return drawn.badge(f"level_{row.suggested}") if row.suggested else ""


DUNNING = Table(
    name="dunning",
    title=gettext_lazy("Dunning"),
    words=gettext_lazy("Invoice or customer"),
    sort="due_on",
    read=reads.dunning_list,
    href=_invoice,
    columns=(
        Column("number", gettext_lazy("Invoice"), head=True, link=_invoice),
        Column("customer", gettext_lazy("Customer"), link=_account, note="customer_number"),
        Column("due_on", gettext_lazy("Due"), "day", sort="due_on"),
        Column("days", gettext_lazy("Days overdue"), "number"),
        Column("open", gettext_lazy("Open"), "money"),
        Column("level", gettext_lazy("Reached"), show=_level, value=lambda row: row.level),
        Column("dunned_on", gettext_lazy("Last reminder"), "day"),
        Column("suggested", gettext_lazy("Next"), show=_next, value=lambda row: row.suggested),
        Column("order_number", gettext_lazy("Order"), link=_order, shown=False),
        Column("gross", gettext_lazy("Total"), "money", shown=False),
    ),
    filters=(
        Toggle(name="due", title=gettext_lazy("Reminder is due"), icon="clock"),
        Toggle(name="blocked", title=gettext_lazy("No reminders"), icon="pause"),
        Choice(
            name="level", title=gettext_lazy("Reached"), chips=True,
            options=lambda: [(str(level), words.badge(f"level_{level}").label) for level in range(4)],
        ),
        CUSTOMER,
    ),
    bulk=(Bulk("dunning_preview", gettext_lazy("Remind"), "document", "billing.work"),),
    totals=_totals("dunning_sums", (("open", gettext_lazy("Open")),)),
    empty=Empty("check", gettext_lazy("Nothing is overdue"), gettext_lazy("Nobody has to be reminded.")),
)  # fmt: skip


def _reminder(row: Any) -> str:
    return reverse("console:reminder_paper", args=[row.id])


def _mailed(row: Any) -> Any:
    """How the mail of a letter goes, leading to it."""
    if row.mail_state is None:
        return ""
    return format_html(
        '<a href="{}">{}</a>', reverse("console:mail", args=[row.mail_id]), drawn.badge(row.mail_state)
    )  # fmt: skip


REMINDERS = Table(
    name="reminders",
    title=gettext_lazy("Reminders sent"),
    words=gettext_lazy("Number or customer"),
    sort="-issued_on",
    read=reads.reminder_list,
    columns=(
        Column("number", gettext_lazy("Number"), head=True, link=_reminder),
        Column("level", gettext_lazy("Level"), show=_level, value=lambda row: row.level),
        Column("customer", gettext_lazy("Customer"), link=_account, note="customer_number"),
        Column("issued_on", gettext_lazy("Issued"), "day", sort="issued_on"),
        Column("items", gettext_lazy("Invoices"), "number"),
        Column("total", gettext_lazy("Open then"), "money"),
        Column(
            "mail_state", gettext_lazy("Mail"), rule="mail.view", show=_mailed,
            value=lambda row: words.word(row.mail_state or ""),
        ),
        Column("mail_to", gettext_lazy("Mailed to"), shown=False),
        Column("created_by", gettext_lazy("By"), shown=False),
    ),
    bulk=(Bulk("reminders_mail", gettext_lazy("Send by mail"), "mail", "billing.work"),),
    filters=(
        Choice(
            name="level", title=gettext_lazy("Level"), chips=True,
            options=lambda: [(str(level), words.badge(f"level_{level}").label) for level in range(1, 4)],
        ),
        Toggle(name="unsent", title=gettext_lazy("Not mailed"), icon="mail"),
        CUSTOMER,
        Days(name="issued", title=gettext_lazy("Issued")),
    ),
    empty=Empty("document", gettext_lazy("No reminder yet"), gettext_lazy("Letters show here once they are sent.")),
)  # fmt: skip


def _document(row: Any) -> str:
    return reverse("console:invoice" if row.is_invoice else "console:payment", args=[row.subject_id])


def posting_totals(asked: Asked, ids: Sequence[UUID] | None) -> list[Total]:
    """Debit and credit by currency and account: of the ticked rows, or of the period asked for (a year at most)."""
    if ids:
        rows = reads.sums("posting_sums_of", ids)
    else:
        rows = reads.posting_sums(asked.filters.get("posted_from"), asked.filters.get("posted_to"))
    return [
        Total(
            f"{words.word(row.account)} {row.currency}",
            f"{formats.money(row.debit, row.currency)} / {formats.money(row.credit, row.currency)}",
        )
        for row in rows
    ]


POSTINGS = Table(
    name="postings",
    title=gettext_lazy("Postings"),
    words=gettext_lazy("Number of the invoice, or payment reference"),
    sort="-posted_on",
    read=reads.posting_list,
    columns=(
        Column("posted_on", gettext_lazy("Posted"), "day", sort="posted_on", head=True),
        Column("account", gettext_lazy("Account"), "word"),
        Column(
            "document", gettext_lazy("Document"), link=_document,
            show=lambda row: row.document or words.money_kind(row.subject_type),
        ),
        Column("customer", gettext_lazy("Customer"), note="customer_number"),
        Column("debit", gettext_lazy("Debit"), "money", show=_amount("debit")),
        Column("credit", gettext_lazy("Credit"), "money", show=_amount("credit")),
        Column("currency", gettext_lazy("Currency"), shown=False),
        Column("company", gettext_lazy("Company"), shown=False),
        Column("entry_id", gettext_lazy("Entry"), "code", shown=False),
        Column(
            "subject_type", gettext_lazy("Kind"), shown=False, show=lambda row: words.money_kind(row.subject_type)
        ),
    ),
    filters=(
        Days(name="posted", title=gettext_lazy("Posted")),
        Choice(name="account", title=gettext_lazy("Account"), options=_options(sorted(ACCOUNTS))),
    ),
    totals=posting_totals,
    empty=Empty(
        "invoice", gettext_lazy("No posting yet"), gettext_lazy("Every invoice and payment is posted by itself.")
    ),
)  # fmt: skip


def _attempt(row: Any) -> str:
    return reverse("console:attempt", args=[row.id])


ATTEMPTS = Table(
    name="attempts",
    title=gettext_lazy("Payment attempts"),
    words=gettext_lazy("Order or provider's reference"),
    sort="-id",
    read=reads.attempt_list,
    href=_attempt,
    columns=(
        Column("started_at", gettext_lazy("When"), "instant", sort="id", head=True, link=_attempt),
        Column("state", gettext_lazy("State"), "badge", note="reason"),
        Column("order_number", gettext_lazy("Order"), link=_order),
        Column("customer", gettext_lazy("Customer"), note="customer_number"),
        Column("provider", gettext_lazy("Provider"), "word"),
        Column("operation", gettext_lazy("Operation"), "word"),
        Column("amount", gettext_lazy("Amount"), "money"),
        Column("provider_reference", gettext_lazy("Reference"), "code", shown=False),
        Column("settled_at", gettext_lazy("Settled"), "instant", shown=False),
        Column("settled_by", gettext_lazy("By"), shown=False),
    ),
    filters=(
        Choice(
            name="state", title=gettext_lazy("State"), chips=True,
            options=_options(("in_doubt", "started", "succeeded", "declined", "failed")),
        ),
        Choice(name="provider", title=gettext_lazy("Provider"), options=_options(sorted(PROVIDER_METHODS))),
        Choice(name="operation", title=gettext_lazy("Operation"), options=_options(("authorise", "capture", "refund"))),
        Days(name="started", title=gettext_lazy("When")),
    ),
    empty=Empty(
        "payment", gettext_lazy("No attempt here"),
        gettext_lazy("Card and PayPal payments show here as soon as an order is paid that way."),
    ),
)  # fmt: skip
