"""Stock by item and site."""

from uuid import UUID

from auftakt.console.queries.paging import PAGE, Page, cursor, like, position
from auftakt.console.queries.statements import sql


def stock(text: str, site: UUID | None, only_short: bool, after: str = "", limit: int = PAGE) -> Page:
    """Stock by item and site: `limit` items, each with its sites."""
    start = position(after, 1)
    rows = sql.records(
        "stock_rows",
        text=like(text)["text"],
        like=like(text)["like"],
        site=site,
        only_short=only_short,
        after=start[0] if start else "",
        limit=limit + 1,
    )
    skus = list(dict.fromkeys(row.sku for row in rows))
    if len(skus) <= limit:
        return Page(rows)
    return Page([row for row in rows if row.sku != skus[-1]], cursor(skus[limit - 1]))
