"""The console: every route has a rule, roles see what they may, forms do what they say, German is complete."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

import auftakt.console
from auftakt.billing.models import Invoice, PaymentAttempt
from auftakt.console.permissions import PUBLIC, SIGNED_IN
from auftakt.console.urls import urlpatterns
from auftakt.console.views.design import waterfall
from auftakt.documents.models import DocumentView
from auftakt.fulfilment.models import Release, Shipment
from auftakt.identity import actions as identity
from auftakt.identity import queries as users
from auftakt.identity.models import User
from auftakt.identity.types import PERMISSIONS, Role, UserDraft
from auftakt.inventory.models import Bucket
from auftakt.orchestration import actions as orchestration
from auftakt.orchestration.models import StepState
from auftakt.orders.models import FulfilmentLine, Hold, Order
from auftakt.platform.models import JournalEntry
from tests import build

HOME = Path(auftakt.console.__file__).parent
ROUTES = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]
PLAIN = [route.name for route in ROUTES if "<" not in str(route.pattern)]
POST_ONLY = {
    "logout",
    "language",
    "order_preview",
    "bank_book",
    "dunning_block",
    "dunning_preview",
    "dunning_run",
    "stock_receive",
    "stock_adjust",
    "stock_transfer",
    "view_save",
    "layout_save",
}


def person(*roles: str, language: str = "en") -> User:
    """A user with roles."""
    email = f"{'-'.join(roles)}-{language}@example.org"
    draft = UserDraft(email, "Robin Example", roles, "long enough to be safe", language)
    build.done(identity.create_users([draft], actor="test", at=timezone.now()))
    return User.objects.get(email=email)


def logged_in(*roles: str, language: str = "en") -> Client:
    """A browser of a user with roles."""
    client = Client()
    client.force_login(person(*roles, language=language))
    return client


def rule_of(name: str) -> str:
    return next(route.callback.rule for route in ROUTES if route.name == name)


def test_every_route_has_exactly_one_rule() -> None:
    rules = {route.name: getattr(route.callback, "rule", None) for route in ROUTES}
    assert [name for name, rule in rules.items() if rule is None] == []
    assert {name for name, rule in rules.items() if rule == PUBLIC} == {
        "login",
        "language",
        "manifest",
        "worker",
        "offline",
    }
    assert {name for name, rule in rules.items() if rule == SIGNED_IN} == {
        "home",
        "logout",
        "look",
        "find",
        "live",
        "live_house",
        "view_save",
        "view_delete",
        "layout_save",
        "jobs",
        "job",
        "job_progress",
        "job_cancel",
        "job_again",
        "imports",
        "import_template",
        "import_run",
        "import_bad",
        "me",
    }
    others = {rule for rule in rules.values() if rule not in (PUBLIC, SIGNED_IN)}
    assert others <= set(PERMISSIONS)


@pytest.mark.django_db
def test_strangers_are_sent_to_the_log_in_and_back() -> None:
    for name in PLAIN:
        if rule_of(name) == PUBLIC:
            continue
        answer = Client().get(reverse(f"console:{name}"))
        assert answer.status_code == 302, name
        assert answer.url.startswith("/console/login/?next=/console/"), name
    fragment = Client().get(
        reverse("console:find"), headers={"HX-Request": "true", "HX-Current-URL": "http://x/console/orders/"}
    )
    assert fragment.status_code == 401  # the page says so and stays: what is typed there is not lost


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_exactly_the_pages_it_may(role: str) -> None:
    client = logged_in(role)
    for name in PLAIN:
        rule = rule_of(name)
        if name == "login":
            continue
        answer = (
            client.get(reverse(f"console:{name}"))
            if name not in POST_ONLY | {"logout"}
            else client.post(reverse(f"console:{name}"), {"q": ""})
            if name != "logout"
            else None
        )
        if answer is None:
            continue
        allowed = rule in (PUBLIC, SIGNED_IN) or users.may([role], rule)
        assert (answer.status_code != 403) is allowed, (name, answer.status_code)
        assert answer.status_code < 500, name


@pytest.mark.django_db
def test_the_403_page_names_the_missing_right_in_the_users_language() -> None:
    answer = logged_in("viewer", language="de").get(reverse("console:users"))
    assert answer.status_code == 403
    assert "Benutzer: verwalten" in answer.content.decode()


@pytest.mark.django_db
def test_nothing_here_and_rubbish_in_addresses_are_answered() -> None:
    client = logged_in("admin")
    missing = "00000000-0000-0000-0000-000000000000"
    for name in ("order", "invoice", "user", "document"):
        assert client.get(reverse(f"console:{name}", args=[missing])).status_code == 404, name
    assert client.get(reverse("console:item", args=["no such item"])).status_code == 404
    assert client.get(reverse("console:customer", args=["nobody"])).status_code == 404
    assert client.get(reverse("console:bench", args=["NOWHERE"])).status_code == 404
    for name in ("orders", "customers", "items", "stock", "invoices", "attempts"):
        answer = client.get(
            reverse(f"console:{name}"),
            {"after": "rubbish", "q": "100%_\\'\"<i>~", "from": "x", "customer": "x", "site": "x"},
        )
        assert answer.status_code == 200, name
        assert "<i>~" not in answer.content.decode(), name
        assert "<b>" not in answer.content.decode().split("<main")[1].split("</main")[0].replace(
            "<b>0</b>", ""
        ).replace("<b>x</b>", ""), name


# ------------------------------------------------------------------------------------------------ words

TAG = re.compile(r"""{%\s*translate\s+(?:"((?:[^"])*)"|'((?:[^'])*)')""")
BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?)(?:{%\s*plural\s*%}(.*?))?{%\s*endblocktranslate\s*%}", re.DOTALL)
INSIDE = re.compile(r"{%[^%]*_\(\"([^\"]+)\"\)")


