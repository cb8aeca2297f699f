"""Orchestration policies: which serve what, their versions, their steps, and the lines that stand at each."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from auftakt.catalog.types import ITEM_KINDS
from auftakt.console import formats, words
from auftakt.console.datum import Datum, change, create
from auftakt.console.diagram import Node, drawn
from auftakt.console.forms import CodeField, NumberField, Section
from auftakt.console.permissions import needs
from auftakt.console.queries import master
from auftakt.identity.queries import may
from auftakt.orchestration import actions
from auftakt.orchestration.types import STEP_KINDS, PolicyDraft, StepDraft
from auftakt.values import Outcome


class PolicyForm(forms.Form):
    """The next version of a policy."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    item_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Serves items of the kinds"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: any kind."),
    )
    rank = NumberField(
        label=gettext_lazy("Rank"), whole=True, help_text=gettext_lazy("The lowest whose kinds fit serves a line.")
    )

    sections = (
        Section("", "code:w4 name:w8 item_kinds:w8 rank:w4"),
        Section(
            gettext_lazy("Steps"),
            rows="steps",
            note=gettext_lazy("lines that run already keep the version they began with"),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item_kinds"].choices = [(code, words.word(code)) for code in ITEM_KINDS]


class StepForm(forms.Form):
    """A step."""

    key = CodeField(label=gettext_lazy("Key"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("Work"), initial=STEP_KINDS[0])
    after = forms.CharField(
        label=gettext_lazy("After (keys)"), required=False, max_length=500, help_text=gettext_lazy("With blanks.")
    )
    lead_days = NumberField(label=gettext_lazy("Days"), whole=True, required=False)

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        return {"kind": [(code, words.word(code)) for code in STEP_KINDS]}


def _policy(code: str) -> dict[str, Any] | None:
    versions = [row for row in master.policies() if row.code == code]
    current = next((row for row in versions if row.state == "published"), None)
    if current is None:
        return None
    steps = master.policy_steps([current.version_id]).get(current.version_id, [])
    return {
        "id": current.id,
        "code": current.code,
        "name": current.name,
        "item_kinds": sorted(kind for kind in current.serves if kind),
        "rank": current.rank,
        "steps": [
            {
                "key": step.key,
                "name": step.name,
                "kind": step.kind,
                "after": " ".join(step.after),
                "lead_days": step.lead_days,
            }
            for step in steps
        ],
    }


def _save(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    steps = tuple(
        StepDraft(
            row["key"],
            row["name"],
            row["kind"],
            tuple(row["after"].replace(",", " ").split()),
            int(row["lead_days"] or 0),
        )
        for row in values["steps"]
    )
    draft = PolicyDraft(values["code"], values["name"], steps, tuple(values["item_kinds"]), int(values["rank"]))
    return actions.publish_policies([draft], actor=actor, at=at)


POLICY = Datum(
    "policy",
    PolicyForm,
    _policy,
    _save,
    "policies",
    gettext_lazy("Policies"),
    gettext_lazy("New policy"),
    rows={"steps": (StepForm, gettext_lazy("Steps"))},
    initial={"rank": 100},
    done=lambda values: reverse("console:policy", args=[values["code"]]),
)


@needs("policies.view")
def policies(request: HttpRequest) -> HttpResponse:
    """The policies with the version that is in force."""
    rows = master.policies()
    current = [row for row in rows if row.state == "published"]
    steps = master.policy_steps([row.version_id for row in rows])
    shown = [
        {
            "policy": row,
            "diagram": drawn(_nodes(steps.get(row.version_id, []))),
            "lines": sum(_standing(step) for step in steps.get(row.version_id, [])),
            "older": sum(
                _standing(step)
                for other in rows
                if other.code == row.code and other.version_id != row.version_id
                for step in steps.get(other.version_id, [])
            ),
        }
        for row in current
    ]
    context = {"shown": shown, "may_edit": may(request.user.roles, "policies.edit")}
    return render(request, "console/policies.html", context)


@needs("policies.view")
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """One policy: its versions, the steps of the chosen one, and where lines stand."""
    versions = [row for row in master.policies() if row.code == code]
    if not versions:
        raise Http404
    wanted = request.GET.get("version", "")
    chosen = next(
        (row for row in versions if str(row.number) == wanted),
        next((row for row in versions if row.state == "published"), versions[0]),
    )
    steps = master.policy_steps([row.version_id for row in versions])
    here = steps.get(chosen.version_id, [])
    context = {
        "policy": chosen,
        "versions": [(row, sum(_standing(step) for step in steps.get(row.version_id, []))) for row in versions],
        "steps": [(step, _names(step.after, here)) for step in here],
        "diagram": drawn(_nodes(here)),
        "may_edit": may(request.user.roles, "policies.edit"),
    }
    return render(request, "console/policy.html", context)


def _standing(step: Any) -> int:
    return step.ready + step.waiting + step.failed


def _names(keys: Any, steps: Any) -> list[str]:
    names = {step.key: step.name for step in steps}
    return [names.get(key, key) for key in keys]


def _nodes(steps: Any) -> list[Node]:
    """Steps as boxes: what work, and how many lines stand there."""
    nodes = []
    for step in steps:
        count = _standing(step)
        note = ngettext("one line", "%(counter)s lines", count) % {"counter": formats.number(count)} if count else ""
        tone = "bad" if step.failed else "info" if count else "rest"
        nodes.append(Node(step.key, step.name, note or words.word(step.kind), tuple(step.after), tone))
    return nodes


@needs("policies.edit")
def new(request: HttpRequest) -> HttpResponse:
    """Publish the first version of a new policy."""
    return create(request, POLICY)


@needs("policies.edit")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Publish the next version of a policy."""
    return change(request, POLICY, code)
