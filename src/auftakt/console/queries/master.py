"""Lists of master data."""

from typing import Any

from auftakt.console.paging import Page
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked


def category_list(asked: Asked) -> Page:
    """Categories in the order of the tree."""
    return asked.page(sql, "category_rows")


def brand_list(asked: Asked) -> Page:
    """Brands with how many items they have."""
    return asked.page(sql, "brand_rows")


def unit_list(asked: Asked) -> Page:
    """Units of measure."""
    return asked.page(sql, "unit_rows")


def item_list(asked: Asked) -> Page:
    """Items as their list asks for them."""
    return asked.page(sql, "item_list")


def site_list(asked: Asked) -> Page:
    """Sites with their lanes."""
    return asked.page(sql, "site_rows")


def price_list_list(asked: Asked) -> Page:
    """Price lists with how many prices they hold."""
    return asked.page(sql, "price_list_rows")


def discount_list(asked: Asked) -> Page:
    """Discounts."""
    return asked.page(sql, "discount_rows")


def terms_list(asked: Asked) -> Page:
    """Payment terms with how many customers have them."""
    return asked.page(sql, "terms_rows")


def entity_list(asked: Asked) -> Page:
    """Our own companies."""
    return asked.page(sql, "entity_rows")


def tax_list(asked: Asked) -> Page:
    """Tax rates."""
    return asked.page(sql, "tax_rows")


def zone_list(asked: Asked) -> Page:
    """Shipping zones."""
    return asked.page(sql, "zone_rows")


def user_list(asked: Asked) -> Page:
    """Users."""
    return asked.page(sql, "user_rows")


def key_list(asked: Asked) -> Page:
    """API keys."""
    return asked.page(sql, "key_rows")


def category_codes() -> list[tuple[str, str]]:
    """Categories for a filter: code and path."""
    return [(row.code, row.path) for row in sql.records("category_paths")]


def brand_codes() -> list[tuple[str, str]]:
    """Brands for a filter."""
    return [(row.code, row.name) for row in sql.records("brand_names")]


def tax_countries() -> list[str]:
    """Countries that have tax rates."""
    return [row[0] for row in sql.rows("tax_countries")]


def lanes_of(site_id: Any) -> list[Any]:
    """The lanes of a site by country and region."""
    return sql.records("lanes_of", site=site_id)


def prices_of(code: str, words: dict[str, str], after: str, limit: int) -> list[Any]:
    """The prices of a page of items of a list."""
    return sql.records("price_grid", code=code, **words, after=after, limit=limit)


def roles_held() -> dict[str, list[Any]]:
    """Who has which role: active users by role."""
    found: dict[str, list[Any]] = {}
    for row in sql.records("roles_held"):
        found.setdefault(row.role, []).append(row)
    return found


def policies() -> list[Any]:
    """Policies with their versions, newest first, and how many lines run on each."""
    return sql.records("policy_versions")


def policy_steps(version_ids: list[Any]) -> dict[Any, list[Any]]:
    """The steps of versions, in their order, with how many lines stand at each."""
    found: dict[Any, list[Any]] = {}
    for row in sql.records("policy_steps", versions=version_ids):
        found.setdefault(row.version_id, []).append(row)
    return found


def discount(code: str) -> Any | None:
    """A discount with the codes of what it applies to."""
    found = sql.records("discount_by_code", code=code)
    return found[0] if found else None


def zone(code: str) -> tuple[Any, list[Any]] | None:
    """A shipping zone and its charges."""
    found = sql.records("zone_by_code", code=code)
    return (found[0], sql.records("zone_rates", code=code)) if found else None


def adjustment_limits() -> list[Any]:
    """How far roles may lower prices."""
    return sql.records("adjustment_limits")
