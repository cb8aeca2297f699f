"""Pure decisions of orchestration: is a policy sound, what comes next, when to try again."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from auftakt.orchestration.types import STEP_KINDS, PolicyDraft, StepDraft, StepFacts, Verdict
from auftakt.values import Finding

MOST_ATTEMPTS = 8
_DELAYS_MINUTES = (1, 2, 5, 15, 60, 240, 720)

SHIP_FROM_STOCK = PolicyDraft(
    "ship_from_stock",
    "Ship from stock",
    (
        StepDraft("reserve", "Reserve supply", "reserve"),
        StepDraft("release", "Release to the warehouse", "release", ("reserve",)),
        StepDraft("ship", "Ship", "ship", ("release",)),
        StepDraft("invoice", "Invoice", "invoice", ("ship",)),
        StepDraft("collect", "Collect payment", "collect", ("invoice",), lead_days=30),
    ),
    rank=1000,
)
SERVICE = PolicyDraft(
    "service",
    "Service, invoiced on completion",
    (
        StepDraft("perform", "Perform the service", "perform"),
        StepDraft("invoice", "Invoice", "invoice", ("perform",)),
        StepDraft("collect", "Collect payment", "collect", ("invoice",), lead_days=30),
    ),
    item_kinds=("service", "non_stock"),
    rank=10,
)
DEFAULT_POLICIES = (SHIP_FROM_STOCK, SERVICE)


def policy_faults(draft: PolicyDraft) -> list[Finding]:
    """Everything that is wrong with a policy: unknown kinds, repeated keys, unknown or circular predecessors."""
    found: list[Finding] = []
    keys = [step.key for step in draft.steps]
    if not draft.code.strip():
        found.append(Finding("code_missing", "A policy needs a code.", "/code"))
    if not draft.steps:
        found.append(Finding("no_steps", "A policy needs at least one step.", "/steps"))
    for index, step in enumerate(draft.steps):
        place = f"/steps/{index}"
        if not step.key.strip():
            found.append(Finding("step_key_missing", "A step needs a key.", f"{place}/key"))
        if step.kind not in STEP_KINDS:
            message = f"Step {step.key!r} is of unknown kind {step.kind!r}; known: {', '.join(STEP_KINDS)}."
            found.append(Finding("unknown_step_kind", message, f"{place}/kind"))
        if keys.index(step.key) != index:
            found.append(Finding("step_key_repeated", f"The key {step.key!r} is used twice.", f"{place}/key"))
        for other in step.after:
            if other not in keys:
                message = f"Step {step.key!r} waits for {other!r}, which is not in the policy."
                found.append(Finding("unknown_predecessor", message, f"{place}/after"))
    if not found:
        stuck = _never_reached(draft.steps)
        if stuck:
            message = f"These steps wait for each other and are never reached: {', '.join(stuck)}."
            found.append(Finding("steps_in_a_circle", message, "/steps"))
    return found


def _never_reached(steps: Sequence[StepDraft]) -> list[str]:
    done: set[str] = set()
    waiting: list[StepDraft] = list(steps)
    while True:
        ready: list[StepDraft] = [step for step in waiting if done.issuperset(step.after)]
        if not ready:
            return [step.key for step in waiting]
        done.update(step.key for step in ready)
        waiting = [step for step in waiting if step.key not in done]


def first_steps(steps: Sequence[StepFacts]) -> list[StepFacts]:
    """The steps with which a run begins: those that wait for none."""
    return [step for step in steps if not step.after]


def next_steps(steps: Sequence[StepFacts], done: Collection[str], reached: Collection[str]) -> list[StepFacts]:
    """The steps that can be taken now: every predecessor is done and they have not been reached yet."""
    finished = set(done)
    return [step for step in steps if step.key not in reached and finished.issuperset(step.after)]


def missed(reason: str, at: datetime, attempts: int, *, passing: bool) -> Verdict:
    """The verdict on a step that went wrong: tried again later for a passing reason, else failed."""
    again = retry_at(at, attempts) if passing else None
    return Verdict("ready" if again else "failed", reason, again, is_failure=True)


def retry_at(at: datetime, attempts: int) -> datetime | None:
    """When a step that failed for a passing reason is tried again; None when it has been tried often enough."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return at + timedelta(minutes=_DELAYS_MINUTES[min(attempts, len(_DELAYS_MINUTES) - 1)])
