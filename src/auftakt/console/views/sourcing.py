"""Sourcing rules: their versions and sources, what they are assigned to, and which of them a line gets."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from auftakt.console import sourcing_words, versions
from auftakt.console.countries import countries
from auftakt.console.datum import Datum, change, create, listing
from auftakt.console.findings import spoken
from auftakt.console.forms import CodeField, DayField, LookupInput, NumberField, Section
from auftakt.console.lists.sourcing import assignments_for, rules_for
from auftakt.console.outcomes import back_to, edge, tell
from auftakt.console.permissions import needs
from auftakt.console.queries import making, master
from auftakt.console.queries import sourcing as reads
from auftakt.console.sourcing_words import CHOICES, COUNTED, KINDS, MODES, Named
from auftakt.console.views.customer_form import CURRENCIES
from auftakt.console.views.mails import chosen
from auftakt.identity.queries import may
from auftakt.inventory import queries as inventory
from auftakt.parties import queries as parties
from auftakt.promising import actions as promising
from auftakt.supply import actions, queries
from auftakt.supply.types import (
    SOURCE_KINDS,
    AssignmentDraft,
    PromisingTerms,
    Resolved,
    Scope,
    Source,
    SourcingDraft,
    SourcingPublication,
    SourcingRetirement,
    SourcingRule,
    SourcingVersion,
    SourcingWish,
)
from auftakt.values import Outcome

SHOWN = 25
EDIT = "sourcing.edit"


class RuleForm(forms.Form):
    """The draft of a rule: how it promises. Sources are its rows."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    mode = forms.ChoiceField(label=gettext_lazy("What is promised"), choices=list(MODES.items()))
    counts = forms.MultipleChoiceField(
        label=gettext_lazy("Counts besides stock on hand"),
        choices=list(COUNTED.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    past_due_days = NumberField(
        label=gettext_lazy("Overdue supply counts for days"),
        whole=True,
        required=False,
        help_text=gettext_lazy("Empty: always. 0: what is overdue is not promised."),
    )
    horizon_days = NumberField(
        label=gettext_lazy("Horizon in days"),
        whole=True,
        help_text=gettext_lazy("Nothing is promised for later."),
    )
    infinite_after_days = NumberField(
        label=gettext_lazy("Not checked from days on"),
        whole=True,
        required=False,
        help_text=gettext_lazy("Later wishes are promised as wished; nothing is held for them. Empty: never."),
    )
    make_first_after_days = NumberField(
        label=gettext_lazy("Make first from days on"),
        whole=True,
        required=False,
        help_text=gettext_lazy("Later wishes are made rather than taken from stock. Empty: never."),
    )
    partial_starts = forms.BooleanField(
        label=gettext_lazy("Begin making with the parts that are there"), required=False
    )
    lead_days = NumberField(
        label=gettext_lazy("Lead time in working days"),
        whole=True,
        required=False,
        help_text=gettext_lazy("From asking to shipping; nothing else is looked at."),
    )
    late_cost_per_day = NumberField(label=gettext_lazy("A day late costs, each unit"), required=False)
    split_cost = NumberField(label=gettext_lazy("A further parcel costs"), required=False)
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), choices=[(code, code) for code in CURRENCIES], required=False
    )
    service_floor_days = NumberField(
        label=gettext_lazy("At most days late"),
        whole=True,
        required=False,
        help_text=gettext_lazy("When it can be had in time, however dear. Empty: cost alone decides."),
    )
    choice = forms.ChoiceField(label=gettext_lazy("For a whole order"), choices=list(CHOICES.items()))
    consolidate_at = forms.ChoiceField(
        label=gettext_lazy("Parcels meet at"),
        required=False,
        help_text=gettext_lazy("Parcels of several sites are delivered together from there."),
    )

    sections = (
        Section("", "code:w4 name:w8"),
        Section(gettext_lazy("Sources"), rows="sources", note=gettext_lazy("rank 1 is asked first")),
        Section(
            gettext_lazy("How it promises"),
            "mode:w6 horizon_days:w3 infinite_after_days:w3 choice:w6 consolidate_at:w6",
        ),
        Section(gettext_lazy("Lead time"), "lead_days:w6", when="mode=lead_time"),
        Section(
            gettext_lazy("Supply that counts"),
            "counts:w6 past_due_days:w6",
            when="mode=atp|ctp|ptp",
        ),
        Section(
            gettext_lazy("Making"),
            "partial_starts:w6 make_first_after_days:w6",
            when="mode=ctp|ptp",
        ),
        Section(
            gettext_lazy("Cost"),
            "late_cost_per_day:w3 split_cost:w3 currency:w2 service_floor_days:w4",
            when="mode=ptp",
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consolidate_at"].choices = [("", _("nowhere")), *making.site_codes()]


class SourceForm(forms.Form):
    """One way to get the item to where it ships from."""

    rank = NumberField(label=gettext_lazy("Rank"), whole=True)
    kind = forms.ChoiceField(label=gettext_lazy("How"), initial="ship")
    site = forms.ChoiceField(label=gettext_lazy("Ships from"), required=False)
    from_site = forms.ChoiceField(label=gettext_lazy("Transferred from"), required=False)
    supplier = CodeField(label=gettext_lazy("Supplier"), required=False, widget=LookupInput("supplier_options"))
    share = NumberField(label=gettext_lazy("Share in %"), required=False)
    transfer_days = NumberField(label=gettext_lazy("Days of transfer"), whole=True, required=False)
    valid_from = DayField(label=gettext_lazy("First day"))
    valid_until = DayField(label=gettext_lazy("Last day"))

    cards = "rank:w2 kind:w4 site:w6 from_site:w6 transfer_days:w6 supplier:w12 share:w4 valid_from:w4 valid_until:w4"

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        sites = making.site_codes()
        return {
            "kind": [(kind, KINDS[kind]) for kind in SOURCE_KINDS],
            "site": [("", _("any site with a lane")), *sites],
            "from_site": [("", "–"), *sites],
        }


class AssignmentForm(forms.Form):
    """What a rule is used for."""

    rule = forms.ChoiceField(label=gettext_lazy("Rule"))
    replaces = forms.BooleanField(
        label=gettext_lazy("Take it from the rule that has it"),
        required=False,
    )
    sku = CodeField(label=gettext_lazy("Item"), required=False, widget=LookupInput("item_options"))
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    brand = forms.ChoiceField(label=gettext_lazy("Brand"), required=False)
    customer = CodeField(label=gettext_lazy("Customer"), required=False, widget=LookupInput("customer_options"))
    segment = CodeField(label=gettext_lazy("Segment"), required=False)
    demand_class = CodeField(label=gettext_lazy("Demand class"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    region = forms.CharField(label=gettext_lazy("State or province"), max_length=100, required=False)
    channel = CodeField(label=gettext_lazy("Channel"), required=False)

    sections = (
        Section("", "rule:w8 replaces:w4"),
        Section(
            gettext_lazy("Product"), "sku:w4 category:w4 brand:w4", note=gettext_lazy("one of them, or none for all")
        ),
        Section(
            gettext_lazy("Customer"),
            "customer:w4 segment:w4 demand_class:w4",
            note=gettext_lazy("one of them, or none for all"),
        ),
        Section(gettext_lazy("Place and channel"), "country:w4 region:w4 channel:w4", note=gettext_lazy("empty: any")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = reads.rule_codes()
        self.fields["category"].choices = [("", _("any")), *master.category_codes()]
        self.fields["brand"].choices = [("", _("any")), *master.brand_codes()]
        self.fields["country"].choices = [("", _("any")), *countries()]


class TryForm(forms.Form):
    """A line, to be asked which rule it gets."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    customer = CodeField(label=gettext_lazy("Customer"), required=False, widget=LookupInput("customer_options"))
    country = forms.ChoiceField(label=gettext_lazy("Ships to"), required=False)
    region = forms.CharField(label=gettext_lazy("State or province"), max_length=100, required=False)
    channel = CodeField(label=gettext_lazy("Channel"), required=False)
    demand_class = CodeField(label=gettext_lazy("Demand class"), required=False)
    on = DayField(label=gettext_lazy("On"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("anywhere")), *countries()]


_TERMS = tuple(PromisingTerms.__dataclass_fields__)
_SOURCE = tuple(Source.__dataclass_fields__)
_SCOPE = tuple(Scope.__dataclass_fields__)


def _written(code: str) -> dict[str, Any] | None:
    """A rule as it is to be changed: its draft, or its newest version."""
    rule = queries.sourcing_rules([code]).get(code)
    if rule is None:
        return None
    newest = rule.versions[0] if rule.versions else None
    terms = newest.terms if newest else PromisingTerms()
    return {
        "id": rule.id,
        "code": rule.code,
        "name": rule.name,
        **{name: getattr(terms, name) for name in _TERMS},
        "counts": list(terms.counts),
        "sources": [{name: getattr(source, name) for name in _SOURCE} for source in (newest.sources if newest else ())],
    }


def _source(row: dict[str, Any]) -> Source:
    """A source as typed; what its kind does not show is not meant."""
    share = Decimal(100) if row["share"] is None else row["share"]
    unused = {
        **({} if row["kind"] == "transfer" else {"from_site": "", "transfer_days": None}),
        **({} if row["kind"] in ("buy", "drop_ship") else {"supplier": ""}),
    }
    return Source(**{**row, "share": share, **unused})


def _save_rule(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    sources = tuple(_source(row) for row in values["sources"])
    terms = {name: values[name] for name in _TERMS}
    for name in ("lead_days", "late_cost_per_day", "split_cost"):
        terms[name] = terms[name] or 0
    terms |= {
        "counts": tuple(kind for kind in COUNTED if kind in values["counts"]),
        "currency": values["currency"] or "EUR",
        "late_cost_per_day": Decimal(terms["late_cost_per_day"]),
        "split_cost": Decimal(terms["split_cost"]),
    }
    draft = SourcingDraft(values["code"], values["name"], sources, PromisingTerms(**terms))
    return promising.save_sourcing_drafts([draft], actor=actor, at=at)


def _save_assignment(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    scope = Scope(**{name: values[name].strip() for name in _SCOPE})
    return actions.assign_sourcing([AssignmentDraft(values["rule"], scope, values["replaces"])], actor=actor, at=at)


RULE = Datum(
    "sourcing_rule",
    RuleForm,
    _written,
    _save_rule,
    "sourcing",
    gettext_lazy("Sourcing rules"),
    gettext_lazy("New sourcing rule"),
    rows={"sources": (SourceForm, gettext_lazy("Sources"))},
    initial={
        **{name: getattr(PromisingTerms(), name) for name in _TERMS},
        "counts": list(COUNTED),
        "sources": [{"rank": 1, "kind": "ship", "share": Decimal(100)}],
    },
    done=lambda values: reverse("console:sourcing_rule", args=[values["code"]]),
)
ASSIGNMENT = Datum(
    "sourcing_assignment",
    AssignmentForm,
    lambda key: None,
    _save_assignment,
    "sourcing_assignments",
    gettext_lazy("Sourcing assignments"),
    gettext_lazy("Assign a rule"),
    key="id",
    called="rule",
    key_of=lambda values: "",
)
BESIDE = (
    ("sourcing_try", gettext_lazy("Which rule applies?")),
    ("sourcing_assignments", gettext_lazy("Assignments")),
)


@needs("sourcing.view")
def sourcing(request: HttpRequest) -> HttpResponse:
    """The rules."""
    lead = _("From where a line is served, and how it is promised. A rule is used for what it is assigned to.")
    table = rules_for(edge(request).today)
    return listing(request, table, new="sourcing_new", title=RULE.new, rule=EDIT, beside=BESIDE, lead=lead)


@needs("sourcing.view")
def assignments(request: HttpRequest) -> HttpResponse:
    """What the rules are assigned to."""
    lead = _("The nearest wins: product first, then customer, then place, then channel.")
    beside = (BESIDE[0], ("sourcing", RULE.title))
    table = assignments_for(edge(request).today)
    title = ASSIGNMENT.new
    return listing(request, table, new="sourcing_assign", title=title, rule=EDIT, beside=beside, lead=lead)


@needs(EDIT)
def assign(request: HttpRequest) -> HttpResponse:
    """Use a rule for something."""
    return create(request, ASSIGNMENT, {"rule": request.GET.get("rule", "").replace("\0", "")})


@needs(EDIT)
@require_POST
def unassign(request: HttpRequest) -> HttpResponse:
    """Take assignments away."""
    here = edge(request)
    wanted = chosen(request, assignments_for(here.today))
    outcome = actions.unassign_sourcing(wanted, actor=here.actor, at=here.at)
    tell(request, outcome, _("It is taken away. Lines go by the next assignment that fits."))
    return redirect(back_to(request, reverse("console:sourcing_assignments")))


@needs(EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """The first draft of a new rule."""
    return create(request, RULE)


@needs(EDIT)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The draft of a rule, begun with its newest version."""
    return change(request, RULE, code)


def _rule(code: str) -> SourcingRule:
    found = queries.sourcing_rules([code]).get(code)
    if found is None:
        raise Http404
    return found


def _named(sources: Iterable[Source]) -> Named:
    numbers = {source.supplier for source in sources} - {""}
    suppliers = {number: each.name for number, each in parties.customers_by_number(numbers).items()} if numbers else {}
    return Named({site.code: site.name for site in inventory.sites()}, suppliers)


@needs("sourcing.view")
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """A rule: the chosen version, what it says otherwise than the one before, and what the rule is assigned to."""
    found, today = _rule(code), edge(request).today
    version: SourcingVersion | None = versions.chosen(found, request.GET.get("version", ""), today)
    named = _named(source for each in found.versions for source in each.sources)
    older = next((each for each in found.versions if version and each.number < version.number), None)
    assigned = queries.sourcing_assignments(rule_ids=[found.id], limit=SHOWN + 1)
    gaps = queries.sourcing_gaps(version) if version else []
    told = [sourcing_words.gap_text(gap, version.sources[gap.source], named) for gap in gaps] if version else []
    if version and sourcing_words.is_waiting(version):
        told.append(sourcing_words.NOT_YET)
    may_edit = may(request.user.roles, EDIT)
    context = {
        "rule": found,
        "version": version,
        "state": versions.state_of(version, today) if version else "",
        "sources": _sources(version.sources, named) if version else [],
        "terms": sourcing_words.term_lines(version.terms, named) if version else [],
        "gaps": told,
        "versions": [(each, versions.state_of(each, today)) for each in found.versions],
        "older": older,
        "differences": sourcing_words.differences(older, version, named) if version and older else [],
        "assigned": [(each, sourcing_words.assigned_to(each)) for each in assigned[:SHOWN]],
        "has_more": len(assigned) > SHOWN,
        "today": today,
        "may_edit": may_edit,
        "may_retire": may_edit and any(_goes_on(each) for each in found.versions),
    }
    return render(request, "console/sourcing_rule.html", context)


def _goes_on(version: SourcingVersion) -> bool:
    """Whether a version holds, or will, without an end."""
    return version.state == "published"


def _sources(sources: Iterable[Source], named: Named) -> list[dict[str, Any]]:
    return [
        {
            "source": each,
            "kind": KINDS[each.kind],
            "text": sourcing_words.sentence(each, named),
            "period": sourcing_words.period(each.valid_from, each.valid_until),
        }
        for each in sources
    ]


@needs(EDIT)
@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """The draft holds from a day on."""
    _rule(code)
    versions.from_a_day(request, code, SourcingPublication, promising.publish_sourcing, _("Published."))
    return redirect("console:sourcing_rule", code)


@needs(EDIT)
@require_POST
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """No version holds from a day on."""
    _rule(code)
    done = _("The rule ends. Lines go by the next assignment that fits.")
    versions.from_a_day(request, code, SourcingRetirement, actions.retire_sourcing, done)
    return redirect("console:sourcing_rule", code)


@needs(EDIT)
@require_POST
def discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    _rule(code)
    here = edge(request)
    tell(request, actions.discard_sourcing([code], actor=here.actor, at=here.at), _("The draft is thrown away."))
    return redirect("console:sourcing_rule", code)


@needs("sourcing.view")
def attempt(request: HttpRequest) -> HttpResponse:
    """Which rule a line gets, its sources in order, and why the other rules lost."""
    here = edge(request)
    asked = {name: request.GET.get(name, "").replace("\0", "").strip() for name in TryForm.base_fields}
    shown = asked | {"on": asked["on"] or here.today.isoformat()}
    form = TryForm(shown) if asked["sku"] else TryForm(initial=shown)
    context: dict[str, Any] = {"form": form}
    if asked["sku"] and form.is_valid():
        wish = SourcingWish(**{name: shown[name] for name in SourcingWish.__dataclass_fields__ if name in shown})
        found = queries.resolve_sourcing([wish], on=form.cleaned_data["on"] or here.today)[0]
        for finding in found.findings:
            form.add_error(finding.place.strip("/"), spoken(finding))
        if not found.findings:
            context["answer"] = _answer(found)
    return render(request, "console/sourcing_try.html", context)


def _answer(found: Resolved) -> dict[str, Any]:
    first, *others = found.matches or (None,)
    named = _named(found.rule.sources if found.rule else ())
    lost = [
        (each.assignment, sourcing_words.assigned_to(each.assignment), sourcing_words.PARTS.get(each.lost_by, ""))
        for each in others
        if each
    ]
    lost += [(each, sourcing_words.assigned_to(each), _("No version of it is in force.")) for each in found.asleep]
    return {
        "rule": found.rule,
        "for": sourcing_words.assigned_to(first.assignment) if first else "",
        "sources": _sources(found.rule.sources, named) if found.rule else [],
        "terms": sourcing_words.term_lines(found.rule.terms, named) if found.rule else [],
        "lost": lost,
    }
