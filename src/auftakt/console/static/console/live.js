/* Pages that show work in progress keep themselves up to date.
   The page asks whether anything was written about its subject. If so, each [data-live-region] is fetched anew and put
   in place, unless somebody is busy in it (focus, typed text, an open dialog): then a quiet bar says who changed it. */
(() => {
  "use strict";
  const bar = document.querySelector("[data-live]");
  if (!bar) return;
  const BUSY = 4000, CALM = 12000, HIDDEN = 60000, CALM_AFTER = 20;
  let quiet = 0, timer, running = false, pending = false, known = bar.dataset.version;
  const regions = (root) => [...root.querySelectorAll("[data-live-region][id]")];
  const shown = new Map();
  const text = (region) => region.outerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "");

  const typed = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex !== 0;
    return field.type !== "hidden" && field.value !== field.defaultValue;
  };
  const isBusy = (region) => {
    const focused = document.activeElement;
    if (region.contains(focused) && focused !== document.body) return true;
    if (region.querySelector("dialog[open]") || region.querySelector("form[data-sent]")) return true;
    return [...region.querySelectorAll("input, select, textarea")].some(typed);
  };
  const opened = (region) => [...region.querySelectorAll("details")].map((each) => each.open);

  /* What was typed moves over to the fresh region: even who asks for it loses nothing. */
  const carry = (old, taken) => [...old.querySelectorAll("input[id], select[id], textarea[id]")].filter(typed).forEach((field) => {
    const next = taken.querySelector(`#${CSS.escape(field.id)}`);
    if (next) { next.value = field.value; if ("checked" in field) next.checked = field.checked; }
  });

  const put = (old, fresh) => {
    const open = opened(old), focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const taken = document.importNode(fresh, true);
    carry(old, taken);
    old.replaceWith(taken);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    [...taken.querySelectorAll("details")].forEach((each, at) => { if (open[at]) each.open = true; });
    if (window.htmx) window.htmx.process(taken);
    taken.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: taken } }));
  };

  /* Take over what is new. `force` does so where somebody is busy too. Returns whether anything had to wait. */
  const refresh = async (force) => {
    const answer = await fetch(bar.dataset.page || location.href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return true;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    let waits = false;
    for (const old of regions(document)) {
      const fresh = page.getElementById(old.id);
      if (!fresh || shown.get(old.id) === text(fresh)) continue;
      if (!force && isBusy(old)) { waits = true; continue; }
      shown.set(old.id, text(fresh));
      put(old, fresh);
    }
    known = page.querySelector("[data-live]")?.dataset.version || known;
    return waits;
  };

  const ask = async () => {
    if (running) return;
    running = true;
    try {
      const answer = await fetch(`${bar.dataset.live}?since=${encodeURIComponent(known)}`, { credentials: "same-origin" });
      if (answer.redirected || answer.status === 401 || answer.status === 403) return;
      if (answer.status === 200) {
        quiet = 0;
        const news = await answer.json();
        bar.querySelector("span").textContent = news.told;
        wait(await refresh(false));
      } else if (pending && !regions(document).some(isBusy)) wait(await refresh(false));
      else quiet += 1;
      plan(document.hidden ? HIDDEN : quiet > CALM_AFTER ? CALM : BUSY);
    } catch { quiet = CALM_AFTER; plan(HIDDEN); } finally { running = false; }
  };
  const wait = (waits) => { pending = waits; bar.hidden = !waits; };
  const plan = (after) => { clearTimeout(timer); timer = setTimeout(ask, Number(bar.dataset.every) || after); };

  bar.querySelector("[data-live-show]").addEventListener("click", async () => wait(await refresh(true)));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  document.addEventListener("live:ask", ask);
  addEventListener("online", ask);
  for (const region of regions(document)) shown.set(region.id, text(region));
  plan(BUSY);
})();
