"""Sales journeys in a real browser: an order by keyboard with a new customer, pasting, ten thousand lines, an expired
session, two people on one order, names in every script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from auftakt.orders import actions as orders
from auftakt.orders.models import Order, OrderLine
from auftakt.parties import actions as parties
from auftakt.parties.models import Party
from auftakt.parties.types import AddressDraft, NoteDraft, PartyDraft
from tests import build

pytest_plugins = ["tests.browser.driving"]
pytestmark = pytest.mark.django_db(transaction=True)
expect.set_options(timeout=20_000)
Open = Callable[..., Page]
PASSWORD = "a password for tests"  # of driving.py
PASTE = """text => {
  const field = document.querySelector('[data-lines] input[name=sku]'), data = new DataTransfer();
  data.setData('text/plain', text);
  field.focus();
  field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def take(page: Page, text: str, option: str) -> None:
    """Type into the focused combobox and take an option with Enter."""
    page.keyboard.type(text)
    expect(page.locator("[role=option]:visible").first).to_contain_text(option)
    page.keyboard.press("Enter")


def values(page: Page, name: str) -> list[str]:
    """What stands in a column of the lines that are filled."""
    return page.eval_on_selector_all(
        "[data-lines] tr[data-key]",
        "(rows, name) => rows.filter(row => row.querySelector('[name=sku]').value)"
        ".map(row => row.querySelector(`[name=${name}]`).value)",
        name,
    )


def until_kept(page: Page, text: str) -> None:
    """Wait until the draft that the tab keeps holds a text."""
    for _ in range(100):
        if page.evaluate("text => Object.values(sessionStorage).some(value => value.includes(text))", text):
            return
        page.wait_for_timeout(200)
    pytest.fail(f"{text} is not kept")


def test_five_lines_for_a_new_customer_by_keyboard_alone(open_console: Open) -> None:
    page = open_console("sales")
    page.keyboard.press("n")
    page.wait_for_url("**/orders/new/")
    page.keyboard.type("Velo Çelik")
    expect(page.locator("[role=option]:visible")).to_contain_text("New customer: Velo Çelik")
    page.keyboard.press("Enter")
    expect(page.locator("#new-customer")).to_be_visible()
    for text in ("Hafenstraße 1", "20457", "Hamburg"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#new-customer")).to_be_hidden()
    expect(page.locator("#customer-facts")).to_contain_text(re.compile(r"C\d{5}"))
    for sku, quantity in (("BIKE", "1"), ("HELMET", "2"), ("LOCK", "3"), ("TEE-S", "4"), ("SET", "1")):
        take(page, sku, sku)
        page.keyboard.type(quantity)
        page.keyboard.press("Enter")
    expect(page.locator("#line-5-date time")).to_be_visible()
    expect(page.locator("#line-5-price")).to_contain_text("€80.00")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/orders/*-*/")
    order = Order.objects.get()
    assert order.customer.name == "Velo Çelik"
    assert [int(line.quantity) for line in order.lines.order_by("line_number")] == [1, 2, 3, 4, 1]


def test_a_spreadsheet_with_a_heading_and_decimal_commas_and_a_line_taken_back(open_console: Open) -> None:
    page = open_console("sales")
    page.goto("/console/orders/new/?customer=C-1")
    page.evaluate(
        PASTE, "Menge\tBezeichnung\tArtikelnummer\n2,5\tKette\tCHAIN-KG\n1\tRad\tBIKE\n\n3,25\tKette\tCHAIN-KG"
    )
    expect(page.locator(".toast")).to_contain_text("Lines pasted: 3")
    assert values(page, "sku") == ["CHAIN-KG", "BIKE", "CHAIN-KG"]
    assert values(page, "quantity") == ["2.5", "1", "3.25"]
    page.locator("[data-drop]").nth(1).click()
    assert values(page, "sku") == ["CHAIN-KG", "CHAIN-KG"]
    page.locator(".toast-undo").last.click()
    assert values(page, "sku") == ["CHAIN-KG", "BIKE", "CHAIN-KG"]
    page.locator(".toast-undo").first.click()
    assert values(page, "sku") == []


def test_ten_thousand_pasted_lines_stay_in_hand_and_go_in(open_console: Open) -> None:
    page = open_console("sales")
    page.set_default_timeout(120_000)
    page.goto("/console/orders/new/?customer=C-1")
    page.evaluate(PASTE, "\n".join(f"HELMET\t{1 + at % 9}" for at in range(10_000)))
    assert page.locator("[data-lines] tr[data-key]").count() == 100
    expect(page.locator("[data-window-says]")).to_have_text("Lines 1 to 100 of 10000")
    page.locator("[data-window-on]").click()
    expect(page.locator("[data-window-says]")).to_have_text("Lines 101 to 200 of 10000")
    assert page.locator("[data-lines] .position").first.text_content() == "101"
    expect(page.locator("#preview")).to_contain_text("of 10,000", timeout=60_000)
    page.get_by_role("button", name="Save as draft").click()
    page.wait_for_url("**/orders/*-*/")
    assert OrderLine.objects.count() == 10_000
    expect(page.locator("#order-lines .pager")).to_contain_text("of 10000")


def test_an_expired_session_costs_nothing_and_log_out_leaves_nothing(open_console: Open) -> None:
    page = open_console("sales")
    page.goto("/console/orders/new/")
    page.locator("#customer").focus()
    take(page, "Radhaus", "Radhaus Nord")
    expect(page.locator("#customer-facts")).to_contain_text("C-1")
    take(page, "BIKE", "BIKE")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator("#line-1-price")).to_contain_text("€3,000.00")
    until_kept(page, '"3"')
    page.wait_for_load_state("networkidle")
    Session.objects.all().delete()
    page.reload()
    page.wait_for_url("**/login/**")
    page.fill("#id_username", "sales@example.org")
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-main")
    page.wait_for_url("**/orders/new/")
    expect(page.locator("#entry-restored")).to_be_visible()
    assert values(page, "sku") == ["BIKE"]
    assert values(page, "quantity") == ["3"]
    expect(page.locator("#customer-facts")).to_contain_text("C-1")
    expect(page.locator("#line-1-price")).to_contain_text("€3,000.00")
    Session.objects.all().delete()
    page.locator("#entry button[value=submit]").click()
    page.fill("#id_username", "sales@example.org")
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-main, .bare-main button.btn-main")
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_url("**/orders/*-*/")
    assert page.evaluate("Object.keys(sessionStorage).filter(k => k.startsWith('auftakt-')).length") == 0
    page.goto("/console/orders/new/")
    expect(page.locator("#entry-restored")).to_be_hidden()
    page.locator("#customer").fill("Someone private")
    until_kept(page, "private")
    page.evaluate("document.querySelector(\"form[action$='/logout/']\").requestSubmit()")
    page.wait_for_url("**/login/**")
    assert page.evaluate("Object.values(sessionStorage).filter(v => v.includes('private')).length") == 0


def test_two_people_on_one_order_see_each_other_and_lose_nothing(open_console: Open) -> None:
    order_id = build.order(lines=[("BIKE", "1"), ("HELMET", "2")])
    looking, kim, robin = open_console("viewer"), open_console("sales"), open_console("order_manager")
    looking.goto(f"/console/orders/{order_id}/")
    for page in (kim, robin):
        page.goto(f"/console/orders/{order_id}/edit/")
    robin.locator("[data-lines] input[name=quantity]").nth(1).fill("5")
    robin.locator("#entry button[value=save]").click()
    robin.wait_for_url(f"**/orders/{order_id}/")
    looking.evaluate("document.dispatchEvent(new Event('live:ask'))")
    expect(looking.locator("#order-history")).to_contain_text("2 → 5", timeout=20_000)
    kim.locator("[data-lines] input[name=quantity]").nth(0).fill("3")
    kim.locator("#entry button[value=save]").click()
    expect(kim.locator(".meanwhile")).to_contain_text("2 → 5")
    assert values(kim, "quantity") == ["3", "5"]
    kim.locator("#entry button[value=save]").click()
    kim.wait_for_url(f"**/orders/{order_id}/")
    assert [int(line.quantity) for line in OrderLine.objects.order_by("line_number")] == [3, 5]


def test_the_page_waits_while_one_is_busy_in_it(open_console: Open) -> None:
    order_id = build.order(lines=[("BIKE", "1")])
    page = open_console("order_manager")
    page.goto(f"/console/orders/{order_id}/")
    page.get_by_role("button", name="Hold", exact=True).click()
    page.get_by_label("Note").fill("ask Kim first")
    orders.hold([order_id], "credit", "over the limit", actor="test", at=timezone.now())
    page.evaluate("document.dispatchEvent(new Event('live:ask'))")
    expect(page.locator(".live-bar")).to_be_visible()
    expect(page.locator("#order-notices")).to_contain_text("over the limit")
    expect(page.get_by_label("Note")).to_have_value("ask Kim first")
    page.get_by_role("button", name="Put on hold").click()
    expect(page.locator("dialog[open] .notice-warn")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("ask Kim first")


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "de")])
def test_names_in_every_script_and_very_long_ones_fit(open_console: Open, width: int, language: str) -> None:
    page = open_console("admin", width=width, language=language)
    names = {
        "C-LONG": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 3,
        "C-RTL": "شركة الدراجات 🚲 <b>x</b>",
    }
    address = AddressDraft("Weg 1", "Wien", "AT", "1010", is_default_bill_to=True, is_default_ship_to=True)
    drafts: list[Any] = [
        PartyDraft(number, name, payment_terms="NET30", addresses=(address,), email="a@example.org")
        for number, name in names.items()
    ]
    for party in build.done(parties.save_parties(drafts, actor="test", at=build.AT)):
        build.done(parties.add_notes([NoteDraft(party, "🚲" * 300 + "x" * 500)], actor="test", at=build.AT))
    for number in names:
        order_id = build.order(customer=number, lines=[("TEE-S", "1")], notes="n" * 400, customer_reference="r" * 120)
        for path in (f"orders/{order_id}/", f"orders/{order_id}/edit/", f"customers/{number}/",
                     f"orders/new/?customer={number}"):  # fmt: skip
            page.goto(f"/console/{path}")
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            assert Party.objects.get(number=number).name in page.content().replace("&lt;", "<").replace("&gt;", ">")
