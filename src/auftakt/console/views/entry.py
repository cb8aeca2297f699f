"""Order entry: a form that prices and promises while it is typed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.channels.mail import actions as mail
from auftakt.console import formats, queries
from auftakt.console.meanwhile import Told
from auftakt.console.outcomes import Edge, edge, ids, said
from auftakt.console.permissions import needs
from auftakt.console.views.design import waterfall
from auftakt.console.views.entry_form import (
    CHANNELS,
    MOST_LINES,
    Line,
    copied_line,
    onto,
    parsed,
    placed,
    stored_line,
    stored_values,
    typed_lines,
    typed_values,
    unlike_lines,
    windowed,
)
from auftakt.console.views.entry_margin import CustomerSheet, account_of
from auftakt.console.views.entry_merge import merge
from auftakt.identity.queries import may
from auftakt.orders import actions
from auftakt.orders import queries as orders
from auftakt.orders.types import PAYMENT_METHODS, OrderDraft, Preview
from auftakt.parties import queries as parties
from auftakt.values import Finding, Outcome, new_id

NOTHING: dict[str, Any] = {"lines": {}, "whole": []}
CHANGEABLE = ("draft", "submitted")


def _customer(number: str) -> Any | None:
    return parties.customers_by_number([number]).get(number) if number else None


@dataclass(slots=True)
class _Form:
    """What the entry form shows."""

    values: dict[str, Any]
    lines: Sequence[Line]
    problems: dict[str, Any] | None = None
    order: Any = None
    told: Told | None = None
    copied: str = ""
    is_fresh: bool = False

    def shown(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        problems = self.problems or NOTHING
        customer = _customer(self.values.get("customer", ""))
        context = {
            "values": self.values | {name: "" for name in ("ship_to", "bill_to") if not self.values.get(name)},
            "problems": problems,
            "jumps": unlike_lines(self.lines, problems),
            "order": self.order,
            "told": self.told,
            "copied": self.copied,
            "is_fresh": self.is_fresh,
            "customer": customer,
            "account": account_of(request, customer),
            "payment_methods": PAYMENT_METHODS,
            "channels": CHANNELS,
            "most": MOST_LINES,
            "words": _words(),
            "next_key": 10**6 + secrets.randbelow(10**9) if self.order else 0,
            "may_adjust": may(request.user.roles, "orders.adjust_price"),
            "sheet": CustomerSheet(initial={"country": "DE", "language": request.user.language})
            if may(request.user.roles, "parties.edit")
            else None,
            **windowed(self.lines, problems),
        }
        status = 409 if self.told else 422 if self.problems else 200
        return render(request, "console/entry.html", context, status=status)


def _words() -> dict[str, str]:
    """What lines.js says."""
    return {
        "removed": _("Line {n}, {sku} removed"),
        "replaced": _("Taken instead: {sku}"),
        "pasted": _("Lines pasted: {n}"),
        "too_many": _("An order takes {most} lines at most; left out: {left}."),
        "window": _("Lines {first} to {last} of {all}"),
    }


@needs("orders.edit")
def new(request: HttpRequest) -> HttpResponse:
    """A new order: saved as a draft, or submitted."""
    if request.method != "POST":
        return _blank(request).shown(request)
    reference = request.POST.get("reference") or str(new_id())
    lines = typed_lines(request.POST)
    draft, unread = parsed(request, lines, reference)
    here = edge(request)
    if not unread:
        submits = request.POST.get("do") == "submit"
        with transaction.atomic():
            outcome = actions.capture([draft], submit=submits, actor=here.actor, at=here.at, roles=request.user.roles)
            if outcome.done and submits and "send_confirmation" in request.POST:
                _confirm(request, here, outcome.done[0].order_id)
        if outcome.done:
            made = outcome.done[0]
            text = (
                _("Order %(number)s is submitted.")
                if made.state == "submitted"
                else _("Order %(number)s is saved as a draft.")
            )
            messages.success(request, text % {"number": made.number})
            return redirect("console:order", made.order_id)
        unread = _findings(outcome)
    problems = placed(unread, [line["key"] for line in lines])
    return _Form(typed_values(request.POST) | {"reference": reference}, lines, problems).shown(request)


def _confirm(request: HttpRequest, here: Edge, order_id: UUID) -> None:
    """Ask for the confirmation to be sent, in the order's transaction; what hinders it does not hinder the order."""
    outcome = mail.order_confirmation([order_id], actor=here.actor, at=here.at)
    for text in said(outcome.refused):
        messages.warning(request, text)


