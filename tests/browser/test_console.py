"""Journeys in a real browser: order entry by keyboard, the bench on a phone, every page at both sizes and languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from auftakt.fulfilment.models import Shipment
from auftakt.orders.models import Order
from tests import build

pytest_plugins = ["tests.browser.driving"]
pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]
PAGES = (
    "",
    "orders/",
    "orders/new/",
    "bench/?all=1",
    "bench/DC/",
    "stock/",
    "items/",
    "items/BIKE/",
    "invoices/",
    "attempts/",
    "customers/",
    "customers/C-1/",
    "customers/new/",
    "users/",
    "users/new/",
    "api-keys/",
    "design/",
)


def test_an_order_is_entered_with_the_keyboard_alone(open_console: Open) -> None:
    page = open_console("sales")
    page.keyboard.press("n")
    page.wait_for_url("**/orders/new/")
    page.keyboard.type("Radhaus")
    expect(page.get_by_role("option", name="Radhaus Nord")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#customer-facts")).to_contain_text("C-1")
    page.locator("[data-lines] input[name=sku]").first.focus()
    for sku, quantity in (("BIKE", "2"), ("HELMET", "3")):
        page.keyboard.type(sku)
        expect(page.get_by_role("option", name=sku).first).to_be_visible()
        page.keyboard.press("Enter")
        page.keyboard.type(quantity)
        page.keyboard.press("Enter")
    expect(page.locator("#line-1-price")).to_contain_text("€2,000.00")
    expect(page.locator("#line-2-price")).to_contain_text("€150.00")
    expect(page.locator("#line-1-date time")).to_be_visible()
    expect(page.locator("#preview")).to_contain_text("€2,558.50")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/orders/*-*/")
    expect(page.locator("h1")).to_have_text(Order.objects.get().number)
    page.get_by_text("Why this price?").first.click()
    expect(page.locator(".waterfall").first).to_contain_text("List price")


def test_a_range_pasted_from_a_spreadsheet_becomes_lines(open_console: Open) -> None:
    page = open_console("sales")
    page.goto("/console/orders/new/?customer=C-1")
    page.evaluate(
        """() => {
          const field = document.querySelector('[data-lines] input[name=sku]'), data = new DataTransfer();
          data.setData('text/plain', 'BIKE\\t1\\nHELMET\\t4\\nNOPE\\t1');
          field.focus();
          field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    expect(page.locator("#line-1-price")).to_contain_text("€1,000.00")
    expect(page.locator("#line-2-price")).to_contain_text("€200.00")
    expect(page.locator("#line-3-findings .error")).to_be_visible()


def test_the_bench_works_on_a_phone_in_german(open_console: Open) -> None:
    order_id = build.order(lines=[("BIKE", "1")])
    page = open_console("warehouse", width=390, language="de")
    page.goto("/console/bench/DC/?stage=release")
    page.locator("input[name=line]").first.check()
    page.get_by_role("button", name="Zum Kommissionieren freigeben").click()
    page.locator("a.work-row").click()
    page.get_by_role("link", name="Kommissionierung beginnen").click()
    page.get_by_label("Artikel scannen").fill("BIKE")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Kommissionierung abschließen").click()
    page.get_by_role("button", name="Gepackt", exact=True).click()
    page.get_by_label("Sendungsnummer").fill("JD0099")
    page.get_by_role("button", name="Versandt", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("unterwegs")
    assert Shipment.objects.get(order_id=order_id).tracking_number == "JD0099"


def test_hold_and_release_in_dialogs(open_console: Open) -> None:
    order_id = build.order(lines=[("BIKE", "1")])
    page = open_console("order_manager")
    page.goto(f"/console/orders/{order_id}/")
    page.get_by_role("button", name="Hold", exact=True).click()
    page.get_by_label("Note").fill("ask first")
    page.get_by_role("button", name="Put on hold").click()
    expect(page.locator(".notice-warn")).to_contain_text("ask first")
    page.get_by_role("button", name="Release hold").first.click()
    page.get_by_label("What was decided").fill("fine")
    page.locator("dialog[open] [data-main]").click()
    expect(page.locator(".notice-warn")).to_have_count(0)


def test_the_palette_and_the_keys(open_console: Open) -> None:
    build.order(lines=[("BIKE", "1")])
    page = open_console("viewer")
    page.keyboard.press("Control+k")
    page.keyboard.type("Radhaus")
    expect(page.locator("#palette a").first).to_contain_text("Radhaus Nord")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/C-1/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url("**/console/orders/")


@pytest.mark.parametrize(("width", "dark", "language"), [(1440, False, "en"), (390, True, "de")])
def test_every_page_fits_and_every_link_leads_somewhere(
    open_console: Open, width: int, dark: bool, language: str
) -> None:
    orders = [
        build.order(lines=[("BIKE", "1"), ("SET", "1")]),
        build.order(stage="draft"),
        build.order(lines=[("TYRE", "9")]),
    ]
    page = open_console("admin", width=width, dark=dark, language=language)
    links: set[str] = set()
    for path in (*PAGES, *(f"orders/{key}/" for key in orders), f"orders/{orders[1]}/edit/"):
        page.goto(f"/console/{path}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
            f"{path} is wider than {width} px"
        )
        assert page.locator("h1").count() == 1, path
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll('main :is(button, a, input:not([type=hidden]), select, textarea)')]
               .filter(e => e.offsetParent && !(e.textContent || '').trim() && !e.getAttribute('aria-label') && !e.title
                            && !(e.labels && e.labels.length)).map(e => e.outerHTML.slice(0, 120))"""
        )
        assert unnamed == [], path
        links |= set(page.eval_on_selector_all("a[href^='/console/']", "all => all.map(a => a.getAttribute('href'))"))
    for link in sorted(links):
        answer = page.request.get(link)
        assert answer.status == 200, (link, answer.status)
