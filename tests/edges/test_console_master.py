"""Master data in the console: each thing is created, changed and refused at its form; nothing typed is lost."""

import html
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auftakt.catalog import queries as catalog
from auftakt.catalog.models import Item
from auftakt.console.meanwhile import changes, seal
from auftakt.orchestration.actions import install_default_policies
from auftakt.platform.models import JournalEntry
from tests import build
from tests.edges.test_console import logged_in

RUBBISH = (
    "x" * 5000,
    "مرحبا بالعالم",
    "🚲🚲🚲",
    "<script>alert(1)</script>",
    "9" * 400,
    "-1e999999",
    "٣",
    "NaN",
    "'; drop table catalog_item; --",
)


def opened(client: Client, address: str) -> dict[str, Any]:
    """Every field of the form of a page, as a browser would send it."""
    text = client.get(address).content.decode()
    return fields_of(text)


def fields_of(text: str) -> dict[str, Any]:
    """The fields of the one big form in a page."""
    form = text.split('class="stack sheet', 1)[1].split("</form>", 1)[0]
    form = re.sub(r"<template>.*?</template>", "", form, flags=re.S)
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        name, kind = attributes.get("name"), attributes.get("type", "text")
        if not name or name == "csrfmiddlewaretoken" or " disabled" in tag:
            continue
        if kind in ("checkbox", "radio"):
            if " checked" in tag:
                sent.setdefault(name, []).append(html.unescape(attributes.get("value", "on")))
        else:
            sent[name] = html.unescape(attributes.get("value", ""))
    for attributes, inside in re.findall(r"<select\b([^>]*)>(.*?)</select>", form, re.S):
        name = re.search(r'name="([^"]*)"', attributes)
        chosen = re.search(r'<option value="([^"]*)" selected', inside) or re.search(r'<option value="([^"]*)"', inside)
        if name and "disabled" not in attributes:
            sent[name[1]] = html.unescape(chosen[1]) if chosen else ""
    for attributes, inside in re.findall(r"<textarea\b([^>]*)>(.*?)</textarea>", form, re.S):
        name = re.search(r'name="([^"]*)"', attributes)
        if name:
            sent[name[1]] = html.unescape(inside).lstrip("\r\n")
    return sent


def journal() -> int:
    return JournalEntry.objects.count()


# ------------------------------------------------------------------------------------------- the form itself


def test_what_others_changed_is_told_unless_it_is_typed_here_too() -> None:
    seen = seal({"name": "Bell", "price": Decimal("1.50"), "note": "", "parts": [{"sku": "A"}]})
    now = {"name": "Loud bell", "price": Decimal("1.5"), "note": "new", "parts": [{"sku": "B"}]}
    typed = {"name": "Quiet bell", "price": Decimal("1.500"), "note": "new", "parts": [{"sku": "A"}]}
    found = {each.name: each for each in changes(seen, now, typed)}
    assert set(found) == {"name", "parts"}
    assert found["name"].contested
    assert (found["name"].was, found["name"].now) == ("Bell", "Loud bell")
    assert not found["parts"].contested
    assert changes("", now, typed) == []
    assert changes("rubbish", now, typed) == []


# ------------------------------------------------------------------------------------------- items


