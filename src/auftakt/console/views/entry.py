"""Order entry: a form that prices and promises while it is typed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.console import formats, queries, words
from auftakt.console.findings import spoken
from auftakt.console.outcomes import day_of, edge, ids
from auftakt.console.permissions import needs
from auftakt.console.views.design import waterfall
from auftakt.identity.queries import may
from auftakt.orders import actions
from auftakt.orders import queries as orders
from auftakt.orders.types import PAYMENT_METHODS, LineDraft, OrderDraft
from auftakt.parties import queries as parties
from auftakt.pricing.types import ManualAdjustment
from auftakt.values import Finding, new_id

CHANNELS = ("console", "phone", "field")
SOURCE = "console"
LINE_FIELDS = ("key", "external", "sku", "quantity", "unit", "percent", "reason")


@needs("parties.view")
def customer_options(request: HttpRequest) -> JsonResponse:
    """Customers whose number or name fits what is typed."""
    found = queries.customer_options(request.GET.get("q", "")[:80])
    options = [
        {
            "value": row.number,
            "label": row.name,
            "title": row.name,
            "side": row.number,
            "hint": ", ".join(part for part in (row.city, row.country) if part),
        }
        for row in found
    ]
    return JsonResponse({"options": options})


@needs("catalog.view")
def item_options(request: HttpRequest) -> JsonResponse:
    """Active items whose number or name fits what is typed, with what is free of them."""
    found = queries.item_options(request.GET.get("q", "")[:80])
    options = [
        {
            "value": row.sku,
            "label": row.sku,
            "title": row.sku,
            "hint": row.name,
            "units": [row.unit, *[u for u in row.units if u != row.unit]],
            "side": _("%(count)s free") % {"count": formats.number(row.free or 0)}
            if row.kind == "stocked"
            else words.word(row.kind),
        }
        for row in found
    ]
    return JsonResponse({"options": options})


def parsed(request: HttpRequest, reference: str) -> tuple[OrderDraft, list[str], list[Finding]]:
    """The draft that the form describes, the keys of its lines in the form, and what could not be read."""
    data = request.POST
    lines: list[LineDraft] = []
    keys: list[str] = []
    unread: list[Finding] = []
    for key, external, sku, quantity, unit, percent, reason in zip(
        *(data.getlist(name) for name in LINE_FIELDS), strict=False
    ):
        if not sku.strip() and not quantity.strip():
            continue
        at = len(lines)
        number = formats.parse_number(quantity) if quantity.strip() else Decimal(1)
        if number is None:
            unread.append(
                Finding(
                    "number_unreadable",
                    _("“%(text)s” is not a number. Write it like 12 or 1.5.") % {"text": quantity},
                    f"/lines/{at}/quantity",
                )
            )
        off = formats.parse_number(percent) if percent.strip() else None
        if percent.strip() and off is None:
            unread.append(
                Finding(
                    "number_unreadable", _("“%(text)s” is not a percentage.") % {"text": percent}, f"/lines/{at}/manual"
                )
            )
        manual = None
        if off and may(request.user.roles, "orders.adjust_price"):
            manual = ManualAdjustment(
                "percent", off, reason.strip() or _("Agreed with the customer"), request.user.email
            )
        lines.append(
            LineDraft(
                sku.strip(),
                number if number is not None else Decimal(1),
                unit.strip(),
                external or f"{SOURCE}-{key}",
                manual=manual,
            )
        )
        keys.append(key)
    bill, ship = ids([data.get("bill_to", "")]), ids([data.get("ship_to", "")])
    draft = OrderDraft(
        source_system=SOURCE,
        external_reference=reference,
        customer_number=data.get("customer", "").strip() or data.get("customer_text", "").strip(),
        lines=tuple(lines),
        channel=data.get("channel", "console") if data.get("channel") in CHANNELS else "console",
        bill_to_id=bill[0] if bill else None,
        ship_to_id=ship[0] if ship else None,
        payment_method=data.get("payment_method", "") if data.get("payment_method") in PAYMENT_METHODS else "",
        customer_reference=data.get("customer_reference", "").strip(),
        requested_arrival_on=day_of(data.get("requested_arrival_on", "")),
        not_before_on=day_of(data.get("not_before_on", "")),
        split_dates="split_dates" in data,
        split_sites="split_sites" in data,
        notes=data.get("notes", "").strip(),
    )
    return draft, keys, unread


def placed(findings: list[Finding], keys: list[str]) -> dict[str, Any]:
    """Findings by their place: those of each line under its key, the rest for the whole order."""
    lines: dict[str, list[str]] = {}
    whole: list[str] = []
    for finding in findings:
        parts = finding.place.strip("/").split("/")
        text = spoken(finding)
        if len(parts) > 1 and parts[0] == "lines" and parts[1].isdigit() and int(parts[1]) < len(keys):
            lines.setdefault(keys[int(parts[1])], []).append(text)
        elif text not in whole:
            whole.append(text)
    return {"lines": lines, "whole": whole}


def _customer(number: str) -> Any | None:
    return parties.customers_by_number([number]).get(number) if number else None


def _form(
    request: HttpRequest,
    *,
    values: dict[str, Any],
    lines: list[dict[str, Any]],
    problems: dict[str, Any] | None = None,
    order: Any = None,
) -> HttpResponse:
    number = values.get("customer", "")
    context = {
        "values": values,
        "lines": lines,
        "problems": problems or {"lines": {}, "whole": []},
        "order": order,
        "customer": _customer(number),
        "payment_methods": PAYMENT_METHODS,
        "channels": CHANNELS,
        "may_adjust": may(request.user.roles, "orders.adjust_price"),
    }
    return render(request, "console/entry.html", context, status=422 if problems else 200)


def _typed(request: HttpRequest) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    data = request.POST
    lines = [
        dict(zip(LINE_FIELDS, row, strict=True))
        for row in zip(*(data.getlist(name) for name in LINE_FIELDS), strict=False)
    ]
    return data.dict() | {"split_dates": "split_dates" in data, "split_sites": "split_sites" in data}, [
        line for line in lines if line["sku"].strip()
    ]


@needs("orders.edit")
def new(request: HttpRequest) -> HttpResponse:
    """A new order: saved as a draft, or submitted."""
    if request.method != "POST":
        values = {
            "reference": str(new_id()),
            "customer": request.GET.get("customer", ""),
            "split_dates": True,
            "split_sites": True,
        }
        known = _customer(values["customer"])
        values["customer_text"] = known.name if known else ""
        return _form(request, values=values, lines=[])
    reference = request.POST.get("reference") or str(new_id())
    draft, keys, unread = parsed(request, reference)
    here = edge(request)
    if not unread:
        outcome = actions.capture(
            [draft], submit=request.POST.get("do") == "submit", actor=here.actor, at=here.at, roles=request.user.roles
        )
        if outcome.done:
            made = outcome.done[0]
            text = (
                _("Order %(number)s is submitted.")
                if made.state == "submitted"
                else _("Order %(number)s is saved as a draft.")
            )
            messages.success(request, text % {"number": made.number})
            return redirect("console:order", made.order_id)
        unread = [finding for refusal in outcome.refused for finding in refusal.findings]
    values, lines = _typed(request)
    return _form(request, values=values | {"reference": reference}, lines=lines, problems=placed(unread, keys))


@needs("orders.edit")
def edit(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Change a draft."""
    here = edge(request)
    page = queries.order_form(order_id)
    if page is None:
        raise Http404
    if page.head.state not in ("draft", "submitted"):
        messages.warning(request, _("A closed or cancelled order cannot be changed. Enter a new one."))
        return redirect("console:order", order_id)
    if request.method != "POST":
        return _form(request, values=_values(page.head), lines=[_line(line) for line in page.lines], order=page.head)
    typed, keys, unread = parsed(request, page.head.external_reference)
    draft = _onto(orders.stored_drafts([order_id])[order_id], typed)
    if not unread:
        outcome = actions.change(order_id, draft, actor=here.actor, at=here.at, roles=request.user.roles)
        if not outcome.refused and page.head.state == "draft" and request.POST.get("do") == "submit":
            outcome = actions.submit([order_id], actor=here.actor, at=here.at)
        if not outcome.refused:
            messages.success(request, _("Order %(number)s is saved.") % {"number": page.head.number})
            return redirect("console:order", order_id)
        unread = [finding for refusal in outcome.refused for finding in refusal.findings]
    values, lines = _typed(request)
    return _form(request, values=values, lines=lines, problems=placed(unread, keys), order=page.head)


