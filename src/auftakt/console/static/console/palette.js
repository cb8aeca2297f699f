/* The palette: a combobox over the server's answers. What was opened last in this tab stands first. */
(() => {
  "use strict";
  const { $, $$, words, make, icon, open } = auftakt;
  const palette = $("#palette");
  const RECENT = "auftakt.recent", KEPT = 8;

  /* Recent pages: in this tab only, gone at log-out. */
  const recent = () => { try { return JSON.parse(sessionStorage.getItem(RECENT) || "[]"); } catch { return []; } };
  if (!palette) { sessionStorage.removeItem(RECENT); return; }
  const here = { href: location.pathname + location.search, title: document.title.replace(/ · Auftakt$/, "") };
  if (!document.querySelector(".error-page") && location.pathname !== "/console/") {
    sessionStorage.setItem(RECENT, JSON.stringify([here, ...recent().filter((page) => page.href !== here.href)].slice(0, KEPT + 1)));
  }

  const field = $("input", palette), found = $("ul", palette), told = $("[data-told]", palette);
  let timer, asked = 0, at = -1;
  const options = () => $$("[role=option]", found);
  const mark = (index) => {
    const all = options();
    at = all.length ? (index + all.length) % all.length : -1;
    all.forEach((option, each) => { option.setAttribute("aria-selected", String(each === at)); option.classList.toggle("is-here", each === at); });
    if (at >= 0) { field.setAttribute("aria-activedescendant", all[at].id); all[at].scrollIntoView({ block: "nearest" }); }
    else field.removeAttribute("aria-activedescendant");
  };
  const dress = () => {
    $$("li", found).forEach((row) => row.setAttribute("role", "presentation"));
    $$("a, button", found).forEach((link, index) => { link.id = `found-${index}`; link.setAttribute("role", "option"); link.tabIndex = -1; });
    const count = options().length;
    field.setAttribute("aria-expanded", String(count > 0));
    if (told) told.textContent = (words.found || "").replace("%s", count);
    mark(0);
  };
  const fromRecent = () => {
    const pages = recent().filter((page) => page.href !== here.href).slice(0, KEPT);
    if (!pages.length) return;
    const rows = pages.map((page) => make("li", {}, make("a", { href: page.href }, icon("clock"), make("span", {}, page.title))));
    found.prepend(make("li", { class: "group" }, words.recent), ...rows);
  };
  const ask = async () => {
    const mine = ++asked, text = field.value.trim();
    let answer;
    try { answer = await fetch(`${palette.dataset.source}?q=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" } }); }
    catch { if (mine === asked) { found.replaceChildren(make("li", { class: "group" }, words.offline)); dress(); } return; }
    if (mine !== asked) return;
    if (answer.status === 401) { palette.close(); open($("#session-ended")); return; }
    if (!answer.ok) { found.replaceChildren(make("li", { class: "group" }, words.trouble)); dress(); return; }
    const inside = await answer.text();
    if (mine !== asked) return;
    found.innerHTML = inside;
    if (!text) fromRecent();
    dress();
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") { event.preventDefault(); mark(at + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(at - 1); }
    else if (event.key === "Enter") {
      event.preventDefault();
      const link = options()[Math.max(at, 0)];
      if (link && (event.ctrlKey || event.metaKey) && link.href) window.open(link.href, "_blank", "noopener");
      else link?.click();
    }
  });
  const show = () => { if (palette.open) return; field.value = ""; found.replaceChildren(); open(palette); ask(); };
  document.addEventListener("palette:open", show);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-palette]")) show(); });
})();
