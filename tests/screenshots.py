"""`make screenshots`: the pictures in docs/img, taken from the demo company as it is. Not a test.

A picture is kept with at most 256 colours, which loses nothing to the eye here and most of the weight.
"""

import base64
import os
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.running import Installation, free_port

IMAGES = Path(__file__).parent.parent / "docs" / "img"
ORDERS = "600"
PASSWORD = "auftakt-demo-2026"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
INDEXED = """async (source) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + source;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const raw = pen.getImageData(0, 0, image.width, image.height).data, counts = new Map();
  const at = (index) => (raw[index] << 16) | (raw[index + 1] << 8) | raw[index + 2];
  for (let index = 0; index < raw.length; index += 4) counts.set(at(index), (counts.get(at(index)) || 0) + 1);
  const palette = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([colour]) => colour);
  const known = new Map(palette.map((colour, index) => [colour, index]));
  const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const nearest = (colour) => {
    const [r, g, b] = parts(colour);
    let best = 0, least = Infinity;
    palette.forEach((other, index) => {
      const [x, y, z] = parts(other), far = 3 * (r - x) ** 2 + 6 * (g - y) ** 2 + (b - z) ** 2;
      if (far < least) { least = far; best = index; }
    });
    known.set(colour, best);
    return best;
  };
  const pixels = new Uint8Array(raw.length / 4);
  for (let index = 0; index < pixels.length; index++)
    pixels[index] = known.get(at(index * 4)) ?? nearest(at(index * 4));
  let text = '';
  for (let index = 0; index < pixels.length; index += 32768)
    text += String.fromCharCode(...pixels.subarray(index, index + 32768));
  return [image.width, image.height, palette.flatMap(parts), btoa(text)];
}"""


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it; `act` brings it to the moment worth showing."""

    name: str
    path: str
    user: str = "admin"
    language: str = "en"
    size: str = "desk"
    dark: bool = False
    act: Callable[[Page], None] | None = None


def first(pattern: str) -> Callable[[Page], None]:
    """Open the first link of the page whose address fits."""

    def act(page: Page) -> None:
        page.goto(str(page.locator(f"main a[href{pattern}]").first.get_attribute("href")))

    return act


def busiest(page: Page) -> None:
    """The order that has most to tell: released or shipped, promised in pieces."""
    page.goto("/console/orders/?state=submitted")
    page.goto(str(page.locator("main tbody a[href*='/orders/']").nth(3).get_attribute("href")))


def typed(page: Page) -> None:
    """An order half entered."""
    page.locator("#customer").press_sequentially("Rad")
    page.locator("[role=option]:visible").first.wait_for()
    page.keyboard.press("Enter")
    for row, sku in enumerate(("Kette", "Helm")):
        page.locator("[data-lines] input[name=sku]").nth(row).focus()
        page.keyboard.type(sku)
        page.locator("[data-lines] [role=option]:visible").first.wait_for()
        page.keyboard.press("Enter")
        page.keyboard.type("2")
    page.wait_for_timeout(1500)


def searched(page: Page) -> None:
    """The palette, asked for a word."""
    page.keyboard.press("Control+k")
    page.keyboard.type("Rad")
    page.wait_for_timeout(1200)


PICTURES = (
    Picture("home", ""),
    Picture("orders", "orders/"),
    Picture("order", "orders/", act=busiest),
    Picture("entry", "orders/new/", user="sales", act=typed),
    Picture("palette", "orders/", act=searched),
    Picture("stock", "stock/", dark=True),
    Picture("invoices", "invoices/", user="finance", language="de"),
    Picture("customer", "customers/", language="de", dark=True, act=first("*='/customers/C1'")),
    Picture("home-phone", "", language="de", size="phone"),
    Picture("order-phone", "orders/", size="phone", dark=True, act=busiest),
    Picture("bench-phone", "bench/", user="warehouse", language="de", size="phone"),
)


def png(width: int, height: int, palette: list[int], pixels: bytes) -> bytes:
    """An indexed PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"PLTE", bytes(palette))
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def logged_in(browser: Browser, url: str, picture: Picture) -> BrowserContext:
    """A browser of the user, in the language, size and theme."""
    context = browser.new_context(
        viewport=PHONE if picture.size == "phone" else DESK,
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        base_url=url,
        locale="de-DE" if picture.language == "de" else "en-GB",
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto("/console/login/")
    page.fill("#id_username", f"{picture.user}@demo.example")
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-main")
    page.wait_for_url("**/console/")
    if page.locator("html").get_attribute("lang") != picture.language:
        with page.expect_navigation():
            page.locator(f"button[name=language][value={picture.language}]").evaluate("button => button.click()")
    return context


def take(browser: Browser, url: str, picture: Picture) -> int:
    """Take one picture; its weight in bytes."""
    context = logged_in(browser, url, picture)
    page = context.pages[0]
    page.goto(f"/console/{picture.path}")
    page.wait_for_load_state("networkidle")
    if picture.act:
        picture.act(page)
        page.wait_for_load_state("load")
    page.add_style_tag(content="*{caret-color:transparent!important}")
    shot = base64.b64encode(page.screenshot()).decode()
    context.close()
    blank = browser.new_page()
    width, height, palette, pixels = blank.evaluate(INDEXED, shot)
    blank.close()
    made = png(width, height, palette, base64.b64decode(pixels))
    (IMAGES / f"{picture.name}.png").write_bytes(made)
    return len(made)


def main(wanted: list[str]) -> None:
    """Start the demo company in a home of its own, take the pictures (all, or those named), stop it."""
    with tempfile.TemporaryDirectory(prefix="auftakt-pictures-") as home, sync_playwright() as playwright:
        Path(home).chmod(0o755)
        environment = {**os.environ, "AUFTAKT_HOME": home, "AUFTAKT_PAYMENT_SANDBOX": f"http://127.0.0.1:{free_port()}"}
        environment.pop("DATABASE_URL", None)
        demo = Installation(Path(home), environment)
        demo.run("demo", "--headless", "--orders", ORDERS)
        demo.up()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            for picture in PICTURES:
                if not wanted or picture.name in wanted:
                    sys.stdout.write(f"{picture.name}.png {take(browser, demo.url, picture) // 1024} kB\n")
        finally:
            browser.close()
            demo.down()


if __name__ == "__main__":
    main(sys.argv[1:])
