"""The warehouse on a phone: a wave scanned, packed, shipped and labelled; goods received; a shelf counted."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from auftakt.fulfilment.models import Pick, Release, Scan, Shipment
from auftakt.inventory import actions as inventory
from auftakt.inventory.models import Bucket, Move
from auftakt.inventory.types import PlacingDraft
from auftakt.supply.models import PurchaseOrderLine
from tests import build

pytest_plugins = ["tests.browser.driving"]
pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]

CAMERA = """
  window.BarcodeDetector = class {
    static getSupportedFormats() { return Promise.resolve(["ean_13"]); }
    detect() { return Promise.resolve([{ rawValue: "HELMET" }]); }
  };
  Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia: async () => new MediaStream() } });
  HTMLMediaElement.prototype.play = async () => {};
"""
AWAY_ONCE = """
  const real = window.fetch;
  let away = 1;
  window.fetch = (url, options) => String(url).endsWith("/scan/") && away-- > 0
    ? Promise.reject(new TypeError("no network")) : real(url, options);
"""


def place() -> None:
    drafts = [PlacingDraft("DC", "HELMET", "A-01-01"), PlacingDraft("DC", "BIKE", "B-02-01")]
    build.done(inventory.place(drafts, actor="test", at=build.AT))


def scan(page: Page, code: str) -> None:
    """A hand scanner: it types where the focus is, then Enter."""
    expect(page.locator("[data-scan-input]:focus")).to_have_count(1)
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_a_wave_is_scanned_packed_shipped_and_labelled_with_one_hand(open_console: Open) -> None:
    place()
    first = build.order(stage="released", lines=[("BIKE", "1"), ("HELMET", "2")])
    build.order(stage="released", lines=[("HELMET", "1")])
    page = open_console("warehouse", width=390)
    page.goto("/console/bench/DC/waves/")
    page.get_by_role("button", name="Make wave").first.click()
    page.get_by_role("link", name="Start picking").click()
    expect(page.locator(".walk-where b").first).to_have_text("A-01-01")
    scan(page, "BIKE")
    expect(page.get_by_role("alert")).to_have_text("Wrong item: this is BIKE, but HELMET is to be taken.")
    expect(page.locator("html")).to_have_attribute("data-scanned", "bad")
    assert not Scan.objects.exists()
    scan(page, "helmet")
    scan(page, "HELMET")
    scan(page, "HELMET")
    expect(page.locator(".walk-where b").first).to_have_text("B-02-01")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".walk-where b").first).to_have_text("A-01-01")
    page.get_by_role("button", name="By hand").click()
    expect(page.locator(".walk-where b").first).to_have_text("B-02-01")
    scan(page, "HELMET")
    expect(page.get_by_role("alert")).to_contain_text("Wrong item")
    scan(page, "BIKE")
    expect(page.get_by_role("heading", name="All is picked")).to_be_visible()
    assert sum(Pick.objects.values_list("scanned", flat=True)) == 4
    page.get_by_role("button", name="Finish picking").click()
    page.locator("a.work-row").first.click()
    page.get_by_role("button", name="Packed", exact=True).click()
    page.get_by_label("Tracking number").fill("00340434161094015902")
    page.get_by_role("button", name="Shipped", exact=True).click()
    expect(page.get_by_text("00340434161094015902")).to_be_visible()
    assert Shipment.objects.get().tracking_number == "00340434161094015902"
    for paper in ("Packing slip", "Parcel label"):
        answer = page.request.get(page.get_by_role("link", name=paper).get_attribute("href") or "")
        assert answer.body().startswith(b"%PDF"), paper
    assert Release.objects.get(order_id=first).state in ("shipped", "picked")
    expect(page.get_by_role("link", name="Pack the next")).to_be_visible()


def test_what_is_missing_has_a_reason_and_the_walk_outlives_a_bad_network(open_console: Open) -> None:
    place()
    build.order(stage="released", lines=[("HELMET", "2")])
    page = open_console("warehouse", width=390, dark=True)
    release = Release.objects.get()
    page.add_init_script(AWAY_ONCE)
    page.goto(f"/console/releases/{release.id}/walk/")
    scan(page, "HELMET")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("1 of 2", timeout=15_000)
    assert Scan.objects.count() == 1, "the scan was sent again, with the same id"
    page.get_by_role("button", name="Missing").click()
    page.get_by_role("button", name="Damage").click()
    expect(page.get_by_role("heading", name="Done, with gaps")).to_be_visible()
    page.get_by_role("button", name="Finish picking").click()
    expect(page.get_by_role("heading", name="To pack")).to_be_visible()
    assert Move.objects.filter(reason="damage").get().quantity == 1


def test_the_camera_reads_where_the_browser_can(open_console: Open) -> None:
    build.order(stage="released", lines=[("HELMET", "1")])
    page = open_console("warehouse", width=390)
    release = Release.objects.get()
    page.goto(f"/console/releases/{release.id}/walk/")
    expect(page.locator("[data-scan-camera]")).to_be_hidden()
    page.add_init_script(CAMERA)
    page.reload()
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.get_by_role("heading", name="All is picked")).to_be_visible()


def test_goods_are_received_by_scanning_and_a_shelf_is_counted(open_console: Open) -> None:
    place()
    build.purchase("TYRE", "2", build.TODAY)
    page = open_console("warehouse", width=390, language="de")
    page.goto("/console/bench/DC/receive/")
    page.locator("a.work-row").click()
    for code, said in (("HELMET", "Nicht erwartet"), ("TYRE", "1 gezählt"), ("tyre", "2 gezählt"), ("TYRE", "Zu viel")):
        scan(page, code)
        expect(page.locator("[data-said]")).to_contain_text(said)
    page.get_by_role("button", name="Wareneingang buchen").click()
    expect(page.locator(".toast")).to_contain_text("Gebucht")
    assert PurchaseOrderLine.objects.get().received == 2
    page.goto("/console/bench/DC/count/?first=A-01-01&last=B-02-01")
    scan(page, "HELMET")
    expect(page.locator("[data-said]")).to_contain_text("1 gezählt")
    page.get_by_label("Helmet").fill("98")
    page.get_by_role("button", name="Mit den Büchern vergleichen").click()
    expect(page.locator("main")).to_contain_text("Bücher 100, gezählt 98")
    page.get_by_role("button", name="Abweichungen buchen").click()
    expect(page.locator(".toast")).to_contain_text("1 Abweichungen")
    assert Bucket.objects.get(item_id=build.item_id("HELMET"), site__code="DC").quantity == 98
