"""Reads of orders: lists that stay flat, one order's page, and what the floors above need to know."""

import base64
import binascii
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from auftakt.catalog import queries as catalog
from auftakt.catalog.types import ItemFacts
from auftakt.orders import rules
from auftakt.orders.models import Closure, Hold, Revision
from auftakt.orders.rules import (
    Known,
    Screened,
    content,
    demand,
    derive_progress,
    price_request,
    runs,
    screen,
    search_words,
)
from auftakt.orders.rules import bulk_finding as judge
from auftakt.orders.types import (
    Alternative,
    ChargeFacts,
    ClosureFacts,
    FulfilmentFacts,
    HoldFacts,
    LineDraft,
    LineFacts,
    OrderDraft,
    OrderFacts,
    OrderFilter,
    OrderList,
    OrderPage,
    OrderRow,
    OrderStanding,
    Preview,
    Progress,
    RevisionFacts,
    RunLine,
    RunWish,
    Served,
    StandingOn,
    TimelineEntry,
    Weighed,
)
from auftakt.parties import queries as parties
from auftakt.platform.sql import Statements, chosen
from auftakt.pricing import queries as pricing
from auftakt.pricing.types import ManualAdjustment, PricedOrder
from auftakt.promising import queries as promising
from auftakt.promising.types import Case, Demand, Entry, Peg, Promise, Way, WhatIf
from auftakt.values import Finding, new_ids

sql = Statements("auftakt.orders")
_LAST_COLUMN = -1
_NOBODY = UUID(int=0)
_MANY_LINES = 2000
_ONE = Decimal(1)


def orders(ids: Iterable[UUID]) -> dict[UUID, OrderFacts]:
    """The heads of orders by id; unknown ids are left out."""
    return {row[0]: OrderFacts(*row) for row in sql.rows("read_orders", ids=list(ids))}


def standing_on(bucket_ids: Iterable[UUID]) -> list[StandingOn]:
    """The lines that stand on buckets of supply, the highest priority first: who is hit when it slips or is cut."""
    return [StandingOn(*row) for row in sql.rows("standing_on", buckets=list(bucket_ids))]


def find_order(number: str) -> UUID | None:
    """The id of the order with a number."""
    return sql.value("find_order", number=number)


def order_lines(*, order_ids: Iterable[UUID] | None = None, ids: Iterable[UUID] | None = None) -> dict[UUID, LineFacts]:
    """Order lines by id, of some orders or by their own ids, in the order of their numbers."""
    rows = sql.rows("read_lines", orders=_listed(order_ids), ids=_listed(ids))
    return {row[0]: LineFacts(*row[:_LAST_COLUMN], _loaded(row[_LAST_COLUMN])) for row in rows}


def fulfilment_lines(
    *, order_ids: Iterable[UUID] | None = None, ids: Iterable[UUID] | None = None
) -> dict[UUID, FulfilmentFacts]:
    """Fulfilment lines by id, of some orders or by their own ids, the earliest first. Replaced ones are among them."""
    rows = sql.rows("read_fulfilment_lines", orders=_listed(order_ids), ids=_listed(ids))
    return {row[0]: FulfilmentFacts(*row[:-2], _loaded(row[-2]), row[-1]) for row in rows}


def charges(order_ids: Iterable[UUID]) -> dict[UUID, list[ChargeFacts]]:
    """The charges of orders, by order."""
    found: dict[UUID, list[ChargeFacts]] = {}
    for row in sql.rows("read_charges", orders=list(order_ids)):
        found.setdefault(row[1], []).append(ChargeFacts(*row[:_LAST_COLUMN], _loaded(row[_LAST_COLUMN])))
    return found


