"""The margin of order entry: the customer's account and notes, the line one works on, a customer made on the way."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from auftakt.catalog import queries as catalog
from auftakt.console import formats, queries, words
from auftakt.console.countries import countries
from auftakt.console.forms import findings_into, findings_of
from auftakt.console.outcomes import day_of, edge, ids
from auftakt.console.permissions import needs
from auftakt.console.views.entry_form import line_of
from auftakt.identity.queries import may
from auftakt.orders import queries as orders
from auftakt.orders.types import LineDraft, OrderDraft
from auftakt.parties import actions
from auftakt.parties import queries as parties
from auftakt.parties.types import AddressDraft, PartyDraft
from auftakt.promising import queries as promising

TRIES = 5
ONE = Decimal(1)


def account_of(request: HttpRequest, customer: Any | None) -> dict[str, Any] | None:
    """What the margin says of a customer: open orders, credit, what is owed, notes."""
    found = queries.account(customer.id, today=edge(request).today) if customer else None
    if found is None:
        return None
    head = found.head
    limit = head.credit_limit
    return {
        "found": found,
        "left": limit - head.credit_drawn if limit is not None else None,
        "share": min(100, int(head.credit_drawn / limit * 100)) if limit else 0,
        "sees_money": may(request.user.roles, "billing.view"),
    }


@needs("parties.view")
def customer_options(request: HttpRequest, *, create: bool = False) -> JsonResponse:
    """Customers whose number or name fits what is typed, or one to be made."""
    typed = request.GET.get("q", "").strip()[:80]
    options: list[dict[str, Any]] = [
        {
            "value": row.number,
            "label": row.name,
            "title": row.name,
            "side": row.number,
            "hint": ", ".join(part for part in (row.city, row.country) if part),
        }
        for row in queries.customer_options(typed)
    ]
    if create and may(request.user.roles, "parties.edit"):
        title = _("New customer: %(name)s") % {"name": typed} if typed else _("New customer")
        options.append({"value": "", "label": typed, "title": title, "hint": _("Create it here"), "creates": True})
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


@needs("orders.edit")
def line_facts(request: HttpRequest) -> HttpResponse:
    """The line one works on: where the item lies, what was paid last, what goes instead of it or with it."""
    asked, here = request.GET, edge(request)
    sku = asked.get("sku", "").strip()[:64]
    item = catalog.items_by_sku([sku]).get(sku)
    number = asked.get("customer", "").strip()[:64]
    customer = parties.customers_by_number([number]).get(number)
    if item is None or customer is None:
        return render(request, "console/parts/entry_line_facts.html", {})
    quantity = formats.parse_number(asked.get("quantity", "")) or ONE
    suggested = queries.suggestions(item.id)
    ship = ids([asked.get("ship_to", "")])
    wanted = day_of(asked.get("wanted", ""))
    lines = [LineDraft(sku, quantity, asked.get("unit", "").strip(), "wish")]
    lines += [
        LineDraft(each.sku, quantity if each.kind == "substitute" else ONE, each.unit, each.sku) for each in suggested
    ]
    draft = OrderDraft(
        "console",
        "",
        number,
        tuple(lines),
        ship_to_id=ship[0] if ship and ship[0] in {address.id for address in customer.addresses} else None,
        requested_arrival_on=wanted,
    )
    answers = _answers(draft, here.today)
    mine = answers.get("wish")
    context = {
        "item": item,
        "name": queries.item_name(item.id),
        "key": asked.get("key", "")[:20],
        "wish": mine,
        "is_short": mine is not None and (mine["day"] is None or bool(wanted and mine["day"] > wanted)),
        "sites": promising.availability([item.id], on=here.today),
        "paid": queries.last_prices(customer.id, [sku], each=3).get(sku, []),
        "suggested": [
            {
                "row": each,
                "answer": answers.get(each.sku),
                "quantity": formats.number(quantity if each.kind == "substitute" else ONE),
            }
            for each in suggested
        ],
    }
    return render(request, "console/parts/entry_line_facts.html", context)


def _answers(draft: OrderDraft, today: Any) -> dict[str, dict[str, Any]]:
    """Price and last day of each line that can be priced, by its external id. Others are left out."""
    seen = orders.price_and_promise(draft, on=today)
    if seen.priced is None:
        bad = {at for finding in seen.findings if (at := line_of(finding)) is not None}
        good = tuple(line for at, line in enumerate(draft.lines) if at not in bad)
        if not bad or not good:
            return {}
        draft = replace(draft, lines=good)
        seen = orders.price_and_promise(draft, on=today)
    if seen.priced is None:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for at, (line, priced) in enumerate(zip(draft.lines, seen.priced.lines, strict=True)):
        days = [piece.arrive_on for piece in seen.pieces_of(at)]
        found[line.external_line_id] = {
            "price": priced.unit_price,
            "currency": seen.currency,
            "day": max(days) if days and all(days) else None,
            "later": (seen.promises[at].reason or {}).get("could"),
        }
    return found


class CustomerSheet(forms.Form):
    """The few fields that a new customer needs before it can order."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("organisation", gettext_lazy("Organisation")), ("person", gettext_lazy("Person"))],
    )
    street = forms.CharField(label=gettext_lazy("Street and number"), max_length=300)
    postal_code = forms.CharField(label=gettext_lazy("Postal code"), required=False, max_length=20)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100)
    region = forms.CharField(label=gettext_lazy("State or province"), required=False, max_length=100)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=40)
    language = forms.ChoiceField(label=gettext_lazy("Language of papers"), choices=settings.LANGUAGES)
    payment_terms = forms.ChoiceField(label=gettext_lazy("Payment terms"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="customer", use_required_attribute=False, **kwargs)
        self.fields["country"].choices = countries()
        self.fields["payment_terms"].choices = [(row.code, row.name) for row in queries.payment_terms()]


@needs("parties.edit")
@require_POST
def customer_new(request: HttpRequest) -> HttpResponse:
    """Make a customer from order entry, with the next number; the order goes on with it."""
    sheet = CustomerSheet(request.POST)
    if sheet.is_valid():
        number = _make(request, sheet)
        if number:
            answer = HttpResponse(status=204)
            answer["HX-Trigger"] = json.dumps(
                {"customer:made": {"number": number, "name": sheet.cleaned_data["name"].strip()}}
            )
            return answer
    return render(request, "console/parts/entry_customer_sheet.html", {"sheet": sheet}, status=422)


def _make(request: HttpRequest, sheet: CustomerSheet) -> str:
    """The number of the customer that was made; empty when it was refused, with the findings at their fields."""
    here, data = edge(request), sheet.cleaned_data
    parts = ("street", "postal_code", "city", "region", "country")
    address = AddressDraft(**{name: data[name] for name in parts}, is_default_bill_to=True, is_default_ship_to=True)
    same = ("name", "kind", "language", "payment_terms", "email", "phone")
    for _try in range(TRIES):
        draft = PartyDraft("", **{name: data[name] for name in same}, addresses=(address,))
        outcome = actions.save_parties([draft], actor=here.actor, at=here.at, only_new=True)
        if outcome.done:
            return parties.customers(outcome.done)[outcome.one()].number
        if not all(refusal.transient for refusal in outcome.refused):
            break
    findings_into(sheet, findings_of(outcome.refused))
    return ""
