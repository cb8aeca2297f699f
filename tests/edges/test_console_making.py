"""Making in the console: calendars, bills of material, resources, routings, work orders: from the form to the shelf."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from auftakt.catalog import actions as catalog
from auftakt.catalog import queries as items
from auftakt.catalog.types import ItemDraft
from auftakt.inventory import queries as inventory
from auftakt.platform.models import JournalEntry
from auftakt.supply import queries
from auftakt.supply.models import CapacityLoad, Resource, Routing, WorkOrder
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db
BY: Any = {"actor": build.ACTOR, "at": build.AT}


@pytest.fixture
def client() -> Client:
    build.company()
    drafts = [ItemDraft(sku, sku.title(), activate=True) for sku in ("TRIKE", "BELL", "FORK")]
    build.done(catalog.save_items(drafts, **BY))
    build.receive({("DC", "BELL"): "50", ("DC", "FORK"): "50"})
    return logged_in("order_manager")


def rows(prefix: str, *values: dict[str, Any]) -> dict[str, str]:
    """The fields of rows as a form sends them."""
    return {f"{prefix}-{index}-{name}": str(each) for index, row in enumerate(values) for name, each in row.items()}


def send(client: Client, path: str, data: dict[str, Any], status: int = 302) -> Any:
    answer = client.post(path, data)
    assert answer.status_code == status, answer.content.decode()[:3000] if status == 302 else answer.status_code
    return answer


def setting(client: Client) -> None:
    week = {
        "code": "week",
        "name": "Werktage",
        "country": "DE",
        "subdivision": "by",
        **{f"day_{n}": "on" for n in range(1, 6)},
    }
    send(
        client, "/console/calendars/new/", week | rows("exceptions", {"day": "2026-12-24", "kind": "off", "note": "Zu"})
    )
    bill = {"sku": "TRIKE", "plant": ""}
    send(
        client,
        "/console/bills/new/",
        bill | rows("lines", {"sku": "BELL", "quantity": 1}, {"sku": "FORK", "quantity": 2}),
    )
    machine = {"site_code": "DC", "code": "bench", "name": "Montage", "measure": "hours", "calendar": ""}
    send(
        client,
        "/console/resources/new/",
        machine | rows("shifts", {"name": "Early", "capacity": 8, "weekdays": "1234567"}),
    )
    routing = {"sku": "TRIKE", "site_code": "DC", "lead_days": 3, "days_per_piece": ""}
    step = {"resource": "bench", "name": "Build", "setup_minutes": 30, "run_minutes": 60}
    send(client, "/console/routings/new/", routing | rows("operations", step))


def test_what_is_needed_to_make_is_set_up_and_changed(client: Client) -> None:
    setting(client)
    calendar = inventory.calendars()["week"]
    assert (calendar.weekdays, calendar.subdivision, len(calendar.exceptions)) == ("12345", "BY", 1)
    page = client.get(f"/console/calendars/{calendar.id}/?year=2026").content.decode()
    assert page.count('class="holiday') == len(inventory.public_holidays("DE", "BY", 2026)) + 1, "and the legend"
    assert 'class="closed' in page
    item = items.items_by_sku(["TRIKE"])["TRIKE"]
    bill = items.bills([item.id])[item.id][0]
    assert [(line.sku, line.quantity) for line in bill.lines] == [("BELL", 1), ("FORK", 2)]
    tree = client.get(f"/console/bills/{bill.id}/?quantity=7").content.decode()
    assert "FORK" in tree
    assert ">14 " in tree
    assert client.get(f"/console/bills/{bill.id}/edit/").status_code == 200
    assert f"/console/bills/{bill.id}/" in client.get("/console/items/TRIKE/").content.decode()
    resource, routing = Resource.objects.get(), Routing.objects.get()
    for path in ("resources", f"resources/{resource.id}", f"resources/{resource.id}/edit", "routings",
                 f"routings/{routing.id}", "bills", "calendars", f"calendars/{calendar.id}/edit"):  # fmt: skip
        assert client.get(f"/console/{path}/").status_code == 200, path


def test_what_makes_no_sense_is_said_at_its_place_and_nothing_is_kept(client: Client) -> None:
    setting(client)
    before = JournalEntry.objects.count()
    none = {"code": "never", "name": "Nie", "country": "", "subdivision": ""}
    assert "working weekday" in send(client, "/console/calendars/new/", none, 422).content.decode()
    circle = {"sku": "BELL", "plant": ""} | rows("lines", {"sku": "TRIKE", "quantity": 1})
    assert "BELL → TRIKE → BELL" in send(client, "/console/bills/new/", circle, 422).content.decode()
    early = {"sku": "TRIKE", "site_code": "DC", "quantity": 1, "starts_on": "2026-12-02", "due_on": "2026-12-01"}
    assert "before it starts" in send(client, "/console/work/new/", early, 422).content.decode()
    negative = {"sku": "BELL", "site_code": "DC", "lead_days": -1} | rows("operations", {"resource": "bench"})
    send(client, "/console/routings/new/", negative, 422)
    assert JournalEntry.objects.count() == before


def test_a_work_order_goes_its_way_by_the_buttons_that_fit(client: Client) -> None:
    setting(client)
    today = timezone.localdate()
    wish = {"sku": "TRIKE", "site_code": "DC", "quantity": 4, "starts_on": today.isoformat()}
    send(client, "/console/work/new/", wish)
    work = WorkOrder.objects.get()
    path = f"/console/work/{work.id}/"
    assert work.due_on == today + timedelta(3)
    page = client.get(path).content.decode()
    assert 'value="release"' in page
    assert 'value="start"' not in page
    send(client, f"{path}act/", {"verb": "release"})
    later = today + timedelta(2)
    send(client, f"{path}move/", {"starts_on": later.isoformat(), "due_on": (today + timedelta(9)).isoformat()})
    assert set(CapacityLoad.objects.values_list("day", flat=True)) == {later}
    assert "4.5 h" in client.get(path).content.decode()
    assert f'href="{path}">{work.number}' in client.get("/console/items/TRIKE/").content.decode(), "what brings it"
    send(client, f"{path}act/", {"verb": "start"})
    assert 'data-opens="finish"' in client.get(path).content.decode()
    send(client, f"{path}finish/", {"quantity": "3", "scrap": "", "note": "first"})
    before = JournalEntry.objects.count()
    assert "more than" in client.post(f"{path}finish/", {"quantity": "9"}, follow=True).content.decode()
    assert "not a number" in client.post(f"{path}finish/", {"quantity": "x"}, follow=True).content.decode()
    assert JournalEntry.objects.count() == before
    send(client, f"{path}finish/", {"quantity": "0", "scrap": "1"})
    send(client, f"{path}act/", {"verb": "close"})
    head = queries.work([work.id])[work.id].head
    assert (head.state, head.finished, head.scrapped) == ("closed", 3, 1)
    stock = {each.sku: each.on_hand for each in inventory.stock() if each.site_code == "DC"}
    assert (stock["TRIKE"], stock["BELL"], stock["FORK"]) == (3, 46, 42)


def test_late_work_is_found_and_shown(client: Client) -> None:
    setting(client)
    wish = {"sku": "TRIKE", "site_code": "DC", "quantity": 1, "starts_on": "2026-01-05", "due_on": "2026-01-09"}
    send(client, "/console/work/new/", wish)
    work = WorkOrder.objects.get()
    assert work.number in client.get("/console/work/?late=1").content.decode()
    assert "is late" in client.get(f"/console/work/{work.id}/").content.decode()
    assert work.number not in client.get("/console/work/?state=closed").content.decode()
