"""The frame of every page: errors that help, forms that are kept, the app on the phone, undo, the user's settings."""

import html
import json
import logging
import re
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from auftakt.console.views import app, home
from auftakt.identity.models import User
from auftakt.orders.models import Order
from tests import build, pages

ORDER = {
    "reference": "kept-1", "customer": "C-1", "do": "submit", "split_dates": "on", "notes": "Klingel 🛎 „hinten“",
    "key": ["1"], "external": [""], "sku": ["BIKE"], "quantity": ["2"], "unit": [""], "percent": [""], "reason": [""],
}  # fmt: skip
PASSWORD = "long enough to be safe"


def sent(page: str) -> tuple[str, dict[str, list[str]]]:
    """The form of the page that offers to send again: where to, and its fields."""
    form = re.search(r'<form method="post" action="([^"]+)">(?:(?!</form>).)*?data-main', page, re.DOTALL)
    assert form is not None
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[0]):
        fields.setdefault(name, []).append(html.unescape(value))
    return form[1], fields


# ------------------------------------------------------------------------------------------------ errors


@pytest.mark.django_db
def test_403_names_the_right_and_who_can_grant_it() -> None:
    pages.signed_in("admin")
    answer = pages.signed_in("viewer").get(reverse("console:users"))
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "Administrator" in text
    assert "mailto:admin-en@example.org" in text
    assert 'id="palette"' in text


@pytest.mark.django_db
def test_404_offers_the_search() -> None:
    answer = pages.signed_in("viewer").get("/console/no/such/page/")
    assert answer.status_code == 404
    assert 'class="btn btn-main" type="button" data-palette' in answer.content.decode()
    assert Client().get("/console/no/such/page/").status_code == 404


@pytest.mark.django_db
def test_500_shows_the_mark_that_the_log_has(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise KeyError("a secret of ours")

    client = pages.signed_in("viewer")
    monkeypatch.setattr(home, "edge", breaks)
    with caplog.at_level(logging.ERROR, "auftakt.console"):
        answer = client.get(reverse("console:home"))
    text = answer.content.decode()
    mark = re.search(r'class="mark">(\w{8})<', text)
    assert answer.status_code == 500
    assert mark is not None
    assert any(mark[1] in record.getMessage() and record.exc_info for record in caplog.records)
    assert "secret" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["page", "session"])
