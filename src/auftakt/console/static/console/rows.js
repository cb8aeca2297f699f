/* Forms of master data: rows that are added, removed and pasted. Without it two empty rows stand ready to be filled. */
(() => {
  "use strict";
  const $$ = (selector, root) => [...root.querySelectorAll(selector)];
  const cells = (row) => $$("input:not([type=hidden]), select, textarea", row);
  const rowsOf = (box) => $$("[data-row-body] > [data-row]", box);
  const filled = (row) => cells(row).some((cell) => cell.matches("input:not([type=checkbox])") && cell.value.trim() !== "" && cell.value !== cell.defaultValue) || row.dataset.kept !== undefined;

  const prepare = (box) => {
    const body = box.querySelector("[data-row-body]"), pattern = box.querySelector("template");
    const numbers = $$("[name]", body).map((cell) => Number((cell.name.match(/-(\d+)-/) || [])[1] || 0));
    let next = Math.max(-1, ...numbers) + 1;
    const add = () => {
      const holder = document.createElement(body.tagName);
      holder.innerHTML = pattern.innerHTML.replaceAll("__n__", String(next++));
      const row = holder.firstElementChild;
      body.append(row);
      arm(row);
      auftakt.ready(row);
      return row;
    };
    const arm = (row) => $$("[data-drop-row]", row).forEach((button) => { button.hidden = false; });
    const put = (cell, text) => {
      if (!cell) return;
      if (cell.matches("select")) {
        const wanted = text.trim().toLowerCase();
        const option = [...cell.options].find((each) => each.value.toLowerCase() === wanted || each.text.toLowerCase() === wanted);
        if (option) cell.value = option.value;
      } else if (cell.type === "date") {
        const local = text.trim().match(/^(\d{1,2})\.(\d{1,2})\.(\d{4})$/) || [];
        cell.value = local.length ? `${local[3]}-${local[2].padStart(2, "0")}-${local[1].padStart(2, "0")}` : text.trim();
      } else if (cell.type !== "checkbox") cell.value = text.trim();
      cell.dispatchEvent(new Event("change", { bubbles: true }));
    };
    rowsOf(box).forEach((row) => { arm(row); if (!("spare" in row.dataset)) row.dataset.kept = ""; });
    $$("[data-row-body] > [data-spare]", box).forEach((row) => row.remove());
    const button = box.querySelector("[data-add-row]");
    button.hidden = false;
    button.addEventListener("click", () => cells(add())[0]?.focus());
    box.addEventListener("click", (event) => {
      const drop = event.target.closest("[data-drop-row]");
      if (!drop) return;
      const row = drop.closest("[data-row]"), beside = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      (beside ? cells(beside)[0] : button)?.focus();
      box.dispatchEvent(new Event("change", { bubbles: true }));
    });
    box.addEventListener("keydown", (event) => {
      const row = event.target.closest("[data-row]");
      if (!row || event.defaultPrevented || !event.target.matches("input")) return;
      const column = cells(row).indexOf(event.target), all = rowsOf(box), at = all.indexOf(row);
      const go = (target) => { const cell = target && cells(target)[column]; if (cell) { event.preventDefault(); cell.focus(); cell.select?.(); } };
      if (row.tagName !== "TR") return;
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) { event.preventDefault(); go(all[at + 1] || (filled(row) ? add() : row)); }
      else if (event.key === "ArrowDown" && event.target.type !== "date") go(all[at + 1]);
      else if (event.key === "ArrowUp" && event.target.type !== "date") go(all[at - 1]);
      else if ((event.key === "Delete" || event.key === "Backspace") && (event.ctrlKey || event.metaKey)) { event.preventDefault(); row.querySelector("[data-drop-row]")?.click(); }
    });
    /* A range of a spreadsheet fills cells to the right and downward; rows are added as needed. */
    box.addEventListener("paste", (event) => {
      const row = event.target.closest("[data-row]");
      const text = event.clipboardData.getData("text/plain");
      if (!row || row.tagName !== "TR" || !/[\t\n]/.test(text.trim())) return;
      event.preventDefault();
      const start = cells(row).indexOf(event.target);
      let target = row;
      text.replace(/[\r\n]+$/, "").split(/\r?\n/).slice(0, 500).forEach((line, index) => {
        if (index > 0) target = target.nextElementSibling?.matches("[data-row]") ? target.nextElementSibling : add();
        line.split("\t").forEach((value, offset) => put(cells(target)[start + offset], value));
      });
    });
  };
  /* A section that only some choices need. */
  const when = (section) => {
    const [name, values] = section.dataset.when.split("="), wanted = values.split("|"), field = section.closest("form").elements[name];
    const turn = () => {
      section.hidden = !wanted.includes(field.value);
      const box = section.querySelector("[data-rows]");
      if (!section.hidden && box && !rowsOf(box).length) box.querySelector("[data-add-row]").click();
    };
    field.addEventListener("change", turn);
    section.hidden = !wanted.includes(field.value);
  };
  auftakt.each("[data-rows]", prepare);
  auftakt.each("[data-when]", when);
  auftakt.each(".meanwhile", (notice) => notice.focus());
})();
