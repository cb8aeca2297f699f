"""What changed last: the version of a subject, for pages that keep themselves up to date."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from auftakt.console.queries.statements import sql


@dataclass(frozen=True, slots=True)
class Version:
    """How far the journal tells of a subject, and who wrote last."""

    mark: str = "0"
    at: datetime | None = None
    actor: str = ""
    name: str = ""


def version(subject: UUID | None = None) -> Version:
    """The version of a subject (for an order: of all that came of it too), or of the whole house. One statement."""
    rows = sql.records("live_house") if subject is None else sql.records("live_subject", subject=subject)
    if not rows:
        return Version()
    row = rows[0]
    return Version(f"{row.entries}.{row.id.hex}", row.at, row.actor, row.name)
