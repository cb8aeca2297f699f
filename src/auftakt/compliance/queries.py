"""Reads of compliance: which tax rates are in force where."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from auftakt.compliance import rules
from auftakt.compliance.types import TaxRateFacts, TaxTable
from auftakt.platform.sql import Statements

sql = Statements("auftakt.compliance")


def tax_rates(destinations: Iterable[tuple[str, str]], on: date, until: date | None = None) -> TaxTable:
    """The rates of destinations (country, region) in force on a day, or on any day up to and including `until`.

    One statement whatever the number. A region without a rate of its own has that of its country.
    """
    countries = sorted({country for country, _ in destinations})
    rates: dict[rules.Spot, list[TaxRateFacts]] = defaultdict(list)
    for row in sql.rows("tax_rates", countries=countries, since=on, until=until or on):
        facts = TaxRateFacts(*row)
        rates[rules.spot(facts.country, facts.region, facts.tax_category)].append(facts)
    return TaxTable(on, dict(rates))


def list_rates(countries: Sequence[str] | None = None) -> list[TaxRateFacts]:
    """Every rate there ever was in some countries, or in all, in the order of country, region, category, start."""
    rows = sql.rows("all_rates", countries=None if countries is None else list(countries))
    return [TaxRateFacts(*row) for row in rows]
