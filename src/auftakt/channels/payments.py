"""Payment providers over HTTP: one adapter for card payments, one for PayPal.

Each answers in the words of billing: an operation succeeded, was declined (final), surely failed (it never left, or was
turned away before anything was done), or is in doubt (it was sent, and nobody knows). Nothing is retried here.
"""

from collections.abc import Mapping
from typing import Any

import httpx

from auftakt.billing.types import (
    DECLINED,
    FAILED,
    IN_DOUBT,
    NOT_FOUND,
    SUCCEEDED,
    ProviderAnswer,
    ProviderRequest,
)

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
_TURNED_AWAY = frozenset({401, 403, 407, 409, 429})
_REASON_LENGTH = 300
_NO_TOKEN = ProviderAnswer(DECLINED, reason="the order carries no payment token")


class _HttpProvider:
    """What both dialects share: how a call ends, and what is known after it.

    `timeout_seconds` bounds the wait for an answer; `default_token` stands in for orders without a payment token and is
    meant for the sandbox only.
    """

    def __init__(self, base_url: str, api_key: str, timeout_seconds: float = 10.0, default_token: str = "") -> None:
        self.default_token = default_token
        self._client = httpx.Client(
            base_url=base_url,
            timeout=httpx.Timeout(timeout_seconds, connect=min(timeout_seconds, 3.0)),
            headers={"Authorization": f"Bearer {api_key}"},
            follow_redirects=False,
            trust_env=False,
        )

    def _post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> ProviderAnswer:
        try:
            response = self._client.post(path, json=body, headers=dict(headers))
        except _NOT_SENT as error:
            return ProviderAnswer(FAILED, reason=_short(f"the provider cannot be reached: {error}"))
        except httpx.HTTPError as error:
            return ProviderAnswer(IN_DOUBT, reason=_short(f"no answer: {type(error).__name__} {error}"))
        return self._read(response)

    def _ask(self, path: str) -> ProviderAnswer:
        try:
            response = self._client.get(path)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return ProviderAnswer(IN_DOUBT, reason=_short(f"the provider cannot be asked: {error}"))
        if response.status_code == 404:
            return ProviderAnswer(NOT_FOUND, reason="the provider knows nothing of this operation")
        if response.status_code != 200:
            return ProviderAnswer(IN_DOUBT, reason=f"the provider does not say: HTTP {response.status_code}")
        return self._read(response)

    def _read(self, response: httpx.Response) -> ProviderAnswer:
        status = response.status_code
        if status >= 500 or status in (408, 425):
            return ProviderAnswer(IN_DOUBT, reason=f"the provider answered HTTP {status}")
        if status in _TURNED_AWAY:
            return ProviderAnswer(FAILED, reason=_short(f"turned away with HTTP {status}: {response.text}"))
        try:
            said = response.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            return ProviderAnswer(IN_DOUBT, reason=f"HTTP {status} with an answer that cannot be read")
        return self._understand(status, said)

    def _understand(self, status: int, said: dict[str, Any]) -> ProviderAnswer:
        raise NotImplementedError


class CardProvider(_HttpProvider):
    """Card payments: authorisations, captures of them, refunds of captures; `Idempotency-Key` header."""

    def authorise(self, request: ProviderRequest) -> ProviderAnswer:
        """Put a hold on the card behind the token."""
        token = request.target or self.default_token
        if not token:
            return _NO_TOKEN
        return self._send("/card/authorisations", request, token=token, description=request.description)

    def capture(self, request: ProviderRequest) -> ProviderAnswer:
        """Take money of an authorisation."""
        return self._send(f"/card/authorisations/{request.target}/captures", request)

    def refund(self, request: ProviderRequest) -> ProviderAnswer:
        """Return money of a capture."""
        return self._send(f"/card/captures/{request.target}/refunds", request)

    def find(self, idempotency_key: str) -> ProviderAnswer:
        """What became of an operation."""
        return self._ask(f"/card/operations/{idempotency_key}")

    def _send(self, path: str, request: ProviderRequest, **more: str) -> ProviderAnswer:
        body = {"amount": f"{request.amount:f}", "currency": request.currency, **more}
        return self._post(path, body, {"Idempotency-Key": request.idempotency_key})

    def _understand(self, status: int, said: dict[str, Any]) -> ProviderAnswer:
        word = said.get("status")
        if word in ("authorised", "captured", "refunded") and said.get("id"):
            return ProviderAnswer(SUCCEEDED, reference=str(said["id"]))
        if word == "declined" or 400 <= status < 500:
            return ProviderAnswer(DECLINED, reason=_short(said.get("reason") or f"HTTP {status}"))
        return ProviderAnswer(IN_DOUBT, reason=_short(f"HTTP {status} with status {word!r}"))


class PayPalProvider(_HttpProvider):
    """PayPal: amounts as currency code and value, `PayPal-Request-Id` header, its own status words."""

    def authorise(self, request: ProviderRequest) -> ProviderAnswer:
        """Put a hold on the payer's approved billing token."""
        token = request.target or self.default_token
        if not token:
            return _NO_TOKEN
        source = {"payment_source": {"token": {"id": token}}, "description": request.description}
        return self._send("/paypal/v2/payments/authorizations", request, source)

    def capture(self, request: ProviderRequest) -> ProviderAnswer:
        """Take money of an authorisation."""
        return self._send(f"/paypal/v2/payments/authorizations/{request.target}/capture", request, {})

    def refund(self, request: ProviderRequest) -> ProviderAnswer:
        """Return money of a capture."""
        return self._send(f"/paypal/v2/payments/captures/{request.target}/refund", request, {})

    def find(self, idempotency_key: str) -> ProviderAnswer:
        """What became of an operation."""
        return self._ask(f"/paypal/v2/operations/{idempotency_key}")

    def _send(self, path: str, request: ProviderRequest, more: Mapping[str, Any]) -> ProviderAnswer:
        body = {"amount": {"currency_code": request.currency, "value": f"{request.amount:f}"}, **more}
        return self._post(path, body, {"PayPal-Request-Id": request.idempotency_key})

    def _understand(self, status: int, said: dict[str, Any]) -> ProviderAnswer:
        word = said.get("status")
        if word in ("CREATED", "COMPLETED") and said.get("id"):
            return ProviderAnswer(SUCCEEDED, reference=str(said["id"]))
        if word == "DENIED" or 400 <= status < 500:
            details = said.get("details") or [{}]
            issue = details[0].get("issue") or said.get("name") or f"HTTP {status}"
            return ProviderAnswer(DECLINED, reason=_short(issue))
        return ProviderAnswer(IN_DOUBT, reason=_short(f"HTTP {status} with status {word!r}"))


def _short(text: object) -> str:
    return str(text)[:_REASON_LENGTH]
