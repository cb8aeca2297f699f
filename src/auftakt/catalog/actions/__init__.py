"""Verbs of the catalog: items and their states, bills of material, units, categories, brands."""

from auftakt.catalog.actions.bills import save_bills
from auftakt.catalog.actions.groups import save_brands, save_categories, save_units, unit_id
from auftakt.catalog.actions.items import save_items
from auftakt.catalog.actions.states import activate, phase_out, set_images

__all__ = [
    "activate",
    "phase_out",
    "save_bills",
    "save_brands",
    "save_categories",
    "save_items",
    "save_units",
    "set_images",
    "unit_id",
]
