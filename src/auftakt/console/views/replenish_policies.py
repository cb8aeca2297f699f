"""Replenishment policies: the list, one of them, and a grid that is edited and pasted into."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from auftakt.console import formats, words
from auftakt.console.datum import Datum, at_rows, change, create, listing
from auftakt.console.forms import CodeField, LookupInput, NumberField, Section, Sheet
from auftakt.console.lists.replenish import POLICIES
from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs
from auftakt.console.queries.making import site_codes
from auftakt.identity.queries import may
from auftakt.supply import actions
from auftakt.supply import queries as supply
from auftakt.supply.types import POLICY_METHODS, PolicyDraft, PolicyFacts
from auftakt.values import Outcome

ROWS_A_PAGE = 40
_OPTIONAL = gettext_lazy("Empty: worked out.")
_NAMES = (
    "sku", "site_code", "method", "source", "supplier_number", "from_site", "reorder_point", "maximum", "lot",
    "multiple", "cover_days", "review_days", "safety_stock", "service_level", "demand_days", "demand_per_day",
    "lead_days", "buyer",
)  # fmt: skip
_DEFAULTS: Mapping[str, Any] = {
    "lot": Decimal(0), "multiple": Decimal(0), "cover_days": 0, "review_days": 0, "service_level": Decimal(95),
    "demand_days": 90,
}  # fmt: skip


def _methods() -> list[tuple[str, Any]]:
    return [(code, _("Not ordered by itself") if code == "none" else words.word(code)) for code in POLICY_METHODS]


class PolicyForm(forms.Form):
    """When an item is ordered for a site, how much, and from where."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    site_code = forms.ChoiceField(label=gettext_lazy("Site"))
    method = forms.ChoiceField(label=gettext_lazy("Method"))
    reorder_point = NumberField(label=gettext_lazy("Reorder point"), required=False, help_text=_OPTIONAL)
    maximum = NumberField(
        label=gettext_lazy("Up to"), required=False, help_text=gettext_lazy("With minimum and maximum.")
    )
    lot = NumberField(label=gettext_lazy("Lot"), required=False, help_text=gettext_lazy("With a reorder point."))
    cover_days = NumberField(
        label=gettext_lazy("Covers days"), whole=True, required=False, help_text=gettext_lazy("With days of cover.")
    )
    review_days = NumberField(
        label=gettext_lazy("Reviewed every"), whole=True, required=False, help_text=gettext_lazy("In days.")
    )
    multiple = NumberField(
        label=gettext_lazy("In steps of"), required=False, help_text=gettext_lazy("Empty: the supplier's.")
    )
    service_level = NumberField(
        label=gettext_lazy("Service level, %"),
        required=False,
        help_text=gettext_lazy("50 to 99.99; decides the safety stock."),
    )
    safety_stock = NumberField(
        label=gettext_lazy("Safety stock"), required=False, help_text=gettext_lazy("Empty: from the service level.")
    )
    demand_per_day = NumberField(
        label=gettext_lazy("Demand a day"), required=False, help_text=gettext_lazy("Empty: measured.")
    )
    demand_days = NumberField(
        label=gettext_lazy("Measured over"), whole=True, required=False, help_text=gettext_lazy("In calendar days.")
    )
    lead_days = NumberField(
        label=gettext_lazy("Lead time (days)"), whole=True, required=False, help_text=gettext_lazy("Empty: measured.")
    )
    source = forms.ChoiceField(label=gettext_lazy("Source"), required=False)
    supplier_number = CodeField(
        label=gettext_lazy("Supplier"), widget=LookupInput("supplier_options"), required=False,
        help_text=gettext_lazy("Empty: the one who is asked first."),
    )  # fmt: skip
    from_site = forms.ChoiceField(label=gettext_lazy("From site"), required=False)
    buyer = forms.CharField(label=gettext_lazy("Buyer"), max_length=64, required=False)

    sections = (
        Section("", "sku:w6 site_code:w6 method:w6 buyer:w6"),
        Section(
            gettext_lazy("When and how much"),
            "reorder_point:w4 maximum:w4 lot:w4 cover_days:w4 review_days:w4 multiple:w4",
        ),
        Section(
            gettext_lazy("Safety, demand and lead time"),
            "service_level:w4 safety_stock:w4 demand_per_day:w4 demand_days:w6 lead_days:w6",
        ),
        Section(gettext_lazy("Where from"), "source:w4 supplier_number:w4 from_site:w4"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site_code"].choices = site_codes()
        self.fields["from_site"].choices = [("", "–"), *site_codes()]
        self.fields["method"].choices = _methods()
        self.fields["source"].choices = _sources()


def _sources() -> list[tuple[str, Any]]:
    return [("", _("as sourced")), ("buy", _("Bought")), ("transfer", _("Transferred")), ("make", _("Made"))]


def _values(facts: PolicyFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in _NAMES}


def _draft(values: Mapping[str, Any]) -> PolicyDraft:
    told = {name: values.get(name) for name in _NAMES}
    told |= {name: default for name, default in _DEFAULTS.items() if told[name] is None}
    return PolicyDraft(**{name: "" if value is None and name in _TEXTS else value for name, value in told.items()})


_TEXTS = ("source", "supplier_number", "from_site", "buyer")


def _read(key: str) -> dict[str, Any] | None:
    try:
        found = supply.policies([UUID(key)])
    except ValueError:
        return None
    return {"id": found[0].id, **_values(found[0])} if found else None


def _save(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    return actions.save_policies([_draft(values)], actor=actor, at=at)


def _key(values: dict[str, Any]) -> str:
    for each in supply.policies(skus=[values["sku"]]):
        if each.site_code == values["site_code"]:
            return str(each.id)
    return ""


POLICY = Datum(
    "replenishment_policy",
    PolicyForm,
    _read,
    _save,
    "replenishment_policies",
    gettext_lazy("Replenishment policies"),
    gettext_lazy("New policy"),
    key="sku",
    fixed=("sku", "site_code"),
    called="sku",
    key_of=_key,
    initial={"method": "days_of_cover", "cover_days": 14, "service_level": 95, "demand_days": 90},
)


@needs("supply.view")
def policies(request: HttpRequest) -> HttpResponse:
    """When items are ordered, how much, and from where."""
    beside = [("replenishment", _("Proposals"))]
    if may(request.user.roles, "supply.edit"):
        beside.append(("replenishment_grid", _("Edit as a grid")))
    return listing(
        request, POLICIES, new="replenishment_policy_new", title=POLICY.new, rule="supply.edit", beside=beside
    )


@needs("supply.edit")
def new(request: HttpRequest) -> HttpResponse:
    """A new policy."""
    asked = {name: request.GET.get(name, "").replace("\0", "")[:64] for name in ("sku", "site_code")}
    return create(request, POLICY, {name: value for name, value in asked.items() if value})


@needs("supply.edit")
def edit(request: HttpRequest, policy_id: UUID) -> HttpResponse:
    """Change a policy."""
    return change(request, POLICY, str(policy_id))


class RowForm(forms.Form):
    """A policy in the grid; what the grid does not show stays as it is."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    site_code = forms.ChoiceField(label=gettext_lazy("Site"))
    method = forms.ChoiceField(label=gettext_lazy("Method"))
    reorder_point = NumberField(label=gettext_lazy("Reorder point"), required=False)
    maximum = NumberField(label=gettext_lazy("Up to"), required=False)
    lot = NumberField(label=gettext_lazy("Lot"), required=False)
    cover_days = NumberField(label=gettext_lazy("Covers days"), whole=True, required=False)
    review_days = NumberField(label=gettext_lazy("Reviewed every"), whole=True, required=False)
    service_level = NumberField(label=gettext_lazy("Service level, %"), required=False)
    safety_stock = NumberField(label=gettext_lazy("Safety stock"), required=False)

    fixed = ("sku", "site_code")

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        return {"site_code": site_codes(), "method": _methods()}


class GridForm(forms.Form):
    """The grid has no field of its own."""

    sections = (Section("", rows="policies"),)


_ROW = tuple(RowForm.base_fields)
ROWS = {"policies": (RowForm, gettext_lazy("Replenishment policies"))}


def _page(after: str) -> tuple[list[PolicyFacts], str]:
    """The policies of a page, and where the next begins."""
    sku, _dash, site = after.rpartition("|")
    found = supply.policies(after=(sku, site) if sku else None, limit=ROWS_A_PAGE + 1)
    shown = found[:ROWS_A_PAGE]
    return shown, f"{shown[-1].sku}|{shown[-1].site_code}" if len(found) > ROWS_A_PAGE else ""


@needs("supply.edit")
def grid(request: HttpRequest) -> HttpResponse:
    """Policies as a grid: change many at once, or paste rows from a spreadsheet."""
    after = request.GET.get("after", "")[:140].replace("\0", "")
    shown, following = _page(after)
    stored = [{name: getattr(each, name) for name in _ROW} for each in shown]
    sheet = Sheet(request, GridForm, now={"policies": stored}, rows=ROWS, subject=None)
    if request.method == "POST" and _save_grid(request, sheet, after):
        return redirect(request.get_full_path())
    context = {"sheet": sheet, "rows": sheet.rows["policies"], "following": following, "after": after, "words": ""}
    return render(request, "console/replenishment_grid.html", context, status=sheet.status)


def _save_grid(request: HttpRequest, sheet: Sheet, after: str) -> bool:
    here = edge(request)
    saved: list[int] = []

    def read(_key: str) -> dict[str, Any]:
        return {"policies": [{name: getattr(each, name) for name in _ROW} for each in _page(after)[0]]}

    def verb(values: dict[str, Any]) -> Outcome[Any]:
        skus = {row["sku"] for row in values["policies"]}
        known = {(each.sku, each.site_code): each for each in supply.policies(skus=skus)}
        changed: list[tuple[int, PolicyDraft]] = []
        for index, row in enumerate(values["policies"]):
            before = known.get((row["sku"], row["site_code"]))
            draft = _draft((_values(before) if before else {}) | row)
            if before is None or draft != _draft(_values(before)):
                changed.append((index, draft))
        saved.append(len(changed))
        outcome = actions.save_policies([draft for _index, draft in changed], actor=here.actor, at=here.at)
        return at_rows(outcome, "policies", [index for index, _draft_ in changed])

    if not sheet.save(read, verb, turn="replenishment_policies"):
        return False
    count = saved[0] if saved else 0
    text = ngettext("One policy is saved.", "%(count)s policies are saved.", count) % {"count": formats.number(count)}
    messages.success(request, text if count else _("Nothing was changed."))
    return True
