"""What can be imported in the console: by whom, what it is called, and which lists offer it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from auftakt.channels import files
from auftakt.identity.queries import may

RULES: Mapping[str, str] = {
    "customers": "parties.edit",
    "items": "catalog.edit",
    "stock": "stock.edit",
    "bins": "stock.edit",
    "bills": "catalog.edit",
    "prices": "prices.edit",
    "orders": "orders.edit",
    "purchase-orders": "supply.edit",
    "supplier-items": "supply.edit",
    "replenishment-policies": "supply.edit",
}
TITLES: Mapping[str, Any] = {
    "customers": _("Customers and suppliers"),
    "items": _("Items"),
    "stock": _("Stock"),
    "bins": _("Bins"),
    "bills": _("Bills of material"),
    "prices": _("Prices"),
    "orders": _("Orders"),
    "purchase-orders": _("Purchase orders"),
    "supplier-items": _("Suppliers' terms"),
    "replenishment-policies": _("Replenishment policies"),
}
LEADS: Mapping[str, Any] = {
    "customers": _("Known numbers are changed, new ones are created."),
    "items": _("Known item numbers are changed, new ones are created."),
    "stock": _("The books are set to what was counted."),
    "bins": _("Each item gets its bin at the site; an empty bin takes it out. No stock is moved."),
    "bills": _("Rows with the same item are its bill of material, which takes the place of the one there is."),
    "prices": _("Prices go into price lists that exist; the same price again changes nothing."),
    "orders": _("Rows with the same reference are one order. The same order again changes nothing."),
    "purchase-orders": _("Rows with the same number are one purchase order."),
    "supplier-items": _("The terms of a supplier for an item take the place of those there are."),
    "replenishment-policies": _("The policy of an item at a site takes the place of the one there is."),
}


def importable(roles: Iterable[str]) -> list[str]:
    """The kinds of files that somebody with these roles may import."""
    return [kind for kind in files.KINDS if may(roles, RULES.get(kind, "users.manage"))]


LISTS: Mapping[str, str] = {
    "customers": "customers",
    "items": "items",
    "stock": "stock",
    "bills": "bills",
    "price_lists": "prices",
    "orders": "orders",
    "purchases": "purchase-orders",
    "supplier_items": "supplier-items",
    "replenishment_policies": "replenishment-policies",
}


def offered(list_name: str, roles: Iterable[str]) -> str:
    """The kind of file that a list offers to import to people with these roles; empty when none."""
    kind = LISTS.get(list_name, "")
    return kind if kind and may(roles, RULES[kind]) else ""