def said_in_templates() -> Iterator[str]:
    for path in HOME.glob("templates/**/*.html"):
        text = path.read_text("utf-8")
        yield from ((double or single).replace("%", "%%") for double, single in TAG.findall(text))
        yield from INSIDE.findall(text)
        for single, _plural in BLOCK.findall(text):
            yield re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", single)


def said_in_python() -> Iterator[str]:
    for path in HOME.glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "gettext_lazy"):
                assert isinstance(node.args[0], ast.Constant), f"{path}: a word must be written out to be translated"
                yield node.args[0].value


def test_every_word_has_a_german_translation() -> None:
    with (HOME / "locale/de/LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file, locale="de")
    known: dict[str, Any] = {
        (message.id if isinstance(message.id, str) else message.id[0]): message for message in catalog if message.id
    }
    untranslated = [
        text
        for text, message in known.items()
        if not all(message.string if isinstance(message.string, tuple) else [message.string])
    ]
    assert untranslated == []
    assert [text for text, message in known.items() if message.fuzzy] == []
    said = {*said_in_templates(), *said_in_python()}
    assert sorted(text for text in said if text not in known and text.replace("%%", "%") not in known) == []
    assert len(said) > 400


def test_the_compiled_catalog_is_as_new_as_the_written_one() -> None:
    folder = HOME / "locale/de/LC_MESSAGES"
    with (folder / "django.po").open("rb") as file:
        catalog = read_po(file, locale="de")
    compiled = (folder / "django.mo").read_bytes()
    for message in catalog:
        text = message.string if isinstance(message.string, str) else message.string[0]
        assert not message.id or text.encode() in compiled, message.id


# ------------------------------------------------------------------------------------------------ parts


def test_a_waterfall_sets_in_net_and_total() -> None:
    parts = [
        {"kind": "list", "label": "L", "source": "S", "amount": "100"},
        {"kind": "discount", "label": "D", "source": "T", "amount": "-10"},
        {"kind": "tax", "label": "19", "source": "DE", "amount": "17.10"},
    ]
    bars = waterfall(parts)
    assert [(bar["kind"], bar["amount"]) for bar in bars] == [
        ("list", Decimal(100)),
        ("discount", Decimal(-10)),
        ("net", Decimal(90)),
        ("tax", Decimal("17.10")),
        ("gross", Decimal("107.10")),
    ]
    assert waterfall([]) == []


# ------------------------------------------------------------------------------------------------ journeys


def lines(*rows: tuple[str, str]) -> dict[str, list[str]]:
    """The line editor's fields."""
    return {
        "key": [str(index) for index in range(1, len(rows) + 1)],
        "external": [""] * len(rows),
        "sku": [sku for sku, _ in rows],
        "quantity": [quantity for _, quantity in rows],
        "unit": [""] * len(rows),
        "percent": [""] * len(rows),
        "reason": [""] * len(rows),
    }


def entered(client: Client, *rows: tuple[str, str], do: str = "submit", **fields: str) -> Order:
    """An order entered by hand."""
    data = {
        "reference": f"ref-{Order.objects.count()}",
        "customer": "C-1",
        "split_dates": "on",
        "split_sites": "on",
        "do": do,
    }
    answer = client.post(reverse("console:order_new"), data | fields | lines(*rows))
    assert answer.status_code == 302, answer.content.decode()[:4000]
    return Order.objects.get(id=answer.url.rstrip("/").rsplit("/", 1)[1])


@pytest.mark.django_db
def test_order_entry_prices_and_promises_while_it_is_typed_and_stores_nothing() -> None:
    build.company()
    client = logged_in("sales")
    before = JournalEntry.objects.count()
    answer = client.post(
        reverse("console:order_preview"),
        {"customer": "C-1", "split_dates": "on"} | lines(("BIKE", "2"), ("NOPE", "1"), ("", "")),
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "€2,000.00" in text
    assert "€2,380.00" in text
    assert 'id="line-2-findings"' in text
    assert "NOPE" in text
    assert not Order.objects.exists()
    assert JournalEntry.objects.count() == before


@pytest.mark.django_db
def test_an_order_is_entered_submitted_and_shown() -> None:
    build.company()
    client = logged_in("order_manager")
    order = entered(client, ("BIKE", "2"), ("HELMET", "1"), customer_reference="PO 77")
    assert order.state == "submitted"
    assert order.customer_reference == "PO 77"
    page = client.get(reverse("console:order", args=[order.id])).content.decode()
    for word in (order.number, "PO 77", "BIKE", "Why this price?", "Why this date?", "Order submitted", "Berlin"):
        assert word in page, word
    listed = client.get(
        reverse("console:orders"), {"customer": "C-1", "item": "HELMET", "state": "submitted"}
    ).content.decode()
    assert order.number in listed
    assert order.number not in client.get(reverse("console:orders"), {"customer": "C-2"}).content.decode()


@pytest.mark.django_db
def test_a_bad_order_comes_back_with_everything_typed_and_a_word_at_its_place() -> None:
    build.company()
    client = logged_in("sales")
    data = {"reference": "r", "customer": "C-1", "do": "submit", "notes": "ring twice"} | lines(
        ("NOPE", "1"), ("BIKE", "x"), ("BIKE", "0.5")
    )
    answer = client.post(reverse("console:order_new"), data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Nothing was saved yet." in text
    assert "ring twice" in text
    assert 'value="NOPE"' in text
    assert "is not a number" in text
    assert not Order.objects.exists()
    answer = client.post(reverse("console:order_new"), data | lines(("NOPE", "1"), ("BIKE", "0.5")))
    assert answer.status_code == 422
    assert answer.content.decode().count('class="error"') >= 2
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_the_same_form_sent_twice_is_one_order() -> None:
    build.company()
    client = logged_in("sales")
    data = {"reference": "same", "customer": "C-1", "do": "submit"} | lines(("BIKE", "1"))
    first, second = (client.post(reverse("console:order_new"), data) for _ in range(2))
    assert first.url == second.url
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_a_draft_is_edited_and_submitted_later() -> None:
    build.company()
    client = logged_in("sales")
    order = entered(client, ("BIKE", "1"), do="draft")
    assert order.state == "draft"
    edit = reverse("console:order_edit", args=[order.id])
    assert 'value="BIKE"' in client.get(edit).content.decode()
    changed = lines(("BIKE", "3")) | {"external": [order.lines.get().external_line_id]}
    assert client.post(edit, {"customer": "C-1", "do": "draft", "notes": "later"} | changed).status_code == 302
    order.refresh_from_db()
    assert (order.state, order.notes, order.lines.get().quantity) == ("draft", "later", 3)
    client.post(reverse("console:order_submit", args=[order.id]))
    order.refresh_from_db()
    assert order.state == "submitted"


@pytest.mark.django_db
def test_hold_release_and_cancel_with_reasons() -> None:
    build.company()
    client = logged_in("order_manager")
    order = entered(client, ("BIKE", "2"))
    client.post(reverse("console:order_hold", args=[order.id]), {"reason": "fraud", "note": "two names"})
    assert Hold.objects.get(order=order).note == "two names"
    assert "Suspicion of fraud" in client.get(reverse("console:order", args=[order.id])).content.decode()
    home = client.get(reverse("console:home")).content.decode()
    assert "wait for a decision" in home
    assert order.number in client.get(reverse("console:orders"), {"hold": "1"}).content.decode()
    client.post(reverse("console:order_release_hold", args=[order.id]), {"reason": "fraud", "note": "same person"})
    assert Hold.objects.get(order=order).released_at is not None
    line = order.lines.get()
    client.post(
        reverse("console:order_cancel", args=[order.id]),
        {"line": str(line.id), "quantity": "1", "reason": "one is enough"},
    )
    line.refresh_from_db()
    assert line.cancelled == 1
    client.post(reverse("console:order_cancel", args=[order.id]), {"reason": "none after all"})
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert sum(Bucket.objects.filter(kind="on_hand").values_list("drawn", flat=True)) == 0


@pytest.mark.django_db(transaction=True)
def test_from_the_bench_to_the_payment() -> None:
    build.company()
    orchestration.install_default_policies(actor="test", at=timezone.now())
    client = logged_in("admin")
    order = entered(client, ("BIKE", "1"), ("HELMET", "2"))
    sites = {line.site.code for line in FulfilmentLine.objects.select_related("site")}
    assert sites == {"DC"}
    bench = reverse("console:bench", args=["DC"])
    assert order.number in client.get(bench, {"stage": "release"}).content.decode()
    chosen = [str(line.id) for line in FulfilmentLine.objects.all()]
    client.post(reverse("console:bench_release", args=["DC"]), {"line": chosen})
    release = Release.objects.get()
    assert release.number in client.get(bench, {"stage": "pick"}).content.decode()
    picks = [pick for line in release.lines.all() for pick in line.picks.all()]
    data = {"pick": [str(pick.id) for pick in picks], "picked": [f"{pick.quantity:f}" for pick in picks]}
    client.post(reverse("console:release_pick", args=[release.id]), data)
    assert release.number in client.get(bench, {"stage": "pack"}).content.decode()
    client.post(reverse("console:release_pack", args=[release.id]), {"weight": ["14.8", "", ""]})
    assert release.number in client.get(bench, {"stage": "ship"}).content.decode()
    for paper in ("pick-list", "packing-slip"):
        answer = client.get(reverse("console:release_paper", args=[release.id, paper]))
        assert answer.content.startswith(b"%PDF"), paper
    client.post(reverse("console:release_ship", args=[release.id]), {"carrier": "dhl", "tracking_number": "JD01"})
    assert Shipment.objects.get().tracking_number == "JD01"
    orchestration.drain(actor="test", at=timezone.now() + timedelta(seconds=1))
    invoice = Invoice.objects.get()
    page = client.get(reverse("console:invoice", args=[invoice.id])).content.decode()
    assert invoice.number in page
    filed = client.post(reverse("console:invoice_paper", args=[invoice.id]))
    assert client.get(filed.url).content.startswith(b"%PDF")
    assert DocumentView.objects.count() == 1
    assert logged_in("warehouse").get(filed.url).status_code == 403
    day = timezone.localdate().isoformat()
    pay = {"amount": f"{invoice.gross:.2f}", "received_on": day, "method": "bank_transfer", "reference": "BANK-1"}
    client.post(reverse("console:invoice_pay", args=[invoice.id]), pay)
    invoice.refresh_from_db()
    assert invoice.paid == invoice.gross
    page = client.get(reverse("console:order", args=[order.id])).content.decode()
    for word in ("JD01", invoice.number, "BANK-1", "Shipped", "Invoiced"):
        assert word in page, word
    for link in re.findall(r'href="(/console/documents/[^"]+)"', page):
        assert client.get(link).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_release_is_taken_back_a_service_performed_and_a_delivery_reported() -> None:
    build.company()
    client = logged_in("admin")
    order = entered(client, ("BIKE", "1"), ("FITTING", "2"))
    bike, fitting = (FulfilmentLine.objects.get(order=order, item__sku=sku) for sku in ("BIKE", "FITTING"))
    client.post(reverse("console:bench_release", args=["DC"]), {"line": [str(bike.id)]})
    release = Release.objects.get()
    client.post(reverse("console:release_recall", args=[release.id]))
    bike.refresh_from_db()
    assert bike.state == "open"
    client.post(reverse("console:order_perform", args=[order.id]), {"piece": [str(fitting.id)]})
    fitting.refresh_from_db()
    assert fitting.state == "shipped"
    client.post(reverse("console:bench_release", args=["DC"]), {"line": [str(bike.id)]})
    release = Release.objects.get(state="released")
    pick = release.lines.get().picks.get()
    client.post(reverse("console:release_pick", args=[release.id]), {"pick": [str(pick.id)], "picked": ["1"]})
    client.post(reverse("console:release_pack", args=[release.id]), {"weight": ["14"]})
    client.post(reverse("console:release_ship", args=[release.id]), {"carrier": "dhl", "tracking_number": "JD02"})
    shipment = Shipment.objects.get(kind="goods")
    client.post(reverse("console:shipment_track", args=[shipment.id]), {"code": "delivered", "place": "Berlin"})
    shipment.refresh_from_db()
    assert shipment.delivered_at is not None


@pytest.mark.django_db(transaction=True)
def test_an_overpayment_waits_on_account_and_a_credit_note_gives_back() -> None:
    build.company()
    orchestration.install_default_policies(actor="test", at=timezone.now())
    client = logged_in("admin")
    day = timezone.localdate().isoformat()
    invoices = []
    for _ in range(2):
        order = entered(client, ("FITTING", "1"))
        piece = FulfilmentLine.objects.get(order=order)
        client.post(reverse("console:order_perform", args=[order.id]), {"piece": [str(piece.id)]})
        orchestration.drain(actor="test", at=timezone.now() + timedelta(seconds=1))
        invoices.append(Invoice.objects.get(order=order))
    first, second = invoices
    pay = {"amount": f"{first.gross + 10:.2f}", "received_on": day, "method": "bank_transfer", "reference": "B-2"}
    client.post(reverse("console:invoice_pay", args=[first.id]), pay)
    page = client.get(reverse("console:invoice", args=[second.id]))
    assert "lie unused on the customer" in page.content.decode()
    payment = page.context["page"].on_account[0].id
    client.post(reverse("console:invoice_allocate", args=[second.id]), {"payment": str(payment)})
    second.refresh_from_db()
    assert second.paid == 10
    line = second.lines.get(order_line__isnull=False)
    credit = {"line": [str(line.id)], "quantity": ["1"], "reason": "done badly"}
    client.post(reverse("console:invoice_credit", args=[second.id]), credit)
    assert Invoice.objects.get(kind="credit_note").credits_id == second.id


@pytest.mark.django_db(transaction=True)
def test_a_failed_step_is_seen_and_tried_again() -> None:
    build.company()
    orchestration.install_default_policies(actor="test", at=timezone.now())
    client = logged_in("order_manager")
    order = entered(client, ("BIKE", "1"))
    orchestration.drain(actor="test", at=timezone.now())
    step = StepState.objects.filter(run__order=order).order_by("-reached_at").first()
    assert step is not None
    StepState.objects.filter(id=step.id).update(state="failed", reason="the site is closed", attempts=8)
    page = client.get(reverse("console:order", args=[order.id])).content.decode()
    assert "the site is closed" in page
    assert order.number in client.get(reverse("console:orders"), {"failed": "1"}).content.decode()
    client.post(reverse("console:order_retry", args=[order.id]), {"step": str(step.id)})
    step.refresh_from_db()
    assert step.state != "failed"


@pytest.mark.django_db
def test_an_attempt_in_doubt_is_settled_by_a_person_who_says_how_they_know() -> None:
    build.company()
    client = logged_in("finance")
    order = Order.objects.get(id=build.order(lines=[("BIKE", "1")]))
    attempt = PaymentAttempt.objects.create(
        order=order,
        provider="card",
        operation="authorise",
        amount=order.gross,
        currency="EUR",
        idempotency_key="key-1",
        state="in_doubt",
        reason="no answer",
        started_at=timezone.now(),
    )
    assert "no answer" in client.get(reverse("console:attempts"), {"state": "in_doubt"}).content.decode()
    assert "Payments in doubt" in client.get(reverse("console:home")).content.decode()
    settle = reverse("console:attempt_settle", args=[attempt.id])
    client.post(settle, {"state": "declined", "reason": "the bank said so"})
    attempt.refresh_from_db()
    assert attempt.state == "declined"


@pytest.mark.django_db
def test_stock_is_received_adjusted_and_refused_by_name() -> None:
    build.company()
    client = logged_in("warehouse")

    def on_hand(sku: str, site: str) -> Decimal:
        return Bucket.objects.get(item__sku=sku, site__code=site, kind="on_hand").quantity

    client.post(reverse("console:stock_receive"), {"item": "TYRE", "site": "DC", "quantity": "7"})
    assert on_hand("TYRE", "DC") == 7
    client.post(
        reverse("console:stock_adjust"),
        {"item": "TYRE", "site": "DC", "quantity": "2", "direction": "less", "reason": "damage"},
    )
    assert on_hand("TYRE", "DC") == 5
    client.post(reverse("console:stock_transfer"), {"item": "TYRE", "site": "DC", "to_site": "SHOP", "quantity": "1"})
    assert (on_hand("TYRE", "DC"), on_hand("TYRE", "SHOP")) == (4, 1)
    answer = client.post(
        reverse("console:stock_transfer"),
        {"item": "TYRE", "site": "DC", "to_site": "SHOP", "quantity": "99"},
        follow=True,
    )
    assert 'class="toast error"' in answer.content.decode()
    assert on_hand("TYRE", "DC") == 4
    page = client.get(reverse("console:item", args=["TYRE"]), {"past": "2020-01-01"}).content.decode()
    assert "There was none at the end of that day." in page


@pytest.mark.django_db
def test_a_customer_is_created_changed_and_its_mistakes_are_shown() -> None:
    build.company()
    client = logged_in("sales")
    data = {
        "number": "C-9",
        "name": "Nordlicht",
        "kind": "organisation",
        "currency": "EUR",
        "language": "de",
        "addresses-0-street": "Weg 1",
        "addresses-0-postal_code": "20095",
        "addresses-0-city": "Hamburg",
        "addresses-0-country": "DE",
        "addresses-0-bills": "on",
        "addresses-0-ships": "on",
        "payment_terms": "NET30",
        "email": "info@example.org",
    }
    wrong = client.post(reverse("console:customer_new"), data | {"addresses-0-postal_code": "1"})
    assert wrong.status_code == 422
    assert 'class="error"' in wrong.content.decode()
    assert client.post(reverse("console:customer_new"), data).status_code == 302
    changed = data | {"name": "Nordlicht GmbH", "addresses-0-street": "Weg 2"}
    client.post(reverse("console:customer_edit", args=["C-9"]), changed)
    page = client.get(reverse("console:customer", args=["C-9"])).content.decode()
    assert "Nordlicht GmbH" in page
    assert "Weg 2" in page
    assert "Weg 1" not in page


@pytest.mark.django_db
def test_users_are_made_and_the_last_administrator_stays() -> None:
    admin = person("admin")
    client = Client()
    client.force_login(admin)
    data = {
        "name": "Lena",
        "email": "lena@example.org",
        "language": "de",
        "roles": ["sales"],
        "password": "quite a long one",
        "is_active": "on",
    }
    assert client.post(reverse("console:user_new"), data).status_code == 302
    assert Client().login(username="lena@example.org", password="quite a long one")
    own = reverse("console:user", args=[admin.id])
    answer = client.post(own, {"name": "Robin", "language": "en", "roles": ["viewer"], "is_active": "on"})
    assert answer.status_code == 422
    admin.refresh_from_db()
    assert admin.roles == ["admin"]


@pytest.mark.django_db
def test_an_api_key_shows_its_secret_once() -> None:
    client = logged_in("admin")
    answer = client.post(reverse("console:api_key_new"), {"name": "Shop", "scopes": ["orders.edit"]})
    secret = re.search(r'class="secret"[^>]*>([^<]+)<', answer.content.decode())
    assert secret is not None
    assert users.authenticate_key(secret[1], timezone.localdate()) is not None
    assert secret[1] not in client.get(reverse("console:api_keys")).content.decode()
    key = users.list_api_keys()[0]
    client.post(reverse("console:api_key_revoke", args=[key.id]))
    assert users.authenticate_key(secret[1], timezone.localdate()) is None


@pytest.mark.django_db
def test_the_language_is_the_users_own_and_can_be_changed() -> None:
    client = logged_in("admin", language="de")
    assert '<html lang="de"' in client.get(reverse("console:home")).content.decode()
    client.post(reverse("console:language"), {"language": "en", "next": "/console/orders/"})
    assert '<html lang="en"' in client.get(reverse("console:home")).content.decode()
    assert (
        client.post(reverse("console:language"), {"language": "en", "next": "https://evil.example/"}).url == "/console/"
    )


@pytest.mark.django_db
def test_lists_cost_the_same_statements_whatever_they_show(django_assert_max_num_queries: Any) -> None:
    build.company()
    client = logged_in("admin")
    for count in (1, 20):
        build.done(
            build.orders.capture(
                [build.draft([("HELMET", "1")]) for _ in range(count)], submit=True, actor="t", at=build.AT
            )
        )
        with django_assert_max_num_queries(14):
            client.get(reverse("console:orders"))
        with django_assert_max_num_queries(30):
            client.get(reverse("console:home"))
        with django_assert_max_num_queries(30):
            client.get(reverse("console:order", args=[Order.objects.order_by("-id")[0].id]))
