"""Webhooks against a real HTTP server: nothing that happened is lost; calls are signed, fail, and are made again."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests import build
from tests.build import ACTOR, AT

from auftakt.channels import outgoing
from auftakt.channels.outgoing import ForbiddenAddressError
from auftakt.channels.tests.listener import Heard, Listener, listening
from auftakt.channels.webhooks import actions, queries, rules
from auftakt.channels.webhooks.models import Webhook, WebhookCall, WebhookDelivery
from auftakt.channels.webhooks.types import (
    DeliveryFilter,
    ReplayPeriod,
    WebhookChange,
    WebhookDraft,
    WebhookMade,
)
from auftakt.cli.verify import checks
from auftakt.orders import queries as orders
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id

pytestmark = pytest.mark.django_db(transaction=True)
BY = {"actor": ACTOR, "at": AT}
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _local(settings: Any) -> None:
    settings.AUFTAKT_WEBHOOK_NETWORKS = "127.0.0.0/8"


@pytest.fixture
def other() -> Iterator[Listener]:
    with listening() as running:
        yield running


def endpoint(url: str, *events: str) -> WebhookMade:
    made = build.done(actions.create([WebhookDraft(url, events or ("order.*",), "a shop")], **BY))[0]
    actions.take_up(at=AT)
    return made


def happen(*subjects: UUID, verb: str = "order.submitted", at: datetime = AT, **change: object) -> None:
    with transaction.atomic():
        journal.write(verb, [Entry("order", key, change) for key in subjects], actor=ACTOR, at=at)


def tell(at: datetime = AT) -> int:
    """What a worker does in one go, until nothing is due."""
    while actions.take_up(at=at):
        pass
    told = 0
    while done := actions.deliver(actor="worker", at=at).done:
        told += len(done)
    return told


def states(**which: object) -> list[str]:
    return list(WebhookDelivery.objects.filter(**which).order_by("sequence").values_list("state", flat=True))


def is_signed(heard: Heard, secret: str) -> bool:
    """What a receiver does (Standard Webhooks), written down a second time."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(each, f"v1,{wanted}") for each in heard.headers["webhook-signature"].split(" "))


def test_the_signature_is_that_of_standard_webhooks() -> None:
    found = rules.signature(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}',
    )  # fmt: skip
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_order_is_told_signed_and_complete(other: Listener) -> None:
    build.company()
    made = endpoint(other.url(), "order.submitted")
    order_id = build.order()
    number = orders.orders([order_id])[order_id].number
    assert tell() == 1
    [heard] = other.heard
    assert is_signed(heard, made.secret)
    assert not is_signed(heard, rules.secret_text(b"another secret"))
    told = json.loads(heard.body)
    assert (told["type"], told["timestamp"]) == ("order.submitted", "2026-03-02T10:00:00Z")
    assert (told["data"]["type"], told["data"]["id"], told["data"]["number"]) == ("order", str(order_id), number)
    assert told["data"]["change"] == JournalEntry.objects.get(verb="order.submitted").change
    assert heard.headers["content-type"] == "application/json"
    [delivery] = queries.list_deliveries()
    assert (delivery.state, delivery.code, delivery.message_id) == ("delivered", 200, heard.headers["webhook-id"])
    page = queries.delivery_page(delivery.id)
    assert page
    assert [(call.code, call.answer) for call in page.calls] == [(200, "thank you")]
    assert page.body.encode() == heard.body
    assert not [check.name for check in checks() if check.violations]


def test_only_what_is_wanted_and_only_from_now_on(other: Listener) -> None:
    happen(new_id())
    endpoint(other.url(), "order.held", "billing.*")
    happen(new_id())
    happen(new_id(), verb="order.held")
    happen(new_id(), verb="billing.invoiced")
    assert tell() == 2
    assert sorted(json.loads(each.body)["type"] for each in other.heard) == ["billing.invoiced", "order.held"]


def test_two_endpoints_each_get_their_own(other: Listener) -> None:
    first, second = endpoint(other.url("/a")), endpoint(other.url("/b"), "*")
    happen(new_id())
    assert tell() >= 2
    heard = {each.path: each for each in other.heard if b"order.submitted" in each.body}
    assert is_signed(heard["/a"], first.secret)
    assert is_signed(heard["/b"], second.secret)
    assert heard["/a"].headers["webhook-id"] != heard["/b"].headers["webhook-id"]


