"""Lots that may not be sold any more: set aside from the stock, then written off."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import queries, rules
from auftakt.inventory.actions.moves import open_book, run_moves
from auftakt.inventory.types import LotAside, LotFacts, LotQuantity, Movement, Place
from auftakt.platform.fields import id_list
from auftakt.platform.sql import Statements
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.inventory")


def set_aside_lots(asides: Sequence[LotAside], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Move lots out of the stock of sites into their quarantine: they can be promised no more. Done: ids of the ledger
    entries, in input order.

    Refusals (subject: the index): `lot_unknown`, `quantity_not_positive`, `stock_promised`, `stock_insufficient`,
    `lot_not_there`. Callers that hold pegs free them first (`orders.set_aside_expired`).
    """
    return _move(asides, "stock", "set_aside", actor, at)


def write_off_lots(asides: Sequence[LotAside], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Write off what was set aside of lots. Done: ids of the ledger entries, in input order.

    Refusals (subject: the index): `lot_unknown`, `quantity_not_positive`, `lot_not_there` (goods that wait for their
    inspection are not written off here).
    """
    return _move(asides, "quarantine", "expired", actor, at)


def _move(asides: Sequence[LotAside], source: str, reason: str, actor: str, at: datetime) -> Outcome[UUID]:
    with transaction.atomic(savepoint=False):
        known = {each.lot_id: each for found in queries.lots(lot_ids=_lots(asides)).values() for each in found}
        sites = id_list([each.site_id for each in asides])
        sql.run("ensure_quarantines", ids=new_ids(len(sites)), sites=sites)
        asides_of: dict[UUID, UUID] = dict(sql.rows("quarantines", sites=sites))
        free: dict[tuple[UUID, UUID], Decimal] = {
            (lot, site): quantity for lot, site, quantity in sql.rows("free_aside", lots=_lots(asides))
        }
        book = open_book([each.item_id for each in known.values()], list(sites))
        moves: list[Movement] = []
        refused: list[Refusal] = []
        for index, each in enumerate(asides):
            lot = known.get(each.lot_id)
            finding = _finding(each, lot, free if source == "quarantine" else None)
            if finding or lot is None:
                refused.append(Refusal(str(index), (finding,) if finding else ()))
                continue
            item, aside = book.items[lot.item_id], Place(asides_of[each.site_id], None, "quarantine")
            shelf = book.sites[each.site_id][0]
            ends = (shelf, aside) if source == "stock" else (aside, book.virtual["loss"])
            told = (LotQuantity(lot.number, each.quantity),)
            moves.append(
                Movement(
                    index, item.id, item.sku, *ends, each.quantity, reason, each.note, tracking=item.tracking, lots=told
                )
            )
        return run_moves(moves, refused, "inventory.moved_aside", actor, at)


def _lots(asides: Sequence[LotAside]) -> list[UUID]:
    return sorted({each.lot_id for each in asides})


def _finding(aside: LotAside, lot: LotFacts | None, free: dict[tuple[UUID, UUID], Decimal] | None) -> Finding | None:
    if lot is None:
        return Finding("lot_unknown", f"nothing lies anywhere of lot {aside.lot_id}", "/lot_id")
    there = None if free is None else free.get((aside.lot_id, aside.site_id), Decimal(0))
    if there is not None and aside.quantity.is_finite() and aside.quantity > there:
        message = f"lot {lot.number}: {rules.plain(aside.quantity)} wanted, {rules.plain(there)} set aside"
        return Finding("lot_not_there", message, "/quantity", {"lot": lot.number})
    return rules.positive(aside.quantity)
