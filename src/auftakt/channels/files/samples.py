"""Empty files to begin with: the columns of each kind, and a row that shows how they are filled."""

import csv
from collections.abc import Mapping
from io import BytesIO, StringIO

from openpyxl import Workbook

from auftakt.channels.files.kinds import KINDS

EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "number": "C-1001", "name": "Radhaus Nord GmbH", "kind": "organisation", "is_customer": "yes",
        "is_supplier": "no", "segment": "trade", "currency": "EUR", "language": "de", "payment_terms": "",
        "vat_id": "DE123456789", "email": "einkauf@radhaus.example", "phone": "+49 40 1234567",
        "street": "Hafenstraße 1", "city": "Hamburg", "postal_code": "20457", "country": "DE",
        "contact_name": "Mia Brandt", "contact_role": "Purchasing", "contact_email": "mia@radhaus.example",
        "credit_limit": "5000",
    },
    "items": {
        "sku": "100-114", "name": "Chain, 11-speed", "kind": "stocked", "unit": "each", "active": "yes",
        "description": "114 links", "category": "", "brand": "", "weight_kg": "0.26", "gtin": "4006381333931",
        "hs_code": "73151110", "origin_country": "DE", "tax_category": "standard",
        "tracking": "none", "shelf_life_days": "", "min_remaining_days": "",
    },
    "stock": {
        "site": "DC", "sku": "100-114", "quantity": "120", "unit": "each", "note": "Counted", "reference": "",
        "lot": "", "expires_on": "",
    },
    "bins": {"site": "DC", "sku": "100-114", "bin": "A-03-12", "walk": ""},
    "bills": {
        "sku": "BIKE-54", "plant": "", "component": "100-114", "quantity": "1", "scrap_percent": "2",
        "valid_from": "2026-01-01", "valid_to": "",
    },
    "prices": {
        "price_list": "STANDARD", "sku": "100-114", "unit": "each", "unit_price": "39.90", "from_quantity": "1",
        "valid_from": "2026-01-01", "valid_to": "",
    },
    "orders": {
        "source_system": "shop", "external_reference": "W-20931", "customer_number": "C-1001", "channel": "web",
        "currency": "EUR", "customer_reference": "PO 77", "requested_arrival_on": "2026-12-18", "split_dates": "yes",
        "split_sites": "yes", "line": "1", "sku": "100-114", "quantity": "2", "unit": "each",
    },
    "purchase-orders": {
        "number": "PO-5001", "supplier_number": "S-10", "site": "DC", "currency": "EUR", "ordered_on": "2026-11-24",
        "expected_on": "2026-12-08", "sku": "100-114", "quantity": "200", "unit": "each", "unit_cost": "18.20",
    },
    "supplier-items": {
        "supplier_number": "S-10", "sku": "100-114", "lead_time_days": "14", "supplier_sku": "KT-9", "minimum": "10",
        "multiple": "5", "rank": "1", "unit_price": "18.20", "from_quantity": "1", "currency": "EUR", "inspects": "no",
    },
    "replenishment-policies": {
        "sku": "100-114", "site": "DC", "method": "min_max", "source": "", "supplier_number": "", "from_site": "",
        "reorder_point": "", "maximum": "300", "lot": "25", "multiple": "", "cover_days": "", "review_days": "",
        "safety_stock": "40", "service_level": "", "demand_days": "", "demand_per_day": "20", "lead_days": "5",
        "buyer": "",
    },
}  # fmt: skip


def columns(kind: str) -> list[str]:
    """The columns of a kind, those it cannot do without first."""
    known = KINDS[kind]
    names = dict.fromkeys([*known.required, *known.fields, *known.line_fields])
    return list(names)


def _rows(kind: str) -> list[list[str]]:
    names = columns(kind)
    example = EXAMPLES.get(kind, {})
    return [names, [example.get(name, "") for name in names]]


def sample_csv(kind: str) -> bytes:
    """An empty file as CSV, with an example row, readable by spreadsheets."""
    text = StringIO()
    csv.writer(text).writerows(_rows(kind))
    return text.getvalue().encode("utf-8-sig")


def sample_xlsx(kind: str) -> bytes:
    """An empty file as a workbook, with an example row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(kind)
    for row in _rows(kind):
        sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()