def test_a_late_commit_is_not_lost(other: Listener) -> None:
    endpoint(other.url())
    early, late = new_id(), new_id()
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                journal.write("order.submitted", [Entry("order", early)], **BY)
                written.set()
                assert may_commit.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(30)
    happen(late)
    tell()
    assert str(early) not in {json.loads(each.body)["data"]["id"] for each in other.heard}
    may_commit.set()
    thread.join()
    tell()
    assert {json.loads(each.body)["data"]["id"] for each in other.heard} == {str(early), str(late)}
    assert len(other.heard) == 2


def test_an_endpoint_made_while_the_journal_is_passed_over_misses_nothing(other: Listener) -> None:
    """The horizon is taken before the look for endpoints: what happens after it is read, not passed over."""
    seen = journal.horizon()
    build.done(actions.create([WebhookDraft(other.url())], **BY))
    happen(new_id())
    journal.pass_over("webhooks", seen)
    assert tell() == 2  # the making of the endpoint itself, and the order


def test_what_is_not_taken_is_tried_again_with_the_same_id(other: Listener) -> None:
    made = endpoint(other.url())
    happen(new_id())
    other.replies = [(500, {}, b"x" * 5000), None]
    assert tell() == 0
    [delivery] = queries.list_deliveries()
    assert (delivery.state, delivery.code, delivery.reason) == ("pending", 500, "answered HTTP 500")
    assert timedelta(seconds=4) <= delivery.next_try_at - AT <= timedelta(seconds=6)
    assert tell(AT + timedelta(seconds=3)) == 0
    assert len(other.heard) == 1
    assert tell(AT + timedelta(seconds=7)) == 0
    assert tell(AT + timedelta(minutes=3)) == 1
    assert len({each.headers["webhook-id"] for each in other.heard}) == 1
    assert len({each.headers["webhook-timestamp"] for each in other.heard}) == 3
    assert all(is_signed(each, made.secret) for each in other.heard)
    page = queries.delivery_page(delivery.id)
    assert page
    assert [(call.code, len(call.answer)) for call in page.calls] == [(500, 1024), (None, 0), (200, 9)]


def test_a_delivery_is_given_up_after_four_days(other: Listener) -> None:
    endpoint(other.url())
    happen(new_id())
    other.reply = (400, {}, b"")
    at = AT
    assert tell(at) == 0
    for _ in range(40):
        at += timedelta(hours=13)
        Webhook.objects.update(failing_since=None, failures=0, state="active")  # as if others went well meanwhile
        tell(at)
    assert states() == ["failed"]
    assert len(other.heard) == 9


def test_what_happened_to_one_thing_is_told_in_order(other: Listener) -> None:
    endpoint(other.url())
    first, second = new_id(), new_id()
    for step in range(4):
        happen(first, second, step=step)
    other.replies = [(503, {}, b"")]
    tell()
    tell(AT + timedelta(seconds=7))
    assert len(other.heard) == 9
    told: dict[str, list[int]] = {}
    taken: set[str] = set()
    for each in other.heard[1:]:
        if each.headers["webhook-id"] in taken:
            continue
        taken.add(each.headers["webhook-id"])
        data = json.loads(each.body)["data"]
        told.setdefault(data["id"], []).append(data["change"]["step"])
    assert told == {str(first): [0, 1, 2, 3], str(second): [0, 1, 2, 3]}


class _Killed(BaseException):
    """Stands for a worker that is killed."""


