"""Reminders: levels, letters, blocks, and what keeps two people from reminding twice."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.billing import actions, queries
from auftakt.billing.models import DunningBlock, Invoice, Reminder, ReminderItem
from auftakt.billing.tests.build import ACTOR, AT, company, journal, violations
from auftakt.billing.tests.test_receive import invoice, receipt, receive
from auftakt.billing.tests.test_settling import at_once
from auftakt.billing.types import BlockDraft, CreditDraft, ReminderDraft
from auftakt.documents.models import Document
from auftakt.platform.models import JournalEntry

BY: dict[str, Any] = {"actor": ACTOR, "at": AT}
DUE = date(2026, 4, 1)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def codes(*drafts: ReminderDraft, on: date) -> list[str]:
    return [refusal.code for refusal in actions.remind(drafts, on, **BY).refused]


@pytest.mark.django_db
def test_one_letter_for_all_of_a_customers_overdue_invoices_in_a_currency() -> None:
    home, other = company(), company("ZWEI")
    first, second, dollars, foreign = (
        invoice(home), invoice(home, "50.00"), invoice(home, currency="USD"), invoice(other),
    )  # fmt: skip
    drafts = [ReminderDraft(each.id, 1) for each in (first, dollars, foreign)]
    outcome = actions.remind([*drafts, ReminderDraft(second.id, 2)], after(10), **BY)
    assert (len(outcome.done), outcome.refused) == (3, ())
    letter = Reminder.objects.get(customer=home.customer, currency="EUR")
    assert (letter.number, letter.level, letter.total) == ("AUF-R-2026-000001", 2, D("169.00"))
    assert dict(letter.items.values_list("invoice_id", "level")) == {first.id: 1, second.id: 2}
    second.refresh_from_db()
    assert (second.dunning_level, second.dunned_on) == (2, after(10))
    told = {entry.subject_id: entry.change for entry in journal("billing.dunned")}
    assert (told[second.id]["level"], told[second.id]["reminder"], told[second.id]["open"]) == (
        2, "AUF-R-2026-000001", "50.000",
    )  # fmt: skip
    assert len(told) == 4
    assert violations() == {}


@pytest.mark.django_db
def test_the_next_level_is_suggested_one_at_a_time_and_not_twice_in_a_week() -> None:
    bill = invoice(company())
    found = []
    for days in (0, 1, 6, 7, 13, 40, 46, 47, 54, 90):
        items = queries.overdue(after(days))
        found.append((days, [(item.suggested, item.level, item.days) for item in items]))
        actions.dun(after(days), **BY)
    assert found == [
        (0, []), (1, [(0, 0, 1)]), (6, [(0, 0, 6)]), (7, [(1, 0, 7)]), (13, [(0, 1, 13)]), (40, [(2, 1, 40)]),
        (46, [(0, 2, 46)]), (47, [(3, 2, 47)]), (54, [(0, 3, 54)]), (90, [(0, 3, 90)]),
    ]  # fmt: skip
    bill.refresh_from_db()
    assert (bill.dunning_level, ReminderItem.objects.count()) == (3, 3)
    assert violations() == {}


@pytest.mark.django_db
def test_what_is_not_to_be_reminded_of_says_why_and_nothing_moves() -> None:
    home = company()
    bill, paid, blocked = invoice(home), invoice(home), invoice(home)
    receive(receipt("119.00", "B1", invoice_number=paid.number))
    note = actions.credit([CreditDraft(invoice(home).id, "broken")], **BY).one()
    actions.block_dunning([BlockDraft("disputed", invoice_id=blocked.id)], **BY)
    before = (JournalEntry.objects.count(), list(Invoice.objects.order_by("id").values_list("dunning_level")))
    drafts = [ReminderDraft(key, 1) for key in (UUID(int=1), note, paid.id, blocked.id)]
    assert codes(*drafts, on=after(10)) == ["invoice_unknown", "not_an_invoice", "nothing_owed", "dunning_blocked"]
    assert codes(ReminderDraft(bill.id, 1), on=DUE) == ["not_overdue"]
    assert codes(ReminderDraft(bill.id, 0), on=after(1)) == ["level_unknown"]
    assert codes(ReminderDraft(bill.id, 4), on=after(1)) == ["level_unknown"]
    assert (JournalEntry.objects.count(), list(Invoice.objects.order_by("id").values_list("dunning_level"))) == before
    assert Reminder.objects.count() == 0
    assert actions.remind([ReminderDraft(bill.id, 2)], after(10), **BY).done
    assert codes(ReminderDraft(bill.id, 2), ReminderDraft(bill.id, 1), on=after(20)) == ["level_not_higher"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_remind_at_once_one_is_told() -> None:
    bill = invoice(company())
    outcomes = at_once(lambda _: actions.remind([ReminderDraft(bill.id, 1)], after(10), **BY), 3)
    assert sorted(len(outcome.done) for outcome in outcomes) == [0, 0, 1]
    assert {refusal.code for outcome in outcomes for refusal in outcome.refused} == {"level_not_higher"}
    assert Reminder.objects.count() == 1
    assert violations() == {}


@pytest.mark.django_db
def test_a_block_holds_an_invoice_or_a_customer_until_its_day_or_until_lifted() -> None:
    home, other = company(), company("ZWEI")
    first, second, foreign = invoice(home), invoice(home), invoice(other)
    actions.block_dunning([BlockDraft("broken goods", until_on=after(9), invoice_id=first.id)], **BY)
    whole = actions.block_dunning([BlockDraft("pays in parts", customer_id=other.customer.id)], **BY).one()
    told = {
        item.id: (item.suggested, item.block_reason, item.is_customer_blocked) for item in queries.overdue(after(8))
    }
    assert told == {
        first.id: (0, "broken goods", False), second.id: (1, "", False), foreign.id: (0, "pays in parts", True),
    }  # fmt: skip
    assert set(actions.dun(after(8), **BY).done) == {second.id}
    assert set(actions.dun(after(10), **BY).done) == {first.id}
    assert [block.reason for block in queries.blocks(after(10), customer_ids=[other.customer.id])] == ["pays in parts"]
    assert actions.lift_dunning_blocks([whole], **BY).done == (whole,)
    assert actions.lift_dunning_blocks([whole, UUID(int=1)], **BY).refused[0].code == "block_lifted"
    assert set(actions.dun(after(10), **BY).done) == {foreign.id}
    assert [entry.subject_type for entry in journal("billing.dunning_blocked")] == ["invoice", "party"]
    assert [entry.subject_id for entry in journal("billing.dunning_unblocked")] == [other.customer.id]
    assert violations() == {}


@pytest.mark.django_db
def test_a_block_replaces_the_one_before_and_bad_ones_are_refused() -> None:
    home = company()
    bill = invoice(home)
    note = actions.credit([CreditDraft(invoice(home).id, "broken")], **BY).one()
    for reason in ("one", "two"):
        actions.block_dunning([BlockDraft(reason, invoice_id=bill.id)], **BY)
    assert [block.reason for block in queries.blocks(DUE, invoice_ids=[bill.id])] == ["two"]
    assert DunningBlock.objects.count() == 2
    bad = [
        BlockDraft(" ", invoice_id=bill.id), BlockDraft("x", invoice_id=UUID(int=1)), BlockDraft("x", invoice_id=note),
        BlockDraft("x", customer_id=UUID(int=1)), BlockDraft("x"),
    ]  # fmt: skip
    assert [refusal.code for refusal in actions.block_dunning(bad, **BY).refused] == [
        "reason_missing", "invoice_unknown", "not_an_invoice", "customer_unknown", "customer_unknown",
    ]  # fmt: skip
    assert DunningBlock.objects.count() == 2


@pytest.mark.django_db
def test_the_letter_is_filed_once_in_the_customers_language_and_can_be_looked_at_before() -> None:
    home = company()
    bill = invoice(home, "1190.00")
    sheet = queries.reminder_preview([ReminderDraft(bill.id, 1)], after(10))
    assert sheet is not None
    assert (sheet.language, sheet.data["total"], sheet.data["items"][0]["days"]) == ("de", D("1190.000"), 10)
    assert actions.preview_reminder([ReminderDraft(bill.id, 1)], after(10)).startswith(b"%PDF-")
    assert actions.preview_reminder([ReminderDraft(UUID(int=1), 1)], after(10)) == b""
    assert Reminder.objects.count() == 0
    letter = actions.remind([ReminderDraft(bill.id, 1)], after(10), **BY).one()
    assert queries.unfiled_reminders() == [letter]
    first = actions.file_reminders([letter], **BY).one()
    assert actions.file_reminders([letter], **BY).one() == first
    kept = Document.objects.get(id=first)
    assert (kept.kind, kept.subject_type, kept.number, kept.language) == (
        "reminder", "reminder", "AUF-R-2026-000001", "de",
    )  # fmt: skip
    assert queries.unfiled_reminders() == []
    assert queries.reminders(invoice_id=bill.id)[0].is_filed
    assert actions.file_reminders([UUID(int=1)], **BY).refused[0].code == "reminder_unknown"


@pytest.mark.django_db
def test_statements_do_not_grow_with_what_is_reminded_of() -> None:
    home = company()
    counts = []
    for size in (1, 50):
        drafts = [ReminderDraft(invoice(home).id, 1) for _ in range(size)]
        with CaptureQueriesContext(connection) as seen:
            assert actions.remind(drafts, after(10), **BY).done
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert violations() == {}
