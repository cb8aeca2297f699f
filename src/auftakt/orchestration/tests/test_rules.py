"""Pure decisions: what is wrong with a policy, what comes next, when to try again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auftakt.orchestration.rules import (
    DEFAULT_POLICIES,
    MOST_ATTEMPTS,
    SERVICE,
    SHIP_FROM_STOCK,
    first_steps,
    missed,
    next_steps,
    policy_faults,
    retry_at,
)
from auftakt.orchestration.types import PolicyDraft, StepDraft, StepFacts

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
RESERVE = StepDraft("reserve", "Reserve", "reserve")
RELEASE = StepDraft("release", "Release", "release", ("reserve",))


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (SHIP_FROM_STOCK, []),
        (SERVICE, []),
        (PolicyDraft("p", "P", ()), [("no_steps", "/steps")]),
        (PolicyDraft(" ", "P", (RESERVE,)), [("code_missing", "/code")]),
        (PolicyDraft("p", "P", (replace(RESERVE, key=""),)), [("step_key_missing", "/steps/0/key")]),
        (PolicyDraft("p", "P", (replace(RESERVE, kind="dance"),)), [("unknown_step_kind", "/steps/0/kind")]),
        (PolicyDraft("p", "P", (RESERVE, RESERVE)), [("step_key_repeated", "/steps/1/key")]),
        (PolicyDraft("p", "P", (RELEASE,)), [("unknown_predecessor", "/steps/0/after")]),
        (
            PolicyDraft("p", "P", (replace(RESERVE, after=("release",)), RELEASE)),
            [("steps_in_a_circle", "/steps")],
        ),
        (PolicyDraft("p", "P", (replace(RESERVE, after=("reserve",)),)), [("steps_in_a_circle", "/steps")]),
        (
            PolicyDraft("p", "P", (replace(RESERVE, kind="x"), replace(RELEASE, after=("y",)))),
            [("unknown_step_kind", "/steps/0/kind"), ("unknown_predecessor", "/steps/1/after")],
        ),
    ],
)
def test_policy_faults(draft: PolicyDraft, expected: list[tuple[str, str]]) -> None:
    found = policy_faults(draft)
    assert [(each.code, each.place) for each in found] == expected
    assert all(each.message.endswith(".") for each in found)


@st.composite
def policies(draw: st.DrawFn) -> list[StepFacts]:
    """Steps in any order, each after some of those made before it."""
    version = uuid4()
    made: list[StepFacts] = []
    for position in range(draw(st.integers(1, 8))):
        keys = [step.key for step in made]
        after = tuple(draw(st.lists(st.sampled_from(keys), unique=True))) if keys else ()
        made.append(StepFacts(uuid4(), version, f"s{position}", "ship", position, after))
    return draw(st.permutations(made))


@given(policies(), st.randoms(use_true_random=False))
def test_a_run_never_gets_ahead_of_itself_and_always_ends(steps: list[StepFacts], random) -> None:
    reached = first_steps(steps)
    seen = {step.key for step in reached}
    done: set[str] = set()
    open_now = list(reached)
    while open_now:
        step = open_now.pop(random.randrange(len(open_now)))
        assert set(step.after) <= done
        done.add(step.key)
        for following in next_steps(steps, done, seen):
            assert following.key not in seen
            seen.add(following.key)
            open_now.append(following)
    assert done == {step.key for step in steps}


def test_default_policies_run_in_their_order() -> None:
    for draft in DEFAULT_POLICIES:
        version = uuid4()
        steps = [
            StepFacts(uuid4(), version, step.key, step.kind, position, step.after)
            for position, step in enumerate(draft.steps)
        ]
        keys = [step.key for step in steps]
        for position in range(len(keys) - 1):
            following = next_steps(steps, keys[: position + 1], keys[: position + 1])
            assert [step.key for step in following] == [keys[position + 1]]


def test_delays_grow_and_end() -> None:
    waits = [retry_at(AT, attempts) for attempts in range(MOST_ATTEMPTS)]
    assert all(later is not None and later > AT for later in waits)
    assert waits == sorted(waits)
    assert retry_at(AT, MOST_ATTEMPTS) is None
    assert missed("why", AT, 0, passing=True).due_at == AT + timedelta(minutes=1)
    assert (missed("why", AT, 0, passing=False).state, missed("why", AT, 8, passing=True).state) == ("failed", "failed")