def test_a_database_that_is_away_is_told_and_asked_again(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection")

    client = pages.signed_in("viewer", language="de")
    if place == "page":
        monkeypatch.setattr(home, "edge", gone)
    else:
        monkeypatch.setattr(SessionStore, "load", gone)
    answer = client.get(reverse("console:home"), headers={"Accept-Language": "de"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Gleich wieder da" in answer.content.decode()
    assert "data-retry" in answer.content.decode()


# ------------------------------------------------------------------------------------------------ kept forms


@pytest.mark.django_db
def test_a_form_sent_after_the_session_ended_is_kept_and_sent_again() -> None:
    build.company()
    pages.signed_in("sales")
    client = Client()
    ended = client.post(reverse("console:order_new"), ORDER)
    page = ended.content.decode()
    assert ended.status_code == 401
    assert "what you typed is kept" in page
    sealed = re.search(r'name="kept" value="([^"]+)"', page)
    assert sealed is not None
    person = {"username": "sales-en@example.org", "kept": sealed[1]}
    wrong = client.post(reverse("console:login"), person | {"password": "wrong"})
    assert sealed[1] in wrong.content.decode()
    back = client.post(reverse("console:login"), person | {"password": PASSWORD})
    assert back.status_code == 200
    action, fields = sent(back.content.decode())
    assert action == reverse("console:order_new")
    assert fields["notes"] == [ORDER["notes"]]
    assert not Order.objects.exists()
    assert client.post(action, fields).status_code == 302
    assert Order.objects.get().notes == ORDER["notes"]


@pytest.mark.django_db
def test_what_others_sealed_is_not_kept_and_passwords_never() -> None:
    pages.signed_in("admin")
    client = Client()
    page = client.post(reverse("console:user_new"), {"name": "Lena", "password": "a secret word"}).content.decode()
    sealed = re.search(r'name="kept" value="([^"]+)"', page)
    assert sealed is not None
    person = {"username": "admin-en@example.org", "password": PASSWORD}
    forged = client.post(reverse("console:login"), person | {"kept": sealed[1][:-3] + "abc"})
    assert forged.status_code == 302
    client = Client()
    back = client.post(reverse("console:login"), person | {"kept": sealed[1]}).content.decode()
    assert "Lena" in back
    assert "a secret word" not in back


@pytest.mark.django_db
def test_a_form_that_is_too_old_is_kept_when_it_is_ours() -> None:
    build.company()
    pages.signed_in("sales")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get())
    address = reverse("console:order_new")
    client.get(address)
    stale = ORDER | {"csrfmiddlewaretoken": "x" * 64}
    ours = client.post(address, stale, headers={"Sec-Fetch-Site": "same-origin"})
    assert ours.status_code == 403
    action, fields = sent(ours.content.decode())
    foreign = client.post(address, stale, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert "Klingel" not in foreign.content.decode()
    assert not Order.objects.exists()
    assert client.post(action, fields).status_code == 302
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_a_fragment_says_that_the_session_ended() -> None:
    answer = Client().post(reverse("console:order_preview"), {"customer": "C-1"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")


# ------------------------------------------------------------------------------------------------ the app


def png_size(path: str) -> tuple[int, int]:
    head = Path(path).read_bytes()[:24]
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])


def test_the_manifest_is_complete_in_each_language() -> None:
    for language, word in (("en", "orders"), ("de", "Aufträge")):
        answer = Client().get(reverse("console:manifest"), {"language": language})
        told = json.loads(answer.content)
        assert answer.headers["Content-Type"] == "application/manifest+json"
        assert (told["lang"], told["display"], told["scope"]) == (language, "standalone", "/console/")
        assert word in told["name"]
        for icon in told["icons"]:
            found = finders.find(icon["src"].removeprefix("/static/"))
            assert found is not None
            assert "{}x{}".format(*png_size(found)) == icon["sizes"]
        assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}


def test_the_worker_keeps_public_files_only_and_its_cache_is_named_by_their_contents() -> None:
    answer = Client().get(reverse("console:worker"), {"language": "de"})
    text = answer.content.decode()
    facts = json.loads(text.split("\n", 1)[0].removeprefix("const KEPT = ").rstrip(";"))
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert all(name.startswith("/static/") for name in facts["files"])
    assert facts["offline"] == "/console/offline/?language=de"
    assert facts["cache"].endswith("-de")
    for name in facts["files"]:
        assert finders.find(name.removeprefix("/static/")), name
    assert set(re.findall(r"caches?\.(?:open|match|keys|delete|put|add)\w*", text)) <= {
        "caches.open", "caches.match", "caches.keys", "caches.delete",
    }  # fmt: skip
    assert app._kept() is app._kept()


def test_the_offline_page_asks_nothing_of_anyone() -> None:
    """No database mark: a query would fail the test."""
    answer = Client().get(reverse("console:offline"), {"language": "de"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Keine Verbindung" in text
    assert "data-retry" in text
    assert not answer.cookies
    assert "csrf" not in text


# ------------------------------------------------------------------------------------------------ undo, settings


@pytest.mark.django_db
def test_a_hold_is_undone_from_its_toast() -> None:
    build.company()
    client = pages.signed_in("order_manager")
    order = Order.objects.get(id=build.order())
    answer = client.post(reverse("console:order_hold", args=[order.id]), {"reason": "fraud"}, follow=True)
    found = re.search(
        r'<form method="post" action="([^"]+)">((?:(?!</form>).)*toast-undo)', answer.content.decode(), re.S
    )
    assert found is not None
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', found[2]))
    client.post(found[1], fields)
    assert order.holds.get().released_at is not None


@pytest.mark.django_db
def test_a_user_chooses_how_pages_look() -> None:
    client = pages.signed_in("viewer")
    address, page_of = reverse("console:look"), reverse("console:me")
    assert "1’234.50" in client.get(page_of).content.decode()
    client.post(address, {"language": "de", "formats": "de-CH", "theme": "dark", "density": "compact"})
    user = User.objects.get()
    assert (user.language, user.formats, user.theme, user.density) == ("de", "de-CH", "dark", "compact")
    page = client.get(page_of).content.decode()
    assert '<html lang="de" data-theme="dark"' in page
    quiet = client.post(address, {"theme": "purple"}, headers={"X-Quiet": "1"})
    assert quiet.status_code == 422
    user.refresh_from_db()
    assert user.theme == "dark"
