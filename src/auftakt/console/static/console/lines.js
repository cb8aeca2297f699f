/* Line editor: rows like a spreadsheet. Enter goes down, arrows move, a pasted range becomes rows. */
(() => {
  "use strict";
  const { $, $$ } = auftakt;
  const lineEditor = (table) => {
    const body = $("tbody", table), pattern = $("template", table.parentElement);
    let next = Math.max(0, ...$$("tr[data-key]", body).map((row) => Number(row.dataset.key))) + 1;
    const changed = () => table.dispatchEvent(new CustomEvent("lines:changed", { bubbles: true }));
    const number = () => $$("tr[data-key]", body).forEach((row, index) => { $(".position", row).textContent = index + 1; });
    const add = () => {
      const holder = document.createElement("tbody");
      holder.innerHTML = pattern.innerHTML.replaceAll("__key__", String(next++));
      const row = holder.firstElementChild;
      body.append(row);
      auftakt.ready(row);
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
  auftakt.each("[data-lines]", lineEditor);
})();
