"""Nouns of orchestration: policies and their steps, runs and where they stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from auftakt.values import Lifecycle

STEP_KINDS = ("reserve", "release", "ship", "perform", "invoice", "collect")

VERSION_LIFECYCLE = Lifecycle.of(
    "policy version",
    "draft",
    ["retired"],
    publish=("draft", "published"),
    retire=("published", "retired"),
)
RUN_LIFECYCLE = Lifecycle.of(
    "run",
    "running",
    ["done", "cancelled"],
    finish=("running", "done"),
    cancel=("running", "cancelled"),
)
STEP_LIFECYCLE = Lifecycle.of(
    "step",
    "ready",
    ["done", "skipped"],
    wait=("ready", "waiting"),
    wake=("waiting", "ready"),
    finish=("ready", "done"),
    fail=("ready", "failed"),
    retry=("failed", "ready"),
    skip=("ready waiting failed", "skipped"),
)


@dataclass(frozen=True, slots=True)
class StepDraft:
    """A step as written: its key, kind of work, and the keys of the steps that must be done before."""

    key: str
    name: str
    kind: str
    after: tuple[str, ...] = ()
    lead_days: int = 0


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A policy with the steps of its next version and the item kinds it serves (empty: any)."""

    code: str
    name: str
    steps: tuple[StepDraft, ...]
    item_kinds: tuple[str, ...] = ()
    rank: int = 100


@dataclass(frozen=True, slots=True)
class StepFacts:
    """A step of a published version."""

    id: UUID
    version_id: UUID
    key: str
    kind: str
    position: int
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A step that is ready to be tried, with the line it is about."""

    state_id: UUID
    run_id: UUID
    step_id: UUID
    version_id: UUID
    fulfilment_line_id: UUID
    order_id: UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of trying a step: done, waiting, ready (again, from `due_at` on), failed, or back (to reserving).

    `is_failure`: it went wrong, for good or for a passing reason; a few in a row and it is given up.
    """

    state: str
    reason: str = ""
    due_at: datetime | None = None
    is_failure: bool = False


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one call of `advance` moved. `tried` 0 means that nothing was ready."""

    started: int = 0
    tried: int = 0
    done: Mapping[str, int] = field(default_factory=dict[str, int])
    waiting: int = 0
    failed: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of a line's run, for screens."""

    state_id: UUID
    order_id: UUID
    order_number: str
    fulfilment_line_id: UUID
    policy: str
    key: str
    name: str
    kind: str
    state: str
    reason: str
    attempts: int
    due_at: datetime
    reached_at: datetime
    finished_at: datetime | None
