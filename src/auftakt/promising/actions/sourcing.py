"""Sourcing rules as `supply` keeps them, but a source that no lane leads from is refused."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from auftakt.platform.sql import Statements
from auftakt.supply import actions as supply
from auftakt.supply.types import SourcingDraft, SourcingPublication
from auftakt.values import Outcome

sql = Statements("auftakt.promising")


def save_sourcing_drafts(drafts: Sequence[SourcingDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """As `supply.save_sourcing_drafts`, with `site_without_lane` for a site that no lane leads from."""
    return supply.save_sourcing_drafts(drafts, actor=actor, at=at, lanes_from=_lanes_from())


def publish_sourcing(publications: Sequence[SourcingPublication], *, actor: str, at: datetime) -> Outcome[UUID]:
    """As `supply.publish_sourcing`, with `site_without_lane` for a site that no lane leads from."""
    return supply.publish_sourcing(publications, actor=actor, at=at, lanes_from=_lanes_from())


def _lanes_from() -> set[str]:
    return {code for (code,) in sql.rows("sites_with_lanes")}
