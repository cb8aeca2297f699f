"""The card and PayPal adapters against the real sandbox server: what each says after each way a call can end."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from auftakt.billing.types import ProviderAnswer, ProviderRequest
from auftakt.channels.payments import CardProvider, PayPalProvider
from auftakt.channels.sandbox import PaymentSandbox, behaviour, sandbox

ADAPTERS = (CardProvider, PayPalProvider)


@pytest.fixture(scope="module")
def server() -> Iterator[PaymentSandbox]:
    with sandbox(hang_seconds=1.0) as running:
        yield running


def provider(kind: type, url: str) -> CardProvider | PayPalProvider:
    return kind(base_url=url, api_key="sandbox", timeout_seconds=0.3)


def request(key: str, target: str, amount: str = "119.00", currency: str = "EUR") -> ProviderRequest:
    return ProviderRequest(key, target, Decimal(amount), currency)


@pytest.mark.parametrize("kind", ADAPTERS)
def test_authorise_capture_in_parts_and_refund(kind: type, server: PaymentSandbox) -> None:
    bank = provider(kind, server.url)
    name = kind.__name__
    hold = bank.authorise(request(f"{name}-a1", "tok_ok", "300.00"))
    assert hold.state == "succeeded"
    assert hold.reference
    first = bank.capture(request(f"{name}-c1", hold.reference, "200.00"))
    second = bank.capture(request(f"{name}-c2", hold.reference, "100.00"))
    assert (first.state, second.state) == ("succeeded", "succeeded")
    over = bank.capture(request(f"{name}-c3", hold.reference, "0.01"))
    assert over.state == "declined"
    assert over.reason.lower() == "amount_exceeded"
    assert bank.refund(request(f"{name}-r1", first.reference, "50.00")).state == "succeeded"
    too_much = bank.refund(request(f"{name}-r2", first.reference, "150.01"))
    assert too_much.state == "declined"
    assert too_much.reason.lower() == "amount_exceeded"


@pytest.mark.parametrize("kind", ADAPTERS)
def test_same_key_is_done_once_and_other_content_is_turned_away(kind: type, server: PaymentSandbox) -> None:
    bank = provider(kind, server.url)
    key = f"{kind.__name__}-once"
    before = server.ledger.total("authorise")
    first = bank.authorise(request(key, "tok_ok", "10.00"))
    assert bank.authorise(request(key, "tok_ok", "10.00")) == first
    assert server.ledger.total("authorise") - before == Decimal("10.00")
    other = bank.authorise(request(key, "tok_ok", "11.00"))
    assert other.state == "failed"
    assert "409" in other.reason


@pytest.mark.parametrize("kind", ADAPTERS)
@pytest.mark.parametrize(
    ("token", "state", "found"),
    [
        ("tok_declined", "declined", "declined"),
        ("4111111111111111", "declined", "declined"),
        ("tok_timeout", "in_doubt", "succeeded"),
        ("tok_lost", "in_doubt", "not_found"),
        ("tok_error_500", "in_doubt", "not_found"),
    ],
)
def test_every_end_of_a_call(kind: type, token: str, state: str, found: str, server: PaymentSandbox) -> None:
    bank = provider(kind, server.url)
    key = f"{kind.__name__}-{token}"
    answer = bank.authorise(request(key, token))
    assert answer.state == state
    assert answer.reason
    assert bank.find(key).state == found


@pytest.mark.parametrize("kind", ADAPTERS)
def test_a_later_operation_can_go_wrong(kind: type, server: PaymentSandbox) -> None:
    bank = provider(kind, server.url)
    name = kind.__name__
    hold = bank.authorise(request(f"{name}-l1", "tok_capture_timeout"))
    assert hold.state == "succeeded"
    assert bank.capture(request(f"{name}-l2", hold.reference)).state == "in_doubt"
    found = bank.find(f"{name}-l2")
    assert found.state == "succeeded"
    assert found.reference


@pytest.mark.parametrize("kind", ADAPTERS)
def test_nobody_answers_is_surely_not_done(kind: type) -> None:
    with sandbox() as running:
        url = running.url
    answer = provider(kind, url).authorise(request("nobody", "tok_ok"))
    assert answer.state == "failed"
    assert "reached" in answer.reason
    assert provider(kind, url).find("nobody").state == "in_doubt"


def test_wrong_key_is_turned_away(server: PaymentSandbox) -> None:
    bank = CardProvider(base_url=server.url, api_key="other", timeout_seconds=0.3)
    assert bank.authorise(request("wrong", "tok_ok")) == ProviderAnswer(
        "failed", reason='turned away with HTTP 401: {"status": "error", "reason": "api_key_unknown"}'
    )
    assert bank.find("wrong").state == "in_doubt"


def test_bad_requests_are_named(server: PaymentSandbox) -> None:
    headers = {"Authorization": "Bearer sandbox", "Idempotency-Key": "bad"}
    for content in (b"{", b"[]", b'{"token": "tok_ok", "amount": "-1", "currency": "EUR"}'):
        response = httpx.post(f"{server.url}/card/authorisations", content=content, headers=headers)
        assert response.status_code == 400
        assert response.json()["reason"].startswith("bad_request")
    assert server.ledger.find("bad") is None


def test_the_ledger_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "ledger" / "sandbox.jsonl"
    with sandbox(ledger_path=path) as running:
        hold = provider(CardProvider, running.url).authorise(request("kept", "tok_ok", "20.00"))
    with sandbox(ledger_path=path) as running:
        bank = provider(CardProvider, running.url)
        assert bank.find("kept") == hold
        assert bank.capture(request("kept-2", hold.reference, "20.00")).state == "succeeded"
        assert bank.capture(request("kept-3", hold.reference, "0.01")).state == "declined"


def test_tokens_say_what_happens() -> None:
    assert behaviour("tok_timeout", "authorise") == "timeout"
    assert behaviour("tok_timeout", "capture") == "ok"
    assert behaviour("tok_refund_declined", "refund") == "declined"
    assert behaviour("tok_refund_declined", "authorise") == "ok"
    assert behaviour("anything", "authorise") == "declined"
