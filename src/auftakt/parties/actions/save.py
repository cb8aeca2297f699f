"""Verbs on the cards of parties: save, keep an address, block and unblock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.parties import rules
from auftakt.parties.actions.credit import limit_refusal, locked_lines, store_limits
from auftakt.parties.actions.numbers import numbered, stay_ahead
from auftakt.parties.types import (
    PARTY_LIFECYCLE,
    AddressDraft,
    AddressFacts,
    AddressFor,
    ContactDraft,
    ContactFacts,
    CreditFacts,
    PartyDraft,
)
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, columns, insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.parties")

_SCALARS = (
    "number", "kind", "name", "is_customer", "is_supplier", "segment", "currency", "language", "payment_terms",
    "vat_id", "email", "phone", "notes",
)  # fmt: skip
_COLUMNS = (
    "ids", "numbers", "kinds", "names", "customers", "suppliers", "segments", "currencies", "languages", "terms",
    "vat_ids", "emails", "phones", "notes",
)  # fmt: skip
_ADDRESS_COLUMNS = (
    "id", "party_id", "label", "name", "street", "city", "region", "postal_code", "country", "phone", "bills", "ships",
    "is_default_bill_to", "is_default_ship_to",
)  # fmt: skip


@dataclass(slots=True)
class _Work:
    """One accepted draft: whose card it is, whether the card is new, and what turns out to change."""

    index: int
    draft: PartyDraft
    party_id: UUID
    is_new: bool
    change: dict[str, Any] = field(default_factory=dict[str, Any])


def save_parties(drafts: Sequence[PartyDraft], *, actor: str, at: datetime, only_new: bool = False) -> Outcome[UUID]:
    """Add or change parties by number, with addresses, contacts and credit limit. Returns ids in input order.

    A new customer without a number gets the next of its range. The same draft again writes nothing. With `only_new` a
    number in use is refused (`number_taken`). Refused drafts (subject: the number, every finding also with its `index`
    in the batch) do not hinder the others: malformed fields, `number_twice`, `payment_terms_unknown`,
    `credit_limit_below_drawn`, `credit_in_use`, and, worth another try, `changed_meanwhile`.
    """
    with transaction.atomic():
        terms = {code for (code,) in sql.rows("list_terms")}
        good, refused = _normal(numbered(drafts, terms), terms)
        stored = {row[1]: row for row in sql.rows("lock_parties", numbers=[draft.number for _, draft in good])}
        works: list[_Work] = []
        for (index, draft), fresh in zip(good, new_ids(len(good)), strict=True):
            before = stored.get(draft.number)
            if before and only_new:
                taken = Finding("number_taken", f"The number {draft.number} is in use.", "/number")
                refused.append(_refusal(index, draft.number, [taken], transient=True))
                continue
            works.append(_Work(index, draft, before[0] if before else fresh, before is None))
        lines = locked_lines([work.party_id for work in works])
        works, barred = _within_credit(works, lines)
        works, raced = _write_cards(works, {row[0]: row for row in stored.values()}, at=at)
        stay_ahead(work.draft.number for work in works if work.is_new)
        _write_addresses(works, at=at)
        _write_contacts(works)
        _journal(works, actor=actor, at=at)
        limits = {
            work.party_id: CreditFacts(work.party_id, work.draft.currency, work.draft.credit_limit, Decimal(0))
            for work in works
            if work.draft.credit_limit is not None
        }
        store_limits(limits, lines, actor=actor, at=at)
    return Outcome(tuple(work.party_id for work in works), (*refused, *barred, *raced))


def _refusal(index: int, number: str, findings: Iterable[Finding], *, transient: bool = False) -> Refusal:
    said = [replace(finding, facts={**finding.facts, "index": str(index)}) for finding in findings]
    return Refusal(number, tuple(said), transient)


def _normal(drafts: Sequence[PartyDraft], terms: set[str]) -> tuple[list[tuple[int, PartyDraft]], list[Refusal]]:
    good: list[tuple[int, PartyDraft]] = []
    refused: list[Refusal] = []
    seen: set[str] = set()
    for index, given in enumerate(drafts):
        draft, found = rules.normal_party(given, terms)
        if draft.is_customer and not draft.number:  # it would get one, were nothing else wrong with it
            found = [finding for finding in found if finding.place != "/number"]
        elif draft.number in seen:
            found.append(Finding("number_twice", f"{draft.number} is in this batch already.", "/number"))
        seen.add(draft.number)
        if found:
            refused.append(_refusal(index, draft.number, found))
        else:
            good.append((index, draft))
    return good, refused


def _within_credit(works: list[_Work], lines: Mapping[UUID, CreditFacts]) -> tuple[list[_Work], list[Refusal]]:
    kept: list[_Work] = []
    refused: list[Refusal] = []
    for work in works:
        limit = work.draft.credit_limit
        wished = None if limit is None else CreditFacts(work.party_id, work.draft.currency, limit, Decimal(0))
        barred = wished and limit_refusal(wished, lines.get(work.party_id))
        if barred:
            refused.append(_refusal(work.index, work.draft.number, [barred]))
        else:
            kept.append(work)
    return kept, refused


def _card(work: _Work) -> tuple[Any, ...]:
    return (work.party_id, *(getattr(work.draft, name) for name in _SCALARS))


def _write_cards(
    works: list[_Work], stored: Mapping[UUID, tuple[Any, ...]], *, at: datetime
) -> tuple[list[_Work], list[Refusal]]:
    fresh = [_card(work) for work in works if work.is_new]
    inserted: set[UUID] = set()
    if fresh:
        given = dict(zip(_COLUMNS, columns(fresh, len(_COLUMNS)), strict=True))
        rows = sql.rows("insert_parties", **given, status=PARTY_LIFECYCLE.start, at=at)
        inserted = {key for (key,) in rows}
    changed: list[tuple[Any, ...]] = []
    for work in works:
        if work.is_new:
            continue
        before, after = stored[work.party_id], _card(work)
        for name, old, new in zip(_SCALARS, before[1:], after[1:], strict=True):
            if old != new:
                work.change[name] = [old, new]
        if work.change:
            changed.append(after)
    if changed:
        sql.run("update_parties", **dict(zip(_COLUMNS, columns(changed, len(_COLUMNS)), strict=True)))
    message = "Somebody else has just added this number; try again."
    raced = [
        _refusal(
            work.index, work.draft.number, [Finding("changed_meanwhile", message, "/number")], transient=True
        )
        for work in works
        if work.is_new and work.party_id not in inserted
    ]  # fmt: skip
    return [work for work in works if not work.is_new or work.party_id in inserted], raced


@dataclass(frozen=True, slots=True)
class _Place:
    """A stored address and whether it is archived."""

    facts: AddressFacts
    is_archived: bool


def _places(party_ids: list[UUID]) -> dict[UUID, list[_Place]]:
    found: dict[UUID, list[_Place]] = {}
    for row in sql.rows("read_addresses", parties=party_ids):
        found.setdefault(row[1], []).append(_Place(AddressFacts(*row[:-1]), row[-1]))
    return found


def _address_row(key: UUID, party_id: UUID, address: AddressDraft) -> tuple[Any, ...]:
    return (key, party_id, *rules.address_key(address), *rules.address_flags(address))


def _write_addresses(works: Sequence[_Work], *, at: datetime) -> None:
    """Make the addresses in use those of the drafts: archive, flag anew, add."""
    concerned = [work for work in works if work.draft.addresses is not None]
    old = [work.party_id for work in concerned if not work.is_new]
    stored = _places(old) if old else {}
    gone: list[UUID] = []
    flagged: list[tuple[Any, ...]] = []
    added: list[tuple[UUID, AddressDraft]] = []
    for work in concerned:
        active = {
            rules.address_key(place.facts): place.facts
            for place in stored.get(work.party_id, ())
            if not place.is_archived
        }
        missing: list[AddressDraft] = []
        flags_before = len(flagged)
        for address in work.draft.addresses or ():
            present = active.pop(rules.address_key(address), None)
            if present is None:
                missing.append(address)
            elif rules.address_flags(present) != rules.address_flags(address):
                flagged.append((present.id, *rules.address_flags(address)))
        gone += [facts.id for facts in active.values()]
        added += [(work.party_id, address) for address in missing]
        told = {"added": len(missing), "archived": len(active), "used_otherwise": len(flagged) - flags_before}
        if not work.is_new and any(told.values()):
            work.change["addresses"] = {name: count for name, count in told.items() if count}
    if gone or flagged:
        ids = gone + [row[0] for row in flagged]
        sql.run("retire_addresses", ids=ids, gone=[True] * len(gone) + [False] * len(flagged), at=at)
    if flagged:
        keys, bills, ships, bill_tos, ship_tos = columns(flagged, 5)
        sql.run("flag_addresses", ids=keys, bills=bills, ships=ships, bill_tos=bill_tos, ship_tos=ship_tos)
    rows = [
        _address_row(key, party_id, address)
        for key, (party_id, address) in zip(new_ids(len(added)), added, strict=True)
    ]
    insert_rows("parties_address", _ADDRESS_COLUMNS, rows)


def _write_contacts(works: Sequence[_Work]) -> None:
    """Make the contacts those of the drafts, each known by its name."""
    concerned = [work for work in works if work.draft.contacts is not None]
    old = [work.party_id for work in concerned if not work.is_new]
    stored: dict[UUID, dict[str, ContactFacts]] = {}
    for row in sql.rows("read_contacts", parties=old) if old else ():
        stored.setdefault(row[1], {})[row[2]] = ContactFacts(*row)
    gone: list[UUID] = []
    moved: list[tuple[Any, ...]] = []
    added: list[tuple[UUID, ContactDraft]] = []
    for work in concerned:
        known = stored.get(work.party_id, {})
        before = (len(gone), len(moved), len(added))
        for contact in work.draft.contacts or ():
            present = known.pop(contact.name, None)
            if present is None:
                added.append((work.party_id, contact))
            elif (present.role, present.email, present.phone) != (contact.role, contact.email, contact.phone):
                moved.append((present.id, contact.role, contact.email, contact.phone))
        gone += [facts.id for facts in known.values()]
        if not work.is_new and before != (len(gone), len(moved), len(added)):
            work.change["contacts"] = [contact.name for contact in work.draft.contacts or ()]
    if gone:
        sql.run("delete_contacts", ids=gone)
    if moved:
        ids, roles, emails, phones = columns(moved, 4)
        sql.run("update_contacts", ids=ids, roles=roles, emails=emails, phones=phones)
    rows = [
        (key, party_id, contact.name, contact.role, contact.email, contact.phone)
        for key, (party_id, contact) in zip(new_ids(len(added)), added, strict=True)
    ]
    insert_rows("parties_contact", ("id", "party_id", "name", "role", "email", "phone"), rows)


def _journal(works: Sequence[_Work], *, actor: str, at: datetime) -> None:
    created = [
        Entry("party", work.party_id, {"number": work.draft.number, "name": work.draft.name})
        for work in works
        if work.is_new
    ]
    changed = [Entry("party", work.party_id, work.change) for work in works if work.change]
    if created:
        journal.write("party.created", created, actor=actor, at=at)
    if changed:
        journal.write("party.changed", changed, actor=actor, at=at)


def save_addresses(wanted: Sequence[AddressFor], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Keep addresses that came with orders; returns their ids in input order. One that is known is not added again.

    Unlike in `save_parties`, nothing is archived; a party's first address becomes its default. Refuses (subject: the
    position in the batch) `party_unknown` and addresses that break their country's conventions.
    """
    refused: list[Refusal] = []
    good: list[tuple[int, AddressFor]] = []
    for index, each in enumerate(wanted):
        address, found = rules.normal_address(each.address)
        plain = replace(address, is_default_bill_to=False, is_default_ship_to=False)
        if found:
            refused.append(Refusal(str(index), tuple(found)))
        else:
            good.append((index, AddressFor(each.party_id, plain)))
    with transaction.atomic():
        parties = id_list([each.party_id for _, each in good])
        names = {key: name for key, _, name in sql.rows("lock_party_ids", ids=parties)}
        places = _places(parties)
        ids: dict[tuple[UUID, tuple[str, ...]], UUID] = {}
        for party_id, stored in places.items():
            for place in stored:
                ids.setdefault((party_id, rules.address_key(place.facts)), place.facts.id)
        added: list[tuple[Any, ...]] = []
        done: list[UUID] = []
        for (index, each), fresh in zip(good, new_ids(len(good)), strict=True):
            if each.party_id not in names:
                message = f"There is no party {each.party_id}."
                refused.append(Refusal.because(index, "party_unknown", message, party=each.party_id))
                continue
            named = replace(each.address, name=each.address.name or names[each.party_id])
            key = (each.party_id, rules.address_key(named))
            if key not in ids:
                ids[key] = fresh
                address = _with_first_defaults(named, places.setdefault(each.party_id, []))
                places[each.party_id].append(_Place(_facts(fresh, each.party_id, address), False))
                added.append(_address_row(fresh, each.party_id, address))
            done.append(ids[key])
        insert_rows("parties_address", _ADDRESS_COLUMNS, added)
        entries = [Entry("party", row[1], {"address_id": row[0]}) for row in added]
        journal.write("party.address_added", entries, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def _with_first_defaults(address: AddressDraft, places: Sequence[_Place]) -> AddressDraft:
    active = [place.facts for place in places if not place.is_archived]
    return replace(
        address,
        is_default_bill_to=address.bills and not any(facts.is_default_bill_to for facts in active),
        is_default_ship_to=address.ships and not any(facts.is_default_ship_to for facts in active),
    )


def _facts(key: UUID, party_id: UUID, address: AddressDraft) -> AddressFacts:
    return AddressFacts(
        key, party_id, address.name, address.street, address.postal_code, address.city, address.region,
        address.country, address.phone, address.label, *rules.address_flags(address),
    )  # fmt: skip


def block_parties(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take no more orders from, and send none to, these parties. Refuses `party_unknown` and `party_blocked`."""
    return _change_status("block", "party.blocked", ids, actor=actor, at=at)


def unblock_parties(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Trade with these parties again. Refuses `party_unknown` and `party_active`."""
    return _change_status("unblock", "party.unblocked", ids, actor=actor, at=at)


def _change_status(move: str, verb: str, ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    refused: list[Refusal] = []
    done: list[UUID] = []
    with transaction.atomic():
        stored = {key: status for key, status, _ in sql.rows("lock_party_ids", ids=id_list(list(ids)))}
        for key in ids:
            status = stored.get(key)
            if status is None:
                refused.append(Refusal.because(key, "party_unknown", f"There is no party {key}."))
            elif not PARTY_LIFECYCLE.allows(move, status):
                refused.append(Refusal.because(key, f"party_{status}", f"The party is {status} already."))
            else:
                done.append(key)
                stored[key] = PARTY_LIFECYCLE.after(move)
        sql.run("set_status", ids=done, status=PARTY_LIFECYCLE.after(move))
        journal.write(verb, [Entry("party", key) for key in done], actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))
