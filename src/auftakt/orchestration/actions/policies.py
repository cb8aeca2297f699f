"""Policies: publish a new version; the versions before stay as they were."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.orchestration.models import Assignment, Policy, PolicyVersion, Step
from auftakt.orchestration.rules import DEFAULT_POLICIES, policy_faults
from auftakt.orchestration.types import PolicyDraft
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.values import Outcome, Refusal


@transaction.atomic
def publish_policies(drafts: Sequence[PolicyDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Publish each draft as the next version of its policy. Running lines keep the version they started with.

    A draft equal to the published version changes nothing. Refused: a policy with faults, each named with its place.
    """
    done: list[UUID] = []
    refused: list[Refusal] = []
    for draft in drafts:
        faults = policy_faults(draft)
        if faults:
            refused.append(Refusal(draft.code, tuple(faults)))
            continue
        done.append(_publish(draft, actor=actor, at=at))
    return Outcome(tuple(done), tuple(refused))


def _publish(draft: PolicyDraft, *, actor: str, at: datetime) -> UUID:
    policy, _ = Policy.objects.update_or_create(code=draft.code, defaults={"name": draft.name})
    current = PolicyVersion.objects.filter(policy=policy, state="published").first()
    if current and _written(current) == [(s.key, s.name, s.kind, list(s.after), s.lead_days) for s in draft.steps]:
        if _assigned(policy) != _assignments(draft):
            _assign(policy, draft)
            change = {"code": draft.code, "version": current.number, "serves": list(draft.item_kinds)}
            journal.write("policy.published", [Entry("policy", policy.id, change)], actor=actor, at=at)
        return current.id
    if current:
        PolicyVersion.objects.filter(pk=current.pk).update(state="retired")
    latest = PolicyVersion.objects.filter(policy=policy).order_by("-number").first()
    number = latest.number + 1 if latest else 1
    version = PolicyVersion.objects.create(policy=policy, number=number, state="published", published_at=at)
    Step.objects.bulk_create(
        Step(
            version=version,
            key=step.key,
            name=step.name,
            kind=step.kind,
            position=position,
            after=list(step.after),
            lead_days=step.lead_days,
        )
        for position, step in enumerate(draft.steps, 1)
    )
    _assign(policy, draft)
    change = {"code": draft.code, "version": number, "steps": [step.key for step in draft.steps]}
    journal.write("policy.published", [Entry("policy", policy.id, change)], actor=actor, at=at)
    return version.id


def _assignments(draft: PolicyDraft) -> set[tuple[int, str]]:
    return {(draft.rank, kind) for kind in draft.item_kinds or ("",)}


def _assigned(policy: Policy) -> set[tuple[int, str]]:
    return set(Assignment.objects.filter(policy=policy).values_list("rank", "item_kind"))


def _assign(policy: Policy, draft: PolicyDraft) -> None:
    Assignment.objects.filter(policy=policy).delete()
    Assignment.objects.bulk_create(
        Assignment(rank=rank, item_kind=kind, policy=policy) for rank, kind in sorted(_assignments(draft))
    )


def _written(version: PolicyVersion) -> list[tuple[str, str, str, list[str], int]]:
    steps = version.steps.order_by("position")
    return [(step.key, step.name, step.kind, list(step.after), step.lead_days) for step in steps]


def install_default_policies(*, actor: str, at: datetime) -> Outcome[UUID]:
    """Publish the two policies that ship with Auftakt: ship from stock, and service."""
    return publish_policies(DEFAULT_POLICIES, actor=actor, at=at)
