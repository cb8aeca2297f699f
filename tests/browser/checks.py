"""What is true of every page: axe finds nothing serious, nothing is wider than the window, everything has a name."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"serious", "critical"}
UNNAMED = """() => [...document.querySelectorAll(':is(button, a, input:not([type=hidden]), select, textarea)')]
  .filter(e => e.offsetParent && !(e.textContent || '').trim() && !e.getAttribute('aria-label') && !e.title
               && !e.getAttribute('aria-labelledby') && !(e.labels && e.labels.length))
  .map(e => e.outerHTML.slice(0, 120))"""
WIDER = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide <= 0) return [];
  const clipped = (e) => { for (let up = e.parentElement; up; up = up.parentElement)
    if (getComputedStyle(up).overflowX !== 'visible' && up !== document.body) return true; return false; };
  const out = [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1 && !clipped(e));
  return [`${wide} px wider than ${window.innerWidth} px`, ...out.slice(0, 3).map(e => e.outerHTML.slice(0, 120))];
}"""
REPEATED = """() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))]; }"""


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable", "html-has-lang", "html-lang-valid"]


FRAME = """() => ['.rail', '.topbar', '.tabs-bottom'].filter(each => document.querySelector(each)).map(each =>
  [each, document.querySelector(each).outerHTML.replace(/ (aria-current|value)="[^"]*"/g, '')])"""


def frame_seen(page: Page, seen: set[str]) -> list[str]:
    """The parts around the content that are as on a page before: what axe says of them is known. `seen` remembers."""
    parts: list[tuple[str, str]] = page.evaluate(FRAME)
    known = [part for part, markup in parts if markup in seen]
    seen |= {markup for _part, markup in parts}
    return known


def axe(page: Page, within: str = "", *, only_looks: bool = False, without: Sequence[str] = ()) -> list[str]:
    """The serious and critical findings of axe against WCAG 2.2 AA, each with its first places.

    `only_looks`: the rules that size and theme can break, for a page whose names and structure were checked already.
    `without`: parts of the page that were looked at before.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())  # through the driver, so that our own Content-Security-Policy stays in force
    place: Any = {"exclude": [[each] for each in without]} if without else within
    found: dict[str, Any] = page.evaluate(
        "([place, rules]) => axe.run(place || document, {runOnly: rules, resultTypes: ['violations']})",
        [place, {"type": "rule", "values": LOOKS} if only_looks else STANDARDS],
    )
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: "
        + "; ".join(f"{node['target'][-1]} {node['html'][:110]}" for node in each["nodes"][:4])
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]


def faults(page: Page, *, only_looks: bool = False, without: Sequence[str] = ()) -> list[str]:
    """Everything that is wrong with the page as it stands."""
    heads = page.locator("h1").count()
    return [
        *axe(page, only_looks=only_looks, without=without),
        *page.evaluate(WIDER),
        *([] if heads == 1 else [f"{heads} headings of the first rank"]),
        *(f"without a name: {each}" for each in page.evaluate(UNNAMED)),
        *(f"the id {each} is there twice" for each in page.evaluate(REPEATED)),
    ]


def check_page(page: Page) -> None:
    """Assert that the page is fit for everyone, at its present size, language and theme. Call it in every journey."""
    found = faults(page)
    assert found == [], f"{page.url} at {page.viewport_size}:\n" + "\n".join(found)