def _onto(stored: OrderDraft, typed: OrderDraft) -> OrderDraft:
    """The stored order with what the form can change; what it does not show stays as it is."""
    known = {line.external_line_id: line for line in stored.lines}
    lines = tuple(
        replace(
            known[line.external_line_id],
            sku=line.sku,
            quantity=line.quantity,
            unit=line.unit,
            manual=_manual(known[line.external_line_id], line),
        )
        if line.external_line_id in known
        else line
        for line in typed.lines
    )
    names = (
        "bill_to_id",
        "ship_to_id",
        "customer_reference",
        "requested_arrival_on",
        "not_before_on",
        "split_dates",
        "split_sites",
        "notes",
        "channel",
    )
    customer = typed.customer_number or stored.customer_number
    changed = {name: getattr(typed, name) for name in names} | {
        "payment_method": typed.payment_method or stored.payment_method
    }
    if customer != stored.customer_number:
        changed |= {"customer_number": customer, "currency": "", "payment_terms": "", "price_list_code": ""}
    return replace(stored, lines=lines, **changed)


def _manual(stored: LineDraft, typed: LineDraft) -> ManualAdjustment | None:
    """The adjustment as it was, unless the percentage in the form says otherwise."""
    before = stored.manual
    if before is not None and (
        before.kind != "percent" or (typed.manual is not None and typed.manual.value == before.value)
    ):
        return before
    return typed.manual


