"""Finance in a real browser: a payment entered and matched, undone, and reminders sent; in German, on a phone."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from auftakt.billing import queries as invoices
from auftakt.billing.models import Invoice, Payment, Reminder
from tests import build

pytest_plugins = ["tests.browser.driving"]
pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]


def overdue() -> list[Invoice]:
    """Two invoices of Radhaus Nord, long overdue."""
    orders = [build.order(stage="billed", lines=[line]) for line in (("HELMET", "1"), ("LOCK", "1"))]
    found = invoices.invoices_of_orders(orders)
    keys = [found[key][0].id for key in orders]
    Invoice.objects.filter(id__in=keys).update(due_on=date(2026, 1, 10))
    return [Invoice.objects.get(id=key) for key in keys]


def narrow(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1440, True)])
def test_a_payment_is_entered_matched_and_undone(open_console: Open, width: int, dark: bool) -> None:
    first, second = overdue()
    page = open_console("finance", width=width, dark=dark, language="de")
    page.goto("/console/payments/new/")
    page.locator("#p-customer").fill("Radhaus")
    page.get_by_role("option", name="Radhaus Nord").click()
    expect(page.locator("#matching")).to_contain_text(first.number)
    page.locator("#p-amount").fill("80,00")
    page.locator("#p-text").fill(f"Rechnung {second.number}")
    page.locator("#p-text").blur()
    tick = page.get_by_label(f"{second.number} ausgleichen")
    expect(tick).to_be_checked()
    expect(page.get_by_label(f"{first.number} ausgleichen")).not_to_be_checked()
    expect(page.locator("[data-rest]")).to_have_text("50,37\xa0€")
    page.get_by_label(f"{first.number} ausgleichen").check()
    expect(page.get_by_label(f"Betrag für {first.number}")).to_have_value("50,37")
    expect(page.locator("[data-rest]")).to_have_text("0,00\xa0€")
    page.get_by_label(f"Betrag für {first.number}").fill("60")
    expect(page.locator("[data-too-much]")).to_be_visible()
    page.get_by_label(f"Betrag für {first.number}").fill("40,07")
    expect(page.locator("[data-rest]")).to_have_text("10,30\xa0€")
    narrow(page)
    page.get_by_role("button", name="Zahlung buchen").click()
    page.wait_for_url("**/payments/*-*/")
    expect(page.locator("main")).to_contain_text("Gleicht aus")
    narrow(page)
    paid = Payment.objects.get()
    assert (paid.amount, paid.allocated) == (80, Decimal("69.70"))
    page.locator("tr", has_text=second.number).locator("[data-opens^=undo]").click()
    page.get_by_role("dialog").get_by_label("Grund").fill("falsche Rechnung")
    page.get_by_role("button", name="Zuordnung lösen").click()
    expect(page.locator(".toasts")).to_contain_text("Die Zuordnung ist gelöst")
    second.refresh_from_db()
    assert second.paid == 0


def test_reminders_are_looked_at_and_sent_on_a_phone(open_console: Open) -> None:
    first, second = overdue()
    page = open_console("finance", width=390, language="de")
    page.goto("/console/dunning/?due=1")
    narrow(page)
    for each in (first, second):
        page.locator("tr", has_text=each.number).locator("input[name=row]").check()
    page.get_by_role("button", name="Mahnen", exact=True).click()
    page.wait_for_url("**/dunning/preview/")
    expect(page.locator("h1")).to_have_text("Briefe vor dem Versand")
    expect(page.locator("main")).to_contain_text("1 Brief würde geschrieben")
    narrow(page)
    page.get_by_role("button", name="Mahnungen versenden").click()
    page.wait_for_url("**/reminders/")
    expect(page.locator("main")).to_contain_text("AUF-R-2026-000001")
    narrow(page)
    assert Reminder.objects.get().items.count() == 2


@pytest.mark.parametrize("width", [390, 1440])
def test_every_finance_page_fits_and_is_quiet(open_console: Open, width: int) -> None:
    first, _ = overdue()
    page = open_console("finance", width=width, language="de", dark=width == 390)
    for path in (
        "invoices/", f"invoices/{first.id}/", "open-items/", "accounts/C-1/", "payments/", "payments/new/", "bank/",
        "bank/take/", "bank/lines/", "dunning/", "reminders/", "postings/", "attempts/",
    ):  # fmt: skip
        page.goto(f"/console/{path}")
        expect(page.locator("h1")).to_be_visible()
        narrow(page)