@pytest.mark.django_db
def test_a_kit_is_created_with_parts_units_names_and_relations() -> None:
    build.company()
    client = logged_in("order_manager")
    sent = opened(client, reverse("console:item_new")) | {
        "sku": "PACK", "name": "Commuter pack", "kind": "kit", "unit": "each", "activate": "on", "weight_kg": "1.25",
        "components-0-sku": "HELMET", "components-0-quantity": "1",
        "components-1-sku": "LOCK", "components-1-quantity": "2",
        "components-2-sku": "", "components-2-quantity": "1",
        "translations-0-language": "de", "translations-0-name": "Pendlerpaket", "translations-0-description": "",
        "relations-0-kind": "cross_sell", "relations-0-sku": "BIKE", "relations-0-rank": "1",
    }  # fmt: skip
    answer = client.post(reverse("console:item_new"), sent)
    assert answer.status_code == 302
    assert answer.url == reverse("console:item", args=["PACK"])
    facts = catalog.items_by_sku(["PACK"])["PACK"]
    assert facts.state == "active"
    assert [(sku, quantity) for _id, sku, quantity in facts.components] == [("HELMET", 1), ("LOCK", 2)]
    card = catalog.item_cards([facts.id])[facts.id]
    assert card.translations == {"de": ("Pendlerpaket", "")}
    assert card.weight_kg == Decimal("1.25")
    assert [each.sku for each in catalog.relations([facts.id])[facts.id]] == ["BIKE"]
    before = journal()
    again = client.post(reverse("console:item_new"), sent)
    assert again.status_code == 302, "a double click is no error"
    assert journal() == before


