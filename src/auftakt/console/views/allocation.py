"""Allocation: demand classes, the rules that share scarce supply among them, and how that stands by weeks."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from auftakt.console import versions
from auftakt.console.datum import Datum, change, create, listing
from auftakt.console.forms import CodeField, DayField, LookupInput, NumberField, Section
from auftakt.console.lists.allocation import allocations_for, classes
from auftakt.console.outcomes import day_of, edge, tell
from auftakt.console.permissions import needs
from auftakt.console.queries import making, master
from auftakt.identity.queries import may
from auftakt.promising import actions, queries
from auftakt.promising.types import (
    AllocationAdjustment,
    AllocationDraft,
    AllocationPublication,
    AllocationRetirement,
    AllocationRule,
    AllocationVersion,
    DemandClass,
    Target,
)
from auftakt.values import Outcome, Refusal

EDIT = "sourcing.edit"
KINDS = {
    "percent": gettext_lazy("Shares in percent"),
    "quantity": gettext_lazy("Quantities of a week"),
    "ratio": gettext_lazy("Shares in a ratio"),
}
BASES = {
    "original": gettext_lazy("of what a week's supply was"),
    "remaining": gettext_lazy("of what is still free"),
}


def _class_codes() -> list[tuple[str, str]]:
    return sorted((each.code, f"{each.code} · {each.name}") for each in queries.demand_classes())


class ClassForm(forms.Form):
    """A demand class."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    parent = forms.ChoiceField(label=gettext_lazy("Below"), required=False)
    rank = NumberField(label=gettext_lazy("Rank"), whole=True, help_text=gettext_lazy("1 matters most."))

    sections = (Section("", "code:w4 name:w8 parent:w8 rank:w4"),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [("", _("nothing")), *_class_codes()]


class RuleForm(forms.Form):
    """The draft of an allocation rule. Targets are its rows."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    sku = CodeField(label=gettext_lazy("Item"), required=False, widget=LookupInput("item_options"))
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    site = forms.ChoiceField(label=gettext_lazy("Site"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("What is allotted"), choices=list(KINDS.items()))
    basis = forms.ChoiceField(label=gettext_lazy("Shares"), choices=list(BASES.items()))
    steal_within_days = NumberField(
        label=gettext_lazy("May take from lower classes within days"),
        whole=True,
        required=False,
        help_text=gettext_lazy("Empty: always. 0: never."),
    )
    until_on = DayField(label=gettext_lazy("Until before"), required=False)

    sections = (
        Section("", "code:w4 name:w8"),
        Section(gettext_lazy("Of what"), "sku:w4 category:w4 site:w4", note=gettext_lazy("an item or a category")),
        Section(gettext_lazy("How"), "kind:w4 basis:w4 steal_within_days:w4 until_on:w4"),
        Section(
            gettext_lazy("Targets"), rows="targets", note=gettext_lazy("with a Monday: in that week only, instead")
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", "–"), *master.category_codes()]
        self.fields["site"].choices = [("", _("every site")), *making.site_codes()]


class TargetForm(forms.Form):
    """What a class shall have."""

    demand_class = forms.ChoiceField(label=gettext_lazy("Demand class"))
    number = NumberField(label=gettext_lazy("Number"))
    week = DayField(label=gettext_lazy("Week (Monday)"), required=False)

    cards = "demand_class:w12 number:w6 week:w6"

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        return {"demand_class": _class_codes()}


class WeeksForm(forms.Form):
    """Which item at which site."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    site = forms.ChoiceField(label=gettext_lazy("Site"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = making.site_codes()


_DRAFT = ("code", "name", "sku", "category", "site", "kind", "basis", "steal_within_days", "until_on")


def _written(code: str) -> dict[str, Any] | None:
    """A rule as it is to be changed: its draft, or its newest version."""
    rule = queries.allocation_rules([code]).get(code)
    if rule is None:
        return None
    newest = rule.draft or rule.versions[0]
    targets = [{"demand_class": each.demand_class, "number": each.number, "week": each.week} for each in newest.targets]
    return {"id": rule.id, **{name: getattr(newest, name) for name in _DRAFT}, "targets": targets}


def _save_rule(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    targets = tuple(Target(row["demand_class"], row["number"], row["week"]) for row in values["targets"])
    draft = AllocationDraft(targets=targets, **{name: values[name] for name in _DRAFT})
    return actions.save_allocation_drafts([draft], actor=actor, at=at)


def _written_class(code: str) -> dict[str, Any] | None:
    return next(
        (
            {"id": each.code, "code": each.code, "name": each.name, "parent": each.parent, "rank": each.rank}
            for each in queries.demand_classes()
            if each.code == code
        ),
        None,
    )


def _save_class(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    draft = DemandClass(values["code"], values["name"], values["parent"], values["rank"])
    return actions.save_demand_classes([draft], actor=actor, at=at)


RULE = Datum(
    "allocation_rule",
    RuleForm,
    _written,
    _save_rule,
    "allocation",
    gettext_lazy("Allocation rules"),
    gettext_lazy("New allocation rule"),
    rows={"targets": (TargetForm, gettext_lazy("Targets"))},
    fixed=("code",),
    initial={"kind": "percent", "basis": "original", "targets": [{}]},
    done=lambda values: reverse("console:allocation_rule", args=[values["code"]]),
)
CLASS = Datum(
    "demand_class",
    ClassForm,
    _written_class,
    _save_class,
    "demand_classes",
    gettext_lazy("Demand classes"),
    gettext_lazy("New demand class"),
    fixed=("code",),
    initial={"rank": 1},
)
BESIDE = (("allocation_weeks", gettext_lazy("By weeks")), ("demand_classes", gettext_lazy("Demand classes")))


@needs("sourcing.view")
def allocation(request: HttpRequest) -> HttpResponse:
    """The rules."""
    lead = _("Scarce supply is shared among demand classes, week by week.")
    table = allocations_for(edge(request).today)
    return listing(request, table, new="allocation_new", title=RULE.new, rule=EDIT, beside=BESIDE, lead=lead)


@needs("sourcing.view")
def demand_classes(request: HttpRequest) -> HttpResponse:
    """The tree of classes."""
    lead = _("A class takes its own share, then its parents', then that of classes that matter less.")
    beside = (BESIDE[0], ("allocation", RULE.title))
    return listing(request, classes(), new="demand_class_new", title=CLASS.new, rule=EDIT, beside=beside, lead=lead)


@needs(EDIT)
def class_new(request: HttpRequest) -> HttpResponse:
    """A new class."""
    return create(request, CLASS)


@needs(EDIT)
def class_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a class."""
    return change(request, CLASS, code)


@needs(EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """The first draft of a new rule."""
    return create(request, RULE)


@needs(EDIT)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The draft of a rule, begun with its newest version."""
    return change(request, RULE, code)


def _rule(code: str) -> AllocationRule:
    found = queries.allocation_rules([code]).get(code)
    if found is None:
        raise Http404
    return found


def _state(version: AllocationVersion, today: date) -> str:
    """As of any rule in versions; here one that was replaced before it began has ended, too."""
    state = versions.state_of(version, today)
    return "ended" if state == "never_held" else state


@needs("sourcing.view")
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """A rule: the chosen version, and the others."""
    found, today = _rule(code), edge(request).today
    version: AllocationVersion = versions.chosen(found, request.GET.get("version", ""), today)
    may_edit = may(request.user.roles, EDIT)
    names = {each.code: each.name for each in queries.demand_classes()}
    context = {
        "rule": found,
        "version": version,
        "state": _state(version, today),
        "kind": KINDS[version.kind],
        "basis": BASES[version.basis],
        "targets": [(each, names.get(each.demand_class, "")) for each in version.targets],
        "classes": sorted({each.demand_class for each in version.targets}),
        "versions": [(each, _state(each, today)) for each in found.versions],
        "today": today,
        "may_edit": may_edit,
        "may_adjust": may_edit and version == found.in_force(today),
        "may_retire": may_edit and any(each.state == "published" for each in found.versions),
    }
    return render(request, "console/allocation_rule.html", context)


@needs(EDIT)
@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """The draft holds from a day on."""
    _rule(code)
    versions.from_a_day(request, code, AllocationPublication, actions.publish_allocation, _("Published."))
    return redirect("console:allocation_rule", code)


@needs(EDIT)
@require_POST
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """No version holds from a day on."""
    _rule(code)
    versions.from_a_day(request, code, AllocationRetirement, actions.retire_allocation, _("The rule ends."))
    return redirect("console:allocation_rule", code)


@needs(EDIT)
@require_POST
def adjust(request: HttpRequest, code: str) -> HttpResponse:
    """One class has another number in one week."""
    _rule(code)
    here = edge(request)
    week, number = day_of(request.POST.get("week", "")), NumberField()
    try:
        typed = number.clean(request.POST.get("number", ""))
    except forms.ValidationError:
        typed = None
    if week is None or typed is None:
        refusal = Refusal.because(code, "adjustment_incomplete", "give a week and a number")
        outcome: Outcome[Any] = Outcome((), (refusal,))
    else:
        wanted = AllocationAdjustment(code, week, request.POST.get("demand_class", ""), typed)
        outcome = actions.adjust_allocation([wanted], actor=here.actor, at=here.at)
    tell(request, outcome, _("Adjusted: the others make up for it."))
    return redirect("console:allocation_rule", code)


@needs("sourcing.view")
def weeks(request: HttpRequest) -> HttpResponse:
    """An item at a site by weeks: allotted, taken and left by class, and who took from whom."""
    asked = {name: request.GET.get(name, "").replace("\0", "").strip() for name in WeeksForm.base_fields}
    form = WeeksForm(asked) if asked["sku"] else WeeksForm()
    context: dict[str, Any] = {"form": form, "names": {each.code: each.name for each in queries.demand_classes()}}
    if asked["sku"] and form.is_valid():
        found = queries.weeks_at(asked["sku"], asked["site"], edge(request).today)
        if found is None:
            form.add_error("sku", _("There is no such item."))
        else:
            context |= {"asked": True, "facts": found[0], "weeks": found[1]}
    return render(request, "console/allocation_weeks.html", context)
