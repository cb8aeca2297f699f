/* Small behaviours of the console: everything works without them except searching while typing. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const remember = (name, value) => { document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`; };
  const words = JSON.parse($("#console-words")?.textContent || "{}");
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

  /* Light or dark by choice. */
  const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const turnTheme = () => {
    const next = dark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    remember("auftakt_theme", next);
  };

  /* Dialogs, the narrow menu, toasts. */
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens);
      if (dialog) { event.preventDefault(); openDialog(dialog); }
      return;
    }
    if (event.target.closest("[data-closes]")) { event.preventDefault(); event.target.closest("dialog")?.close(); }
    if (event.target.closest("[data-theme-turn]")) turnTheme();
    if (event.target.closest("[data-menu]")) {
      const open = $(".rail").classList.toggle("is-open");
      if (open) $(".rail a").focus();
    } else if (event.target.closest(".rail a")) $(".rail")?.classList.remove("is-open");
    if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
    if (event.target.matches("dialog")) event.target.close();
    if (event.target.closest("[data-print]")) window.print();
  });
  const openDialog = (dialog) => { dialog.showModal(); $("[autofocus], input:not([type=hidden]), select, textarea, button", dialog)?.focus(); };
  const fadeToasts = () => $$(".toast:not(.error):not([data-fading])").forEach((toast) => {
    toast.dataset.fading = "1";
    setTimeout(() => toast.remove(), 9000);
  });

  /* One click, one submit. */
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.hasAttribute("hx-post") || event.target.target === "_blank") return;
    const button = event.submitter;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "1";
    setTimeout(() => button?.classList.add("is-busy"));
  });
  addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    $$(".is-busy", form).forEach((button) => button.classList.remove("is-busy"));
  }));

  /* Tick all. */
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-all]");
    if (all) $$(`input[name="${all.dataset.all}"]`, all.form || document).forEach((box) => { box.checked = all.checked; });
    const form = event.target.closest("form[data-counts]");
    if (form) countTicks(form);
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });
  const countTicks = (form) => {
    const count = $$(`input[name="${form.dataset.counts}"]:checked`, form).length;
    $$("[data-count]", form).forEach((place) => { place.textContent = count; });
    $$("[data-needs-tick]", form).forEach((button) => { button.disabled = count === 0; });
  };

  /* Combobox: a text field that asks the server. Follows the ARIA combobox pattern. */
  let combos = 0;
  const combobox = (input) => {
    if (input.dataset.ready) return;
    input.dataset.ready = "1";
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

  /* Line editor: rows like a spreadsheet. Enter goes down, arrows move, a pasted range becomes rows. */
  const lineEditor = (table) => {
    if (table.dataset.ready) return;
    table.dataset.ready = "1";
    const body = $("tbody", table), pattern = $("template", table.parentElement);
    let next = Math.max(0, ...$$("tr[data-key]", body).map((row) => Number(row.dataset.key))) + 1;
    const changed = () => table.dispatchEvent(new CustomEvent("lines:changed", { bubbles: true }));
    const number = () => $$("tr[data-key]", body).forEach((row, index) => { $(".position", row).textContent = index + 1; });
    const add = () => {
      const holder = document.createElement("tbody");
      holder.innerHTML = pattern.innerHTML.replaceAll("__key__", String(next++));
      const row = holder.firstElementChild;
      body.append(row);
      $$("[data-combobox]", row).forEach(combobox);
      number();
      return row;
    };
    const cells = (row) => $$("input:not([type=hidden]), select", row);
    const filled = (row) => $("[data-combobox]", row).value.trim() !== "";
    const go = (row, column) => { const cell = cells(row)[column]; if (cell) { cell.focus(); cell.select?.(); } };
    const rows = () => $$("tr[data-key]", body);
    const drop = (row) => {
      const beside = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      const last = beside && beside.matches("tr[data-key]") ? beside : rows()[0] || add();
      number(); go(last, 0); changed();
    };
    table.addEventListener("keydown", (event) => {
      const row = event.target.closest("tr[data-key]");
      if (!row) return;
      const column = cells(row).indexOf(event.target), all = rows(), at = all.indexOf(row);
      if (event.key === "Enter" && event.target.matches("input")) {
        event.preventDefault();
        if (column === 0 && filled(row)) go(row, 1); else if (filled(row)) go(all[at + 1] || add(), 0);
      } else if (event.key === "ArrowDown" && event.target.matches("input")) { event.preventDefault(); go(all[at + 1] || (filled(row) ? add() : row), column); }
      else if (event.key === "ArrowUp" && event.target.matches("input") && at > 0) { event.preventDefault(); go(all[at - 1], column); }
      else if ((event.key === "Delete" || event.key === "Backspace") && (event.ctrlKey || event.metaKey)) { event.preventDefault(); drop(row); }
    });
    table.addEventListener("paste", (event) => {
      const row = event.target.closest("tr[data-key]");
      const text = event.clipboardData.getData("text/plain");
      if (!row || !/[\t\n;]/.test(text.trim())) return;
      event.preventDefault();
      const pasted = text.trim().split(/\r?\n/).map((line) => line.split(/\t|;/).map((cell) => cell.trim())).filter((cells) => cells[0]);
      let target = row;
      pasted.slice(0, 2000).forEach((values, index) => {
        if (index > 0) target = target.nextElementSibling?.matches("tr[data-key]") && !filled(target.nextElementSibling) ? target.nextElementSibling : add();
        cells(target)[0].value = values[0];
        if (values[1]) cells(target)[1].value = values[1];
      });
      add(); changed();
    });
    table.addEventListener("click", (event) => { const button = event.target.closest("[data-drop]"); if (button) drop(button.closest("tr")); });
    table.addEventListener("combo:taken", (event) => {
      const row = event.target.closest("tr[data-key]"), unit = $("select", row);
      if (unit && event.detail.units) {
        unit.replaceChildren(...event.detail.units.map((code) => new Option(code, code)));
      }
      const name = $("[data-item-name]", row);
      if (name) name.textContent = event.detail.hint || "";
      if (!rows().some((each) => !filled(each))) add();
      go(row, 1); changed();
    });
    $$("[data-add-line]", table.closest("form")).forEach((button) => button.addEventListener("click", () => go(add(), 0)));
    if (!rows().length) { add(); add(); add(); }
    number();
  };

  /* Command palette. */
  const palette = $("#palette");
  if (palette) {
    const field = $("input", palette), found = $("ul", palette);
    let timer, asked = 0;
    const move = (step) => {
      const links = $$("a", found), now = links.findIndex((link) => link.classList.contains("is-here"));
      links[now]?.classList.remove("is-here");
      const next = links[Math.max(0, Math.min(links.length - 1, now + step))];
      next?.classList.add("is-here"); next?.scrollIntoView({ block: "nearest" });
    };
    const ask = async () => {
      const mine = ++asked;
      const answer = await fetch(`${palette.dataset.source}?q=${encodeURIComponent(field.value)}`);
      if (mine === asked && answer.ok) { found.innerHTML = await answer.text(); move(1); }
    };
    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") { event.preventDefault(); move(1); }
      if (event.key === "ArrowUp") { event.preventDefault(); move(-1); }
      if (event.key === "Enter") { event.preventDefault(); ($("a.is-here", found) || $("a", found))?.click(); }
    });
    document.addEventListener("palette:open", () => { field.value = ""; openDialog(palette); ask(); });
    $$("[data-palette]").forEach((button) => button.addEventListener("click", () => document.dispatchEvent(new Event("palette:open"))));
  }

  /* Keys. */
  let leader = 0;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) { event.preventDefault(); document.dispatchEvent(new Event("palette:open")); return; }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") { const form = event.target.closest("form"); $("[data-main]", form || document)?.click(); return; }
    if (event.key === "Escape") $(".rail.is-open")?.classList.remove("is-open");
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
    if (event.key === "?") { const keys = $("#keys"); if (keys) openDialog(keys); }
    else if (event.key === "/") { const field = $("[data-find]"); if (field) { event.preventDefault(); field.focus(); } else if (palette) { event.preventDefault(); document.dispatchEvent(new Event("palette:open")); } }
    else if (event.key === "g") leader = Date.now();
    else if (Date.now() - leader < 1200) { const link = $(`.rail [data-key="${event.key}"]`); leader = 0; if (link) link.click(); }
    else { const button = $(`.stage [data-key="${event.key}"]`); if (button) { event.preventDefault(); button.click(); } }
  });

  const ready = (root = document) => {
    $$("[data-combobox]", root).forEach(combobox);
    $$("[data-lines]", root).forEach(lineEditor);
    $$("form[data-counts]", root).forEach(countTicks);
    $$("dialog[data-open-now]", root).forEach((dialog) => { dialog.removeAttribute("data-open-now"); openDialog(dialog); });
    fadeToasts();
  };
  document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 422) {
      const toast = document.createElement("p");
      toast.className = "toast error"; toast.setAttribute("role", "alert"); toast.textContent = words.trouble;
      $(".toasts")?.append(toast);
    }
  });
  document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; } });
  ready();
})();
