/* Combobox: a text field that asks the server. Follows the ARIA combobox pattern. */
(() => {
  "use strict";
  const { $, $$, words } = auftakt;
  let combos = 0;
  const combobox = (input) => {
    const box = input.closest(".combo");
    const stored = $("input[type=hidden]", box);
    const list = document.createElement("div");
    list.className = "combo-list";
    list.id = `combo-${++combos}`;
    list.setAttribute("role", "listbox");
    list.hidden = true;
    box.append(list);
    Object.entries({ role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })
      .forEach(([name, value]) => input.setAttribute(name, value));
    let options = [], here = -1, timer, asked = 0;
    const show = (open) => { list.hidden = !open; input.setAttribute("aria-expanded", String(open)); if (!open) { here = -1; input.removeAttribute("aria-activedescendant"); } };
    const mark = (index) => {
      here = index;
      $$("[role=option]", list).forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
      const option = $$("[role=option]", list)[index];
      if (option) { input.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    };
    const take = (option) => {
      if (option.creates) {
        show(false);
        input.dispatchEvent(new CustomEvent("combo:create", { bubbles: true, detail: { typed: input.value.trim() } }));
        return;
      }
      input.value = "code" in input.dataset ? option.value : option.label;
      if (stored) stored.value = option.value;
      input.dataset.taken = input.value;
      show(false);
      input.dispatchEvent(new CustomEvent("combo:taken", { bubbles: true, detail: option }));
    };
    const ask = async () => {
      const mine = ++asked;
      const answer = await fetch(`${input.dataset.source}?q=${encodeURIComponent(input.value.trim())}`, { headers: { Accept: "application/json" } });
      if (mine !== asked || !answer.ok || document.activeElement !== input) return;
      options = (await answer.json()).options;
      list.replaceChildren(...options.map((option, index) => {
        const row = document.createElement("div");
        row.id = `${list.id}-${index}`;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", "false");
        const name = document.createElement("b"), side = document.createElement("span"), hint = document.createElement("small");
        name.textContent = option.title; side.textContent = option.side || ""; hint.textContent = option.hint || "";
        row.append(name, side, hint);
        row.addEventListener("mousedown", (event) => { event.preventDefault(); take(options[index]); });
        return row;
      }));
      if (!options.length) { const none = document.createElement("p"); none.textContent = words.nothing; list.append(none); }
      show(true);
      mark(options.length ? 0 : -1);
    };
    input.addEventListener("input", () => { if (stored) stored.value = ""; clearTimeout(timer); timer = setTimeout(ask, 140); });
    input.addEventListener("blur", () => { clearTimeout(timer); setTimeout(() => show(false), 120); });
    input.addEventListener("keydown", (event) => {
      const open = !list.hidden;
      if (event.key === "ArrowDown" && (event.altKey || open)) { event.preventDefault(); event.stopPropagation(); open ? mark(Math.min(here + 1, options.length - 1)) : ask(); }
      else if (event.key === "ArrowUp" && open) { event.preventDefault(); event.stopPropagation(); mark(Math.max(here - 1, 0)); }
      else if (event.key === "Enter" && open && here >= 0) { event.preventDefault(); event.stopPropagation(); take(options[here]); }
      else if (event.key === "Tab" && open && here >= 0 && input.value.trim() && input.value !== input.dataset.taken) take(options[here]);
      else if (event.key === "Escape" && open) { event.preventDefault(); event.stopPropagation(); show(false); }
    });
  };
  auftakt.each("[data-combobox]", combobox);
})();
