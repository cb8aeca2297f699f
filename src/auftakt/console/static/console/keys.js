/* Keys: `data-key` on a link or button is its key; in the navigation after G, elsewhere alone. `?` lists what works here. */
(() => {
  "use strict";
  const { $, $$, words, make, typing, open } = auftakt;
  const OFF = "auftakt.keys", dialog = $("#keys"), places = $("#keys-places"), here = $("#keys-here");
  let leader = 0;
  const single = () => localStorage.getItem(OFF) !== "off";
  const visible = (element) => element.offsetParent !== null && !element.disabled;
  const name = (element) => element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent.trim().replace(/\s+/g, " ");

  const list = () => {
    const rows = (entries, pressed) => entries.flatMap((element) => [
      make("dt", {}, ...pressed(element.dataset.key).flatMap((key, index) => index ? [" ", make("kbd", {}, key)] : [make("kbd", {}, key)])),
      make("dd", {}, name(element)),
    ]);
    places?.replaceChildren(...rows($$(".rail nav [data-key]").filter((each) => each.dataset.key), (key) => ["G", key.toUpperCase()]));
    const seen = new Set();
    const own = $$(".stage :is(a, button)[data-key]").filter((each) => visible(each) && !seen.has(each.dataset.key) && seen.add(each.dataset.key));
    here?.replaceChildren(...rows(own, (key) => [key.toUpperCase()]));
    const box = $("[data-keys-switch]", dialog);
    if (box) box.checked = single();
    open(dialog);
  };
  $("[data-keys-switch]", dialog || document)?.addEventListener("change", (event) => {
    if (event.target.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "off");
  });
  document.addEventListener("click", (event) => { if (dialog && event.target.closest("[data-keys]")) list(); });

  document.addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key.toLowerCase() === "k" && $("#palette")) { event.preventDefault(); document.dispatchEvent(new Event("palette:open")); return; }
    if (control && event.key === "Enter") { const main = $("[data-main]", event.target.closest("form, dialog[open]") || document); if (main && visible(main)) { event.preventDefault(); main.click(); } return; }
    if (control || event.altKey || typing(event.target) || $("dialog[open]") || event.isComposing || !single()) return;
    const key = event.key.toLowerCase();
    if (event.key === "?") { if (dialog) { event.preventDefault(); list(); } return; }
    if (event.key === "/") {
      const field = $("[data-find]");
      event.preventDefault();
      if (field) field.focus(); else document.dispatchEvent(new Event("palette:open"));
      return;
    }
    if (key === "g") { leader = Date.now(); return; }
    const after = Date.now() - leader < 1500;
    leader = 0;
    const target = after ? $(`.rail a[data-key="${CSS.escape(key)}"]`) : $$(`.stage :is(a, button)[data-key="${CSS.escape(key)}"]`).find(visible);
    if (target) { event.preventDefault(); target.click(); }
  });
})();
