"""The nouns of long work: a job, its rows, its log, and what a kind of job is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from auftakt.values import Finding, Lifecycle, Outcome

JOB_LIFECYCLE = Lifecycle.of(
    "job",
    "queued",
    [],
    begin=("queued", "running"),
    finish=("running", "done"),
    fail=("queued running", "failed"),
    cancel=("queued running", "cancelled"),
    again=("done failed cancelled", "queued"),
)
UNFINISHED = frozenset({"queued", "running"})
ROW_STATES = ("waiting", "done", "unchanged", "refused")

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowDraft:
    """A row that is known before the work begins. `key` is the kind's own (an id, say), `label` what people call it."""

    key: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class JobDraft:
    """Long work to be done. `title` are the facts of the sentence that names it, `arguments` what the kind is told."""

    kind: str
    arguments: Facts = field(default_factory=dict[str, Any])
    title: Facts = field(default_factory=dict[str, Any])
    rows: Sequence[RowDraft] = ()
    total: int | None = None
    file_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job as it stands."""

    id: UUID
    kind: str
    title: dict[str, Any]
    arguments: dict[str, Any]
    file_id: UUID | None
    actor: str
    state: str
    total: int | None
    done: int
    refused: int
    checkpoint: dict[str, Any]
    result: dict[str, Any]
    fault: str
    attempts: int
    cancel_asked: bool
    created_at: datetime
    started_at: datetime | None
    touched_at: datetime
    finished_at: datetime | None

    @property
    def is_unfinished(self) -> bool:
        """Whether there is something to wait for."""
        return self.state in UNFINISHED

    @property
    def share(self) -> int | None:
        """Percent done; None while nobody knows how much there is."""
        if self.state == "done":
            return 100
        if not self.total:
            return None
        return min(100, self.done * 100 // self.total)


@dataclass(frozen=True, slots=True)
class RowFacts:
    """A row of a job as it stands."""

    id: UUID
    position: int
    key: str
    label: str
    state: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """A line of a job's log."""

    id: UUID
    at: datetime
    code: str
    facts: dict[str, Any]
    detail: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file handed in for a job."""

    id: UUID
    filename: str
    size: int
    actor: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row: `done`, `unchanged` or `refused` (then `findings` say why)."""

    key: str
    state: str = "done"
    findings: tuple[Finding, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the log: a code with facts, so that it can be told in any language."""

    code: str
    facts: Facts = field(default_factory=dict[str, Any])
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a kind is given to do: the next waiting rows (if its rows are known), or where it stood (`checkpoint`)."""

    job: JobFacts
    rows: tuple[RowFacts, ...]
    at: datetime

    @property
    def checkpoint(self) -> dict[str, Any]:
        """Where the last chunk ended; empty at the beginning."""
        return self.job.checkpoint


@dataclass(frozen=True, slots=True)
class Step:
    """What a kind did with a chunk. All of it is stored in the chunk's own transaction.

    `worked` and `refused` count rows that are not listed in `results` (a kind may list refusals only). `is_last` ends
    a job whose rows are not known beforehand.
    """

    results: Sequence[RowResult] = ()
    worked: int = 0
    checkpoint: Facts | None = None
    total: int | None = None
    result: Facts = field(default_factory=dict[str, Any])
    notes: Sequence[Note] = ()
    is_last: bool = False

    @classmethod
    def of(cls, rows: Sequence[RowFacts], outcome: Outcome[Any], **more: Any) -> "Step":
        """The step of a verb that was given the keys of rows and knows its members by them."""
        refused = {refusal.subject: refusal.findings for refusal in outcome.refused}
        results = [
            RowResult(row.key, "refused", refused[row.key]) if row.key in refused else RowResult(row.key)
            for row in rows
        ]
        return cls(results, **more)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. `work` does one chunk, in a transaction that is not its own, and says what it did.

    `rows` is how many waiting rows a chunk is given; 0 for a kind that goes by its checkpoint until it says `is_last`.
    `finish` is called once when no row waits any more, in the transaction that ends the job.
    """

    name: str
    work: Callable[[Chunk], Step]
    rows: int = 50
    finish: Callable[[JobFacts, datetime], Step] | None = None