def _listed(ids: Iterable[UUID] | None) -> list[UUID] | None:
    return None if ids is None else list(ids)


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def stored_drafts(ids: Sequence[UUID]) -> dict[UUID, OrderDraft]:
    """Orders as the drafts that would make them again: every value that was filled in is said outright."""
    lines: dict[UUID, list[LineDraft]] = {}
    for line in order_lines(order_ids=ids).values():
        manual = None
        if line.manual_value is not None:
            manual = ManualAdjustment(line.manual_kind, line.manual_value, line.manual_reason, line.manual_by)
        draft = LineDraft(
            line.sku,
            line.quantity,
            line.unit,
            line.external_line_id,
            line.requested_ship_on,
            line.requested_arrival_on,
            manual,
        )
        lines.setdefault(line.order_id, []).append(draft)
    return {
        row.id: OrderDraft(
            source_system=row.source_system, external_reference=row.external_reference, customer_number=row.number,
            lines=tuple(lines.get(row.id, ())), channel=row.channel, currency=row.currency, bill_to_id=row.bill_to_id,
            ship_to_id=row.ship_to_id, payment_terms=row.payment_terms_id, payment_method=row.payment_method,
            payment_token=row.payment_token,
            price_list_code=row.price_list_code, customer_reference=row.customer_reference,
            requested_ship_on=row.requested_ship_on, requested_arrival_on=row.requested_arrival_on,
            not_before_on=row.not_before_on, split_dates=row.split_dates, split_sites=row.split_sites,
            priority=row.priority, notes=row.notes, ordered_at=row.ordered_at, received=_loaded(row.received),
            legal_entity_code=row.code,
        )
        for row in sql.records("read_stored_drafts", ids=list(ids))
    }  # fmt: skip


def demands(lines: Mapping[UUID, FulfilmentFacts]) -> dict[UUID, Demand]:
    """What fulfilment lines ask of promising, with the wishes of their orders. Four statements."""
    heads = orders({line.order_id for line in lines.values()})
    return _demands(lines, heads, order_lines(ids={line.line_id for line in lines.values()}))


def _demands(
    lines: Mapping[UUID, FulfilmentFacts], heads: Mapping[UUID, OrderFacts], bought: Mapping[UUID, LineFacts]
) -> dict[UUID, Demand]:
    items = catalog.items({line.item_id for line in lines.values()})
    places = parties.addresses({order.ship_to_id for order in heads.values()})
    return {
        key: demand(
            key, items[line.item_id], line.base_quantity, bought[line.line_id].unit_factor, line=bought[line.line_id],
            order=heads[line.order_id], place=places[heads[line.order_id].ship_to_id],
            customer_id=heads[line.order_id].customer_id,
        )
        for key, line in lines.items()
    }  # fmt: skip


def weigh(fulfilment_line_ids: Sequence[UUID], *, on: date, at: datetime | None = None) -> list[Weighed]:
    """How else open lines could be served as of a day, the highest priority first; nothing is drawn or written. Others
    are left out. A constant number of statements.

    Overdue supply does not count. Each line may use again what it holds; the alternatives advised fit together.
    """
    lines = {key: line for key, line in fulfilment_lines(ids=fulfilment_line_ids).items() if line.state == "open"}
    heads = orders({line.order_id for line in lines.values()})
    bought = order_lines(ids={line.line_id for line in lines.values()})
    asked = {key: wish for key, wish in _demands(lines, heads, bought).items() if wish.components}
    held = promising.pegs(list(asked))
    related = catalog.relations({wish.item_id for wish in asked.values()})
    others = catalog.items({each.related_id for rows in related.values() for each in rows if each.kind == "substitute"})
    names = {item.id: item.sku for item in others.values()}
    people = parties.customers({order.customer_id for order in heads.values()})
    keys = sorted(asked, key=lambda key: (heads[lines[key].order_id].priority, heads[lines[key].order_id].number, key))
    cases: list[Case] = []
    for key in keys:
        instead = [
            replace(asked[key], item_id=item.id, components=((item.id, _ONE),))
            for each in related.get(asked[key].item_id, ())
            if each.kind == "substitute" and (item := others.get(each.related_id)) and _may_replace(item, lines[key])
        ]
        cases.append(Case(tuple(held.get(key, ())), rules.wishes(asked[key], instead)))
    standing = [_standing(lines[key], cases[place].held, on) for place, key in enumerate(keys)]
    due = [rules.due(bought[lines[key].line_id], heads[lines[key].order_id], lines[key]) for key in keys]
    judged: dict[int, list[tuple[int, Alternative]]] = {}
    best: dict[int, int | None] = {}

    def prefer(place: int, ways: Sequence[Way]) -> int | None:
        key, (comes_on, _late, overdue) = keys[place], standing[place]
        waits = None if overdue else comes_on
        judged[place] = rules.alternatives(ways, asked[key], lines[key], due[place], names, waits_for=waits)
        best[place] = rules.advised(judged[place], comes_on, overdue=overdue)
        chosen = best[place]
        return None if chosen is None else judged[place][chosen][0]

    promising.weigh(cases, on=on, at=at, prefer=prefer)
    return [
        Weighed(
            line=lines[key],
            order=heads[lines[key].order_id],
            customer_name=people[heads[lines[key].order_id].customer_id].name,
            unit=bought[lines[key].line_id].unit,
            due_on=due[place],
            comes_on=standing[place][0],
            is_late=standing[place][1],
            is_overdue=standing[place][2],
            cost=_cost(lines[key]),
            alternatives=tuple(each for _, each in judged[place]),
            best=best[place],
            seen=rules.mark(lines[key], cases[place].held),
        )
        for place, key in enumerate(keys)
    ]