def _findings(outcome: Outcome[Any]) -> list[Finding]:
    return [finding for refusal in outcome.refused for finding in refusal.findings]


def _blank(request: HttpRequest) -> _Form:
    """An empty form, one for a customer, or one filled with an earlier order: its prices are made anew."""
    yes = dict.fromkeys(("split_dates", "split_sites", "send_confirmation"), True)
    values: dict[str, Any] = {"reference": str(new_id())} | yes
    earlier = ids([request.GET.get("copy", "")])
    form = queries.order_form(earlier[0]) if earlier else None
    if form is not None:
        head = stored_values(form.head)
        kept = ("customer", "customer_text", "bill_to", "ship_to", "payment_method", "split_dates", "split_sites")
        values |= {name: head[name] for name in kept} | {"channel": "console"}
        lines = [copied_line(line) | {"key": str(at)} for at, line in enumerate(form.lines, 1)]
        return _Form(values, lines, copied=form.head.number, is_fresh=True)
    values["customer"] = request.GET.get("customer", "")
    known = _customer(values["customer"])
    values["customer_text"] = known.name if known else ""
    return _Form(values, [], is_fresh=True)


@needs("orders.edit")
def edit(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Change an order: a draft freely, a submitted one by a revision."""
    version = queries.version(order_id)
    form = queries.order_form(order_id)
    if form is None:
        raise Http404
    if form.head.state not in CHANGEABLE:
        messages.warning(request, _("A closed or cancelled order cannot be changed. Enter a new one."))
        return redirect("console:order", order_id)
    opened = version.mark.partition(".")[2]
    if request.method != "POST":
        values = stored_values(form.head) | {"opened": opened}
        return _Form(values, [stored_line(line) for line in form.lines], order=form.head, is_fresh=True).shown(request)
    lines = typed_lines(request.POST)
    typed, unread = parsed(request, lines, form.head.external_reference)
    values = typed_values(request.POST)
    if not unread:
        outcome = _change(request, edge(request), form, typed)
        if not outcome.refused:
            messages.success(request, _("Order %(number)s is saved.") % {"number": form.head.number})
            return redirect("console:order", order_id)
        unread = _findings(outcome)
        if unread[0].code == "changed_meanwhile":
            return _meanwhile(form, values, lines, opened).shown(request)
    problems = placed(unread, [line["key"] for line in lines])
    return _Form(values, lines, problems, order=form.head).shown(request)


def _change(request: HttpRequest, here: Edge, form: queries.OrderForm, typed: OrderDraft) -> Outcome[Any]:
    """Save the change if the order still is as it was when the form was opened."""
    order_id, seen = form.head.id, request.POST.get("seen", "")
    opened = ids([request.POST.get("opened", "")])
    if seen != form.head.seen and opened and not queries.changes_since(order_id, opened[0]):
        seen = form.head.seen
    draft = onto(orders.stored_drafts([order_id])[order_id], typed)
    outcome: Outcome[Any] = actions.change(
        order_id, draft, actor=here.actor, at=here.at, roles=request.user.roles, seen=seen
    )
    if not outcome.refused and form.head.state == "draft" and request.POST.get("do") == "submit":
        outcome = actions.submit([order_id], actor=here.actor, at=here.at)
    return outcome


def _meanwhile(form: queries.OrderForm, values: dict[str, Any], lines: Sequence[Line], opened: str) -> _Form:
    """The form again, with what the other changed told and brought in; to save now is to know it."""
    before = ids([values.get("opened", "")])
    names = {
        line.external_line_id: _("Line %(number)s") % {"number": f"{line.line_number}, {line.sku}"}
        for line in form.lines
    }
    merged = merge(form.head.id, before[0], values, lines, names) if before else None
    newer = {"seen": form.head.seen, "opened": opened}
    if merged is None:
        return _Form(values | newer, lines, NOTHING, order=form.head, told=Told())
    return _Form(merged.values | newer, merged.lines, NOTHING, order=form.head, told=merged.told)


@dataclass(slots=True)
class Seen:
    """A draft as it would be: what fits is priced and promised although other lines have problems."""

    keys: list[str]
    draft: OrderDraft
    preview: Preview
    problems: dict[str, Any]

    @property
    def priced(self) -> dict[str, Any]:
        """Priced lines by key."""
        return dict(zip(self.keys, self.preview.priced.lines, strict=False)) if self.preview.priced else {}

    @property
    def pieces(self) -> dict[str, Any]:
        """How each line would be served, by key."""
        return {key: self.preview.pieces_of(at) for at, key in enumerate(self.keys)}


def look_ahead(request: HttpRequest, here: Edge, draft: OrderDraft, keys: list[str], unread: list[Finding]) -> Seen:
    """Price and promise a draft without storing anything; lines with problems are set aside and told."""
    roles = request.user.roles
    seen = orders.price_and_promise(draft, on=here.today, roles=roles)
    problems = placed([*unread, *seen.findings], keys)
    if seen.priced is None:
        good = [at for at, key in enumerate(keys) if key not in problems["lines"]]
        if good and not problems["whole"]:
            keys = [keys[at] for at in good]
            draft = replace(draft, lines=tuple(draft.lines[at] for at in good))
            seen = orders.price_and_promise(draft, on=here.today, roles=roles)
            more = placed(list(seen.findings), keys)
            problems = {"lines": problems["lines"] | more["lines"], "whole": problems["whole"] + more["whole"]}
    return Seen(keys, draft, seen, problems)


@needs("orders.edit")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Prices, dates and findings of what is typed so far; nothing is stored.

    Of a long order the lines that are shown are looked at; `whole` asks for the totals of all.
    """
    lines, whole, here = typed_lines(request.POST), "whole" in request.POST, edge(request)
    draft, unread = parsed(request, lines, "")
    keys = [line["key"] for line in lines]
    customer = _customer(draft.customer_number)
    in_all = request.POST.get("lines_in_all", "")
    moved = customer is not None and customer.number != request.POST.get("customer_shown", "")
    context: dict[str, Any] = {
        "customer": customer,
        "values": request.POST,
        "wanted": bool(draft.lines),
        "every_key": request.POST.getlist("key"),
        "problems": placed(unread, keys),
        "refresh_customer": moved or (customer is None and bool(request.POST.get("customer_shown"))),
        "account": account_of(request, customer) if moved else None,
        "in_all": int(in_all[:9]) if in_all.isdecimal() else len(lines),
        "counted_to": len(lines),
        "whole": whole,
        "confirm_values": {"send_confirmation": True},
    }
    if customer is not None and draft.lines:
        mine = {address.id for address in customer.addresses}
        strange = {name: None for name in ("ship_to_id", "bill_to_id") if getattr(draft, name) not in mine}
        seen = look_ahead(request, here, replace(draft, **strange), keys, unread)
        context |= _looked_at(seen, customer, {} if whole else {line["key"]: line["sku"] for line in lines}, draft)
        context["jumps"] = unlike_lines(lines, seen.problems)
    return render(request, "console/parts/preview.html", context)


def _looked_at(seen: Seen, customer: Any, shown: dict[str, str], draft: OrderDraft) -> dict[str, Any]:
    """What the preview shows of a draft: totals, and each line that is shown with its price, dates and last price."""
    priced, pieces = seen.priced, seen.pieces
    paid = queries.last_prices(customer.id, shown.values()) if shown else {}
    rows = [
        {
            "key": key,
            "sku": sku,
            "priced": priced.get(key),
            "bars": waterfall(_parts(priced[key])) if key in priced and len(shown) <= WHY else [],
            "pieces": pieces.get(key, ()),
            "late": _is_late(pieces.get(key, ()), draft),
            "last": next(iter(paid.get(sku, ())), None),
        }
        for key, sku in shown.items()
    ]
    return {
        "rows": rows,
        "order": seen.preview.priced,
        "currency": seen.preview.currency,
        "problems": seen.problems,
        "goods": sum((line.net for line in priced.values()), Decimal(0)),
        "counted": formats.number(len(priced)),
    }


WHY = 20
"""Of as many lines the preview explains every price."""


def _is_late(pieces: Sequence[Any], draft: OrderDraft) -> bool:
    wished = draft.requested_arrival_on
    return any(piece.arrive_on is None or (wished and piece.arrive_on > wished) for piece in pieces)


def _parts(line: Any) -> list[dict[str, str]]:
    return [
        {"kind": part.kind, "label": part.label, "source": part.source, "amount": str(part.amount)}
        for part in line.waterfall
    ]
