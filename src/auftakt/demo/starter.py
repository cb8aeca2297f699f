"""What every installation needs before its first order: units, payment terms, tax rates, policies, a legal entity.

Only what is missing is installed: nothing that somebody changed is set back.
"""

from datetime import datetime
from decimal import Decimal

from auftakt.catalog import actions as catalog
from auftakt.catalog import queries as items
from auftakt.catalog.types import UnitDraft
from auftakt.compliance import actions as compliance
from auftakt.compliance import queries as taxes
from auftakt.orchestration import actions as orchestration
from auftakt.parties import actions as parties
from auftakt.parties import queries as people
from auftakt.parties.types import LegalEntityDraft, PaymentTermsDraft
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import AdjustmentLimitDraft

UNITS = (
    UnitDraft("each", "Each"),
    UnitDraft("case", "Case"),
    UnitDraft("pair", "Pair"),
    UnitDraft("kg", "Kilogram", "mass", 3),
    UnitDraft("m", "Metre", "length", 2),
    UnitDraft("l", "Litre", "volume", 3),
    UnitDraft("hour", "Hour", "time", 2),
)
TERMS = (
    PaymentTermsDraft("PREPAID", "Payment in advance", due_days=0, prepaid=True),
    PaymentTermsDraft("NET14", "14 days net", due_days=14),
    PaymentTermsDraft("NET30", "30 days net", due_days=30),
    PaymentTermsDraft("2IN10NET30", "2 % in 10 days, 30 days net", 30, 10, Decimal(2)),
)
LIMITS = (
    AdjustmentLimitDraft("sales", Decimal(10)),
    AdjustmentLimitDraft("order_manager", Decimal(30)),
    AdjustmentLimitDraft("admin", Decimal(100)),
)


def install_starter(*, actor: str, at: datetime) -> None:
    """Install what is missing: default policies, units, payment terms, the shipped tax rates, one legal entity."""
    orchestration.install_default_policies(actor=actor, at=at)
    if not items.units():
        catalog.save_units(UNITS, actor=actor, at=at)
    if not people.payment_terms():
        parties.save_payment_terms(TERMS, actor=actor, at=at)
        pricing.save_adjustment_limits(LIMITS, actor=actor, at=at)
    if not taxes.list_rates(["DE"]):
        compliance.load_shipped_rates(actor=actor, at=at)
    if not people.legal_entities():
        own = LegalEntityDraft("OWN", "My company", "Street 1", "Berlin", "DE", "EUR", postal_code="10115")
        parties.save_legal_entities([own], actor=actor, at=at)