def rerun(
    wish: RunWish, *, on: date, at: datetime | None = None, changes: Sequence[WhatIf] = (), guarded: bool = True
) -> list[RunLine]:
    """What open lines would be promised if all that `wish` names were promised anew, in the order they are served;
    nothing is drawn or written. A constant number of statements.

    `changes` is what might be otherwise about supply. No line gets worse whose strategy forbids it; without `guarded`
    any may.
    """
    rows = sql.records(
        "read_run_lines", site=wish.site_code, sku=wish.sku, customer=wish.customer_number, segment=wish.segment,
        channel=wish.channel,
    )  # fmt: skip
    items = catalog.items({row.item_id for row in rows})
    held = promising.pegs([row.id for row in rows])
    comes = {row.id: _standing(row, held.get(row.id, ()), on)[0] for row in rows}
    if wish.late_only:
        rows = [row for row in rows if _is_late(comes[row.id], runs.due_on(row))]
    served = runs.in_order(rows, wish)
    entries = [
        Entry(
            demand(row.id, items[row.item_id], row.base_quantity, row.unit_factor, line=row, order=row, place=row,
                customer_id=row.customer_id),
            tuple(held.get(row.id, ())), strategy, comes[row.id],
        )
        for row, strategy in served
    ]  # fmt: skip
    made = promising.rerun(entries, on=on, at=at, guarded=guarded, changes=changes)
    return [
        _run_line(row, entry, promise, items[row.item_id].sku)
        for (row, _), entry, promise in zip(served, entries, made.promises, strict=True)
    ]


def _is_late(comes: date | None, due: date | None) -> bool:
    return comes is None or (due is not None and comes > due)


def _run_line(row: Any, entry: Entry, promise: Promise | None, sku: str) -> RunLine:
    there = runs.there_on(promise) if promise else entry.comes_on
    pieces = promise.pieces if promise and runs.is_other(row, promise.pieces) else ()
    return RunLine(
        row.id, row.order_id, row.order_number, row.segment, sku, entry.strategy, rules.mark(row, entry.held),
        runs.due_on(row), entry.comes_on, there, pieces, runs.verdict(entry.comes_on, there),
    )  # fmt: skip


def _may_replace(item: ItemFacts, line: FulfilmentFacts) -> bool:
    """Plain goods for plain goods, that are still sold."""
    return item.kind == "stocked" == line.item_kind and item.state == "active"


def _standing(line: Any, held: Sequence[Peg], on: date) -> tuple[date | None, bool, bool]:
    """When a line comes if nothing is done, whether its supply is late, and whether it is overdue."""
    days, overdue = rules.slip(held, on)
    comes = line.arrive_on + timedelta(days=max(0, days)) if line.arrive_on else None
    return comes, overdue or days > 0, overdue


def _cost(line: FulfilmentFacts) -> Decimal | None:
    """What the parcel of a line was to cost when it was promised."""
    told = (line.promise or {}).get("cost")
    return Decimal(told) if told is not None and line.site_id else None


