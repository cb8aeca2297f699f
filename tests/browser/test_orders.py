"""The list of orders and home in a real browser: filter, sort, tick, sums, kept views, and a chart that leads on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from auftakt.insight import actions as insight
from auftakt.orders import actions as orders
from auftakt.orders.models import Order
from tests import build

pytest_plugins = ["tests.browser.driving"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.walk]


def some_orders() -> None:
    """Six orders of two items in the last days, one on hold."""
    for number in range(6):
        build.order(stage="submitted", lines=[("HELMET" if number % 2 else "LOCK", str(number + 1))])
    held = Order.objects.order_by("number").first()
    build.done(orders.hold([held.id], "fraud", "two names", actor="t", at=timezone.now()))  # type: ignore[union-attr]
    Order.objects.update(ordered_at=timezone.now() - timedelta(days=1))
    insight.recount()


def test_filter_sort_tick_sum_and_keep(open_console: Callable[..., Page]) -> None:
    page = open_console("order_manager")
    some_orders()
    page.goto("/console/orders/")
    expect(page.locator("tbody tr")).to_have_count(6)
    page.get_by_role("link", name="On hold").first.click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="On hold").first.click()
    expect(page.locator("tbody tr")).to_have_count(6)
    page.locator("#sort-gross").click()
    page.wait_for_url("**sort=-gross**")
    values = list(Order.objects.order_by("-gross", "-id").values_list("number", "gross"))
    expect(page.locator("tbody tr td.head a")).to_have_text([number for number, _gross in values])
    page.locator("tbody tr input[name=row]").nth(0).check()
    page.locator("tbody tr input[name=row]").nth(1).check()
    sums = page.locator("[data-sums]")
    expect(sums).to_contain_text("Orders 2")
    expect(sums).to_contain_text(f"{values[0][1] + values[1][1]:,.2f}")
    page.locator("summary", has_text="Views").click()
    page.fill("#view-name", "The biggest")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.goto("/console/")
    page.get_by_role("link", name="The biggest").click()
    page.wait_for_url("**sort=-gross**")
    expect(page.locator("tbody tr")).to_have_count(6)


def test_a_point_of_a_chart_leads_to_its_orders_by_keyboard(open_console: Callable[..., Page]) -> None:
    page = open_console("viewer", dark=True, language="de")
    some_orders()
    page.goto("/console/")
    page.locator("figure.chart").first.locator("svg a").last.focus()
    if "0" in (page.evaluate("document.activeElement.getAttribute('aria-label')") or "").split(": ")[-1][:1]:
        page.locator("figure.chart").first.locator("svg a").nth(11).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**ordered_from=**")
    expect(page.locator("tbody tr")).to_have_count(6)


def test_on_a_phone_orders_are_cards_and_nothing_is_wider(open_console: Callable[..., Page]) -> None:
    page = open_console("order_manager", width=390)
    some_orders()
    for address in ("/console/", "/console/orders/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
