"""Period: half-open spans of days. The end is not included; an open end is None."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` up to, but not including, `end`. None means without bound."""

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"a period ends after it starts: {self.start} to {self.end}")

    def holds(self, day: date) -> bool:
        """Whether `day` lies in the period."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def overlaps(self, other: "Period") -> bool:
        """Whether the two periods share a day."""
        starts_before = self.end is None or other.start is None or other.start < self.end
        ends_after = other.end is None or self.start is None or self.start < other.end
        return starts_before and ends_after