def test_a_call_cut_short_is_made_again(other: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint(other.url())
    happen(new_id())
    actions.take_up(at=AT)

    def die(*args: object, **more: object) -> None:
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(outgoing, "post", die)
        with pytest.raises(_Killed):
            actions.deliver(actor="worker", at=AT)
    assert WebhookCall.objects.get().ended_at is None
    assert tell(AT + timedelta(minutes=1)) == 0
    assert tell(AT + timedelta(minutes=3)) == 1
    assert states() == ["delivered"]


def test_several_workers_tell_everything_once(other: Listener) -> None:
    endpoint(other.url())
    happen(*(new_id() for _ in range(40)))

    def work() -> None:
        try:
            tell()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell()
    assert len(other.heard) == len({each.headers["webhook-id"] for each in other.heard}) == 40


def test_a_failing_endpoint_rests_is_probed_and_pauses_after_a_day(other: Listener) -> None:
    made = endpoint(other.url())
    happen(*(new_id() for _ in range(30)))
    other.reply = (500, {}, b"down")
    tell()
    first = len(other.heard)
    assert 1 <= first <= 16
    hook = queries.webhooks([made.id])[made.id]
    assert hook.rest_until
    assert hook.rest_until > AT
    assert tell(AT + timedelta(hours=2)) == 0
    assert len(other.heard) == first + 1
    assert tell(AT + DAY + timedelta(hours=1)) == 0
    hook = queries.webhooks([made.id])[made.id]
    assert (hook.state, hook.paused_reason) == ("paused", "failing: answered HTTP 500")
    paused = JournalEntry.objects.get(verb="webhook.paused")
    assert (paused.actor, paused.change["reason"]) == ("worker", "failing: answered HTTP 500")
    heard = len(other.heard)
    tell(AT + 2 * DAY)
    happen(new_id())
    tell(AT + 3 * DAY)
    assert len(other.heard) == heard
    other.reply = (200, {}, b"")
    build.done(actions.resume([made.id], actor=ACTOR, at=AT + 3 * DAY))
    assert tell(AT + 3 * DAY) == 31
    assert set(states()) == {"delivered"}
    hook = queries.webhooks([made.id])[made.id]
    assert (hook.failures, hook.failing_since, hook.pending) == (0, None, 0)


def test_an_endpoint_that_says_gone_pauses_at_once(other: Listener) -> None:
    made = endpoint(other.url())
    other.reply = (410, {}, b"")
    happen(new_id())
    tell()
    assert queries.webhooks([made.id])[made.id].paused_reason == "gone: answered HTTP 410"


def test_an_endpoint_that_asks_for_time_gets_it(other: Listener) -> None:
    endpoint(other.url())
    other.replies = [(429, {"Retry-After": "600"}, b"")]
    happen(new_id())
    tell()
    happen(new_id())
    assert tell(AT + timedelta(minutes=9)) == 0
    assert len(other.heard) == 1
    assert tell(AT + timedelta(minutes=11)) == 2


def test_pausing_by_hand_keeps_and_retiring_drops(other: Listener) -> None:
    made = endpoint(other.url())
    build.done(actions.pause([made.id], reason="maintenance", **BY))
    happen(new_id())
    assert tell() == 0
    assert actions.pause([made.id], **BY).refused[0].code == "webhook_state"
    build.done(actions.retire([made.id], **BY))
    happen(new_id())
    tell()
    assert (states(), other.heard) == (["cancelled"], [])
    assert actions.resume([made.id], **BY).refused[0].code == "webhook_state"
    assert actions.ping([made.id, new_id()], **BY).done == ()
    assert queries.webhooks() == {}
    assert not [check.name for check in checks() if check.violations and "order" not in check.name]


def test_one_delivery_is_sent_again(other: Listener) -> None:
    made = endpoint(other.url())
    happen(new_id())
    tell()
    [delivery] = queries.list_deliveries(DeliveryFilter(webhook_id=made.id, state="delivered"))
    outcome = actions.replay([delivery.id, new_id()], **BY)
    assert outcome.done == (delivery.id,)
    assert [each.code for each in outcome.refused] == ["delivery_unknown"]
    assert tell() == 1
    assert len({(each.headers["webhook-id"], each.body) for each in other.heard}) == 1
    assert len(other.heard) == 2
    assert JournalEntry.objects.get(verb="webhook.replayed").change == {"deliveries": 1}


def test_a_period_is_sent_again(other: Listener) -> None:
    made = endpoint(other.url())
    for hour in range(4):
        happen(new_id(), at=AT + timedelta(hours=hour), hour=hour)
    tell()
    other.heard.clear()
    period = ReplayPeriod(made.id, AT + timedelta(hours=1), AT + timedelta(hours=3))
    [replayed] = build.done(actions.replay_periods([period], **BY))
    assert replayed.deliveries == 2
    assert tell() == 2
    assert sorted(json.loads(each.body)["data"]["change"]["hour"] for each in other.heard) == [1, 2]
    wrong = ReplayPeriod(made.id, AT, AT)
    assert actions.replay_periods([wrong], **BY).refused[0].code == "period_empty"


def test_a_ping_tries_the_endpoint(other: Listener) -> None:
    made = endpoint(other.url(), "order.held")
    (key,) = build.done(actions.ping([made.id], **BY))
    assert tell() == 1
    assert json.loads(other.heard[0].body)["type"] == "webhook.ping"
    assert is_signed(other.heard[0], made.secret)
    assert queries.deliveries([key])[key].state == "delivered"


def test_a_ping_ends_the_rest_of_an_endpoint(other: Listener) -> None:
    made = endpoint(other.url(), "order.held")
    other.replies = [(500, {}, b"")] * 3
    for _ in range(3):
        build.done(actions.ping([made.id], **BY))
        tell()
    assert queries.webhooks()[made.id].rest_until
    assert tell(AT + timedelta(seconds=1)) == 0
    heard = len(other.heard)
    build.done(actions.ping([made.id], actor=ACTOR, at=AT + timedelta(seconds=1)))
    assert tell(AT + timedelta(seconds=1)) == 1
    assert len(other.heard) == heard + 1


def test_the_database_alone_cannot_sign(other: Listener, settings: Any) -> None:
    made = endpoint(other.url())
    stored = Webhook.objects.get(id=made.id)
    assert made.secret not in str(Webhook.objects.values())
    assert rules.secret_of(stored.secret, settings.SECRET_KEY) == made.secret
    assert rules.secret_of(stored.secret, "another installation") != made.secret
    again = build.done(actions.rotate([made.id], **BY))[0]
    assert again.secret not in str(Webhook.objects.values())
    Webhook.objects.update(secret=rules.secret_text(b"kept whole by an earlier version"))
    assert rules.secret_of(Webhook.objects.get().secret, settings.SECRET_KEY) == Webhook.objects.get().secret


def test_a_new_secret_overlaps_with_the_old_one(other: Listener) -> None:
    made = endpoint(other.url())
    (again,) = build.done(actions.rotate([made.id], **BY))
    assert again.secret != made.secret
    happen(new_id())
    tell(AT + timedelta(hours=23))
    assert is_signed(other.heard[0], made.secret)
    assert is_signed(other.heard[0], again.secret)
    assert len(other.heard[0].headers["webhook-signature"].split(" ")) == 2
    happen(new_id())
    tell(AT + timedelta(hours=25))
    assert is_signed(other.heard[1], again.secret)
    assert not is_signed(other.heard[1], made.secret)
    assert not any(made.secret in str(entry.change) for entry in JournalEntry.objects.all())


def test_changes_are_told_and_nothing_else_moves(other: Listener) -> None:
    made = endpoint(other.url())
    build.done(actions.change([WebhookChange(made.id)], **BY))
    assert not JournalEntry.objects.filter(verb="webhook.changed").exists()
    build.done(actions.change([WebhookChange(made.id, url=other.url("/new"), events=("billing.*",))], **BY))
    assert JournalEntry.objects.get(verb="webhook.changed").change == {
        "changed": {"url": [other.url(), other.url("/new")], "events": [["order.*"], ["billing.*"]]}
    }
    bad = actions.change([WebhookChange(made.id, url="ftp://x", events=())], **BY)
    assert [finding.code for finding in bad.refused[0].findings] == ["webhook_url_bad", "webhook_events_missing"]
    assert queries.webhooks()[made.id].url == other.url("/new")


@pytest.mark.parametrize(
    ("url", "codes"),
    [
        ("https://example.com/hook", []),
        ("http://example.com/hook", ["webhook_url_not_https"]),
        ("https://127.0.0.1/hook", ["webhook_url_private"]),
        ("https://[::1]/", ["webhook_url_private"]),
        ("https://169.254.169.254/latest", ["webhook_url_private"]),
        ("https://db.internal/", ["webhook_url_private"]),
        ("https://user:secret@example.com/", ["webhook_url_secret"]),
        ("ftp://example.com", ["webhook_url_bad"]),
        ("https://", ["webhook_url_bad"]),
        ("https://exa mple.com", ["webhook_url_bad"]),
        ("https://example.com:99999/", ["webhook_url_bad"]),
    ],
)
def test_addresses_that_are_refused_when_written_down(url: str, codes: list[str], settings: Any) -> None:
    settings.AUFTAKT_WEBHOOK_NETWORKS = ""
    outcome = actions.create([WebhookDraft(url)], **BY)
    assert [finding.code for refusal in outcome.refused for finding in refusal.findings] == codes


@pytest.mark.parametrize("events", [(), ("order",), ("Order.*",), ("order.*.x",), ("*.*",)])
def test_events_that_are_none(events: tuple[str, ...]) -> None:
    assert actions.create([WebhookDraft("https://example.com", events)], **BY).refused
    assert not Webhook.objects.exists()


def last_reason() -> str:
    return WebhookDelivery.objects.get().reason


def test_a_name_that_resolves_to_a_private_address_is_not_called(other: Listener, settings: Any) -> None:
    endpoint(other.url(host="localhost"))
    settings.AUFTAKT_WEBHOOK_NETWORKS = ""
    happen(new_id())
    assert tell() == 0
    assert other.heard == []
    assert "which is no public address" in last_reason()


def test_the_guard_is_what_keeps_it_from_being_called(other: Listener, settings: Any) -> None:
    """The control: with the network allowed, the same call goes through."""
    settings.AUFTAKT_WEBHOOK_NETWORKS = "127.0.0.0/8, ::1/128"
    endpoint(other.url(host="localhost"))
    happen(new_id())
    assert tell() == 1


def test_a_redirect_is_not_followed(other: Listener) -> None:
    endpoint(other.url())
    other.reply = (302, {"Location": other.url("/inner")}, b"")
    happen(new_id())
    assert tell() == 0
    assert [each.path for each in other.heard] == ["/hook"]
    assert "redirects are not followed" in last_reason()


def test_the_checked_address_is_called_and_not_what_the_name_says_a_moment_later(
    other: Listener, settings: Any
) -> None:
    settings.AUFTAKT_WEBHOOK_NETWORKS = ""
    asked: list[str] = []

    def changing(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) > 1 else ["203.0.113.7", "127.0.0.1"]

    answer = outgoing.post(f"https://rebind.example:{other.port}/", b"{}", {}, resolver=changing)
    assert answer.code is None
    assert "no public address" in answer.reason
    assert (asked, other.heard) == (["rebind.example"], [])


def test_public_addresses_are_called_by_https_only(settings: Any) -> None:
    settings.AUFTAKT_WEBHOOK_NETWORKS = "127.0.0.0/8"
    answer = outgoing.post("http://shop.example/", b"{}", {}, resolver=lambda *_: ["93.184.216.34"])
    assert "by https only" in answer.reason


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "240.0.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not outgoing.is_public(ip_address(address))
    with pytest.raises(ForbiddenAddressError):
        outgoing.check("host", ["93.184.216.34", address], (), secure=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_addresses_that_are_public(address: str) -> None:
    assert outgoing.check("host", [address], (), secure=True) == address


def test_a_listener_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "TOTAL_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        answer = outgoing.post(f"http://127.0.0.1:{mute.getsockname()[1]}/", b"{}", {})
    assert (answer.code, answer.reason[:9]) == (None, "no answer")


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert outgoing.post(f"http://127.0.0.1:{port}/", b"{}", {}).reason == "not reached: Connection refused"


def test_a_batch_costs_as_many_statements_as_one(other: Listener) -> None:
    endpoint(other.url())
    counts: list[int] = []
    for many in (1, 200):
        happen(*(new_id() for _ in range(many)))
        with CaptureQueriesContext(connection) as seen:
            assert actions.take_up(at=AT) == many
        counts.append(len([each for each in seen if not each["sql"].startswith(("COPY", "SAVEPOINT", "RELEASE"))]))
    assert counts[1] <= counts[0]


def test_what_was_settled_long_ago_is_forgotten(other: Listener) -> None:
    made = endpoint(other.url())
    happen(new_id(), new_id())
    other.replies = [(500, {}, b"")]
    tell()
    assert sorted(states()) == ["delivered", "pending"]
    now = datetime.now(UTC)
    assert actions.forget(at=now + timedelta(days=29)) == 0
    assert actions.forget(at=now + timedelta(days=31)) == 1
    assert states(webhook_id=made.id) == ["pending"]
