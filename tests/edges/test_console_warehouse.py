"""The warehouse in the console: waves, the walk, papers, receiving, counting; rights, rubbish, and what pages cost."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auftakt.fulfilment import queries as fulfilment
from auftakt.fulfilment.models import Pick, Release, Scan, Shipment, Wave
from auftakt.inventory import actions as inventory
from auftakt.inventory.models import Bucket, Move, Placing, Site
from auftakt.inventory.types import PlacingDraft
from auftakt.platform.models import JournalEntry
from auftakt.supply.models import PurchaseOrderLine
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db(transaction=True)


def released(*lines: tuple[str, str]) -> Release:
    order_id = build.order(stage="released", lines=lines or [("BIKE", "1")])
    return Release.objects.get(order_id=order_id)


def picture() -> list[int]:
    return [model.objects.count() for model in (Scan, Move, JournalEntry, Wave, Shipment)] + [
        sum(Bucket.objects.values_list("quantity", flat=True))
    ]


def posted(client: Client, name: str, key: object, **data: object) -> str:
    """What a page says after a form was sent to it."""
    return client.post(reverse(f"console:{name}", args=[key]), data, follow=True).content.decode()


def test_from_the_wave_to_the_label() -> None:
    build.company()
    build.done(inventory.place([PlacingDraft("DC", "BIKE", "B-01"), PlacingDraft("DC", "HELMET", "A-01")], **BY))
    client = logged_in("warehouse")
    first, second = released(("BIKE", "1"), ("HELMET", "2")), released(("HELMET", "1"))
    page = client.get(reverse("console:waves", args=["DC"])).content.decode()
    assert first.number in page
    assert "Good waves" in page
    posted(client, "wave_new", "DC", release=[first.id, second.id])
    wave = Wave.objects.get()
    page = client.get(reverse("console:wave", args=[wave.id])).content.decode()
    assert page.index("A-01") < page.index("B-01"), "the walk goes past the bins in their order"
    walk = client.get(reverse("console:wave_walk", args=[wave.id])).content.decode()
    assert "A-01" in walk
    assert "1 of 3" in walk
    steps = fulfilment.steps_of(wave_ids=[wave.id])
    answer = client.post(
        reverse("console:wave_scan", args=[wave.id]),
        {"code": "BIKE", "pick": steps[0].pick_id, "scan": uuid4()},
        headers={"X-Scan": "1"},
    ).json()
    assert answer["tone"] == "bad"
    assert "Wrong item: this is BIKE, but HELMET is to be taken." in answer["html"]
    assert not Scan.objects.exists()
    assert "wave" in posted(client, "wave_book", wave.id).lower()
    assert Release.objects.filter(state="released").count() == 2, "nothing is booked before all is taken"
    for code in ("HELMET", "helmet", "HELMET", "BIKE"):
        answer = client.post(
            reverse("console:wave_scan", args=[wave.id]), {"code": code, "scan": uuid4()}, headers={"X-Scan": "1"}
        ).json()
        assert answer["tone"] in ("ok", "done"), answer["told"]
    assert answer["tone"] == "done"
    assert "All is picked" in answer["html"]
    posted(client, "wave_book", wave.id)
    wave.refresh_from_db()
    assert wave.state == "picked"
    page = posted(client, "release_pack", first.id, weight=["14.5", "1"], length=["60", ""])
    assert "Shipped" in page
    parcel = first.parcels.order_by("number").first()
    assert (parcel.weight_kg, parcel.length_mm) == (Decimal("14.5"), 600)
    page = posted(client, "release_ship", first.id, carrier="dhl", tracking_number="JD7")
    assert "JD7" in page
    for paper in ("label", "packing-slip", "pick-list"):
        answer = client.get(reverse("console:release_paper", args=[first.id, paper]))
        assert answer.content.startswith(b"%PDF"), paper
    assert client.get(reverse("console:release_paper", args=[second.id, "label"])).status_code == 404
    assert second.number in page, "the next one is offered"


BY = {"actor": "test", "at": build.AT}


def test_a_walk_without_a_script_says_the_same_and_a_double_click_counts_once() -> None:
    build.company()
    client = logged_in("warehouse")
    release = released(("HELMET", "3"))
    scan = uuid4()
    for _ in range(2):
        assert "1 of 3: Helmet." in posted(client, "release_scan", release.id, code="HELMET", scan=scan)
    assert Pick.objects.get().scanned == 1
    assert "Nothing bears the code 4711" in posted(client, "release_scan", release.id, code="4711", scan=uuid4())
    pick = Pick.objects.get()
    page = posted(client, "release_scan", release.id, code="", pick=pick.id, quantity="9", scan=uuid4())
    assert "more of HELMET are wanted" in page
    assert "Taken back" in posted(client, "release_undo", release.id, scan=scan)
    assert Pick.objects.get().scanned == 0
    assert "taken back before" in posted(client, "release_undo", release.id, scan=scan)


def test_a_short_pick_with_a_reason_corrects_the_books_by_it() -> None:
    build.company()
    client = logged_in("warehouse")
    release = released(("HELMET", "3"))
    pick = Pick.objects.get()
    posted(client, "release_scan", release.id, code="", pick=pick.id, quantity="2", scan=uuid4())
    assert "Written down" in posted(client, "pick_short", pick.id, release=release.id, reason="damaged")
    page = client.get(reverse("console:release_walk", args=[release.id])).content.decode()
    assert "Done, with gaps" in page
    posted(client, "release_book", release.id)
    release.refresh_from_db()
    assert release.state == "picked"
    assert Move.objects.filter(reason="damage").get().quantity == 1
    assert posted(client, "release_book", release.id)


@pytest.mark.parametrize("rubbish", ["🚲", "'; drop table", "x" * 5000, "<b>", "(01)1", "\u202e", "RL-000001"])
def test_rubbish_scans_are_answered_with_a_word_and_move_nothing(rubbish: str) -> None:
    build.company()
    client = logged_in("warehouse")
    release = released(("HELMET", "1"))
    before = picture()
    for name, key in (("release_scan", release.id), ("bench_find", "DC")):
        answer = client.post(reverse(f"console:{name}", args=[key]), {"code": rubbish, "scan": "no id"}, follow=True)
        assert answer.status_code == 200
    assert picture() == before
    answer = client.post(
        reverse("console:release_scan", args=[release.id]), {"code": "HELMET", "quantity": "lots", "pick": "?"}
    )
    assert answer.status_code == 302
    assert picture() == before


def test_a_code_at_the_bench_leads_to_what_it_is() -> None:
    build.company()
    build.done(inventory.place([PlacingDraft("DC", "HELMET", "A-01")], **BY))
    client = logged_in("warehouse")
    order_id = build.order(stage="packed", lines=[("HELMET", "1")])
    release = Release.objects.get(order_id=order_id)
    wave = posted(client, "wave_new", "DC", release=[released(("HELMET", "1")).id])
    assert "The wave is made" in wave
    leads = {
        release.number: reverse("console:release", args=[release.id]),
        release.parcels.get().number: reverse("console:release", args=[release.id]),
        Wave.objects.get().number: reverse("console:wave", args=[Wave.objects.get().id]),
        "helmet": reverse("console:item", args=["HELMET"]),
        "a-01": reverse("console:counting", args=["DC"]) + "?first=A-01&last=A-01",
    }
    for code, page in leads.items():
        assert client.post(reverse("console:bench_find", args=["DC"]), {"code": code}).url == page, code


def test_what_came_is_counted_in_and_too_much_or_stale_is_refused() -> None:
    build.company()
    build.done(inventory.place([PlacingDraft("DC", "TYRE", "C-09")], **BY))
    purchase = build.purchase("TYRE", "10", build.TODAY + timedelta(days=5))
    client = logged_in("warehouse")
    assert "Frames &amp; Co" in client.get(reverse("console:receiving", args=["DC"])).content.decode()
    page = client.get(reverse("console:receipt", args=[purchase])).content.decode()
    assert "C-09" in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    line = PurchaseOrderLine.objects.get(purchase_order_id=purchase)
    before = picture()
    for came, said in (("11", "more than"), ("many", "is not a number"), ("", "Scan or enter"), ("-1", "")):
        answer = client.post(
            reverse("console:receipt_book", args=[purchase]), {"line": line.id, "came": came, "seen": seen}
        )
        assert answer.status_code == 422, came
        assert said.lower() in answer.content.decode().lower()
        assert picture() == before
    assert (
        'value="many"'
        in client.post(
            reverse("console:receipt_book", args=[purchase]), {"line": line.id, "came": "many", "seen": seen}
        ).content.decode()
    ), "nothing typed is lost"
    assert "Received." in posted(client, "receipt_book", purchase, line=line.id, came="4", seen=seen)
    line.refresh_from_db()
    assert line.received == 4
    answer = client.post(reverse("console:receipt_book", args=[purchase]), {"line": line.id, "came": "4", "seen": seen})
    assert "meanwhile" in answer.content.decode()
    line.refresh_from_db()
    assert line.received == 4, "the same form sent twice counts once"


def test_a_count_is_blind_compared_and_booked_when_confirmed() -> None:
    build.company()
    drafts = [PlacingDraft("DC", sku, place) for sku, place in (("HELMET", "A-1"), ("LOCK", "A-2"), ("BIKE", "A-3"))]
    build.done(inventory.place(drafts, **BY))
    build.order(lines=[("BIKE", "8")])
    client = logged_in("warehouse")
    sheet = client.get(reverse("console:counting", args=["DC"]), {"first": "A-1", "last": "A-3"}).content.decode()
    places = [sheet.index(f'class="bin">{place}') for place in ("A-1", "A-2", "A-3")]
    assert places == sorted(places)
    assert 'value="100"' not in sheet, "the sheet does not say what the books do"
    helmet, lock, bike = (build.item_id(sku) for sku in ("HELMET", "LOCK", "BIKE"))
    before = picture()
    page = client.post(
        reverse("console:count_check", args=["DC"]), {"shelf": [helmet, lock, bike], "counted": ["98", "100", "3"]}
    ).content.decode()
    assert picture() == before
    assert "books 100, counted 98" in page
    assert "1 shelf agrees" in page
    assert "8 are promised" in page
    assert "Radhaus Nord" in page, "who holds it is named"
    sent = {"shelf": helmet, "counted": "98", "books": "100"}
    posted(client, "count_book", "DC", **sent)
    assert Bucket.objects.get(item_id=helmet, site__code="DC").quantity == 98
    assert Move.objects.filter(reason="count").get().quantity == 2
    page = posted(client, "count_book", "DC", **sent)
    assert "they said" in page or "count again" in page.lower()
    assert Move.objects.filter(reason="count").count() == 1
    page = posted(client, "count_book", "DC", shelf=bike, counted="3", books="10")
    assert "lost their supply" in page
    assert Bucket.objects.get(item_id=bike, site__code="DC", kind="on_hand").quantity == 3
    for counted in ("-1", "lots", "NaN", "1e400"):
        answer = client.post(reverse("console:count_check", args=["DC"]), {"shelf": helmet, "counted": counted})
        assert answer.status_code in (200, 302), counted
    client.post(reverse("console:count_book", args=["DC"]), {"shelf": helmet, "counted": "x", "books": "98"})
    assert Move.objects.filter(reason="count").count() == 2


def test_an_item_gets_its_bin_and_rubbish_is_refused() -> None:
    build.company()
    client = logged_in("warehouse")
    client.post(reverse("console:stock_place"), {"item": "HELMET", "site": "DC", "bin": "a-03-12", "walk": "7"})
    assert Placing.objects.get().bin.code == "A-03-12"
    page = client.post(
        reverse("console:stock_place"), {"item": "HELMET", "site": "DC", "bin": "no bin!", "walk": "x"}, follow=True
    )
    assert "a bin is up to 24" in page.content.decode()
    assert Placing.objects.get().bin.code == "A-03-12"


def test_who_may_look_may_not_work() -> None:
    build.company()
    release = released(("HELMET", "1"))
    pick, purchase = Pick.objects.get(), build.purchase("TYRE", "1", build.TODAY)
    viewer = logged_in("viewer")
    for name, key in (("bench", "DC"), ("waves", "DC"), ("release", release.id), ("receipt", purchase)):
        page = viewer.get(reverse(f"console:{name}", args=[key]))
        assert page.status_code == 200, name
        assert "Start picking" not in page.content.decode()
    before = picture()
    for name, key in (
        ("wave_new", "DC"), ("release_scan", release.id), ("release_book", release.id), ("release_undo", release.id),
        ("pick_short", pick.id), ("receipt_book", purchase), ("count_check", "DC"), ("count_book", "DC"),
    ):  # fmt: skip
        assert viewer.post(reverse(f"console:{name}", args=[key])).status_code == 403, name
    assert viewer.get(reverse("console:release_walk", args=[release.id])).status_code == 403
    assert viewer.post(reverse("console:stock_place")).status_code == 403
    assert picture() == before


def test_what_is_not_there_is_404() -> None:
    build.company()
    client = logged_in("admin")
    nobody = uuid4()
    for name in ("wave", "wave_walk", "release", "release_walk", "receipt"):
        assert client.get(reverse(f"console:{name}", args=[nobody])).status_code == 404, name
    for name in ("waves", "receiving", "counting", "bench_live"):
        assert client.get(reverse(f"console:{name}", args=["NOWHERE"])).status_code == 404, name
    assert client.post(reverse("console:pick_short", args=[nobody])).status_code == 404


def test_the_bench_says_when_there_is_news_and_only_then() -> None:
    build.company()
    client = logged_in("warehouse")
    live = reverse("console:bench_live", args=["DC"])
    version = client.get(live).json()["version"]
    assert client.get(live, {"since": version}).status_code == 204
    released(("HELMET", "1"))
    assert client.get(live, {"since": version}).json()["version"] != version


def test_pages_cost_the_same_for_few_and_many() -> None:
    build.company(stock={**build.STOCK, ("DC", "BIKE"): "100"})
    client = logged_in("warehouse")
    first = released(("BIKE", "1"), ("HELMET", "1"))
    site: UUID = Site.objects.get(code="DC").id

    def cost() -> dict[str, int]:
        counts: dict[str, int] = {}
        pages = [
            (name, reverse(f"console:{name}", args=["DC"])) for name in ("bench", "waves", "receiving", "counting")
        ]
        pages += [
            ("walk", reverse("console:release_walk", args=[first.id])),
            ("bench_live", reverse("console:bench_live", args=["DC"])),
        ]
        for name, url in pages:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(url, {"first": "A-1"} if name == "counting" else {}).status_code == 200
            counts[name] = len(seen)
        return counts

    build.done(inventory.place([PlacingDraft("DC", "BIKE", "A-1")], **BY))
    build.purchase("TYRE", "1", build.TODAY)
    few = cost()
    for number in range(6):
        released(("BIKE", "1"), ("HELMET", "2"))
        build.purchase("TYRE", str(number + 1), build.TODAY + timedelta(days=number))
    build.done(inventory.place([PlacingDraft("DC", sku, f"A-{sku}") for sku in ("HELMET", "LOCK", "TYRE")], **BY))
    assert len(fulfilment.wave_candidates(site)) == 7
    assert cost() == few
