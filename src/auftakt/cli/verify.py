"""`auftakt verify`: recompute every balance from the facts, on a live database, changing nothing."""

import sys
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from django.apps import apps
from django.db import connection, transaction
from rich.table import Table

from auftakt.cli.session import out, print_json, ready_database
from auftakt.platform.sql import Statements

SUBJECT_TABLES = {
    "order": "orders_order",
    "order_line": "orders_orderline",
    "fulfilment_line": "orders_fulfilmentline",
    "release": "fulfilment_release",
    "wave": "fulfilment_wave",
    "shipment": "fulfilment_shipment",
    "invoice": "billing_invoice",
    "bank_statement": "billing_bankstatement",
    "bank_line": "billing_bankline",
    "payment": "billing_payment",
    "payment_attempt": "billing_paymentattempt",
    "party": "parties_party",
    "legal_entity": "parties_legalentity",
    "item": "catalog_item",
    "category": "catalog_category",
    "brand": "catalog_brand",
    "site": "inventory_site",
    "calendar": "inventory_calendar",
    "resource": "supply_resource",
    "routing": "supply_routing",
    "work_order": "supply_workorder",
    "lot": "inventory_lot",
    "count_list": "inventory_countlist",
    "count_line": "inventory_countline",
    "move": "inventory_move",
    "bucket": "inventory_bucket",
    "purchase_order": "supply_purchaseorder",
    "transfer_order": "supply_transferorder",
    "supplier_item": "supply_supplieritem",
    "sourcing_rule": "supply_sourcingrule",
    "proposal": "supply_proposal",
    "replenishment_limit": "supply_replenishmentlimit",
    "replenishment_policy": "supply_replenishmentpolicy",
    "replenishment_run": "supply_replenishmentrun",
    "supplier_terms": "supply_supplierterms",
    "approval_limit": "supply_approvallimit",
    "price_list": "pricing_pricelist",
    "discount": "pricing_discount",
    "user": "identity_user",
    "api_key": "identity_apikey",
    "policy": "orchestration_policy",
    "document": "documents_document",
    "lane": "promising_lane",
    "demand_class": "promising_demandclass",
    "allocation_rule": "promising_allocationrule",
    "reservation": "promising_reservation",
    "job": "platform_job",
    "mail": "channels_mail",
    "webhook": "channels_webhook",
}
_UNSUBJECTED = {"unit", "payment_terms", "tax_rate", "shipping_zone", "adjustment_limit", "installation"}


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: how many facts were recomputed, how many are wrong, and one that is."""

    name: str
    checked: int
    violations: int
    example: str | None


def checks() -> list[Check]:
    """Every invariant of every capability, all over one snapshot of the database."""
    found: list[Check] = []
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read read only")
        for config in apps.get_app_configs():
            if not config.name.startswith("auftakt."):
                continue
            try:
                statements = Statements(config.name)
            except FileNotFoundError:
                continue
            for name in sorted(statements.texts):
                if name.startswith("verify_"):
                    violations, checked, example = statements.rows(name)[0]
                    found.append(Check(f"{config.label}.{name.removeprefix('verify_')}", checked, violations, example))
        found += _journal_subjects()
    return found


def _journal_subjects() -> list[Check]:
    """Every journal subject exists."""
    found: list[Check] = []
    with connection.cursor() as cursor:
        cursor.execute("select distinct subject_type from platform_journalentry order by 1")
        for (kind,) in cursor.fetchall():
            if kind in _UNSUBJECTED:
                continue
            table = SUBJECT_TABLES.get(kind)
            if table is None:
                found.append(Check(f"journal.{kind}_exists", 1, 1, f"unknown subject type {kind}"))
                continue
            cursor.execute(
                f"select count(*), count(*) filter (where t.id is null),"
                f" min(j.subject_id::text) filter (where t.id is null)"
                f" from (select distinct subject_id from platform_journalentry where subject_type = %s) j"
                f" left join {table} t on t.id = j.subject_id",
                (kind,),
            )
            row = cursor.fetchone()
            found.append(Check(f"journal.{kind}_exists", row[0], row[1], row[2]))
    return found


def verify(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Recompute every balance from the facts: ledger, commitments, lines, invoices, postings, positions, journal.

    Changes nothing and may run beside the live system. Exit code 1 when anything is wrong.
    """
    with ready_database():
        found = checks()
    violations = sum(check.violations for check in found)
    checked = sum(check.checked for check in found)
    if as_json:
        print_json({"checked": checked, "violations": violations, "checks": [asdict(check) for check in found]})
    else:
        table = Table("Invariant", "Checked", "Wrong", "For example")
        for check in found:
            mark = "[red]" if check.violations else ""
            table.add_row(check.name, f"{check.checked:,}", f"{mark}{check.violations:,}", check.example or "")
        out.print(table)
        out.print(f"{checked:,} facts checked, {violations:,} wrong.")
    if violations:
        sys.exit(1)
