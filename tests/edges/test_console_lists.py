"""Lists: sorted, filtered, paged, exported, kept. Tried on customers; every other list is declared the same way."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from auftakt.console.paging import Page
from auftakt.console.tables import Asked, Choice, Column, Days, Pick, Span, Table, Toggle
from auftakt.console.tables.export import as_csv, as_xlsx
from auftakt.identity.models import Layout, SavedView, User
from auftakt.parties import actions as parties
from auftakt.parties.types import AddressDraft, PartyDraft
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id
from tests import build
from tests.edges.test_console import logged_in

LIST = "/console/customers/"


def customers(count: int, prefix: str = "N") -> None:
    """Customers whose names sort differently from their numbers."""
    home = AddressDraft("Street 1", "Berlin", "DE", "10115", is_default_bill_to=True, is_default_ship_to=True)
    drafts = [
        PartyDraft(f"{prefix}-{number:04}", f"Name {(number * 7) % count:04}", segment="A" if number % 3 else "B",
                   addresses=(home,), credit_limit=Decimal(1000))
        for number in range(count)
    ]  # fmt: skip
    build.done(parties.save_parties(drafts, actor="test", at=timezone.now()))


def walk(client: Any, address: str) -> list[str]:
    """The numbers of all rows, page after page."""
    found: list[str] = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, address
        found += [row.number for row in answer.context["page"].rows]
        address = f"{LIST}{answer.context['following']}" if answer.context["following"] else ""
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["name", "-name", "number", "-number"])
def test_every_row_comes_once_in_every_order(sort: str) -> None:
    customers(120)
    client = logged_in("sales")
    seen = walk(client, f"{LIST}?sort={sort}")
    assert len(seen) == len(set(seen)) == 120
    if sort.endswith("number"):
        assert seen == sorted(seen, reverse=sort.startswith("-"))


@pytest.mark.django_db
def test_filters_and_words_combine_and_say_what_is_on() -> None:
    customers(60)
    answer = logged_in("sales").get(LIST, {"segment": "B", "q": "N-000", "status": "active"})
    assert {row.number for row in answer.context["page"].rows} == {"N-0000", "N-0003", "N-0006", "N-0009"}
    page = answer.content.decode()
    assert "Segment: <b>B</b>" in page
    assert 'aria-current="true"' in page
    nothing = logged_in("viewer").get(LIST, {"q": "no such customer"})
    assert "Nothing fits" in nothing.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        {"sort": "credit_drawn; drop table parties_party"},
        {"sort": "-"},
        {"after": "rubbish"},
        {"after": "WyJuYW1lIiwgZmFsc2UsICJ4IiwgInkiXQ:forged"},
        {"segment": "no such"},
        {"q": "%_\\"},
        {"columns": "nothing known"},
        {"format": "exe"},
        {"totals": "rows", "row": "rubbish"},
        {"view": "rubbish"},
    ],
)
def test_rubbish_in_the_address_is_ignored(query: dict[str, str]) -> None:
    customers(3)
    assert logged_in("sales").get(LIST, query).status_code == 200


@pytest.mark.django_db
def test_a_cursor_of_another_order_begins_again() -> None:
    customers(120)
    client = logged_in("sales")
    after = QueryDict(client.get(f"{LIST}?sort=name").context["following"][1:])["after"]
    first = client.get(f"{LIST}?sort=-number").context["page"].rows
    assert client.get(LIST, {"sort": "-number", "after": after}).context["page"].rows == first


@pytest.mark.django_db
def test_a_long_list_costs_as_many_statements_as_a_short_one() -> None:
    client = logged_in("sales")
    counts = []
    for count in (2, 120):
        customers(count, prefix=f"P{count}")
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(LIST)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8


@pytest.mark.django_db
def test_htmx_gets_the_rows_alone() -> None:
    customers(3)
    answer = logged_in("sales").get(LIST, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "N-0001" in answer.content.decode()
    assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.django_db
def test_the_export_is_exactly_what_is_seen() -> None:
    customers(120)
    client = logged_in("sales")
    query = f"{LIST}?segment=B&sort=-number&columns=number+segment+credit_limit"
    seen = walk(client, query)
    answer = client.get(f"{query}&format=csv")
    rows = list(csv.reader(StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert rows[0] == ["Name", "Number", "Segment", "Credit limit", "Credit limit (currency)"]
    assert [row[1] for row in rows[1:]] == seen
    assert rows[1][3:] == ["1000.000", "EUR"]
    sheet = load_workbook(BytesIO(client.get(f"{query}&format=xlsx").content)).active
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == seen
    assert sheet["D2"].value == 1000


class Row(NamedTuple):
    """A row of a list made up for a test."""

    id: UUID
    name: str
    on: date
    at: datetime


def test_what_looks_like_a_formula_stays_text() -> None:
    row = Row(
        new_id(),
        "=cmd|'/c calc'!A1",
        date(2026, 11, 24),
        datetime(2026, 11, 24, 12, tzinfo=timezone.get_default_timezone()),
    )
    table = Table(
        "t",
        "T",
        (Column("name", "Name", head=True), Column("on", "Day", "day"), Column("at", "At", "instant")),
        lambda _asked: Page([row]),
        "id",
    )
    text = b"".join(as_csv(table, Asked(sort="id"), table.columns)).decode("utf-8-sig")
    assert list(csv.reader(StringIO(text)))[1] == ["'=cmd|'/c calc'!A1", "2026-11-24", "2026-11-24 12:00:00"]
    cell = load_workbook(BytesIO(as_xlsx(table, Asked(sort="id"), table.columns).content)).active["A2"]
    assert (cell.data_type, cell.value) == ("s", "=cmd|'/c calc'!A1")


def test_filters_read_what_makes_sense_and_nothing_else() -> None:
    table = Table(
        "t", "T", (Column("id", "Id", sort="id"),), lambda _asked: Page([]), "-id",
        filters=(
            Choice(name="state", title="State", options=lambda: [("a", "A")]),
            Toggle(name="late", title="Late"),
            Pick(name="item", title="Item", source="console:item_options"),
            Days(name="ordered", title="Ordered"),
            Span(name="value", title="Value"),
        ),
    )  # fmt: skip
    good = table.asked(
        {"state": "a", "late": "1", "item": "BIKE", "ordered_from": "2026-11-01", "value_max": "1,000.5"}
    )
    assert good.filters == {
        "state": "a",
        "late": True,
        "item": "BIKE",
        "ordered_from": date(2026, 11, 1),
        "value_max": Decimal("1000.5"),
    }
    assert (good.sort, good.descending) == ("id", True)
    bad = table.asked(
        {"state": "x", "late": "2", "item": " ", "ordered_from": "1.11.", "value_min": "1e99", "sort": "nope"}
    )
    assert bad.filters == {}


@pytest.mark.django_db
def test_a_view_is_kept_shared_taken_and_deleted() -> None:
    customers(9)
    client, other = logged_in("sales"), logged_in("viewer")
    kept = {"list": "customers", "name": " B only ", "query": "segment=B&columns=number", "shared": "on", "next": LIST}
    answer = client.post("/console/lists/view/", kept)
    assert answer.url.startswith(f"{LIST}?segment=B&columns=number&view=")
    view = SavedView.objects.get()
    assert (view.name, view.is_shared, view.owner.email) == ("B only", True, "sales-en@example.org")
    assert "B only" in other.get(LIST).content.decode()
    assert JournalEntry.objects.filter(verb="saved_view.saved", subject_id=view.id).count() == 1
    other.post(f"/console/lists/view/{view.id}/delete/", {"next": LIST})
    assert SavedView.objects.count() == 1
    client.post("/console/lists/view/", {"list": "customers", "name": "B only", "query": "segment=A", "next": LIST})
    assert [row.query for row in SavedView.objects.all()] == ["segment=A"]
    assert "B only" not in other.get(LIST).content.decode()
    client.post(f"/console/lists/view/{view.id}/delete/", {"next": LIST})
    assert SavedView.objects.count() == 0
    client.post("/console/lists/view/", {"list": "customers", "name": " ", "query": "x=" + "y" * 5000, "next": LIST})
    assert SavedView.objects.count() == 0


@pytest.mark.django_db
def test_columns_and_density_are_chosen_and_given_back() -> None:
    customers(2)
    client = logged_in("sales")
    answer = client.post(
        "/console/lists/layout/",
        {
            "list": "customers",
            "columns": ["email", "number"],
            "density": "compact",
            "next": f"{LIST}?segment=B&columns=kind",
        },
    )
    assert answer.url == f"{LIST}?segment=B"
    page = client.get(LIST)
    assert [head["column"].key for head in page.context["heads"]] == ["name", "email", "number"]
    assert "compact" in page.content.decode()
    assert User.objects.get(email="sales-en@example.org").density == "compact"
    client.post("/console/lists/layout/", {"list": "customers", "usual": "1", "next": LIST})
    assert Layout.objects.get().columns == []
    assert len(client.get(LIST).context["heads"]) == 7
