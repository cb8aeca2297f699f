"""Every page, derived from the routes: on the desk and on the phone, enlarged, in both languages, light and dark."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from tests import pages
from tests.browser import checks

pytest_plugins = ["tests.browser.driving"]
pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ENLARGED = {"width": 720, "height": 450}  # a desk of 1440 px at 200 %


def found(page: Page, at: str, problems: list[str]) -> list[str]:
    return [f"{page.url.split('/', 3)[3]} {at}: {problem}" for problem in problems]


@pytest.mark.walk
@pytest.mark.parametrize(
    ("language", "look", "also"),
    [("en", (DESK, False), (ENLARGED, PHONE)), ("de", (PHONE, True), (ENLARGED, DESK))],
    ids=["english", "german"],
)
def test_every_page_is_fit_for_everyone(
    open_world: Open, language: str, look: tuple[dict[str, int], bool], also: tuple[dict[str, int], ...]
) -> None:
    """axe at one size and theme, the width at all; and every link of every page leads somewhere."""
    size, dark = look
    page = open_world("admin", width=size["width"], dark=dark, language=language)
    client = pages.signed_in("admin", language=language)
    problems: list[str] = []
    links: set[str] = set()
    seen: set[str] = set()
    reached: set[str] = set()
    for address in pages.pages(client):
        if address.route == "login":
            continue
        page.set_viewport_size(size)
        page.goto(address.path)
        page.wait_for_load_state("load")
        reached.add(address.path)
        known = checks.frame_seen(page, seen)
        problems += found(page, str(size["width"]), checks.faults(page, only_looks=language != "en", without=known))
        hrefs = page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.getAttribute('href'))")
        links |= {href.partition("#")[0] for href in hrefs}
        for other in also:
            page.set_viewport_size(other)
            problems += found(page, str(other["width"]), page.evaluate(checks.WIDER))
    assert problems == [], "\n".join(problems)
    broken = [
        (link, status) for link in sorted(links - reached) if (status := client.get(link).status_code) not in (200, 302)
    ]
    assert broken == []


def test_the_checks_see_what_is_wrong(open_console: Open) -> None:
    """The guard has a negative control: a page with faults is told as one."""
    page = open_console("viewer")
    page.evaluate(
        """() => { document.querySelector('main').innerHTML = '<h1>A</h1><h1>B</h1><button></button>'
             + '<p id="x" style="color:#bbb;background:#fff">faint</p><p id="x"></p>'
             + '<div style="width:3000px;height:1px"></div>'; }"""
    )
    told = "\n".join(checks.faults(page))
    for word in ("color-contrast", "button-name", "2 headings", "wider than", "the id x", "without a name"):
        assert word in told, (word, told)


def test_log_in_and_what_strangers_see(open_console: Open) -> None:
    page = open_console("viewer", width=390, dark=True, language="de")
    page.evaluate("document.querySelector('.rail form[action*=logout] button').click()")
    page.wait_for_url("**/login/")
    checks.check_page(page)
    expect(page.get_by_label("Passwort")).to_be_visible()


def test_every_page_is_in_this_world(transactional_db: None) -> None:
    pages.world()
    unseen = sorted(pages.unseen(pages.signed_in("admin")))
    assert unseen == [], f"pages that no row of this world leads to: {unseen}"
    call_command("flush", interactive=False, verbosity=0)