@pytest.mark.django_db
def test_findings_stand_at_their_fields_and_what_was_typed_stays() -> None:
    build.company()
    client = logged_in("order_manager")
    before = journal(), Item.objects.count()
    sent = opened(client, reverse("console:item_new")) | {
        "sku": "PACK", "name": "Commuter <pack> & more", "kind": "kit", "gtin": "4006381333932", "hs_code": "12",
        "components-0-sku": "HELMET", "components-0-quantity": "1",
        "components-1-sku": "NOPE", "components-1-quantity": "3",
    }  # fmt: skip
    answer = client.post(reverse("console:item_new"), sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    for field in ("gtin", "hs_code"):
        assert f'id="id_{field}-error"' in text, field
    answer = client.post(reverse("console:item_new"), fields_of(text) | {"gtin": "", "hs_code": ""})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_components-1-sku-error"' in text
    assert 'id="id_components-0-sku-error"' not in text
    assert fields_of(text)["name"] == "Commuter <pack> & more"
    assert fields_of(text)["components-1-quantity"] == "3"
    assert (journal(), Item.objects.count()) == before


@pytest.mark.django_db
def test_a_number_that_exists_is_not_overwritten_by_a_new_item() -> None:
    build.company()
    client = logged_in("order_manager")
    before = journal()
    sent = opened(client, reverse("console:item_new")) | {"sku": "BIKE", "name": "Another bike"}
    answer = client.post(reverse("console:item_new"), sent)
    assert answer.status_code == 422
    assert "exists already" in answer.content.decode()
    assert (Item.objects.get(sku="BIKE").name, journal()) != ("Another bike", before + 1)
    assert journal() == before


@pytest.mark.django_db
def test_the_second_to_save_an_item_is_told_what_changed_and_keeps_what_was_typed() -> None:
    build.company()
    first, second = logged_in("order_manager"), logged_in("admin")
    address = reverse("console:item_edit", args=["BIKE"])
    mine, theirs = opened(first, address), opened(second, address)
    assert second.post(address, theirs | {"name": "Bike of Ada", "description": "light"}).status_code == 302
    before = journal()
    answer = first.post(address, mine | {"name": "Bike of Bob", "weight_kg": "9.5"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert journal() == before
    assert "admin-en@example.org" in text
    assert "Bike of Ada" in text
    shown = fields_of(text)
    assert (shown["name"], shown["weight_kg"], shown["description"]) == ("Bike of Bob", "9.5", "light")
    assert first.post(address, shown).status_code == 302
    row = Item.objects.get(sku="BIKE")
    assert (row.name, row.description, row.weight_kg) == ("Bike of Bob", "light", Decimal("9.5"))


@pytest.mark.django_db
def test_saving_an_item_unchanged_writes_nothing() -> None:
    build.company()
    client = logged_in("order_manager", language="de")
    for sku in ("BIKE", "SET", "HELMET", "CHAIN-KG"):
        address = reverse("console:item_edit", args=[sku])
        sent = opened(client, address)
        before = journal()
        assert client.post(address, sent).status_code == 302, sku
        assert journal() == before, sku


@pytest.mark.django_db
def test_an_item_is_copied_activated_and_phased_out() -> None:
    build.company()
    client = logged_in("order_manager")
    sent = opened(client, reverse("console:item_copy", args=["SET"]))
    assert sent["sku"] == ""
    assert client.post(reverse("console:item_copy", args=["SET"]), sent | {"sku": "SET-2"}).status_code == 302
    facts = catalog.items_by_sku(["SET", "SET-2"])
    assert facts["SET-2"].state == "draft"
    assert [part[1:] for part in facts["SET-2"].components] == [part[1:] for part in facts["SET"].components]
    move = reverse("console:item_move", args=["SET-2"])
    client.post(move, {"move": "activate"})
    assert catalog.items_by_sku(["SET-2"])["SET-2"].state == "active"
    before = journal()
    client.post(reverse("console:item_move", args=["HELMET"]), {"move": "phase_out"})
    assert catalog.items_by_sku(["HELMET"])["HELMET"].state == "active", "it is a part of kits"
    client.post(move, {"move": "delete"})
    assert journal() == before


@pytest.mark.django_db
def test_rubbish_in_every_field_of_an_item_is_answered_and_moves_nothing() -> None:
    build.company()
    client = logged_in("order_manager")
    address = reverse("console:item_edit", args=["BIKE"])
    sent = opened(client, address)
    row = Item.objects.filter(sku="BIKE").values().get()
    names = [*sent, "components-0-sku", "components-0-quantity", "units-99-factor", "translations-7-name"]
    for index, rubbish in enumerate(RUBBISH):
        for filled in (names, names[index :: len(RUBBISH)]):
            answer = client.post(address, sent | dict.fromkeys(filled, rubbish))
            assert answer.status_code in (302, 409, 422), (filled, rubbish[:20], answer.status_code)
            if answer.status_code != 302:
                assert "<script>alert" not in answer.content.decode()
    after = Item.objects.filter(sku="BIKE").values().get()
    assert after["id"] == row["id"]
    assert after["kind"] == row["kind"]


@pytest.mark.django_db
def test_the_form_of_a_big_kit_costs_no_more_statements() -> None:
    build.company()
    client = logged_in("order_manager")
    parts = [f"PART-{index}" for index in range(40)]
    items = [build._item(sku, sku) for sku in parts]
    build.done(build.catalog.save_items(items, actor="test", at=build.AT))
    kit = build._item("BIG", "Big kit", kind="kit", components=tuple(build.ComponentDraft(sku) for sku in parts))
    build.done(build.catalog.save_items([kit], actor="test", at=build.AT))
    counts = []
    for sku in ("SET", "BIG"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("console:item_edit", args=[sku])).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


# ------------------------------------------------------------------------------------------- every page


PLAIN = (
    "items", "item_new", "customers", "customer_new", "categories", "category_new", "brands", "brand_new", "units",
    "unit_new", "sites", "site_new", "price_lists", "price_list_new", "price_test", "price_limits", "discounts",
    "discount_new", "zones", "zone_new", "policies", "policy_new", "house", "payment_terms", "terms_new",
    "legal_entities", "entity_new", "tax_rates", "tax_new", "users", "user_new", "roles", "api_keys", "api_key_new",
    "me",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_opens(language: str) -> None:
    build.company()
    build.done(install_default_policies(actor="test", at=build.AT))
    client = logged_in("admin", language=language)
    addresses = [reverse(f"console:{name}") for name in PLAIN] + [
        reverse("console:category_edit", args=["PARTS"]),
        reverse("console:unit_edit", args=["each"]),
        reverse("console:site_edit", args=["DC"]),
        reverse("console:policy", args=["ship_from_stock"]),
        reverse("console:policy_edit", args=["ship_from_stock"]),
    ]
    wrong = {address: client.get(address).status_code for address in addresses}
    assert {address: status for address, status in wrong.items() if status != 200} == {}