def look_up(drafts: Sequence[OrderDraft]) -> Known:
    """The facts of everything that drafts name: a constant number of statements whatever their number.

    What only some drafts ask for (components of kits, terms by code, units an item is not sold by) is read when asked.
    """
    items = catalog.items_by_sku({line.sku for draft in drafts for line in draft.lines})
    parts = {component for item in items.values() for component, _, _ in item.components}
    names_terms = any(draft.payment_terms for draft in drafts)
    strange_unit = any(
        line.unit and line.sku in items and line.unit not in items[line.sku].units
        for draft in drafts
        for line in draft.lines
    )
    return Known(
        customers=parties.customers_by_number({draft.customer_number for draft in drafts}),
        items=items,
        components=catalog.items(parts) if parts else {},
        units=frozenset(catalog.units()) if strange_unit else frozenset(),
        terms=parties.payment_terms() if names_terms else {},
        entities=tuple(parties.legal_entities().values()),
        currencies=parties.currencies(),
        normal_address=parties.normal_address,
    )


def price_and_promise(draft: OrderDraft, *, on: date, roles: Collection[str] = ()) -> Preview:
    """What an order would cost and when it could be there, as of a day: nothing is stored, nothing is drawn.

    While the draft has problems there are only those.
    """
    at = datetime.combine(on, time(), UTC)
    screened, findings = screen(draft, content(draft), look_up([draft]), at=at)
    if screened is None:
        return Preview(tuple(findings))
    priced = quote([screened], ["preview"], roles=roles)[0]
    demands = [
        demand(
            key, line.item, line.quantity * line.factor, line.factor, line=line, order=draft, place=screened.ship_to,
            customer_id=screened.customer.id,
        )
        for key, line in zip(new_ids(len(screened.lines)), screened.lines, strict=True)
    ]  # fmt: skip
    promises = promising.propose(demands, on=on)
    return Preview(tuple(priced.findings), screened.currency, priced, tuple(promises), screened.trace)


def quote(screened: Sequence[Screened], keys: Sequence[str], *, roles: Collection[str] = ()) -> list[PricedOrder]:
    """Prices of screened drafts, all at once. Adjustments by hand are held to the limit of the roles, where given."""
    if roles and any(line.manual for each in screened for line in each.lines):
        limit = pricing.adjustment_limit(roles)
        for each in screened:
            for line in each.lines:
                line.manual = replace(line.manual, role_limit=limit) if line.manual else None
    priced = pricing.quote([price_request(each, key) for each, key in zip(screened, keys, strict=True)])
    return [replace(each, findings=tuple(map(_at_draft, each.findings))) if each.findings else each for each in priced]


def _at_draft(finding: Finding) -> Finding:
    """Pricing speaks of a line's item; the draft names it by its sku."""
    place = finding.place
    return replace(finding, place=f"{place.removesuffix('/item')}/sku") if place.endswith("/item") else finding


def progress(
    order_ids: Sequence[UUID], *, billed: Collection[UUID] = (), paid: Collection[UUID] = ()
) -> dict[UUID, Progress]:
    """How far orders have got. Who knows hands in which of them are wholly `billed` and `paid`."""
    states = {key: facts.state for key, facts in orders(order_ids).items()}
    return _progress(states, billed=billed, paid=paid)


def _progress(
    states: dict[UUID, str], *, billed: Collection[UUID] = (), paid: Collection[UUID] = ()
) -> dict[UUID, Progress]:
    ids = list(states)
    served = {row[0]: Served(*row[1:]) for row in sql.rows("read_served", orders=ids)}
    held = {row[0] for row in sql.rows("read_held", orders=ids)}
    return {
        key: derive_progress(
            state, served.get(key, Served()), on_hold=key in held, is_billed=key in billed, is_paid=key in paid
        )
        for key, state in states.items()
    }


def list_orders(wanted: OrderFilter | None = None, cursor: str = "", limit: int = 50) -> OrderList:
    """A page of orders, the newest first. Raises ValueError for a cursor that is not one of ours."""
    asked = wanted or OrderFilter()
    after_at, after_id = _read_cursor(cursor)
    item = _item_asked(asked.sku)
    bestseller = item is not None and sql.value("is_bestseller", item=item, many=_MANY_LINES)
    parameters = {
        "state": asked.state,
        "customer": asked.customer_number,
        "number": _begins(asked.number),
        "reference": _begins(asked.reference),
        "item": None if bestseller else item,
        "bestseller": item if bestseller else None,
        "words": " & ".join(f"{word}:*" for word in search_words(asked.text)),
        "since": _midnight(asked.ordered_from),
        "until": _midnight(asked.ordered_to + timedelta(days=1)) if asked.ordered_to else None,
        "on_hold": asked.on_hold,
        "unpromised": asked.unpromised,
        "after_at": after_at,
    }
    text = chosen(sql.texts["list_orders"], parameters)
    with connection.cursor() as execution:
        execution.execute(text, {**parameters, "after_id": after_id, "limit": limit + 1})
        rows = execution.fetchall()
    page = rows[:limit]
    found = _progress({row[0]: row[2] for row in page})
    listed = tuple(OrderRow(*row, found[row[0]]) for row in page)
    more = len(rows) > limit
    return OrderList(listed, _write_cursor(listed[-1].ordered_at, listed[-1].id) if more else "")


