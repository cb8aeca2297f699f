"""Outcome of a verb over a batch: what was done, and what was refused and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem with an input, at its place.

    `place` is a JSON pointer into the draft (RFC 6901), `code` is stable, `message` says the remedy in English,
    `facts` carry the ids and amounts that the message speaks of (for translation and for programs).
    """

    code: str
    message: str
    place: str = ""
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Refusal:
    """One member of a batch that was not done. `subject` is what the caller knows it by: an id, a number, an index.

    `findings` names every problem, not the first. `transient` says that trying again later may succeed.
    """

    subject: str
    findings: tuple[Finding, ...]
    transient: bool = False

    @property
    def code(self) -> str:
        """The code of the first finding: the short name of the refusal."""
        return self.findings[0].code

    @property
    def message(self) -> str:
        """All findings in one line."""
        return "; ".join(finding.message for finding in self.findings)

    @classmethod
    def because(
        cls, subject: object, code: str, message: str, *, place: str = "", transient: bool = False, **facts: object
    ) -> "Refusal":
        """A refusal with a single finding."""
        said = {name: str(value) for name, value in facts.items()}
        return cls(str(subject), (Finding(code, message, place, said),), transient)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a verb did (`done`, in input order) and what it refused. Done and refused never share a member."""

    done: tuple[T, ...] = ()
    refused: tuple[Refusal, ...] = ()

    def one(self) -> T:
        """The single thing done; raises RefusedError when it was refused. For callers with a batch of one."""
        if self.refused:
            raise RefusedError(self.refused)
        if len(self.done) != 1:
            raise ValueError(f"expected one, got {len(self.done)}")
        return self.done[0]


class RefusedError(Exception):
    """Raised by `Outcome.one` so that an edge can show the refusal of a batch of one."""

    def __init__(self, refused: tuple[Refusal, ...]) -> None:
        super().__init__("; ".join(refusal.message for refusal in refused))
        self.refused = refused
