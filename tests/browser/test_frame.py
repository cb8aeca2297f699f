"""The frame in a real browser: keys, palette, menus, dialogs and their focus, the app without a line."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from auftakt.identity.models import User
from auftakt.orders.models import Hold
from auftakt.parties.models import Party
from tests import build
from tests.browser.checks import axe, check_page

pytest_plugins = ["tests.browser.driving"]
pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]


def test_the_palette_is_a_combobox_that_remembers(open_console: Open) -> None:
    build.order(lines=[("BIKE", "1")])
    page = open_console("sales")
    page.goto("/console/customers/C-1/")
    page.goto("/console/orders/")
    page.keyboard.press("Control+k")
    field, options = page.get_by_role("combobox", name="Find an order"), page.locator("#palette-list [role=option]")
    expect(field).to_be_focused()
    expect(options.first).to_contain_text("Radhaus Nord")  # opened last
    expect(field).to_have_attribute("aria-activedescendant", str(options.first.get_attribute("id")))
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    assert axe(page) == []
    page.keyboard.type("no such thing")
    expect(options).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.evaluate("document.querySelector('.rail form[action*=logout] button').click()")
    page.wait_for_url("**/login/")
    assert page.evaluate("sessionStorage.getItem('auftakt.recent')") is None


def test_keys_list_themselves_and_can_be_switched_off(open_console: Open) -> None:
    page = open_console("sales")
    page.goto("/console/orders/new/")
    page.locator("main").focus()
    page.keyboard.press("?")
    keys = page.locator("#keys")
    expect(keys).to_contain_text("Paste a range from a spreadsheet")
    expect(keys).to_contain_text("Customers")
    assert axe(page) == []
    page.get_by_label("Single letters are keys").uncheck()
    page.keyboard.press("Escape")
    page.locator("main").focus()
    page.keyboard.press("?")
    expect(keys).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_focus_is_shown_skips_and_comes_back(open_console: Open) -> None:
    build.order()
    page = open_console("order_manager")
    page.goto("/console/orders/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator(".find").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".find")).to_be_focused()


def test_the_navigation_of_a_phone_comes_from_below(open_console: Open) -> None:
    page = open_console("admin", width=390, language="de")
    menu = page.get_by_role("button", name="Menü")
    menu.click()
    expect(page.locator(".rail")).to_be_visible()
    expect(menu).to_have_attribute("aria-expanded", "true")
    assert axe(page) == []
    page.locator(".rail .own-menu summary").click()
    page.get_by_role("button", name="Dunkel").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".rail")).to_be_hidden()
    expect(menu).to_be_focused()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert User.objects.get().theme == "dark"
    check_page(page)


def test_a_hold_is_taken_back_from_its_toast(open_console: Open) -> None:
    order_id = build.order()
    page = open_console("order_manager")
    page.goto(f"/console/orders/{order_id}/")
    page.get_by_role("button", name="Hold", exact=True).click()
    page.get_by_role("button", name="Put on hold").click()
    assert axe(page, ".toasts") == []
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).not_to_contain_text("Undo")
    assert Hold.objects.get().released_at is not None


def test_without_a_line_a_page_says_so_and_nothing_private_is_kept(open_console: Open) -> None:
    build.order()
    page = open_console("viewer", language="de")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # now the worker stands before the page
    page.goto("/console/orders/")
    kept = page.evaluate(
        """async () => { const found = {};
             for (const name of await caches.keys())
               for (const request of await (await caches.open(name)).keys())
                 found[new URL(request.url).pathname] = await (await caches.match(request)).text();
             return found; }"""
    )
    assert "/console/offline/" in kept
    assert {path for path in kept if not path.startswith("/static/")} == {"/console/offline/"}
    assert "Robin" not in kept["/console/offline/"]
    assert "csrf" not in kept["/console/offline/"]
    page.context.set_offline(True)
    page.goto("/console/customers/")
    expect(page.locator("h1")).to_have_text("Keine Verbindung")
    assert axe(page) == []
    page.context.set_offline(False)
    expect(page.locator("h1")).to_have_text("Kunden")


def test_the_page_for_no_line_asks_by_itself_and_repeats_nothing(open_console: Open) -> None:
    page = open_console("sales")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto("/console/customers/new/")
    page.get_by_label("Name", exact=True).first.fill("Nordlicht")
    page.context.set_offline(True)
    page.evaluate("document.querySelector('main form').submit()")  # as when the line goes while it is on its way
    expect(page.locator("h1")).to_have_text("No connection")
    assert page.url.endswith("/console/customers/new/")
    page.evaluate("addEventListener('online', (event) => event.stopImmediatePropagation(), true)")
    page.context.set_offline(False)  # and the browser does not tell
    expect(page.locator("main form button.btn-main").first).to_be_visible()
    assert not Party.objects.filter(name="Nordlicht").exists()


def test_offline_nothing_is_sent_and_nothing_typed_is_lost(open_console: Open) -> None:
    page = open_console("sales")
    page.goto("/console/customers/new/")
    page.get_by_label("Name", exact=True).first.fill("Nordlicht")
    page.context.set_offline(True)
    expect(page.locator(".offline-banner")).to_be_visible()
    page.locator("main form [data-main], main form button.btn-main").first.click()
    expect(page.locator(".toast.warning")).to_be_visible()
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Nordlicht")
    page.context.set_offline(False)
    expect(page.locator(".offline-banner")).to_have_count(0)


def test_an_ended_session_is_told_where_it_is_noticed(open_console: Open) -> None:
    page = open_console("sales")
    page.goto("/console/orders/new/")
    page.wait_for_load_state("networkidle")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+k")
    ended = page.locator("#session-ended")
    expect(ended).to_be_visible()
    expect(ended.get_by_role("link", name="Log in")).to_have_attribute("target", "_blank")
    page.context.add_cookies(cookies)
    ended.get_by_role("button", name="Go on here").click()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-list [role=option]").first).to_be_visible()