def _item_asked(sku: str) -> UUID | None:
    """The item whose orders are asked for; of an unknown one there are none."""
    if not sku:
        return None
    found = catalog.items_by_sku([sku]).get(sku)
    return found.id if found else _NOBODY


def _begins(text: str) -> str:
    plain = text.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"{plain}%" if plain else ""


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _write_cursor(at: datetime, key: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {key}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime | None, UUID | None]:
    if not cursor:
        return None, None
    try:
        at, key = base64.urlsafe_b64decode(cursor.encode()).decode().rsplit(" ", 1)
        return datetime.fromisoformat(at), UUID(key)
    except (ValueError, binascii.Error) as error:
        raise ValueError("the cursor is not one of ours: start from the first page") from error


def order_page(order_id: UUID, *, timeline_limit: int = 200) -> OrderPage | None:
    """All that this floor and those below know of one order; None when there is none."""
    order = orders([order_id]).get(order_id)
    if order is None:
        return None
    customer = parties.customers([order.customer_id])[order.customer_id]
    addresses = parties.addresses([order.bill_to_id, order.ship_to_id])
    closure = Closure.objects.filter(order_id=order_id).first()
    return OrderPage(
        order=order,
        customer_number=customer.number,
        customer_name=customer.name,
        bill_to=addresses[order.bill_to_id],
        ship_to=addresses[order.ship_to_id],
        progress=_progress({order_id: order.state})[order_id],
        lines=tuple(order_lines(order_ids=[order_id]).values()),
        fulfilment_lines=tuple(fulfilment_lines(order_ids=[order_id]).values()),
        charges=tuple(charges([order_id]).get(order_id, ())),
        revisions=tuple(
            RevisionFacts(row.number, row.at, row.actor, row.reason, row.difference)
            for row in Revision.objects.filter(order_id=order_id).order_by("number")
        ),
        holds=tuple(holds([order_id])),
        closure=ClosureFacts(
            closure.closed_at, closure.in_full, closure.on_time, closure.undamaged, closure.billed_right,
            closure.perfect,
        )
        if closure
        else None,
        timeline=timeline(order_id, limit=timeline_limit),
    )  # fmt: skip


def standings(order_ids: Collection[UUID]) -> list[OrderStanding]:
    """How orders stand for those who want to do something with many of them; unknown ids are left out."""
    return [
        OrderStanding(row.id, row.number, row.state, tuple(row.held), *row[4:])
        for row in sql.records("read_standings", ids=list(order_ids))
    ]


def bulk_finding(action: str, standing: OrderStanding, choice: str = "") -> Finding | None:
    """Why an action (hold, release, cancel, repromise, print) would refuse an order, or None."""
    return judge(action, standing, choice)


def holds(order_ids: Iterable[UUID]) -> list[HoldFacts]:
    """The holds of orders, those in force and those released, in the order they were placed."""
    return [
        HoldFacts(
            row.id, row.order_id, row.reason_code, row.note, row.placed_at, row.placed_by, row.released_at,
            row.released_by, row.release_note,
        )
        for row in Hold.objects.filter(order_id__in=list(order_ids)).order_by("placed_at", "id")
    ]  # fmt: skip


def timeline(order_id: UUID, *, limit: int = 200) -> tuple[TimelineEntry, ...]:
    """What happened to an order and to what came of it, on every floor; the latest first."""
    return tuple(
        TimelineEntry(*row[1:_LAST_COLUMN], _loaded(row[_LAST_COLUMN]))
        for row in sql.rows("read_timeline", order=order_id, limit=limit)
    )
