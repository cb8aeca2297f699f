"""What the fulfilment bench reads."""

from datetime import date
from typing import Any
from uuid import UUID

from auftakt.console.queries.statements import sql


def bench(site_id: UUID, state: str, limit: int = 60) -> list[dict[str, Any]]:
    """Releases of a site in a state, with their picks and parcels."""
    releases = sql.records("releases_in", site=site_id, state=state, limit=limit)
    ids = [row.id for row in releases]
    picks, parcels = _by_release("picks_of", ids), _by_release("parcels_of", ids)
    return [{"release": row, "picks": picks.get(row.id, []), "parcels": parcels.get(row.id, [])} for row in releases]


def _by_release(name: str, ids: list[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in sql.records(name, releases=ids) if ids else []:
        found.setdefault(row.release_id, []).append(row)
    return found


def to_release(site_id: UUID, limit: int = 300) -> list[Any]:
    """Lines of a site that may be released now."""
    return sql.records("to_release", site=site_id, limit=limit)


def site_by_code(code: str) -> Any | None:
    """A site, or None."""
    found = sql.records("site_by_code", code=code)
    return found[0] if found else None


def sites() -> list[Any]:
    """All sites by code."""
    return sql.records("sites")


def site_work(*, today: date) -> list[Any]:
    """Work per site."""
    return sql.records("bench_counts", today=today)


def carriers(site_id: UUID) -> list[str]:
    """Carriers that serve a site's lanes."""
    return [row[0] for row in sql.rows("site_carriers", site=site_id)]


def release(release_id: UUID) -> Any | None:
    """A release, or None."""
    found = sql.records("release_by_id", id=release_id)
    return found[0] if found else None
