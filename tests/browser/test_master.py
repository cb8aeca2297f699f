"""Master data in a real browser: a kit with its parts, a pasted range of prices, a customer on a phone in German."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from auftakt.catalog import queries as catalog
from auftakt.parties import queries as parties
from auftakt.pricing.models import Price, PriceList

pytest_plugins = ["tests.browser.driving"]
pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]


def test_a_kit_is_created_with_its_parts(open_console: Open) -> None:
    page = open_console("order_manager")
    page.goto("/console/items/new/")
    page.fill("#id_sku", "PACK")
    page.fill("#id_name", "Commuter pack")
    parts = page.locator("[data-when='kind=kit']")
    expect(parts).to_be_hidden()
    page.select_option("#id_kind", "kit")
    expect(parts).to_be_visible()
    first = parts.locator("tr[data-row]").first.locator("input[data-combobox]")
    first.fill("HELM")
    page.get_by_role("option", name="HELMET").first.click()
    parts.locator("[data-add-row]").click()
    row = parts.locator("tr[data-row]").nth(1)
    row.locator("input[data-combobox]").fill("LOCK")
    page.get_by_role("option", name="LOCK").first.click()
    row.locator("input[inputmode]").fill("2")
    page.check("#id_activate")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/items/PACK/")
    facts = catalog.items_by_sku(["PACK"])["PACK"]
    assert facts.state == "active"
    assert [(sku, quantity) for _id, sku, quantity in facts.components] == [("HELMET", 1), ("LOCK", 2)]


def test_prices_are_pasted_from_a_spreadsheet(open_console: Open) -> None:
    page = open_console("order_manager")
    code = PriceList.objects.order_by("code").first().code
    page.goto(f"/console/prices/list/{code}/")
    page.locator("[data-add-row]").click()
    page.evaluate(
        """() => {
          const rows = document.querySelectorAll('[data-rows] tr[data-row]'), data = new DataTransfer();
          const field = rows[rows.length - 1].querySelector('input');
          data.setData('text/plain', 'HELMET\\teach\\t10\\t45.50\\t\\t\\nLOCK\\teach\\t50\\t17\\t\\t31.12.2030\\n');
          field.focus();
          field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    page.locator(".save-bar .btn-main").click()
    expect(page.locator(".toast")).to_contain_text("2 prices are saved.")
    helmet = Price.objects.get(price_list__code=code, item__sku="HELMET", from_quantity=10)
    lock = Price.objects.get(price_list__code=code, item__sku="LOCK", from_quantity=50)
    assert (helmet.unit_price, lock.unit_price, str(lock.valid_to)) == (Decimal("45.5"), Decimal(17), "2030-12-31")


def test_a_customer_is_created_on_a_phone_in_german(open_console: Open) -> None:
    page = open_console("sales", width=390, language="de")
    page.goto("/console/customers/new/")
    page.fill("#id_number", "C-77")
    page.fill("#id_name", "Fahrradladen am Überseehafen und Söhne")
    page.fill("#id_addresses-0-street", "Kai 7")
    page.fill("#id_addresses-0-postal_code", "2045")
    page.fill("#id_addresses-0-city", "Hamburg")
    page.fill("#id_credit_limit", "12.500,50")
    page.locator(".save-bar .btn-main").click()
    expect(page.locator("#id_addresses-0-postal_code-error")).to_contain_text("Postleitzahl")
    expect(page.locator("#id_name")).to_have_value("Fahrradladen am Überseehafen und Söhne")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.fill("#id_addresses-0-postal_code", "20457")
    page.locator(".save-bar .btn-main").click()
    page.wait_for_url("**/customers/C-77/")
    profile = parties.customers_by_number(["C-77"])["C-77"]
    assert profile.ship_to is not None
    assert profile.ship_to.city == "Hamburg"
    assert parties.credit([profile.id])[profile.id].limit == Decimal("12500.5")


def test_the_second_to_save_sees_the_change_and_loses_nothing(open_console: Open) -> None:
    mine, theirs = open_console("order_manager"), open_console("admin")
    for page in (mine, theirs):
        page.goto("/console/brands/new/")
    mine.fill("#id_code", "ACME")
    mine.fill("#id_name", "Acme")
    mine.locator(".save-bar .btn-main").click()
    mine.wait_for_url("**/brands/")
    for page in (mine, theirs):
        page.goto("/console/brands/ACME/")
    theirs.fill("#id_name", "Acme & Sons")
    theirs.locator(".save-bar .btn-main").click()
    theirs.wait_for_url("**/brands/")
    mine.fill("#id_name", "Acme Ltd")
    mine.locator(".save-bar .btn-main").click()
    expect(mine.locator(".meanwhile")).to_contain_text("Acme & Sons")
    expect(mine.locator("#id_name")).to_have_value("Acme Ltd")
