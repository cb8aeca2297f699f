"""Items in the language of whoever looks: in lists, files, comboboxes and order entry."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ItemDraft, TranslationDraft
from auftakt.console.queries.statements import sql
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db
_OWN_NAME = re.compile(r"(?<![.\w(])(?:i|x)\.name(?=\s*,)")


@pytest.fixture
def shop() -> build.Company:
    made = build.company()
    drafts = [
        ItemDraft("HELMET", "Helmet", category="PARTS", translations=(TranslationDraft("de", "Schutzhelm"),)),
        ItemDraft("LOCK", "Lock", category="PARTS", translations=(TranslationDraft("fr", "Antivol"),)),
    ]
    build.done(catalog.save_items(drafts, actor="test", at=build.AT))
    return made


def text(client: Client, route: str, *args: object, **asked: str) -> str:
    answer = client.get(reverse(f"console:{route}", args=args), asked)
    assert answer.status_code == 200
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def test_no_statement_of_the_console_shows_a_name_in_one_language_only() -> None:
    alone = [name for name, body in sql.texts.items() if "catalog_item" in body and _OWN_NAME.search(body)]
    translated = [name for name in alone if "%(language)s" not in sql.texts[name]]
    assert translated == []


@pytest.mark.parametrize("route", ["stock", "items", "stock_moves"])
def test_lists_and_their_files_name_items_as_the_user_speaks(shop: build.Company, route: str) -> None:
    german, english = logged_in("admin", language="de"), logged_in("admin")
    for more in ({}, {"format": "csv"}):
        shown = text(german, route, **more)
        assert "Schutzhelm" in shown
        assert "Lock" in shown, "an item without a translation keeps its own name"
        assert "Schutzhelm" not in text(english, route, **more)


@pytest.mark.parametrize("route", ["stock", "items"])
def test_lists_find_what_they_show(shop: build.Company, route: str) -> None:
    german, english = logged_in("admin", language="de"), logged_in("admin")
    found = text(german, route, q="schutzh", format="csv")
    assert "HELMET" in found
    assert "LOCK" not in found
    assert "HELMET" in text(german, route, q="Helmet", format="csv"), "the item's own name finds it too"
    assert "HELMET" not in text(english, route, q="schutzh", format="csv")


def test_a_list_by_name_is_in_the_order_that_is_seen(shop: build.Company) -> None:
    german = text(logged_in("admin", language="de"), "items", sort="name", format="csv")
    english = text(logged_in("admin"), "items", sort="name", format="csv")
    assert english.index("HELMET") < english.index("LOCK")
    assert german.index("LOCK") < german.index("HELMET")


def test_a_file_is_in_the_language_of_its_page_to_the_end(shop: build.Company) -> None:
    shown = text(logged_in("admin", language="de"), "stock", format="csv").splitlines()[0]
    assert shown.startswith("\ufeffArtikel,")


def test_comboboxes_the_palette_and_order_entry_speak_the_language(shop: build.Company) -> None:
    german, english = logged_in("admin", language="de"), logged_in("admin")
    assert '"Schutzhelm"' in text(german, "item_options", q="schutz")
    assert text(english, "item_options", q="schutz") == '{"options": []}'
    assert "Schutzhelm" in text(german, "find", q="schutz")
    facts = text(german, "order_line_facts", sku="HELMET", customer="C-1", quantity="1")
    assert "Schutzhelm" in facts
    order = build.order(lines=[("HELMET", "1"), ("LOCK", "1")])
    assert "Schutzhelm" in text(german, "order", order)
    assert "Schutzhelm" in text(german, "order_edit", order)
    assert "Schutzhelm" in text(german, "item", "HELMET")
    assert "Schutzhelm" not in text(english, "order", order)


def test_names_cost_no_statement_more_however_many_rows(shop: build.Company) -> None:
    client = logged_in("admin", language="de")

    def cost(route: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            text(client, route)
        return len(seen)

    text(client, "items")
    few = [cost("items"), cost("stock")]
    drafts = [
        ItemDraft(f"N-{at}", f"New {at}", activate=True, translations=(TranslationDraft("de", f"Neu {at}"),))
        for at in range(30)
    ]
    build.done(catalog.save_items(drafts, actor="test", at=build.AT))
    build.receive({("DC", f"N-{at}"): "3" for at in range(30)})
    assert [cost("items"), cost("stock")] == few
