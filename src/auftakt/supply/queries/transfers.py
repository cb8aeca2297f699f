"""Reads of transfer orders."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from auftakt.platform.sql import Statements
from auftakt.supply.types import TransferFacts, TransferLineFacts, TransferOrder

sql = Statements("auftakt.supply")


def transfer_heads_and_lines(
    ids: Sequence[UUID],
) -> tuple[dict[UUID, TransferFacts], dict[UUID, TransferLineFacts]]:
    """Transfers and all their lines, each by its id."""
    heads = {row[0]: TransferFacts(*row) for row in sql.rows("transfer_heads", ids=list(ids))}
    lines = {row[0]: TransferLineFacts(*row) for row in sql.rows("transfer_lines", ids=[], orders=list(ids))}
    return heads, lines


def transfers(ids: Sequence[UUID]) -> dict[UUID, TransferOrder]:
    """Transfers with their lines, by id."""
    heads, lines = transfer_heads_and_lines(ids)
    by_order: dict[UUID, list[TransferLineFacts]] = defaultdict(list)
    for line in lines.values():
        by_order[line.transfer_id].append(line)
    return {key: TransferOrder(head, tuple(by_order[key])) for key, head in heads.items()}


def transfer_lines(line_ids: Sequence[UUID]) -> dict[UUID, TransferLineFacts]:
    """Lines of transfers by id; a bucket's `reference_id` is the id of the line that brings it."""
    return {row[0]: TransferLineFacts(*row) for row in sql.rows("transfer_lines", ids=list(line_ids), orders=[])}


def list_transfers(
    text: str = "",
    *,
    states: Sequence[str] | None = None,
    site_id: UUID | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[TransferFacts]:
    """A page of transfers, latest first, before a serial. `site_id` is either end."""
    wanted = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    chosen = None if states is None else list(states)
    rows = sql.rows("list_transfers", text=wanted, states=chosen, site=site_id, before=before, limit=limit)
    return [TransferFacts(*row) for row in rows]
