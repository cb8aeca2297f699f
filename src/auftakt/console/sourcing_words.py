"""Sourcing rules in plain words: sources as sentences, terms as lines, and what two versions differ in."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from auftakt.console import formats, words
from auftakt.console.countries import country
from auftakt.supply.types import AssignmentFacts, PromisingTerms, Scope, Source, SourcingGap, SourcingVersion

MODES: Mapping[str, Any] = {
    "lead_time": gettext_lazy("By lead time alone"),
    "atp": gettext_lazy("What is there and comes"),
    "ctp": gettext_lazy("What is there, comes, or can be made"),
    "ptp": gettext_lazy("What earns most"),
}
KINDS: Mapping[str, Any] = {
    "ship": gettext_lazy("Ship from stock"),
    "transfer": gettext_lazy("Transfer, then ship"),
    "make": gettext_lazy("Make"),
    "buy": gettext_lazy("Buy in"),
    "drop_ship": gettext_lazy("Supplier ships direct"),
}
COUNTED: Mapping[str, Any] = {
    "purchase": gettext_lazy("purchase orders"),
    "transfer": gettext_lazy("transfers"),
    "work": gettext_lazy("work orders"),
}
CHOICES: Mapping[str, Any] = {
    "per_line": gettext_lazy("each line by itself"),
    "fewest_parcels": gettext_lazy("fewest parcels"),
    "lowest_cost": gettext_lazy("lowest cost"),
    "earliest": gettext_lazy("earliest complete"),
}
NOT_YET = gettext_lazy(
    "Promises use what ships from stock. What is transferred, made, bought or shipped by the supplier, "
    "the choice among the lines of an order, and where parcels meet, is kept here and not used yet: "
    "such lines are served from stock."
)
PARTS: Mapping[str, Any] = {
    "product": gettext_lazy("Its product is wider."),
    "customer": gettext_lazy("Its customer is wider."),
    "place": gettext_lazy("Its place is wider."),
    "channel": gettext_lazy("It holds for any channel."),
}


class Named(NamedTuple):
    """What codes are called: sites and suppliers."""

    sites: Mapping[str, str]
    suppliers: Mapping[str, str]

    def site(self, code: str) -> str:
        """A site by its name, with its code."""
        return f"{self.sites[code]} ({code})" if code in self.sites else code

    def supplier(self, number: str) -> str:
        """A supplier by its name."""
        return self.suppliers.get(number) or number


class Line(NamedTuple):
    """A term: what it is about, and what it says."""

    about: str
    says: str


class Difference(NamedTuple):
    """What a version says otherwise; empty before: it is new, empty after: it has gone."""

    about: str
    before: str
    after: str


def sentence(source: Source, named: Named) -> str:
    """How an item gets to where it ships from."""
    site = named.site(source.site)
    if source.kind == "ship":
        return _("from the stock of %(site)s") % {"site": site} if source.site else _("from the stock of any site")
    if source.kind == "make":
        return _("made at %(site)s") % {"site": site}
    supplier = named.supplier(source.supplier)
    if source.kind == "buy":
        return _("bought from %(supplier)s into %(site)s") % {"supplier": supplier, "site": site}
    if source.kind == "drop_ship":
        return _("%(supplier)s ships it from %(site)s") % {"supplier": supplier, "site": site}
    origin = named.site(source.from_site)
    if source.transfer_days is None:
        return _("moved from %(origin)s to %(site)s") % {"origin": origin, "site": site}
    told = _("moved from %(origin)s to %(site)s in %(days)s")
    return told % {"origin": origin, "site": site, "days": days(source.transfer_days)}


def days(count: int) -> str:
    """One day, 3 days."""
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": formats.number(count)}


def period(first: date | None, last: date | None) -> str:
    """The days from a first to a last one; empty when it is always."""
    if first and last:
        return f"{formats.day(first)} – {formats.day(last)}"
    if first:
        return _("from %(day)s") % {"day": formats.day(first)}
    return _("until %(day)s") % {"day": formats.day(last)} if last else ""


def term_lines(terms: PromisingTerms, named: Named) -> list[Line]:
    """The terms in words; those that do not matter in their mode are left out."""
    found = [Line(_("Promised"), str(MODES.get(terms.mode, terms.mode)))]
    if terms.mode == "lead_time":
        found.append(Line(_("Lead time"), _("%(days)s of work") % {"days": days(terms.lead_days)}))
    else:
        found += _supply_lines(terms)
    if terms.mode in ("ctp", "ptp"):
        fence = terms.make_first_after_days
        said = _("when stock does not do")
        if fence is not None:
            said = _("when stock does not do; first for wishes from %(days)s on") % {"days": days(fence)}
        found.append(Line(_("It is made"), said))
        partly = _("with the parts that are there") if terms.partial_starts else _("when all parts are there")
        found.append(Line(_("Making begins"), partly))
    if terms.mode == "ptp":
        found += _cost_lines(terms)
    found.append(Line(_("Horizon"), days(terms.horizon_days)))
    if terms.infinite_after_days is not None:
        about = _("Wishes from %(days)s on") % {"days": days(terms.infinite_after_days)}
        found.append(Line(about, _("promised on the wish, nothing is checked")))
    found.append(Line(_("For a whole order"), str(CHOICES.get(terms.choice, terms.choice))))
    if terms.consolidate_at:
        found.append(Line(_("Parcels meet at"), named.site(terms.consolidate_at)))
    return found


def _supply_lines(terms: PromisingTerms) -> list[Line]:
    kinds = [_("stock on hand"), *(str(COUNTED.get(kind, kind)) for kind in terms.counts)]
    found = [Line(_("Counts"), ", ".join(kinds))]
    if terms.counts:
        late = _("counts still")
        if terms.past_due_days is not None:
            late = _("counts for %(days)s") % {"days": days(terms.past_due_days)}
        found.append(Line(_("Overdue supply"), late))
    return found


def _cost_lines(terms: PromisingTerms) -> list[Line]:
    money = formats.money(terms.late_cost_per_day, terms.currency)
    found = [
        Line(_("A day late costs"), _("%(money)s a unit") % {"money": money}),
        Line(_("A further parcel costs"), formats.money(terms.split_cost, terms.currency)),
    ]
    if terms.service_floor_days is not None:
        told = _("never more than %(days)s after the wish, when it can be had in time")
        found.append(Line(_("Service"), told % {"days": days(terms.service_floor_days)}))
    return found


def differences(before: SourcingVersion, after: SourcingVersion, named: Named) -> list[Difference]:
    """What a version says otherwise than one before: sources that came, went or changed, then terms."""
    found: list[Difference] = []
    old, new = (_by_way(version, named) for version in (before, after))
    for way in [*old, *(each for each in new if each not in old)]:
        was, now = old.get(way, ""), new.get(way, "")
        if was != now:
            found.append(Difference(way, was, now))
    was_said, now_said = (dict(term_lines(version.terms, named)) for version in (before, after))
    for about in [*was_said, *(each for each in now_said if each not in was_said)]:
        was, now = was_said.get(about, ""), now_said.get(about, "")
        if was != now:
            found.append(Difference(about, was, now))
    return found


def _by_way(version: SourcingVersion, named: Named) -> dict[str, str]:
    """What is said of each source of a version, by the source."""
    found: dict[str, list[str]] = {}
    for source in version.sources:
        told = [_("rank %(rank)s") % {"rank": source.rank}]
        told += [f"{formats.number(source.share)} %"] if source.share != 100 else []
        when = period(source.valid_from, source.valid_until)
        found.setdefault(sentence(source, named), []).append(", ".join([*told, when] if when else told))
    return {way: "; ".join(each) for way, each in found.items()}


def is_waiting(version: SourcingVersion) -> bool:
    """Whether a version says something that promises do not use yet."""
    terms = version.terms
    return (
        any(source.kind != "ship" for source in version.sources)
        or terms.choice != "per_line"
        or bool(terms.consolidate_at)
    )


def gap_text(gap: SourcingGap, source: Source, named: Named) -> str:
    """What a source lacks, in words."""
    if gap.code == "site_closed":
        return _("%(site)s is closed: nothing is promised from there.") % {"site": named.site(source.site)}
    counts = {"n": formats.number(gap.lacking), "all": formats.number(gap.items)}
    if gap.code == "site_without_routing":
        told = _("%(n)s of %(all)s items have no routing at %(site)s and are not made there.")
        return told % {**counts, "site": named.site(source.site)}
    told = _("%(n)s of %(all)s items have no terms of %(supplier)s and are not bought there.")
    return told % {**counts, "supplier": named.supplier(source.supplier)}


def scope_words(scope: Scope) -> list[str]:
    """What an assignment is for, part by part; nothing for everything."""
    found = [
        f"{words.word(kind)} {getattr(scope, field)}"
        for kind, field in (
            ("item", "sku"), ("category", "category"), ("brand", "brand"), ("customer", "customer"),
            ("segment", "segment"), ("demand_class", "demand_class"),
        )
        if getattr(scope, field)
    ]  # fmt: skip
    if scope.country:
        found.append(f"{country(scope.country)}, {scope.region}" if scope.region else country(scope.country))
    if scope.channel:
        found.append(_("channel %(channel)s") % {"channel": scope.channel})
    return found


def assigned_to(each: AssignmentFacts) -> str:
    """What an assignment is for, in one line."""
    return " · ".join(scope_words(each.scope)) or _("everything")
