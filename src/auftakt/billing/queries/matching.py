"""What money that came in may be for, and what payments settle."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from auftakt.billing import rules
from auftakt.billing.queries.reads import sql
from auftakt.billing.types import BankLineFacts, Hint, OpenItem, Proposal, Share


def open_items(customer_ids: Sequence[UUID]) -> dict[UUID, list[OpenItem]]:
    """What customers owe, by customer; the longest due first."""
    found: dict[UUID, list[OpenItem]] = {key: [] for key in customer_ids}
    for item in _find(customers=found):
        found[item.customer_id].append(item)
    return found


def proposals(hints: Sequence[Hint]) -> list[Proposal]:
    """What each of these receipts is probably for, in the order given. Two statements, whatever their number."""
    numbers = [rules.numbers_in(hint.text) for hint in hints]
    payers = _payers(hints, numbers)
    customers = [_customers_of(hint, named, payers) for hint, named in zip(hints, numbers, strict=True)]
    items = _find(
        numbers={bare: written for each in numbers for bare, written in each.items()},
        customers={customer[0] for each in customers for customer in each},
        amounts={(hint.currency, hint.amount) for hint in hints},
    )
    by_bare, by_order = _grouped(items, "number"), _grouped(items, "order_number")
    by_customer: dict[UUID, list[OpenItem]] = {}
    for item in items:
        by_customer.setdefault(item.customer_id, []).append(item)
    found: list[Proposal] = []
    for hint, named, mine in zip(hints, numbers, customers, strict=True):
        known = rules.Known(
            by_invoice=[item for bare in named for item in by_bare.get(bare, ())],
            by_order=[item for bare in named for item in by_order.get(bare, ())],
            by_amount=[item for item in items if (item.currency, item.open_amount) == (hint.currency, hint.amount)],
            of_customer=by_customer,
            customers=mine,
        )
        found.append(rules.propose(hint, known))
    return _without_sharing(found, {item.id: item for item in items})


def _without_sharing(found: Sequence[Proposal], items: Mapping[UUID, OpenItem]) -> list[Proposal]:
    """Two receipts are not both sure of the same invoice: the later one is for a person to look at."""
    left = {key: item.open_amount for key, item in items.items()}
    kept: list[Proposal] = []
    for proposal in found:
        fits = all(left[share.invoice_id] >= share.amount for share in proposal.shares)
        for share in proposal.shares if fits else ():
            left[share.invoice_id] -= share.amount
        kept.append(proposal if fits else _less_sure(proposal, left))
    return kept


def _less_sure(proposal: Proposal, left: Mapping[UUID, Any]) -> Proposal:
    shares = tuple(
        Share(share.invoice_id, min(share.amount, left[share.invoice_id]))
        for share in proposal.shares
        if left[share.invoice_id] > 0
    )
    return Proposal(
        proposal.customer_id, proposal.customer_number, proposal.customer_name, shares,
        (*proposal.reasons, "claimed_twice"), is_sure=False,
    )  # fmt: skip


def _grouped(items: Iterable[OpenItem], name: str) -> dict[str, list[OpenItem]]:
    grouped: dict[str, list[OpenItem]] = {}
    for item in items:
        grouped.setdefault(rules.bare(getattr(item, name)), []).append(item)
    return grouped


def _find(
    *, numbers: Mapping[str, str] | None = None, customers: Iterable[UUID] = (), amounts: Iterable[tuple[str, Any]] = ()
) -> list[OpenItem]:
    named = numbers or {}
    money = list(amounts)
    rows = sql.rows(
        "find_open_items",
        bare_numbers=list(named),
        order_numbers=[*named.values(), *named],
        customer_ids=list(customers),
        currencies=[currency for currency, _ in money],
        amounts=[amount for _, amount in money],
    )
    return [OpenItem(*row) for row in rows]


def _payers(hints: Sequence[Hint], numbers: Sequence[Mapping[str, str]]) -> dict[tuple[str, str], Any]:
    """Customers by how they may be known: (number, name, account or id, what)."""
    names = {hint.payer.strip() for hint in hints if hint.payer.strip()}
    rows = sql.records(
        "find_payers",
        numbers=[text for each in numbers for pair in each.items() for text in pair],
        names=sorted(names | {name.title() for name in names} | {name.upper() for name in names}),
        accounts=sorted({hint.payer_account for hint in hints if hint.payer_account}),
        ids=[hint.customer_id for hint in hints if hint.customer_id],
    )
    found: dict[tuple[str, str], Any] = {}
    for row in rows:
        key = (row.found_by, rules.bare(row.what) if row.found_by == "number" else row.what)
        found[key] = None if row.found_by == "name" and key in found else row  # two of the same name: nobody knows
    return found


def _customers_of(
    hint: Hint, named: Mapping[str, str], payers: Mapping[tuple[str, str], Any]
) -> list[tuple[UUID, str, str, str]]:
    asked = [("id", str(hint.customer_id), "")] if hint.customer_id else []
    asked += [("number", bare, "customer_number") for bare in named]
    asked += [("account", hint.payer_account, "known_account"), ("name", hint.payer.strip().lower(), "payer_name")]
    rows = [(payers.get((kind, what)), why) for kind, what, why in asked]
    return [(row.id, row.number, row.name, why) for row, why in rows if row]


def held_by(payment_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """What payments settle, net of what was taken back: rows with invoice_id, invoice_number, held, open_amount."""
    found: dict[UUID, list[Any]] = {key: [] for key in payment_ids}
    for row in sql.records("read_held", payment_ids=list(payment_ids)):
        found[row.payment_id].append(row)
    return found


def bank_lines(ids: Sequence[UUID] | None = None, *, state: str = "", limit: int = 200) -> list[BankLineFacts]:
    """Lines of bank statements: those waiting the oldest first, others the newest first."""
    rows = sql.rows("list_bank_lines", state=state, any_of=ids is not None, ids=list(ids or ()), limit=limit)
    return [BankLineFacts(*row) for row in rows]


def hint_of(line: BankLineFacts, customer_id: UUID | None = None) -> Hint:
    """What a bank line tells of whose it is."""
    return Hint(line.amount, line.currency, line.text, line.payer, line.payer_account, customer_id)
