"""Long work in a real browser: three orders are put on hold, a file is corrected and taken, nothing jumps meanwhile."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from auftakt.catalog.models import Item
from auftakt.orders.models import Hold, Order
from auftakt.platform import jobs
from tests import build

pytest_plugins = ["tests.browser.driving"]
pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]


@pytest.fixture
def worker() -> Iterator[Callable[[], None]]:
    """Works one job after the other off when told to, as `auftakt work` would."""
    threads: list[threading.Thread] = []

    def run() -> None:
        try:
            for job in jobs.list_jobs(state="queued"):
                jobs.run(job.id)
        finally:
            connection.close()

    def go() -> None:
        threads.append(threading.Thread(target=run))
        threads[-1].start()

    yield go
    for thread in threads:
        thread.join()


def wide_enough(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(("width", "language", "dark"), [(1440, "en", False), (390, "de", True)])
def test_three_orders_are_held_with_a_preview_and_progress(
    open_console: Open, worker: Callable[[], None], width: int, language: str, dark: bool
) -> None:
    page = open_console("order_manager", width=width, language=language, dark=dark)
    for _ in range(3):
        build.order(lines=[("LOCK", "1")])
    page.goto("/console/orders/")
    for box in page.locator('input[name="row"]').all():
        box.check()
    page.locator('.bulk button[formaction*="bulk/hold"]').click()
    page.wait_for_url("**/orders/bulk/hold/")
    assert Hold.objects.count() == 0
    assert wide_enough(page)
    page.select_option("#choice", "credit")
    page.fill("#note", "Ask finance")
    expect(page.locator("#foreseen .chip")).to_have_count(3)
    page.locator('button[name="confirm"]').click()
    page.wait_for_url("**/jobs/*/")
    expect(page.locator("#job-progress")).to_be_visible()
    page.locator("h1").evaluate("element => element.tabIndex = -1")
    page.locator("h1").focus()
    worker()
    expect(page.locator('#job-progress progress[value="100"]')).to_be_visible()
    expect(page.locator("#list tbody tr")).to_have_count(3)
    expect(page.locator("#job-cancel")).to_have_count(0)
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.locator("#job-progress").get_attribute("hx-trigger") is None
    assert Hold.objects.filter(reason_code="credit", note="Ask finance").count() == 3
    assert wide_enough(page)
    page.locator("#list tbody a").first.click()
    expect(page.locator("h1")).to_contain_text(Order.objects.get(id=UUID(page.url.rstrip("/").rsplit("/")[-1])).number)


def test_a_file_with_mistakes_is_corrected_and_taken(
    open_console: Open, worker: Callable[[], None], tmp_path: Path
) -> None:
    page = open_console("order_manager", width=390)
    file = tmp_path / "items.csv"
    file.write_text("sku,name,weight_kg\nX-1,Saddle,0.4\nX-2,,heavy\n")
    page.goto("/console/imports/?kind=items")
    assert wide_enough(page)
    page.set_input_files("#file", file)
    page.locator("main button[data-main]").click()
    page.wait_for_url("**/jobs/*/")
    worker()
    expect(page.locator("#job-next")).to_contain_text("1 would be refused")
    expect(page.locator("#list")).to_contain_text("Line 3")
    assert wide_enough(page)
    assert not Item.objects.filter(sku="X-1").exists()
    with page.expect_download() as download:
        page.locator("#job-next a[download]").click()
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(download.value.path().read_text("utf-8-sig").replace("X-2,,heavy", "X-2,Pump,0.2"))
    page.get_by_role("link", name="Another file").click()
    page.wait_for_url("**/imports/?kind=items")
    page.set_input_files("#file", corrected)
    page.locator("main button[data-main]").click()
    page.wait_for_url("**/jobs/*/")
    worker()
    expect(page.locator("#job-next")).to_contain_text("Everything is in order")
    page.get_by_role("button", name="Import now").click()
    page.wait_for_url("**/jobs/*/")
    worker()
    expect(page.locator("#job-progress .badge")).to_contain_text("Done")
    assert set(Item.objects.filter(sku__startswith="X-").values_list("name", flat=True)) == {"Pump"}


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "de")])
def test_pages_fit_and_facts_unfold(open_console: Open, width: int, language: str) -> None:
    page = open_console("admin", width=width, language=language)
    build.order(stage="paid", lines=[("LOCK", "1")])
    for address in ("journal/", "jobs/", "imports/", "imports/?kind=orders"):
        page.goto(f"/console/{address}")
        expect(page.locator("h1")).to_be_visible()
        assert wide_enough(page), address
    page.goto("/console/journal/")
    page.locator("details.change summary").first.click()
    expect(page.locator("details.change[open] dl").first).to_be_visible()
    assert wide_enough(page)
