/* Lists: tick rows (with Shift a range), see their sums, act on them; keys J, K and X; menus that close. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const rows = () => $$(".list-rows tbody tr");
  const ticks = (form) => $$("input[name=row]", form);
  let last = null, asked = 0, timer;

  /* What is ticked: so many rows, or all that match. */
  const show = (form) => {
    const bar = $(".bulk", form);
    if (!bar) return;
    const ticked = ticks(form).filter((box) => box.checked), every = $("[data-every]", form);
    const all = every?.getAttribute("aria-pressed") === "true";
    $("input[name=filter]", form).disabled = !all;
    bar.hidden = !all && ticked.length === 0;
    $("[data-ticked]", bar).textContent = all ? "∞" : ticked.length;
    const head = $("[data-all]", form);
    head.checked = ticked.length > 0 && ticked.length === ticks(form).length;
    head.indeterminate = ticked.length > 0 && !head.checked;
    clearTimeout(timer);
    if ("totals" in form.dataset && !bar.hidden) timer = setTimeout(() => sum(form, all, ticked), 150);
  };
  const sum = async (form, all, ticked) => {
    const mine = ++asked, query = new URLSearchParams(form.dataset.query);
    query.set("totals", all ? "all" : "rows");
    if (!all) ticked.forEach((box) => query.append("row", box.value));
    const answer = await fetch(`${location.pathname}?${query}`, { headers: { "HX-Request": "true" } });
    if (mine === asked && answer.ok) $("[data-sums]", form).innerHTML = await answer.text();
  };
  const release = (form) => $("[data-every]", form)?.setAttribute("aria-pressed", "false");

  document.addEventListener("change", (event) => {
    const form = event.target.closest(".list-rows");
    if (!form) return;
    if (event.target.matches("[data-all]")) ticks(form).forEach((box) => { box.checked = event.target.checked; });
    release(form); show(form);
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest(".list-rows input[name=row]");
    if (box) {
      const all = ticks(box.form), here = all.indexOf(box), from = all.indexOf(last);
      if (event.shiftKey && from >= 0) all.slice(Math.min(here, from), Math.max(here, from) + 1).forEach((each) => { each.checked = box.checked; });
      last = box;
      return;
    }
    const every = event.target.closest("[data-every]");
    if (every) {
      const pressed = every.getAttribute("aria-pressed") !== "true";
      every.setAttribute("aria-pressed", String(pressed));
      ticks(every.form).forEach((each) => { each.checked = pressed; });
      show(every.form);
      return;
    }
    const days = event.target.closest("[data-days]");
    if (days) {
      const fields = $$("input[type=date]", days.closest("fieldset"));
      days.dataset.days.split(" ").forEach((day, index) => { fields[index].value = day; });
      days.closest("form").requestSubmit();
      return;
    }
    const row = event.target.closest(".list-rows tr[data-href]");
    if (row && !event.target.closest("a, button, input, label, select, summary") && !String(getSelection())) {
      if (event.ctrlKey || event.metaKey) open(row.dataset.href, "_blank"); else location.assign(row.dataset.href);
    }
    $$(".menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  /* J and K go from row to row, X ticks, Enter opens (the row's own link has the focus). */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") $$(".menu[open]").forEach((menu) => { menu.open = false; $("summary", menu).focus(); });
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
    const step = { j: 1, k: -1 }[event.key], all = rows(), here = all.findIndex((row) => row.classList.contains("is-here"));
    if (step && all.length) {
      const row = all[Math.max(0, Math.min(all.length - 1, here + step))];
      all[here]?.classList.remove("is-here");
      row.classList.add("is-here");
      ($("a", row) || $("input", row))?.focus();
      row.scrollIntoView({ block: "nearest" });
    } else if (event.key === "x" && here >= 0) $("input[name=row]", all[here])?.click();
  });

  /* A table wider than its place scrolls within itself, so that the head stays in sight. */
  const measure = () => $$(".table-wrap").forEach((wrap) => {
    if (!$(".sticky", wrap)) return;
    wrap.classList.remove("is-wide");
    wrap.classList.toggle("is-wide", $("table", wrap).offsetWidth > wrap.clientWidth + 1);
  });
  const ready = () => { measure(); $$(".list-rows").forEach(show); };
  addEventListener("resize", measure);
  document.addEventListener("htmx:afterSettle", ready);
  ready();
})();
