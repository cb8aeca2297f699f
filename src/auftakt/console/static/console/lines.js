/* Order entry: lines like a spreadsheet, and the form around them.
   Up to LIMIT lines stand in the page. More are kept as data, WINDOW of them are shown at a time, and the rest is posted
   in two hidden fields: what stands before the window and behind it. What is typed is kept in sessionStorage until the
   order is in, so that an expired log-in, a lost network or the back button costs nothing. */
(() => {
  "use strict";
  const form = document.querySelector("[data-entry]");
  if (!form) return;
  const { $, $$ } = auftakt;
  const table = $("[data-lines]", form), body = $("tbody", table), pattern = $("template", form);
  const words = JSON.parse($("#entry-words").textContent);
  const FIELDS = ["key", "external", "sku", "quantity", "unit", "percent", "reason"];
  const LIMIT = 200, WINDOW = 100, MOST = Number(form.dataset.most);
  const german = document.documentElement.lang === "de";
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name]);

  /* ---- lines: rows in the page, and those kept before and behind them */
  const kept = { before: read("before"), after: read("after") };
  function read(name) { try { return JSON.parse($(`[name=lines_${name}]`, form).value || "[]"); } catch { return []; } }
  const rows = () => $$("tr[data-key]", body);
  const field = (row, name) => $(`[name=${name}]`, row);
  const values = (row) => FIELDS.map((name) => field(row, name).value);
  const filled = (row) => field(row, "sku").value.trim() !== "";
  const cells = (row) => $$("input:not([type=hidden]), select", row);
  const go = (row, column) => { const cell = row && cells(row)[column]; if (cell) { cell.focus(); cell.select?.(); } };
  let next = 1 + Math.max(Number(form.dataset.next) || 0, ...[...kept.before, ...kept.after].map((line) => Number(line[0]) || 0), ...rows().map((row) => Number(row.dataset.key) || 0));
  const count = () => kept.before.length + kept.after.length + rows().filter(filled).length;

  const make = (line) => {
    const holder = document.createElement("tbody");
    holder.innerHTML = pattern.innerHTML.replaceAll("__key__", line ? String(line[0]) : String(next++));
    const row = holder.firstElementChild;
    if (line) fill(row, line);
    return row;
  };
  const fill = (row, line) => FIELDS.forEach((name, at) => {
    const cell = field(row, name), value = line[at] ?? "";
    if (name === "key") return;
    if (name === "unit" && value && ![...cell.options].some((option) => option.value === value)) cell.replaceChildren(new Option(value, value));
    cell.value = value;
  });
  const ready = (row) => auftakt.ready(row);
  const number = () => {
    const first = kept.before.length;
    rows().forEach((row, index) => { $(".position", row).textContent = first + index + 1; });
    const bar = $("[data-line-window]", form), all = first + kept.after.length + rows().length;
    bar.hidden = !first && !kept.after.length;
    if (!bar.hidden) $("[data-window-says]", bar).textContent = say(words.window, { first: first + 1, last: first + rows().length, all });
    $("[data-window-back]", bar).disabled = !first;
    $("[data-window-on]", bar).disabled = !kept.after.length;
    for (const name of ["before", "after"]) $(`[name=lines_${name}]`, form).value = kept[name].length ? JSON.stringify(kept[name]) : "";
  };
  const changed = () => { number(); keep(); table.dispatchEvent(new CustomEvent("lines:changed", { bubbles: true })); };
  const add = (after) => {
    const row = make();
    after ? after.after(row) : body.append(row);
    ready(row); number();
    return row;
  };
  const all = () => [...kept.before, ...rows().filter(filled).map(values), ...kept.after];
  /* Show a window of all lines, beginning at a place. Few lines are shown whole. */
  const show = (lines, from) => {
    const whole = lines.length <= LIMIT, start = whole ? 0 : Math.max(0, Math.min(from, lines.length - 1)), end = whole ? lines.length : start + WINDOW;
    kept.before = lines.slice(0, start); kept.after = lines.slice(end);
    const made = lines.slice(start, end).map(make);
    body.replaceChildren(...made);
    made.forEach(ready);
    if (!kept.after.length) add();
    number();
  };
  const turn = (step) => { show(all(), Math.max(0, kept.before.length + step * WINDOW)); changed(); go(rows()[0], 0); };

  /* ---- undo */
  const toast = (text, undo) => auftakt.toast(text, { undo });
  const drop = (row) => {
    const lines = all(), at = kept.before.length, beside = row.nextElementSibling || row.previousElementSibling;
    const name = field(row, "sku").value.trim(), place = $(".position", row).textContent;
    row.remove();
    go(beside?.matches("tr[data-key]") ? beside : rows()[0] || add(), 0);
    changed();
    if (name) toast(say(words.removed, { n: place, sku: name }), () => { show(lines, at); changed(); });
  };

  /* ---- pasting a range: a heading names the columns, else they are found by what stands in them */
  const HEADS = {
    sku: /^(sku|item|item (number|no\.?)|article|artikel|artikel-?(nummer|nr\.?)|art\.?-?nr\.?|number|nummer|part|material)$/i,
    quantity: /^(quantity|qty\.?|pieces|pcs|amount|menge|anzahl|stück|stk\.?)$/i,
    unit: /^(unit|uom|einheit|me|vpe)$/i,
    percent: /^(%|off ?%?|discount( ?%)?|rabatt( ?%)?)$/i,
  };
  const numeric = (text) => /^-?\d[\d.,' \u00a0]*$/.test(text);
  const split = (text) => {
    const mark = text.includes("\t") ? "\t" : text.includes(";") ? ";" : null;
    return text.split(/\r?\n/).map((line) => (mark ? line.split(mark) : [line]).map((cell) => cell.trim().replace(/^"(.*)"$/s, "$1").replaceAll('""', '"')))
      .filter((cells) => cells.some((cell) => cell));
  };
  const columnsOf = (range) => {
    const head = range[0].map((cell) => Object.keys(HEADS).find((name) => HEADS[name].test(cell)));
    if (head.includes("sku")) return { head: true, ...Object.fromEntries(head.map((name, at) => [name, at]).filter(([name]) => name)) };
    const sample = range.slice(0, 50), width = Math.max(...sample.map((cells) => cells.length));
    const isNumbers = (at) => sample.some((cells) => cells[at]) && sample.every((cells) => !cells[at] || numeric(cells[at]));
    let quantity = -1;
    for (let at = 1; at < width && quantity < 0; at += 1) if (isNumbers(at)) quantity = at;
    if (quantity < 0 && width > 1 && isNumbers(0)) return { head: false, sku: 1, quantity: 0 };
    return { head: false, sku: 0, quantity };
  };
  /* A spreadsheet in another language writes numbers its own way: what cannot be misread is turned into ours. */
  const inOurs = (range, at) => {
    const found = range.map((cells) => cells[at] || "");
    const comma = found.some((text) => /\d,\d{1,2}$/.test(text) || /\d\.\d{3},\d/.test(text)), point = found.some((text) => /\d\.\d{1,2}$/.test(text) || /\d,\d{3}\.\d/.test(text));
    if (comma === point || comma === german) return (text) => text;
    return (text) => [...text].map((sign) => (sign === "," ? "." : sign === "." ? "," : sign)).join("");
  };
  const paste = (row, text) => {
    const range = split(text), column = columnsOf(range), data = column.head ? range.slice(1) : range;
    const before = all(), at = kept.before.length, place = kept.before.length + rows().filter((each) => each !== row && filled(each) && (each.compareDocumentPosition(row) & 4)).length;
    if (!before.length && !Number(form.dataset.next)) next = 1;
    const ours = inOurs(data, column.quantity), off = inOurs(data, column.percent);
    let pasted = data.map((cells) => [String(next++), "", cells[column.sku] || "", column.quantity >= 0 ? ours(cells[column.quantity] || "") : "", cells[column.unit] || "", column.percent >= 0 ? off(cells[column.percent] || "") : "", ""])
      .filter((line) => line[2]);
    const room = MOST - before.length, left = pasted.length - room;
    if (left > 0) pasted = pasted.slice(0, room);
    show([...before.slice(0, place), ...pasted, ...before.slice(place)], place);
    changed();
    const done = say(words.pasted, { n: pasted.length }) + (left > 0 ? ` ${say(words.too_many, { most: MOST, left })}` : "");
    toast(done, () => { show(before, at); changed(); });
    go(rows()[Math.min(place - kept.before.length + pasted.length, rows().length - 1)], 0);
  };

  table.addEventListener("paste", (event) => {
    const row = event.target.closest("tr[data-key]"), text = event.clipboardData.getData("text/plain").replace(/\s+$/, "");
    if (!row || !/[\t\n;]/.test(text)) return;
    event.preventDefault();
    paste(row, text);
  });
  table.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr[data-key]");
    if (!row) return;
    const column = cells(row).indexOf(event.target), list = rows(), at = list.indexOf(row);
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches("input, select")) {
      event.preventDefault();
      if (column === 0 && filled(row)) go(row, 1); else if (filled(row)) go(list[at + 1] || (kept.after.length ? row : add()), 0);
    } else if (event.key === "ArrowDown" && !event.altKey && event.target.matches("input")) {
      event.preventDefault();
      if (list[at + 1]) go(list[at + 1], column); else if (kept.after.length) turn(1); else if (filled(row)) go(add(), column);
    } else if (event.key === "ArrowUp" && event.target.matches("input")) {
      event.preventDefault();
      if (at > 0) go(list[at - 1], column); else if (kept.before.length) turn(-1);
    } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && event.target.matches("input") && event.target.value === "" && column >= 0) {
      event.preventDefault();
      go(row, column + (event.key === "ArrowRight" ? 1 : -1));
    } else if ((event.key === "Delete" || event.key === "Backspace") && (event.ctrlKey || event.metaKey)) { event.preventDefault(); drop(row); }
  });
  table.addEventListener("click", (event) => { const button = event.target.closest("[data-drop]"); if (button) drop(button.closest("tr")); });
  table.addEventListener("combo:taken", (event) => {
    const row = event.target.closest("tr[data-key]"), unit = field(row, "unit");
    if (event.detail.units) unit.replaceChildren(...event.detail.units.map((code) => new Option(code, code)));
    const name = $("[data-item-name]", row);
    if (name) name.textContent = event.detail.hint || "";
    if (!kept.after.length && !rows().some((each) => !filled(each))) add();
    go(row, 1); number(); keep(); facts(row);
  });
  $$("[data-add-line]", form).forEach((button) => button.addEventListener("click", () => go(add(), 0)));
  $("[data-window-back]", form).addEventListener("click", () => turn(-1));
  $("[data-window-on]", form).addEventListener("click", () => turn(1));
  document.addEventListener("click", (event) => {
    const jump = event.target.closest("[data-line-goto]");
    if (!jump) return;
    const lines = all(), at = lines.findIndex((line) => line[0] === jump.dataset.lineGoto);
    if (at < 0) return;
    if (!$(`tr[data-key="${jump.dataset.lineGoto}"]`, body)) { show(lines, Math.floor(at / WINDOW) * WINDOW); changed(); }
    go($(`tr[data-key="${jump.dataset.lineGoto}"]`, body), 0);
  });

  /* ---- the margin: facts of the line one works on, what goes instead of it or with it */
  const margin = $("#line-facts");
  let asked = "", timer;
  const facts = (row) => {
    const sku = field(row, "sku").value.trim(), customer = $("[name=customer]", form).value;
    if (!sku || !customer) return;
    const wish = new URLSearchParams({ sku, customer, quantity: field(row, "quantity").value, unit: field(row, "unit").value, ship_to: $("[name=ship_to]", form)?.value || "", wanted: $("[name=requested_arrival_on]", form).value, key: row.dataset.key });
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (asked === wish.toString()) return;
      asked = wish.toString();
      try {
        const answer = await fetch(`${margin.dataset.source}?${asked}`, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
        if (answer.ok && answer.status === 200 && asked === wish.toString()) { margin.innerHTML = await answer.text(); window.htmx?.process(margin); }
      } catch { asked = ""; }
    }, 250);
  };
  table.addEventListener("focusin", (event) => { const row = event.target.closest("tr[data-key]"); if (row && filled(row)) facts(row); });
  table.addEventListener("change", (event) => { const row = event.target.closest("tr[data-key]"); if (row && filled(row)) facts(row); });
  const take = (button) => {
    const { sku, name, unit, quantity, instead } = button.dataset;
    let row = instead && $(`tr[data-key="${instead}"]`, body);
    if (!row) row = rows().find((each) => !filled(each)) || add();
    const lines = all(), at = kept.before.length;
    fill(row, [row.dataset.key, instead ? field(row, "external").value : "", sku, quantity, unit, "", ""]);
    field(row, "unit").replaceChildren(new Option(unit, unit));
    $("[data-item-name]", row).textContent = name;
    if (!kept.after.length && !rows().some((each) => !filled(each))) add();
    go(row, 1); changed(); asked = ""; facts(row);
    if (instead) toast(say(words.replaced, { sku }), () => { show(lines, at); changed(); });
  };
  document.addEventListener("click", (event) => { const button = event.target.closest("[data-take]"); if (button) take(button); });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || !/^Digit[1-9]$/.test(event.code)) return;
    const button = $$("[data-take]", margin)[Number(event.code.slice(5)) - 1];
    if (button) { event.preventDefault(); take(button); }
  });

  /* ---- a customer made on the way */
  const drawer = $("#new-customer");
  document.addEventListener("combo:create", (event) => {
    if (!drawer || !event.target.matches("#customer")) return;
    const name = $("[name=customer-name]", drawer);
    name.value = event.detail.typed;
    drawer.showModal();
    (name.value ? $("[name=customer-street]", drawer) : name).focus();
  });
  document.body.addEventListener("customer:made", (event) => {
    $("[name=customer]", form).value = event.detail.number;
    const shown = $("#customer");
    shown.value = event.detail.name; shown.dataset.taken = event.detail.name;
    drawer.close();
    go(rows().find((row) => !filled(row)) || add(), 0);
    changed();
  });
  form.addEventListener("combo:taken", (event) => { if (event.target.matches("#customer")) { asked = ""; go(rows().find((row) => !filled(row)) || rows()[0], 0); } });

  /* ---- previews of long orders ask for what is shown; the whole is counted on demand */
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.path.endsWith("/preview/")) return;
    const whole = event.detail.elt.closest("[data-whole]");
    if (whole) event.detail.parameters.set?.("whole", "1"); else for (const name of ["lines_before", "lines_after"]) event.detail.parameters.delete?.(name);
    event.detail.parameters.set?.("lines_in_all", String(count()));
  });

  /* Lines taken away while their answer was on its way have no place in the page any more. */
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.pathInfo?.requestPath.includes("/preview/")) return;
    const answer = document.createElement("template");
    answer.innerHTML = event.detail.serverResponse;
    $$("[hx-swap-oob][id]", answer.content).forEach((each) => { if (!document.getElementById(each.id)) each.remove(); });
    event.detail.serverResponse = answer.innerHTML;
  });

  /* ---- what is typed is kept until the order is in */
  const box = `auftakt-entry:${form.dataset.user}:${location.pathname}${location.search}`;
  const HEAD = "input[name]:not([type=hidden]):not([name=sku]):not([name=quantity]):not([name=percent]), select[name]:not([name=unit]), textarea[name], [name=customer], [name=reference], [name=seen], [name=opened]";
  let off = false, waiting;
  const store = () => {
    if (off) return;
    const head = Object.fromEntries($$(HEAD, form).filter((each) => !each.name.startsWith("lines_")).map((each) => [each.name, each.type === "checkbox" ? each.checked : each.value]));
    try { sessionStorage.setItem(box, JSON.stringify({ head, lines: all() })); } catch { /* no room: the page itself still holds it */ }
  };
  const keep = () => { clearTimeout(waiting); waiting = setTimeout(store, 300); };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  addEventListener("pagehide", () => { if (waiting) store(); });
  document.body.addEventListener("htmx:beforeRequest", () => { if (waiting) store(); });
  document.addEventListener("auftakt:forget", () => { off = true; clearTimeout(waiting); });
  const restore = () => {
    let draft;
    try { draft = JSON.parse(sessionStorage.getItem(box)); } catch { draft = null; }
    if (!draft || form.dataset.fresh === undefined || !(draft.lines.length || draft.head.customer_text || draft.head.notes)) return;
    for (const [name, value] of Object.entries(draft.head)) {
      const each = $(`[name="${name}"]`, form);
      if (each?.type === "checkbox") each.checked = value;
      else if (each?.options && ![...each.options].some((option) => option.value === value)) continue;
      else if (each) each.value = value;
      else if (name === "ship_to" || name === "bill_to") $("#customer-facts", form).append(auftakt.make("input", { type: "hidden", name, value }));
    }
    show(draft.lines, 0);
    const notice = $("#entry-restored");
    notice.hidden = false;
    $("[data-forget]", notice).addEventListener("click", () => { off = true; sessionStorage.removeItem(box); location.reload(); });
    changed();
  };
  $$("[data-forget-draft]").forEach((link) => link.addEventListener("click", () => { off = true; sessionStorage.removeItem(box); }));
  form.addEventListener("submit", (event) => {
    store();
    sessionStorage.setItem("auftakt-sent", box);
  }, true);

  /* ---- ready */
  if (!rows().length) { add(); add(); add(); } else if (!kept.after.length && rows().every(filled)) add();
  number();
  restore();
})();
