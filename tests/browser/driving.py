"""Debian's Chromium, driven by Playwright, against the real application on loopback."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from auftakt.identity import actions as identity
from auftakt.identity.types import UserDraft
from tests import build, pages

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000  # ms: a machine may be busy; what comes sooner is not waited for
PASSWORD = "a password for tests"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread; the ORM would refuse


def is_fault(message: ConsoleMessage) -> bool:
    """Whether the browser complains. A request given up because the page was left is no fault, nor an ended session,
    nor a form that was refused, nor that somebody else was faster."""
    left = ("htmx:afterRequest", "htmx:sendAbort", "htmx:sendError")
    meant = (
        "401 (Unauthorized)",
        "Error Code 401",
        "409 (Conflict)",
        "422 (Unprocessable",
        "ERR_INTERNET_DISCONNECTED",
    )
    expected = message.text.startswith(left) or any(each in message.text for each in meant)
    return message.type == "error" and not expected


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file: Playwright's event loop must not stay in tests that need their own."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Debian's chromium is not installed: sh tests/chromium.sh")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def open_console(chromium: Browser, live_server: Any, transactional_db: None) -> Iterator[Callable[..., Page]]:
    """A logged-in page: `open_console("admin", width=390, dark=True, language="de")`.

    The test fails on any error in the browser's console. `checks.check_page(page)` asserts what is true of every page.
    """
    build.company()
    yield from _opener(chromium, live_server)


@pytest.fixture
def open_world(chromium: Browser, live_server: Any, transactional_db: None) -> Iterator[Callable[..., Page]]:
    """As `open_console`, in a company with orders at every stage and the names that break layouts."""
    pages.world()
    yield from _opener(chromium, live_server)


def _opener(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    faults: list[str] = []
    contexts: list[Any] = []

    def open_page(*roles: str, width: int = 1440, dark: bool = False, language: str = "en") -> Page:
        email = f"{'-'.join(roles)}@example.org"
        draft = UserDraft(email, "Robin Example", roles, PASSWORD, language)
        build.done(identity.create_users([draft], actor="test", at=timezone.now()))
        context = chromium.new_context(
            viewport={"width": width, "height": 844 if width < 700 else 900},
            color_scheme="dark" if dark else "light",
            base_url=live_server.url,
            locale="de-DE" if language == "de" else "en-GB",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: faults.append(f"{message.text} {message.location}") if is_fault(message) else None,
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("/console/")
        page.fill("#id_username", email)
        page.fill("#id_password", PASSWORD)
        page.click("main button.btn-main")
        page.wait_for_url("**/console/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    call_command("flush", interactive=False, verbosity=0)
    assert faults == []
