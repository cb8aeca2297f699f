/* The frame: theme, menus, the navigation on a phone, drawers, being offline, and the app on the phone. */
(() => {
  "use strict";
  const { $, $$, words, remember, cookie, make } = auftakt;
  const root = document.documentElement;

  /* System, light or dark. */
  const theme = (wish) => {
    if (wish) root.dataset.theme = wish; else delete root.dataset.theme;
    remember("auftakt_theme", wish);
    if (root.dataset.look) fetch(root.dataset.look, { method: "POST", body: new URLSearchParams({ theme: wish }), headers: { "X-CSRFToken": cookie("csrftoken"), "X-Quiet": "1" } }).catch(() => {});
    $$("[data-theme-set]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.themeSet === wish)));
  };
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

  /* The navigation: a column on the desk, a sheet from below on a phone. */
  const rail = $(".rail"), menu = $("[data-menu]");
  const sheet = (shown) => {
    if (!rail) return;
    rail.classList.toggle("is-open", shown);
    menu?.setAttribute("aria-expanded", String(shown));
    $$(".stage, .skip").forEach((part) => { part.inert = shown; });
    document.body.classList.toggle("is-covered", shown);
    if (shown) ($(".rail [aria-current]") || $(".rail nav a"))?.focus(); else if (rail.contains(document.activeElement)) menu?.focus();
  };
  matchMedia("(min-width: 961px)").addEventListener("change", () => sheet(false));

  document.addEventListener("click", (event) => {
    const set = event.target.closest("[data-theme-set]");
    if (set) theme(set.dataset.themeSet);
    if (event.target.closest("[data-theme-turn]")) theme(dark() ? "light" : "dark");
    if (event.target.closest("[data-menu]")) sheet(!rail.classList.contains("is-open"));
    else if (event.target.closest("[data-menu-closes], .rail nav a") || event.target.matches(".curtain")) sheet(false);
    $$("details:is(.menu, .own-menu)[open]").forEach((each) => { if (!each.contains(event.target)) each.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menuOpen = $("details:is(.menu, .own-menu)[open]");
    if (menuOpen) { menuOpen.open = false; $("summary", menuOpen).focus(); event.preventDefault(); }
    else if (rail?.classList.contains("is-open")) { sheet(false); menu?.focus(); }
  });

  /* A drawer that shows a page beside this one: <a href="…" data-drawer>. A plain link without scripts. */
  const drawer = $("#drawer");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-drawer]");
    if (!link || !drawer || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const body = $("#drawer-body");
    body.replaceChildren(...[60, 100, 40].map(() => make("span", { class: "skeleton" })));
    $("#drawer-title").textContent = link.dataset.drawer || link.textContent.trim();
    $("#drawer-open").href = link.href;
    body.setAttribute("aria-busy", "true");
    drawer.showModal();
    $("[data-closes]", drawer).focus();
    htmx.ajax("GET", link.href, { target: body, swap: "innerHTML", select: link.dataset.select || "[data-peek]" })
      .finally(() => body.removeAttribute("aria-busy"));
  });

  /* Without a line. */
  const banner = () => {
    let row = $(".offline-banner");
    if (navigator.onLine) { row?.remove(); return; }
    if (!row && words.offline) { row = make("p", { class: "offline-banner", role: "status" }, words.offline); document.body.append(row); }
  };
  addEventListener("online", banner);
  addEventListener("offline", banner);
  banner();
  $("[data-back]")?.addEventListener("click", () => history.back());
  $("[data-retry]")?.addEventListener("click", () => location.reload());
  const { offline } = document.body.dataset;
  if (offline && offline !== location.pathname) { // it stands in for another page
    /* Asks, ever more seldom, for a public file. That the device is online does not say that the house is reached. */
    const SOON = 2000, SELDOM = 30000, AWAY = [502, 503, 504];
    let wait = SOON, timer = 0, asking = false;
    const reached = async () => {
      try { return !AWAY.includes((await fetch($("link[rel=manifest]").href, { method: "HEAD", cache: "no-store" })).status); }
      catch { return false; }
    };
    const ask = async () => {
      if (asking) return;
      clearTimeout(timer);
      asking = true;
      const back = !document.hidden && await reached();
      asking = false;
      if (back) { location.reload(); return; }
      timer = setTimeout(ask, wait);
      wait = Math.min(wait * 1.5, SELDOM);
    };
    const now = () => { wait = SOON; ask(); };
    addEventListener("online", now);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) now(); });
    timer = setTimeout(ask, wait);
  }

  /* The app: a service worker for the offline page, and installing where the browser offers it. */
  const worker = root.dataset.worker;
  if (worker && "serviceWorker" in navigator) navigator.serviceWorker.register(worker, { scope: "/console/" }).catch(() => {});
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    $$("[data-install]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => event.prompt(), { once: true });
    });
  });
  addEventListener("appinstalled", () => $$("[data-install]").forEach((button) => { button.hidden = true; }));
})();
