"""What `auftakt demo` and `auftakt up` start: several on one machine stay out of each other's way."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from auftakt.cli import service


class Started:
    """Takes the place of the supervisor and notes what it was to start."""

    environments: list[dict[str, str]]

    def __init__(self, commands: dict[str, list[str]], environment: dict[str, str]) -> None:
        self.environments.append(environment)

    def keep_alive(self, *_: object) -> None:
        """Nothing is started."""


@pytest.fixture
def environments(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    Started.environments = []
    monkeypatch.setattr(service, "Supervisor", Started)
    monkeypatch.setattr(service, "Stopping", lambda: None)
    monkeypatch.setattr(service, "is_embedded", lambda: False)
    monkeypatch.delenv("AUFTAKT_PAYMENT_SANDBOX", raising=False)
    return Started.environments


def test_each_takes_a_free_port_for_its_payment_sandbox(environments: list[dict[str, Any]]) -> None:
    for port in (8000, 8001):
        service.serve("127.0.0.1", port, workers=1, sandbox=True)
    first, second = (urlsplit(each["AUFTAKT_PAYMENT_SANDBOX"]).port for each in environments)
    assert first
    assert second
    assert 8765 not in (first, second)


def test_an_address_that_is_set_is_kept(
    environments: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("AUFTAKT_PAYMENT_SANDBOX", "http://127.0.0.1:9999")
    service.serve("127.0.0.1", 8000, workers=1, sandbox=True)
    assert environments[0]["AUFTAKT_PAYMENT_SANDBOX"] == "http://127.0.0.1:9999"


def test_without_the_sandboxes_nothing_is_set(environments: list[dict[str, Any]]) -> None:
    service.serve("127.0.0.1", 8000, workers=1, sandbox=False)
    assert "AUFTAKT_PAYMENT_SANDBOX" not in environments[0]
