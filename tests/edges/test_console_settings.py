"""Settings in the console: each kind is created, changed and refused at its form; what is refused moves nothing."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from auftakt.billing.models import Invoice
from auftakt.catalog.models import Brand, Category, UnitOfMeasure
from auftakt.compliance.models import TaxRate
from auftakt.identity.models import ApiKey, User
from auftakt.inventory.models import Site
from auftakt.orchestration.actions import install_default_policies
from auftakt.orchestration.models import PolicyVersion
from auftakt.parties.models import Address, Contact, LegalEntity, Party, PaymentTerms
from auftakt.platform.models import JournalEntry
from auftakt.pricing.models import Discount, Price, PriceList, ShippingRate
from auftakt.promising.models import Lane
from tests import build
from tests.edges.test_console import logged_in
from tests.edges.test_console_master import RUBBISH, fields_of, journal, opened

# kind: addresses of a new one and of one to change, what is typed, what is changed, what is refused at which field
KINDS: dict[str, tuple[str, tuple[str, str], dict[str, Any], dict[str, Any], tuple[dict[str, Any], str]]] = {
    "category": (
        "category_new", ("category_edit", "TOOLS"), {"code": "TOOLS", "name": "Tools", "parent": "PARTS"},
        {"name": "Hand tools", "parent": ""}, ({"name": ""}, "name"),
    ),
    "brand": (
        "brand_new", ("brand_edit", "ACME"), {"code": "ACME", "name": "Acme"}, {"name": "ACME"}, ({"name": ""}, "name"),
    ),
    "unit": (
        "unit_new", ("unit_edit", "pal"), {"code": "pal", "name": "Pallet", "decimals": "0"}, {"name": "Euro pallet"},
        ({"decimals": "9"}, "decimals"),
    ),
    "site": (
        "site_new", ("site_edit", "SOUTH"),
        {"code": "SOUTH", "name": "South", "city": "Ulm", "lanes-0-country": "AT", "lanes-0-carrier": "standard",
         "lanes-0-transit_days": "2", "lanes-0-cost": "4.50", "lanes-0-currency": "EUR"},
        {"lanes-0-transit_days": "3", "is_open": []}, ({"processing_days": "400"}, "processing_days"),
    ),
    "price_list": (
        "price_list_new", ("price_list_edit", "VIP"), {"code": "VIP", "name": "Very important", "currency": "EUR"},
        {"rank": "5"}, ({"valid_from": "2026-05-01", "valid_to": "2026-04-01"}, "valid_to"),
    ),
    "discount": (
        "discount_new", ("discount_edit", "D10"),
        {"code": "D10", "name": "Ten", "kind": "percent", "value": "10", "sku": "BIKE", "customer_number": "C-1"},
        {"value": "12.5"}, ({"value": "101"}, "value"),
    ),
    "zone": (
        "zone_new", ("zone_edit", "FAR"),
        {"code": "FAR", "name": "Far", "countries": "us ca", "rates-0-currency": "EUR", "rates-0-amount": "30"},
        {"rates-0-amount": "35"}, ({"countries": "US XX"}, "countries"),
    ),
    "terms": (
        "terms_new", ("terms_edit", "N7"), {"code": "N7", "name": "Seven days", "due_days": "7"}, {"due_days": "8"},
        ({"discount_days": "30", "discount_percent": "2"}, "discount_days"),
    ),
    "entity": (
        "entity_new", ("entity_edit", "SUB"),
        {"code": "SUB", "name": "Subsidiary", "street": "Weg 1", "postal_code": "10115", "city": "Berlin"},
        {"city": "Potsdam", "postal_code": "14467"}, ({"iban": "DE00123456781234567890"}, "iban"),
    ),
}  # fmt: skip
TABLES = (Category, Brand, UnitOfMeasure, Site, Lane, PriceList, Discount, ShippingRate, PaymentTerms, LegalEntity)


def counts() -> list[int]:
    return [table.objects.count() for table in TABLES]


@pytest.mark.django_db
def test_every_kind_is_created_changed_and_refused_at_its_field() -> None:
    build.company()
    client, viewer = logged_in("admin"), logged_in("viewer")
    for kind, (new, (edit, key), typed, changed, (wrong, field)) in KINDS.items():
        fresh, address = reverse(f"console:{new}"), reverse(f"console:{edit}", args=[key])
        blank = opened(client, fresh)
        before = journal(), counts()
        refused = client.post(fresh, blank | typed | wrong)
        assert refused.status_code == 422, kind
        assert f'id="id_{field}-error"' in refused.content.decode(), kind
        assert fields_of(refused.content.decode())["name"] == (typed | wrong)["name"], kind
        assert viewer.post(fresh, blank | typed).status_code == 403, kind
        assert (journal(), counts()) == before, kind
        assert client.post(fresh, blank | typed).status_code == 302, kind
        made = journal()
        assert made > before[0], kind
        assert client.post(fresh, blank | typed).status_code == 302, f"{kind}: a double click is no error"
        assert client.post(fresh, blank | typed | {"name": "Somebody else's"}).status_code == 422, kind
        sent = opened(client, address)
        assert client.post(address, sent).status_code == 302, kind
        if kind != "zone":  # its charges are replaced as a whole
            assert journal() == made, f"{kind}: unchanged writes nothing"
        assert (
            client.post(address, {name: value for name, value in (sent | changed).items() if value != []}).status_code
            == 302
        )
        assert journal() > made, kind
        stale = client.post(address, sent | {"name": "Typed meanwhile"})
        assert stale.status_code == 409, kind
        assert fields_of(stale.content.decode())["name"] == "Typed meanwhile", kind
    assert (Lane.objects.get(site__code="SOUTH").transit_days, Site.objects.get(code="SOUTH").is_open) == (3, False)
    assert Discount.objects.get(code="D10").value == Decimal("12.5")


@pytest.mark.django_db
def test_a_lane_taken_off_the_form_ends() -> None:
    build.company()
    client = logged_in("admin")
    address = reverse("console:site_edit", args=["DC"])
    sent = opened(client, address)
    gone = {name: value for name, value in sent.items() if not name.startswith("lanes-0-")}
    assert client.post(address, gone).status_code == 302
    assert [lane.country for lane in Lane.objects.filter(site__code="DC")] == ["DE"]
    assert JournalEntry.objects.filter(verb="promising.lane_ended").count() == 1


@pytest.mark.django_db
def test_a_tax_rate_ends_and_another_follows_and_none_is_overwritten() -> None:
    build.company()
    client = logged_in("finance")
    rate = TaxRate.objects.filter(country="DE", tax_category="standard").order_by("valid_from").last()
    assert rate is not None
    address = reverse("console:tax_edit", args=[rate.id])
    assert client.post(address, opened(client, address) | {"valid_to": "2030-01-01"}).status_code == 302
    fresh = reverse("console:tax_new")
    new = {"country": "DE", "tax_category": "standard", "name": "MwSt.", "rate": "20", "valid_from": "2030-01-01"}
    assert client.post(fresh, opened(client, fresh) | new).status_code == 302
    before = journal()
    assert client.post(fresh, opened(client, fresh) | new | {"rate": "21"}).status_code == 422
    overlap = client.post(fresh, opened(client, fresh) | new | {"valid_from": "2029-06-01"})
    assert overlap.status_code == 422
    assert journal() == before


@pytest.mark.django_db
def test_a_grid_of_prices_is_changed_pasted_into_and_refused_at_the_cell() -> None:
    build.company()
    client, sales = logged_in("order_manager"), logged_in("sales")
    code = PriceList.objects.order_by("code").first().code
    address = reverse("console:price_list", args=[code])
    sent = opened(client, address)
    row = next(name.split("-")[1] for name, value in sent.items() if name.endswith("-sku") and value == "HELMET")
    other = opened(client, address)
    assert client.post(address, sent | {f"prices-{row}-unit_price": "51.25"}).status_code == 302
    assert Price.objects.filter(price_list__code=code, item__sku="HELMET", unit_price=Decimal("51.25")).count() == 1
    stale = client.post(
        address, other | {"prices-99-sku": "LOCK", "prices-99-unit_price": "1", "prices-99-from_quantity": "10"}
    )
    assert stale.status_code == 409
    shown = fields_of(stale.content.decode())
    assert shown[f"prices-{row}-unit_price"] == "51.25"
    assert client.post(address, shown).status_code == 302
    assert Price.objects.filter(price_list__code=code, item__sku="LOCK").count() == 2
    before, count = journal(), Price.objects.count()
    wrong = client.post(address, opened(client, address) | {"prices-98-sku": "NOPE", "prices-98-unit_price": "2"})
    assert wrong.status_code == 422
    assert 'id="id_prices-98-sku-error"' in wrong.content.decode()
    assert sales.post(address, sent).status_code in (200, 403)
    assert (journal(), Price.objects.count()) == (before, count)
    assert client.post(address, opened(client, address)).status_code == 302
    assert journal() == before, "nothing typed, nothing written"


@pytest.mark.django_db
def test_a_price_is_tried_and_explained() -> None:
    build.company()
    client = logged_in("sales")
    page = client.get(reverse("console:price_test"), {"sku": "HELMET", "customer": "C-1", "quantity": "3"})
    assert "€150.00" in page.content.decode()
    for asked in (
        {"sku": "UNPRICED", "customer": "C-1"},
        {"sku": "x", "customer": "🚲"},
        {"sku": "BIKE", "customer": "C-1", "quantity": "x"},
    ):
        assert client.get(reverse("console:price_test"), asked).status_code in (200, 400)


@pytest.mark.django_db
def test_a_customer_keeps_addresses_contacts_and_limit_and_is_told_of_others() -> None:
    build.company()
    client, other = logged_in("sales"), logged_in("finance")
    address = reverse("console:customer_edit", args=["C-1"])
    sent = opened(client, address)
    before = journal()
    assert client.post(address, sent).status_code == 302
    assert journal() == before
    more = {
        "addresses-7-street": "Hafen 3", "addresses-7-postal_code": "20457", "addresses-7-city": "Hamburg",
        "addresses-7-country": "DE", "addresses-7-ships": "on", "contacts-0-name": "Jo", "contacts-0-role": "Buyer",
    }  # fmt: skip
    theirs = opened(other, address)
    assert client.post(address, sent | more).status_code == 302
    party = Party.objects.get(number="C-1")
    assert Address.objects.filter(party=party, archived_at=None, city="Hamburg").exists()
    assert Contact.objects.get(party=party).name == "Jo"
    told = other.post(address, theirs | {"credit_limit": "12,345.50"})
    assert told.status_code == 409
    assert Contact.objects.filter(party=party).exists(), "the other's contact is not lost"
    assert other.post(address, fields_of(told.content.decode())).status_code == 302
    assert party.credit_line.limit == Decimal("12345.5")
    assert Contact.objects.get(party=party).name == "Jo"
    assert other.post(address, opened(other, address) | {"credit_limit": ""}).status_code == 302
    assert not type(party.credit_line).objects.filter(party=party).exists()


@pytest.mark.django_db
def test_a_policy_is_published_anew_and_its_faults_stand_at_the_steps() -> None:
    build.company()
    build.done(install_default_policies(actor="test", at=build.AT))
    client = logged_in("order_manager")
    address = reverse("console:policy_edit", args=["ship_from_stock"])
    sent = opened(client, address)
    before = journal(), PolicyVersion.objects.count()
    assert client.post(address, sent).status_code == 302
    wrong = client.post(address, sent | {"steps-1-after": "nowhere"})
    assert wrong.status_code == 422
    assert (journal(), PolicyVersion.objects.count()) == before
    assert client.post(address, sent | {"steps-0-name": "Set goods aside"}).status_code == 302
    assert PolicyVersion.objects.filter(policy__code="ship_from_stock").count() == 2
    page = client.get(reverse("console:policy", args=["ship_from_stock"])).content.decode()
    assert "Set goods aside" in page
    assert "<svg" in page
    assert logged_in("sales").get(address).status_code == 403


@pytest.mark.django_db
def test_numbers_are_written_anew_and_invoices_stay_without_a_gap() -> None:
    build.company()
    client = logged_in("finance")
    order = reverse("console:number_edit", args=["order"])
    shown = opened(client, order)
    further = str(int(shown["next"].replace(",", "")) + 500)
    assert client.post(order, shown | {"prefix": "A2-", "digits": "4", "next": further}).status_code == 302
    assert logged_in("viewer").post(order, {"prefix": "X-", "digits": "4"}).status_code == 403
    build.order(stage="paid")
    entity = LegalEntity.objects.get()
    papers = reverse("console:number_edit", args=[f"invoice:{entity.id}"])
    sent = opened(client, papers)
    assert "next" not in sent
    assert client.post(papers, sent | {"prefix": "RE-", "next": "99"}).status_code == 302
    build.order(stage="paid")
    first, second = Invoice.objects.order_by("sequence")
    assert (first.sequence, second.sequence) == (1, 2)
    assert second.number.startswith("RE-")
    notes = reverse("console:number_edit", args=[f"credit_note:{entity.id}"])
    before = journal()
    for prefix in (first.number[:-11], "RE-", "rechnung", "R1"):
        assert client.post(notes, opened(client, notes) | {"prefix": prefix}).status_code == 422, prefix
    assert client.post(order, opened(client, order) | {"next": "3"}).status_code == 422
    assert journal() == before
    assert client.get(reverse("console:numbers")).status_code == 200


@pytest.mark.django_db
def test_ones_own_settings_and_password() -> None:
    client = logged_in("viewer")
    me = reverse("console:me")
    user = User.objects.get()
    taste = {"name": "Robin Ex", "language": "de", "formats": "de-CH", "theme": "dark", "density": "compact"}
    assert client.post(me, taste).status_code == 302
    user.refresh_from_db()
    assert (user.name, user.formats, user.roles) == ("Robin Ex", "de-CH", ["viewer"])
    new = {"current": "wrong", "password": "another long one", "again": "another long one"}
    before = journal()
    assert client.post(me, new).status_code == 422
    right = new | {"current": "long enough to be safe"}
    assert client.post(me, right | {"again": "not the same"}).status_code == 422
    assert client.post(me, right | {"password": "short", "again": "short"}).status_code == 422
    assert journal() == before
    assert client.post(me, right).status_code == 302
    assert client.get(me).status_code == 200, "this session goes on"
    assert Client().login(username=user.email, password="another long one")


@pytest.mark.django_db
def test_rubbish_in_every_field_of_settings_moves_nothing_it_should_not() -> None:
    build.company()
    client = logged_in("admin")
    for _kind, (new, _edit, typed, _changed, _wrong) in KINDS.items():
        address = reverse(f"console:{new}")
        sent = opened(client, address) | typed
        for rubbish in RUBBISH:
            answer = client.post(address, dict.fromkeys(sent, rubbish) | {"seen": ""})
            assert answer.status_code in (302, 409, 422), (new, rubbish[:20])
    for rubbish in RUBBISH:
        answer = client.post(reverse("console:api_key_new"), {"name": rubbish, "scopes": [rubbish]})
        assert answer.status_code == 422
    assert not ApiKey.objects.exists()
