"""Webhooks and mails over the API: made, changed, listed, sent again; the secret is told once."""

from typing import Any

import pytest

from auftakt.channels.mail.models import Mail
from auftakt.channels.webhooks import actions as webhooks
from auftakt.channels.webhooks.models import Webhook, WebhookDelivery
from auftakt.channels.webhooks.types import WebhookDraft
from tests import build
from tests.edges.api import ROOT, caller, findings, send

pytestmark = pytest.mark.django_db
BY = {"actor": build.ACTOR, "at": build.AT}
HOOK = {"url": "https://shop.example/hooks", "events": ["order.*"], "description": "shop"}


def test_a_webhook_from_making_to_removing() -> None:
    client = caller("webhooks.manage")
    made = send(client, "/webhooks", HOOK)
    assert made.status_code == 201
    key, secret = made.json()["id"], made.json()["secret"]
    assert secret.startswith("whsec_")
    path = f"/webhooks/{key}"
    assert client.get(ROOT + path).json()["events"] == ["order.*"]
    assert "secret" not in client.get(ROOT + path).content.decode()
    assert secret not in client.get(f"{ROOT}/webhooks").content.decode()
    assert send(client, path, {"events": ["*"]}).json() == {"result": "saved"}
    assert Webhook.objects.get().url == HOOK["url"]
    assert send(client, f"{path}/pause", {"reason": "moving"}).status_code == 200
    assert send(client, f"{path}/pause", {}).status_code == 409
    assert client.get(ROOT + path).json()["paused_reason"] == "moving"
    assert send(client, f"{path}/resume", {}).status_code == 200
    assert send(client, f"{path}/rotate-secret", {}).json()["secret"] != secret
    ping = send(client, f"{path}/ping", {}).json()["delivery_id"]
    shown = client.get(f"{ROOT}/webhook-deliveries/{ping}").json()
    assert (shown["delivery"]["event"], shown["delivery"]["state"], shown["calls"]) == ("webhook.ping", "pending", [])
    assert shown["delivery"]["message_id"].startswith("msg_")
    listed = client.get(f"{ROOT}/webhook-deliveries?state=pending&webhook_id={key}&limit=1").json()
    assert [each["id"] for each in listed["items"]] == [ping]
    assert send(client, "/webhook-deliveries/replay", {"delivery_ids": [ping]}).json()["done"] == [ping]
    period = {"since": "2026-01-01T00:00:00Z", "until": "2126-01-01T00:00:00Z"}
    assert send(client, f"{path}/replay", period).json()["deliveries"] == 1
    assert send(client, f"{path}/retire", {}).status_code == 200
    assert client.get(f"{ROOT}/webhooks").json()["items"] == []
    assert send(client, f"{path}/ping", {}).status_code == 409
    assert WebhookDelivery.objects.get().state == "cancelled"


def test_what_is_wrong_with_a_webhook_is_named_at_its_place(settings: Any) -> None:
    settings.AUFTAKT_WEBHOOK_NETWORKS = ""
    answer = send(caller(), "/webhooks", {"url": "http://127.0.0.1/x", "events": ["order.*", "Nonsense"]})
    assert answer.status_code == 422
    assert findings(answer) == {
        ("webhook_url_not_https", "/url"), ("webhook_url_private", "/url"), ("webhook_event_bad", "/events/1"),
    }  # fmt: skip
    assert not Webhook.objects.exists()


def test_deliveries_are_paged() -> None:
    client = caller()
    key = build.done(webhooks.create([WebhookDraft(HOOK["url"])], **BY))[0].id
    pings = [str(build.done(webhooks.ping([key], **BY))[0]) for _ in range(3)]
    first = client.get(f"{ROOT}/webhook-deliveries?limit=2").json()
    second = client.get(f"{ROOT}/webhook-deliveries?limit=2&cursor={first['next']}").json()
    assert [each["id"] for each in first["items"] + second["items"]] == pings[::-1]
    assert second["next"] is None


def test_customers_are_told_by_mail_once() -> None:
    build.company()
    order_id = str(build.order())
    client = caller("mail.work", "mail.view")
    body = {"ids": [order_id], "to": "einkauf@radhaus.example", "note": "Bis Dienstag!"}
    first = send(client, "/mails/order-confirmations", body).json()["done"]
    assert send(client, "/mails/order-confirmations", body).json()["done"] == first
    shown = client.get(f"{ROOT}/mails/{first[0]}").json()
    assert (shown["mail"]["to"], shown["mail"]["state"], len(shown["attachments"])) == (body["to"], "queued", 1)
    assert "Bis Dienstag!" in shown["text"]
    assert client.get(f"{ROOT}/mails?order_id={order_id}").json()["items"][0]["id"] == first[0]
    refused = send(client, "/mails/order-confirmations", {"ids": [order_id]})
    assert findings(refused) == {("no_mail_address", "")}
    assert send(client, "/mails/cancel", {"mail_ids": first}).status_code == 200
    assert Mail.objects.get().state == "cancelled"
    assert send(client, "/mails/send-again", {"mail_ids": first}).status_code in (409, 422)
    assert Mail.objects.get().state == "cancelled"


def test_invoices_and_shipments_are_told() -> None:
    build.company()
    order_id = build.order(stage="billed")
    client = caller()
    bill = client.get(f"{ROOT}/invoices?order_id={order_id}").json()["items"][0]["id"]
    shipment = build.shipping.shipments_of_orders([order_id])[order_id][0].id
    for path, key in (("/mails/invoices", bill), ("/mails/shipment-notices", str(shipment))):
        answer = send(client, path, {"ids": [key], "to": "buero@radhaus.example"})
        assert answer.status_code == 200, answer.content
        assert len(answer.json()["done"]) == 1
    assert set(Mail.objects.values_list("kind", flat=True)) == {"invoice", "shipment_notice"}