def _values(head: Any) -> dict[str, Any]:
    return {
        "reference": head.external_reference,
        "customer": head.customer_number,
        "customer_text": head.customer,
        "bill_to": str(head.bill_to_id),
        "ship_to": str(head.ship_to_id),
        "payment_method": head.payment_method,
        "customer_reference": head.customer_reference,
        "channel": head.channel,
        "requested_arrival_on": head.requested_arrival_on.isoformat() if head.requested_arrival_on else "",
        "not_before_on": head.not_before_on.isoformat() if head.not_before_on else "",
        "split_dates": head.split_dates,
        "split_sites": head.split_sites,
        "notes": head.notes,
    }


def _line(line: Any) -> dict[str, Any]:
    percent = formats.number(line.manual_value) if line.manual_kind == "percent" else ""
    return {
        "key": str(line.line_number),
        "external": line.external_line_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": formats.number(line.quantity),
        "unit": line.unit,
        "percent": percent,
        "reason": line.manual_reason,
    }


@needs("orders.edit")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Prices, dates and findings of what is typed so far; nothing is stored."""
    draft, keys, unread = parsed(request, "")
    here = edge(request)
    customer = _customer(draft.customer_number)
    context: dict[str, Any] = {"customer": customer, "keys": keys, "values": request.POST, "wanted": bool(draft.lines)}
    if customer is None or not draft.lines:
        context |= {
            "problems": placed(unread, keys),
            "every_key": request.POST.getlist("key"),
            "refresh_customer": _other_customer(request),
        }
        return render(request, "console/parts/preview.html", context)
    problems = placed(unread, keys)
    seen = orders.price_and_promise(draft, on=here.today, roles=request.user.roles)
    if seen.priced is None:
        problems = placed([*unread, *seen.findings], keys)
        good = [index for index, key in enumerate(keys) if key not in problems["lines"]]
        if good and not problems["whole"]:
            keys = [keys[index] for index in good]
            draft = replace(draft, lines=tuple(draft.lines[index] for index in good))
            seen = orders.price_and_promise(draft, on=here.today, roles=request.user.roles)
    priced = dict(zip(keys, seen.priced.lines, strict=False)) if seen.priced else {}
    if priced:
        extra = placed(list(seen.findings), keys)
        problems = {"lines": problems["lines"] | extra["lines"], "whole": problems["whole"] + extra["whole"]}
    rows = [
        {
            "key": key,
            "sku": line.sku,
            "priced": priced.get(key),
            "bars": waterfall(_parts(priced[key])) if key in priced else [],
            "pieces": seen.pieces_of(index),
        }
        for index, (key, line) in enumerate(zip(keys, draft.lines, strict=True))
    ]
    context |= {
        "rows": rows,
        "order": seen.priced,
        "currency": seen.currency,
        "problems": problems,
        "every_key": request.POST.getlist("key"),
        "goods": sum((line.net for line in priced.values()), Decimal(0)),
        "refresh_customer": _other_customer(request),
    }
    return render(request, "console/parts/preview.html", context)


def _other_customer(request: HttpRequest) -> bool:
    """Whether the addresses shown belong to another customer than the one now chosen."""
    return request.POST.get("customer", "") != request.POST.get("customer_shown", "")


def _parts(line: Any) -> list[dict[str, str]]:
    return [
        {"kind": part.kind, "label": part.label, "source": part.source, "amount": str(part.amount)}
        for part in line.waterfall
    ]
