/* The ground of the console's scripts: `auftakt` offers what the other files share. Everything works without them
   except searching while typing. Each file is a behaviour; `auftakt.each` runs it on what is there and on what comes. */
window.auftakt = (() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = JSON.parse($("#console-words")?.textContent || "{}");
  const remember = (name, value) => { document.cookie = `${name}=${value};path=/;samesite=lax;max-age=${value ? 31536000 : 0}`; };
  const cookie = (name) => document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) || "";
  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]") != null;
  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.append(...inside);
    return element;
  };
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS(svg.namespaceURI, "use");
    const known = $("svg.icon use")?.getAttribute("href") || "";
    use.setAttribute("href", `${known.split("#")[0]}#${name}`);
    svg.setAttribute("class", "icon"); svg.setAttribute("aria-hidden", "true");
    svg.append(use);
    return svg;
  };

  /* Behaviours: started once for each element that fits, now and after every swap. */
  const behaviours = [];
  const start = (behaviour, root) => {
    const fitting = root.matches?.(behaviour.selector) ? [root, ...$$(behaviour.selector, root)] : $$(behaviour.selector, root);
    fitting.filter((element) => !behaviour.known.has(element)).forEach((element) => { behaviour.known.add(element); behaviour.run(element); });
  };
  const each = (selector, run) => {
    const behaviour = { selector, run, known: new WeakSet() };
    behaviours.push(behaviour);
    start(behaviour, document);
  };
  const ready = (root = document) => behaviours.forEach((behaviour) => start(behaviour, root));
  document.addEventListener("htmx:load", (event) => ready(event.detail.elt));

  /* Dialogs. The browser gives the focus back to where it was when one closes. */
  const open = (dialog) => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    ($("[autofocus]", dialog) || $("input:not([type=hidden]), select, textarea", dialog) || $("button, a", dialog))?.focus();
  };
  each("dialog[data-open-now]", (dialog) => { dialog.removeAttribute("data-open-now"); open(dialog); });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) { const dialog = document.getElementById(opener.dataset.opens); if (dialog) { event.preventDefault(); open(dialog); } return; }
    if (event.target.closest("[data-closes]")) { event.preventDefault(); event.target.closest("dialog")?.close(); }
    if (event.target.matches("dialog")) event.target.close();
    if (event.target.closest("[data-print]")) window.print();
  });

  /* Toasts: `auftakt.toast("Moved.", { undo: () => … })`. Good news goes by itself; trouble and an undo stay. */
  const toast = (text, { level = "success", undo = null } = {}) => {
    const row = make("div", { class: `toast ${level}` }, icon(level === "success" ? "check" : "warning"), make("span", {}, text));
    if (undo) {
      const button = make("button", { type: "button", class: "toast-undo" }, words.undo);
      button.addEventListener("click", () => { row.remove(); undo(); });
      row.append(button);
    }
    row.append(make("button", { type: "button", "data-dismiss": "", "aria-label": words.dismiss }, icon("close")));
    $(".toasts")?.append(row);
    fade(row);
    return row;
  };
  const fade = (row) => {
    if (row.matches(".error, .warning") || $(".toast-undo", row)) return;
    let timer;
    const wait = () => { timer = setTimeout(() => row.remove(), 9000); }, stay = () => clearTimeout(timer);
    ["pointerenter", "focusin"].forEach((name) => row.addEventListener(name, stay));
    ["pointerleave", "focusout"].forEach((name) => row.addEventListener(name, () => { stay(); wait(); }));
    wait();
  };
  each(".toast", fade);
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());

  return { $, $$, words, remember, cookie, typing, make, icon, each, ready, open, toast };
})();
