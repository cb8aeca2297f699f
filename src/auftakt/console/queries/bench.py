"""What the fulfilment bench reads."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from auftakt.console.queries.statements import sql


def bench(site_id: UUID, state: str, limit: int = 100) -> list[Any]:
    """Releases of a site in a state, soonest first."""
    return sql.records("releases_in", site=site_id, state=state, limit=limit)


def bench_version(site_id: UUID) -> str:
    """Changes when a release of a site moves on. One cheap statement."""
    return sql.value("bench_version", site=site_id) or "0"


def next_release(site_id: UUID, state: str) -> Any | None:
    """The release that is due next in a state."""
    found = sql.records("next_release", site=site_id, state=state)
    return found[0] if found else None


def wave_releases(wave_id: UUID) -> list[Any]:
    """The releases of a wave by tote."""
    return sql.records("wave_releases", wave=wave_id)


def holders_at(site_id: UUID, item_ids: Iterable[UUID]) -> dict[UUID, list[Any]]:
    """Orders that hold the stock of items at a site, a few for each item."""
    found: dict[UUID, list[Any]] = {}
    for row in sql.records("holders_at", site=site_id, items=list(item_ids)):
        found.setdefault(row.item_id, []).append(row)
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


def gtins(item_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The GTINs of items that have one."""
    return dict(sql.rows("item_gtins", items=list(item_ids)))


def bins(site_id: UUID) -> list[str]:
    """The bins of a site as they are walked past."""
    return [row[0] for row in sql.rows("site_bins", site=site_id)]


def shelves_of(site_id: UUID, item_ids: Iterable[UUID] = (), sku: str = "") -> list[Any]:
    """Items at a site, by id or SKU, with their bin and what the books say."""
    return sql.records("shelves_of", site=site_id, items=list(item_ids), sku=sku)
