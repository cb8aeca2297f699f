"""Securing: the head of an order and the customer's credit, before any supply is touched.

The head's unique reference decides who comes first when the same order arrives twice at once.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from django.db import IntegrityError, transaction

from auftakt.orders.actions.placing import Placing, as_json
from auftakt.orders.queries import sql
from auftakt.orders.rules import covered, search_words
from auftakt.orders.types import ORDER_NUMBERS
from auftakt.parties import actions as parties
from auftakt.parties.types import AddressDraft, AddressFor, CreditClaim
from auftakt.platform.sequences import numbers
from auftakt.platform.sql import columns, insert_rows
from auftakt.values import Refusal, count_in

_HEAD = (
    "id", "serial", "number", "source_system", "external_reference", "content_sha256", "state", "revision", "channel",
    "legal_entity_id", "customer_id", "bill_to_id", "ship_to_id", "currency", "language", "payment_terms_id",
    "payment_method", "payment_token", "price_list_code", "tax_included", "tax_rounding", "customer_reference",
    "requested_ship_on", "requested_arrival_on", "not_before_on", "split_dates", "split_sites", "priority", "net",
    "tax", "gross", "notes",
    "ordered_at", "submitted_at", "search_text", "received",
)  # fmt: skip
_REFERENCE_TAKEN = "order_once_per_source"
_TRIES = 20


class _NotGrantedError(Exception):
    """Credit was refused to some: what was written for the batch so far is taken back."""

    def __init__(self, refused: Sequence[Refusal]) -> None:
        super().__init__()
        self.refused = refused


def secure(
    quoted: Sequence[Placing], *, actor: str, at: datetime
) -> tuple[list[Placing], list[Refusal], list[Placing]]:
    """Write the heads and draw the credit: who is in, who was refused credit, who was overtaken under its reference.

    Heads, one-time addresses and credit stand or fall together: when some are refused, all is taken back and the
    others go again, so that a refused draft leaves nothing behind.
    """
    waiting = sorted(quoted, key=_by_reference)
    refused: list[Refusal] = []
    overtaken: list[Placing] = []
    new = [placing for placing in waiting if placing.before is None]
    for placing, (_serial, number) in zip(new, numbers(ORDER_NUMBERS, len(new)) if new else (), strict=True):
        placing.number = number
    for placing in waiting:
        if placing.before is not None:
            placing.number = placing.before.order.number
        placing.credit = _credit_wanted(placing)
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                _keep_addresses(waiting, actor=actor, at=at)
                _write_heads(waiting, at)
                _draw_credit(waiting, actor=actor, at=at)
            waiting.sort(key=_by_position)
            return waiting, refused, overtaken
        except IntegrityError as error:
            cause = error.__cause__
            if not isinstance(cause, psycopg.errors.UniqueViolation) or cause.diag.constraint_name != _REFERENCE_TAKEN:
                raise
            taken = _taken(waiting)
            overtaken += [placing for placing in waiting if taken(placing)]
            waiting = [placing for placing in waiting if not taken(placing)]
        except _NotGrantedError as error:
            refused += error.refused
            subjects = {refusal.subject for refusal in error.refused}
            waiting = [placing for placing in waiting if placing.subject not in subjects]
    raise RuntimeError(f"the references of these orders kept being taken and given up {_TRIES} times")


def _by_reference(placing: Placing) -> tuple[str, str, UUID]:
    return placing.draft.source_system, placing.draft.external_reference, placing.order_id


def _by_position(placing: Placing) -> int:
    return placing.index


def _taken(waiting: Sequence[Placing]) -> Callable[[Placing], bool]:
    new = [placing.draft for placing in waiting if placing.before is None and placing.draft.external_reference]
    sources, references = columns([(draft.source_system, draft.external_reference) for draft in new], 2)
    found = {row[:2] for row in sql.rows("lock_references", sources=sources, references=references)}

    def is_taken(placing: Placing) -> bool:
        return placing.before is None and (placing.draft.source_system, placing.draft.external_reference) in found

    return is_taken


def _keep_addresses(waiting: Sequence[Placing], *, actor: str, at: datetime) -> None:
    """Addresses that came with orders become addresses of their customers; known ones are found again."""
    given: list[tuple[Placing, str]] = []
    for placing in waiting:
        stands = placing.stands
        for role, address in (("bill_to_id", stands.bill_to), ("ship_to_id", stands.ship_to)):
            if isinstance(address, AddressDraft):
                given.append((placing, role))
            else:
                setattr(placing, role, address.id)
    if not given:
        return
    wanted = [
        AddressFor(placing.stands.customer.id, getattr(placing.stands, role.removesuffix("_id")))
        for placing, role in given
    ]
    kept = parties.save_addresses(wanted, actor=actor, at=at)
    for (placing, role), address_id in zip(given, kept.done, strict=True):
        setattr(placing, role, address_id)


def _write_heads(waiting: Sequence[Placing], at: datetime) -> None:
    insert_rows("orders_order", _HEAD, [_head(placing, at) for placing in waiting if placing.before is None])
    changed = [dict(zip(_HEAD, _head(placing, at), strict=True)) for placing in waiting if placing.before is not None]
    if changed:
        for row in changed:
            row["received"] = json.loads(row["received"]) if row["received"] else None
        sql.run("update_heads", rows=as_json(changed))


def _head(placing: Placing, at: datetime) -> tuple[Any, ...]:
    stands, draft, customer = placing.stands, placing.draft, placing.stands.customer
    before = placing.before.order if placing.before else None
    submitted_at = at if placing.submits else None
    if placing.was_submitted and before:
        submitted_at = before.submitted_at
    words = search_words(
        placing.number, draft.external_reference, draft.customer_reference, customer.number, customer.name,
        stands.ship_to.name, stands.ship_to.city, draft.notes, *(line.item.sku for line in stands.lines),
    )  # fmt: skip
    return (
        placing.order_id, count_in(placing.number), placing.number, draft.source_system, draft.external_reference,
        placing.mark, placing.state, placing.revision, draft.channel, stands.entity.id, customer.id,
        placing.bill_to_id, placing.ship_to_id, stands.currency, customer.language, stands.terms.code,
        stands.payment_method, draft.payment_token.strip(), draft.price_list_code, placing.tax_included,
        stands.entity.tax_rounding,
        draft.customer_reference, stands.requested_ship_on, stands.requested_arrival_on, draft.not_before_on,
        draft.split_dates, draft.split_sites, draft.priority, placing.net, placing.tax, placing.gross, draft.notes,
        before.ordered_at if before else stands.ordered_at, submitted_at, " ".join(words),
        placing.received,
    )  # fmt: skip


def _credit_wanted(placing: Placing) -> Decimal:
    """What the order is to hold of the credit line, less what it held: negative gives back."""
    stands, before = placing.stands, placing.before
    wanted = held = Decimal(0)
    if placing.submits and stands.is_on_credit:
        wanted = placing.gross - sum(
            (
                line.gross - covered(line.gross, line.screened.quantity, line.before.cancelled, stands.currency)
                for line in placing.lines
                if line.before is not None
            ),
            Decimal(0),
        )
    if placing.was_submitted and before and before.order.is_on_credit:
        held = before.order.gross - sum(
            (
                line.gross - covered(line.gross, line.quantity, line.cancelled, before.order.currency)
                for line in before.lines
            ),
            Decimal(0),
        )
    return wanted - held


def _draw_credit(waiting: Sequence[Placing], *, actor: str, at: datetime) -> None:
    claims = [_claim(placing, placing.credit) for placing in waiting if placing.credit > 0]
    if claims:
        granted = parties.draw_credit(claims, actor=actor, at=at)
        if granted.refused:
            subjects = {str(placing.order_id): placing.subject for placing in waiting}
            raise _NotGrantedError(
                [Refusal(subjects[each.subject], each.findings, each.transient) for each in granted.refused]
            )
    returns = [_claim(placing, -placing.credit) for placing in waiting if placing.credit < 0]
    if returns:
        parties.give_back_credit(returns, actor=actor, at=at)


def _claim(placing: Placing, amount: Decimal) -> CreditClaim:
    return CreditClaim(placing.stands.customer.id, placing.order_id, amount, placing.stands.currency)
